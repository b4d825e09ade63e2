package path

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed9a7962a8/ito"
)

// Every path comes back from a model file as it was, to the last bit of its kernel, and writes the same
// bytes again.
func TestMarshalRoundTrip(t *testing.T) {
	list := paths(t)
	third, err := NewVSDM(VSDMConfig{BetaMin: 1. / 3, A: []float64{math.Nextafter(.1, 1), math.Pi / 10, math.Pi / 10,
		-5e-324},
		Mean: []float64{math.Copysign(0, -1), 1e300}})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range append(list, third, EDM{SigmaMin: 1e-9}, PFGM{Aug: 128}) {
		kind, config, err := Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		q, err := Unmarshal(kind, config)
		if err != nil {
			t.Fatalf("%s: %v\n%s", label(i, p), err, config)
		}
		if _, again, err := Marshal(q); err != nil || string(again) != string(config) {
			t.Errorf("%s: %v\n%s\n%s", label(i, p), err, config, again)
		}
		for _, s := range stops(p) {
			a, b := kernelOf(p, s)
			c, d := kernelOf(q, s)
			if diff := cmp.Diff([][]float64{a, b}, [][]float64{c, d}); diff != "" {
				t.Errorf("%s at %g: %s", label(i, p), s, diff)
			}
		}
	}
	if c := third.Config(); math.Float64bits(c.Mean[0]) != 1<<63 {
		t.Error("the sign of zero is lost")
	}
}

func TestUnmarshalRefusals(t *testing.T) {
	for _, c := range []struct{ kind, config, want string }{
		{"vsdn", `{}`, `did you mean "vsdm"?`},
		{"", `{}`, "choose one of vp, ve"},
		{"vp", `{"beta_min":"x"}`, "path vp"},
		{"vp", `{"beta_mni":0.1}`, "beta_mni"},
		{"vp", `{} {}`, "follows"},
		{"vp", ``, "path vp"},
		{"vp", `{"beta_max":-1}`, "above 0"},
		{"ve", `{"sigma_max":1e-9}`, "sigma_min"},
		{"flow", `{"lo":1}`, "lo must be below 1"},
		{"vsdm", `{"d":1000000000000}`, "dimension"},
		{"vsdm", `{"d":2,"a":[1,2]`, "path vsdm"},
		{"cld", `{"d":-1}`, "d must not be below 0"},
	} {
		p, err := Unmarshal(c.kind, []byte(c.config))
		var in *ito.InputError
		if !errors.As(err, &in) || !strings.Contains(err.Error(), c.want) || p != nil {
			t.Errorf("%s %s: %v, %v", c.kind, c.config, p, err)
		}
	}
	if _, _, err := Marshal(opaque{}); !errors.Is(err, ito.ErrInput) {
		t.Error(err)
	}
	if _, _, err := Marshal(nil); !errors.Is(err, ito.ErrInput) {
		t.Error(err)
	}
	if _, _, err := Marshal(VP{BetaMin: math.NaN()}); !errors.Is(err, ito.ErrInput) {
		t.Error(err)
	}
}

func TestNew(t *testing.T) {
	for _, name := range Kinds() {
		// nothing without data
		if slices.Contains([]string{"piecewise", "kinetic", "centred", "absorbing", "uniform", "mixed"}, name) {
			continue
		}
		p, err := New(name, Settings{D: 2})
		if err != nil || p.Name() != name {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	p, err := New("vp", Settings{BetaMax: 10, Power: 1.7})
	if err != nil {
		t.Fatal(err)
	}
	if want := (VP{.1, 10, 1.7, 1e-3}); p != want {
		t.Errorf("%v, want %v", p, want)
	}
	for _, c := range []struct {
		name string
		o    Settings
		want string
	}{
		{"vsdn", Settings{}, `did you mean "vsdm"?`},
		{"gaussian", Settings{}, "choose one of"},
		{"vsdm", Settings{}, "dimension"},
		{"vsdm", Settings{D: 1, Variant: "logistics"}, `did you mean "logistic"?`},
		{"vp", Settings{BetaMax: -3}, "beta_max=-3"},
	} {
		p, err := New(c.name, c.o)
		if !errors.Is(err, ito.ErrInput) || p != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v", c.name, p, err)
		}
	}
}

// Every path has a word that is the same path, to the last bit of its configuration; the word of a default is its
// name alone.
func TestWordRoundTrip(t *testing.T) {
	centred, err := NewRowMean(must(t, "reverting:theta=linear,steps=3").(ito.Diagonal), 2)
	if err != nil {
		t.Fatal(err)
	}
	list := append(paths(t), centred, PFGM{Aug: 128}, Interpolant{}, Interpolant{Family: EncDec},
		Interpolant{Noise: NoNoise}, VP{BetaMax: math.Nextafter(20, 21)})
	for i, p := range list {
		word, err := Word(p)
		if err != nil {
			t.Fatalf("%s: %v", label(i, p), err)
		}
		q, err := Parse(word)
		if err != nil {
			t.Fatalf("%s: %s: %v", label(i, p), word, err)
		}
		_, a, _ := Marshal(p)
		if _, b, err := Marshal(q); err != nil || string(a) != string(b) {
			t.Errorf("%s: %v\n%s\n%s", word, err, a, b)
		}
	}
	for word, want := range map[string]string{
		"vp:beta-max=20.0,power=1.7": "vp:power=1.7", "edm": "edm", "discrete": "discrete",
		"discrete:schedule=scaled_linear":                   "discrete:schedule=scaled_linear",
		"discrete:schedule=linear,steps=1000,beta-end=0.02": "discrete", "interpolant": "interpolant",
		"interpolant:family=encdec,noise=sine": "interpolant:family=encdec",
		"pfgm:extra=128":                       "pfgm:extra=128", "vsdm:d=2": "vsdm:a=0,0",
		"discrete:betas=0.1,0.2,0.3": "discrete:betas=0.1,0.2,0.3", "reverting": "reverting",
		"kinetic:gamma=0.04,0.49,mean=1,-1":    "kinetic:gamma=0.04,0.49,mean=1,-1",
		"piecewise:grid=0,0.5,1,a=[0.1],[0.2]": "piecewise:grid=0,0.5,1,a=[0.1],[0.2]",
	} {
		if got, err := Word(must(t, word)); err != nil || got != want {
			t.Errorf("%s has the word %s, not %s (%v)", word, got, want, err)
		}
	}
}

func must(t *testing.T, word string) ito.Path {
	t.Helper()
	p, err := Parse(word)
	if err != nil {
		t.Fatalf("%s: %v", word, err)
	}
	return p
}

// The defaults of the tags are those of the zero value.
func TestTagsAreTheZeroValue(t *testing.T) {
	for zero, word := range map[ito.Path]string{VP{}: "vp", VE{}: "ve", SubVP{}: "subvp", EDM{}: "edm", Flow{}: "flow",
		Cosine{}: "cosine", PFGM{}: "pfgm", Interpolant{}: "interpolant", OneSided{}: "onesided"} {
		if got, err := Word(zero); err != nil || got != word {
			t.Errorf("%+v is %s, %v", zero, got, err)
		}
	}
	for _, c := range []struct {
		built func() (ito.Path, error)
		word  string
	}{
		{func() (ito.Path, error) { return NewDiscrete(DiscreteConfig{}) }, "discrete"},
		{func() (ito.Path, error) { return NewReverting(RevertingConfig{}) }, "reverting"},
		{func() (ito.Path, error) { return NewVSDM(VSDMConfig{D: 1}) }, "vsdm:a=0"},
		{func() (ito.Path, error) { return NewCLD(CLDConfig{D: 1}) }, "cld:d=1"},
		{func() (ito.Path, error) { return NewVSMD(VSMDConfig{D: 1}) }, "vsmd:d=1"},
		{func() (ito.Path, error) { return NewKinetic(KineticConfig{Gamma: []float64{0, 1}}) }, "kinetic:gamma=0,1"},
	} {
		p, err := c.built()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Word(p); err != nil || got != c.word {
			t.Errorf("%s is %s, %v", c.word, got, err)
		}
	}
}

// What an option says must not differ from what the word says.
func TestOptionsBesideWords(t *testing.T) {
	p, err := New("vp:beta-max=10,lo=0.01", Settings{Power: 1.7, BetaMax: 10, D: 3, Mean: []float64{1, 2, 3},
		Variant: Logistic})
	if want := (VP{.1, 10, 1.7, .01}); err != nil || p != want {
		t.Errorf("%v, %v", p, err)
	}
	_, err = New("vp:beta-max=10", Settings{BetaMax: 20})
	if !errors.Is(err, ito.ErrInput) || err.Error() != "path vp: beta-max is 10 in its word and 20 beside it; say it "+
		"once" {
		t.Error(err)
	}
	_, err = New("vp:beta-mx=10", Settings{})
	if !errors.Is(err, ito.ErrInput) || !strings.HasPrefix(err.Error(),
		`path vp has no setting "beta-mx=10" (column 4); did you mean "beta-max"?`) {
		t.Error(err)
	}
	if p, err = New("vsdm:variant=logistic", Settings{D: 2, Mean: []float64{1, 2}}); err != nil ||
		p.(*VSDM).Config().Variant != Logistic || p.Dim() != 2 {
		t.Errorf("%v, %v", p, err)
	}
}

func FuzzUnmarshal(f *testing.F) {
	for i, p := range paths(f) {
		kind, config, err := Marshal(p)
		if err != nil {
			f.Fatal(i, err)
		}
		f.Add(kind, []byte(config))
	}
	f.Add("centred", []byte(`{"kind":"reverting","path":{"steps":3},"from":1}`))
	f.Add("vsdm", []byte(`{"d":2,"a":[null,1,2,3]}`))
	f.Fuzz(func(t *testing.T, kind string, config []byte) {
		p, err := Unmarshal(kind, config)
		if err != nil {
			if !errors.Is(err, ito.ErrInput) || p != nil {
				t.Fatalf("%v, %v", p, err)
			}
			return
		}
		if p.Dim() > 64 {
			return
		}
		lo, hi := p.Span()
		if !(lo < hi) {
			t.Fatalf("the span is [%g, %g]", lo, hi)
		}
		switch q := p.(type) {
		case *RowMean:
			kernelOf(q.inner, hi)
		case Interpolant:
			q.Interpolation(hi)
		default:
			kernelOf(p, hi)
		}
		if _, _, err := Marshal(p); err != nil {
			t.Fatal(err)
		}
	})
}
