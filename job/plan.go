package job

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/store"
)

// planFormat is the version of the layout of plans and shards.
const planFormat = 1

// ShardPlan is a manifest with all that its bytes depend on: what computes it and the content of its files. Equal
// plans have equal ids, and their shards equal bytes.
type ShardPlan struct {
	Format   int               `json:"format"`
	Kind     string            `json:"kind"`
	Shards   int               `json:"shards"`
	Settings json.RawMessage   `json:"settings"`        // those that may travel
	Local    map[string]string `json:"local,omitempty"` // others that are not at their default
	Ending   string            `json:"ending"`          // of the result's name: its format
	Inputs   []Input           `json:"inputs"`
	Program  string            `json:"program"`
	Arch     string            `json:"arch"`
	SIMD     string            `json:"simd"`
	Types    string            `json:"types"`
}

// Input is a file that a shard reads, or the name of something built in, whose digest is "" then.
type Input struct {
	Setting string `json:"setting"`
	Name    string `json:"name"`
	Digest  string `json:"sha256,omitempty"`
}

// types says in what numbers are computed.
func types() string { return "float64 states, float32 networks, " + simd.BF16() }

// MakePlan reads what a manifest names. program is the version of this one, or its digest.
func MakePlan(m *Manifest, program string) (*ShardPlan, error) {
	p := &ShardPlan{Format: planFormat, Kind: m.Kind, Shards: m.Shards, Ending: filepath.Ext(m.Out()), Program: program,
		Arch: runtime.GOARCH, SIMD: simd.Level(), Types: types()}
	var err error
	if p.Settings, err = spec.EncodeRemote(m.settings); err != nil {
		return nil, err
	}
	except := []string{"out", "workers"}
	for _, r := range m.kind.inputs(m.settings) {
		except = append(except, r.Setting)
		if *r.Path == "" {
			continue
		}
		in := Input{Setting: r.Setting, Name: *r.Path}
		if in.Digest, err = digestOf(*r.Path); err != nil {
			return nil, fmt.Errorf("`%s`: %w", r.Setting, err)
		}
		if in.Digest != "" {
			in.Name = filepath.Base(in.Name)
		}
		p.Inputs = append(p.Inputs, in)
	}
	p.Local = spec.LocalText(m.settings, except)
	return p, nil
}

// builtin is what the name of something built in looks like.
var builtin = regexp.MustCompile(`^[a-z0-9][a-z0-9:_=,-]*$`)

// digestOf is the SHA-256 of a file; "" of the name of something built in.
func digestOf(path string) (string, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && builtin.MatchString(path) {
		return "", nil
	}
	if err != nil {
		what := err.Error()
		if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
			what = pe.Err.Error()
		}
		return "", &ito.InputError{Where: path, What: what, Do: "give a file"}
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return "", &ito.InputError{Where: path, What: "it is a directory", Do: "give a file"}
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// ID names the bytes of the shards.
func (p *ShardPlan) ID() string {
	c := *p
	c.Inputs = slices.Clone(p.Inputs)
	for i := range c.Inputs {
		if c.Inputs[i].Digest != "" {
			c.Inputs[i].Name = "" // the content counts
		}
	}
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // it holds nothing that JSON has no word for
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// MisfitError is a process that would not compute the bytes of a plan, or a plan that is another than the one there.
// It matches ito.ErrInput.
type MisfitError struct{ What, There, Here, Do string }

func (e *MisfitError) Error() string {
	return fmt.Sprintf("the job was planned with %s %s, and here it is %s; %s", e.What, e.There, e.Here, e.Do)
}

// Is implements errors.Is.
func (e *MisfitError) Is(target error) bool { return target == ito.ErrInput }

// Fits reports as a *MisfitError the first thing in which here differs from p, the plan that is there.
func (p *ShardPlan) Fits(here *ShardPlan) error {
	const settings = "give the manifest that the job was begun with, or another `store`"
	const worker = "run the same program on the same kind of machine; ITO_SIMD sets a lower level"
	for _, c := range []struct{ what, there, here, do string }{
		{"layout", fmt.Sprint(p.Format), fmt.Sprint(here.Format), "use the ito that began it"},
		{"the program", p.Program, here.Program, worker},
		{"architecture", p.Arch, here.Arch, worker},
		{"SIMD level", p.SIMD, here.SIMD, worker},
		{"numbers", p.Types, here.Types, worker},
		{"kind", p.Kind, here.Kind, settings},
		{"shards", fmt.Sprint(p.Shards), fmt.Sprint(here.Shards), settings},
		{"the format", p.Ending, here.Ending, settings},
	} {
		if c.there != c.here {
			return &MisfitError{c.what, brief(c.there), brief(c.here), c.do}
		}
	}
	if len(p.Inputs) != len(here.Inputs) {
		return &MisfitError{"files", fmt.Sprint(len(p.Inputs)), fmt.Sprint(len(here.Inputs)), settings}
	}
	for i, in := range p.Inputs {
		if got := here.Inputs[i]; in.Setting != got.Setting || in.Digest != got.Digest || in.Digest == "" &&
			in.Name != got.Name {
			return &MisfitError{"`" + in.Setting + "`", in.words(), got.words(), "give the same file"}
		}
	}
	if !bytes.Equal(p.Settings, here.Settings) || !maps.Equal(p.Local, here.Local) {
		var changed *store.ConfigError
		if errors.As(store.CompareConfig(p.text(), here.text()), &changed) {
			return &MisfitError{"`" + changed.Field + "`", changed.Saved, changed.Now, settings}
		}
		return &MisfitError{"settings", p.ID(), here.ID(), settings}
	}
	return nil
}

func (in Input) words() string {
	if in.Digest == "" {
		return in.Name
	}
	return in.Name + " (" + brief(in.Digest) + ")"
}

// text is the settings as JSON.
func (p *ShardPlan) text() string {
	all := map[string]any{}
	if json.Unmarshal(p.Settings, &all) != nil {
		return "{}"
	}
	for k, v := range p.Local {
		all[k] = v
	}
	b, _ := json.Marshal(all)
	return string(b)
}

// brief is the beginning of a digest.
func brief(s string) string {
	if len(s) == 64 {
		return s[:12] + "…"
	}
	return s
}
