package spec

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
	"github.com/seed9a7962a8/ito"
	"pgregory.net/rapid"
)

type net struct {
	Width int     `default:"128" min:"1" max:"4096"`
	Rate  float64 `default:"0.001" above:"0"`
}

type example1 struct {
	Path      string    `default:"vsdm" enum:"vsdm,vp,ve"`
	BetaMax   float64   `default:"10"`
	Scale     []float64 `default:"1,8" above:"0"`
	Condition []string
	Seed      uint64        `default:"1"`
	Warm      bool          `default:"true"`
	Every     time.Duration `default:"2s"`
	Ranks     []int
	Seeds     []uint64
	Net       net    `embed:"" prefix:"net-"`
	Out       string `config:"-" default:"x"`
	Log       func() `kong:"-"`
}

func TestDefault(t *testing.T) {
	got := New[example1]()
	want := example1{Path: "vsdm", BetaMax: 10, Scale: []float64{1, 8}, Seed: 1, Warm: true, Every: 2 * time.Second,
		Net: net{128, 0.001}, Out: "x"}
	if d := cmp.Diff(want, got, cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Log" },
		cmp.Ignore())); d != "" {
		t.Error(d)
	}
	want2 := "path beta-max scale condition seed warm every ranks seeds net-width net-rate"
	if names := strings.Join(Names(got), " "); names != want2 {
		t.Errorf("names are %q, want %q", names, want2)
	}
}

func TestCanonical(t *testing.T) {
	c := New[example1]()
	c.Condition = []string{"a \"b\"\n", "ü"}
	want := `path = "vsdm"
beta-max = 10.0
scale = [1.0, 8.0]
condition = ["a \"b\"\u000A", "ü"]
seed = 1
warm = true
every = "2s"
ranks = []
seeds = []
net-width = 128
net-rate = 0.001
`
	if got := Canonical(&c); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Whatever a configuration holds, its text reads back to it.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := New[example1]()
		c.Path = rapid.SampledFrom([]string{"vsdm", "vp", "ve"}).Draw(t, "path")
		c.BetaMax = rapid.Float64().Draw(t, "beta")
		c.Scale = rapid.SliceOf(rapid.Float64Range(1e-300, 1e300)).Draw(t, "scale")
		c.Condition = rapid.SliceOf(rapid.String()).Draw(t, "condition")
		c.Seed = rapid.Uint64().Draw(t, "seed")
		c.Warm = rapid.Bool().Draw(t, "warm")
		c.Every = time.Duration(rapid.Int64().Draw(t, "every"))
		c.Ranks = rapid.SliceOf(rapid.Int()).Draw(t, "ranks")
		c.Seeds = rapid.SliceOf(rapid.Uint64()).Draw(t, "seeds")
		text := Canonical(c)
		var back example1
		if err := Parse("c", text, &back); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if f := Diff(c, &back); f != "" {
			t.Fatalf("%s differs in\n%s", f, text)
		}
	})
}

func TestDiffAndOverlay(t *testing.T) {
	a, b := New[example1](), New[example1]()
	if f := Diff(a, b); f != "" {
		t.Errorf("equal configurations differ in %s", f)
	}
	b.Out = "elsewhere"
	if f := Diff(a, b); f != "" {
		t.Errorf("%s is not part of the configuration", f)
	}
	b.Net.Width, b.Path = 64, "vp"
	if f := Diff(a, b); f != "path" {
		t.Errorf("first difference is %q", f)
	}
	Overlay(&a, &b, []string{"net-width", "out", "nothing"})
	if a.Net.Width != 64 || a.Path != "vsdm" || a.Out != "x" {
		t.Errorf("overlay gave %+v", a)
	}
}

func TestRefusals(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"unknown key", "path = \"vp\"\n  beta-mx = 3\n",
			`c.toml:2:3: unknown key "beta-mx"; did you mean "beta-max"?`},
		{"far key", "zzzzzzzzzz = 1", `c.toml:1:1: unknown key "zzzzzzzzzz"; choose one of path, beta-max`},
		{"table", "[train]\nx = 1", `c.toml:1:1: unknown key "train"`},
		{"type", "\n\nbeta-max = \"big\"",
			`c.toml:3:1: beta-max is a number, not a string; write, for example, beta-max = 10.0`},
		{"negative seed", "seed = -1", `c.toml:1:1: seed is an integer that is not negative, not -1`},
		{"fraction", "net-width = 1.5", `net-width is an integer, not 1.5`},
		{"list", "scale = [1, \"x\"]", `scale is a number, not a string; write, for example, scale = [1.0, 8.0]`},
		{"enum", "path = \"vpp\"", `c.toml:1:1: unknown path "vpp"; did you mean "vp"?`},
		{"far enum", "path = \"schroedinger\"", `choose one of vsdm, vp, ve`},
		{"bound", "net-width = 0", `c.toml:1:1: must not be below 1, not 0; give a number from 1 to 4096`},
		{"exclusive", "net-rate = 0", `must be above 0, not 0.0; give a number above 0`},
		{"in a list", "scale = [1.0, -8.0]", `must be above 0, not -8.0`},
		{"nan", "beta-max = nan", `must be a number, not nan`},
		{"syntax", "path = \"vp\"\nbeta-max = = 3", `c.toml:2:`},
		{"time", "every = \"soon\"", `every is a time such as "2s", not "soon"`},
		{"duplicate", "seed = 1\nseed = 2", `c.toml:2:`},
		{"not text", "path = \"\xff\"", `c.toml:1:`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v := New[example1]()
			err := Parse("c.toml", c.text, &v)
			if !errors.Is(err, ito.ErrInput) {
				t.Fatalf("got %v, want bad input", err)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f.toml")
	if err := os.WriteFile(file, []byte("beta-max = 20 # an integer will do\nscale = 3\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	v := New[example1]()
	if err := Load(file, &v); err != nil {
		t.Fatal(err)
	}
	if v.BetaMax != 20 || len(v.Scale) != 1 || v.Scale[0] != 3 || v.Path != "vsdm" {
		t.Errorf("read %+v", v)
	}
	if err := Load(file+"x", &v); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), file+"x") {
		t.Errorf("a file that is not there gives %v", err)
	}
}

func TestCheck(t *testing.T) {
	v := New[example1]()
	if err := Check(v); err != nil {
		t.Fatal(err)
	}
	v.Net.Width = 5000
	if err := Check(&v); err == nil || !strings.HasPrefix(err.Error(),
		"`net-width`: must not be above 4096, not 5000") {
		t.Errorf("got %v", err)
	}
}

func TestFlagName(t *testing.T) {
	for name, want := range map[string]string{
		"BetaMax": "beta-max", "WithID": "with-id", "EMADecay": "ema-decay", "H50": "h50", "NFE": "nfe", "N": "n",
		"W2Draws": "w2-draws", "Out": "out",
	} {
		if got := FlagName(name); got != want {
			t.Errorf("FlagName(%s) = %s, want %s", name, got, want)
		}
	}
}

// The text of any string is TOML.
func FuzzParse(f *testing.F) {
	f.Add("path = \"vp\"")
	f.Add("scale = [1, 2]\nseed = 3")
	f.Fuzz(func(t *testing.T, document string) {
		v := New[example1]()
		if err := Parse("f", document, &v); err != nil {
			if !errors.Is(err, ito.ErrInput) {
				t.Fatalf("%v", err)
			}
			return
		}
		var any map[string]any
		if _, err := toml.Decode(Canonical(v), &any); err != nil {
			t.Fatal(err)
		}
	})
}
