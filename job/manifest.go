package job

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// Header is what every manifest has besides the settings of its command.
type Header struct {
	Kind   string `where:"local" help:"The command"`
	Shards int    `where:"local" default:"1" min:"1" max:"100000" help:"Parts into which the work is cut"`
}

// Manifest says what is to be computed: a command, its settings, and the number of shards.
type Manifest struct {
	Header
	kind     kind
	settings any // a pointer to the configuration of the command
}

// own are settings that a job has itself, whatever the command.
var own = []string{"resume", "every", "workers"}

// Load reads a manifest. Whatever is wrong with it is an *ito.InputError with line and column.
func Load(path string) (*Manifest, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		what := err.Error()
		if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
			what = pe.Err.Error()
		}
		return nil, &ito.InputError{Where: path, What: what, Do: "give a manifest: a TOML file with kind, shards and " +
			"the settings of the command"}
	}
	return Parse(path, string(b))
}

// Parse is Load for text; name stands for it in messages.
func Parse(name, text string) (*Manifest, error) {
	var keys map[string]any
	if _, err := toml.Decode(text, &keys); err != nil {
		var h Header
		return nil, spec.Parse(name, text, &h) // the same error with line and column
	}
	word, ok := keys["kind"].(string)
	if !ok {
		return nil, &ito.InputError{Where: name, What: "it does not say which kind of job it is",
			Do: `write kind = "sample", or another of ` + strings.Join(kindNames(), ", ")}
	}
	k := kinds[word]
	if k == nil {
		return nil, &ito.InputError{Where: name, What: fmt.Sprintf("there is no kind of job %q", word),
			Do: suggest.Among(word, kindNames())}
	}
	for _, key := range slices.Concat(own, k.refused()) {
		if _, given := keys[key]; given {
			return nil, &ito.InputError{Where: name, What: key + " is not for a manifest: a job has it itself, or " +
				"cannot have it", Do: "leave it out"}
		}
	}
	m := &Manifest{kind: k}
	var err error
	if m.Header, m.settings, err = k.parse(name, text, slices.Sorted(maps.Keys(keys))); err != nil {
		return nil, err
	}
	if out := *k.out(m.settings); out == "" || out == "-" {
		return nil, &ito.InputError{Where: name, What: "it does not say into which file the result goes",
			Do: `write out = "FILE"`}
	}
	return m, k.refuse(m.settings)
}

// Out is the file of the result.
func (m *Manifest) Out() string { return *m.kind.out(m.settings) }

// SetOut names another.
func (m *Manifest) SetOut(path string) { *m.kind.out(m.settings) = path }
