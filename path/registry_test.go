package path

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed9a7962a8/ito"
)

// Every path comes back from a model file as it was, to the last bit of its kernel, and writes the same
// bytes again.
func TestMarshalRoundTrip(t *testing.T) {
	list := paths(t)
	third, err := NewVSDM(VSDMConfig{BetaMin: 1. / 3, A: []float64{math.Nextafter(.1, 1), math.Pi / 10, math.Pi / 10, -5e-324},
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
		{"vp", `{"beta_max":-1}`, "positive"},
		{"ve", `{"sigma_max":1e-9}`, "sigma_min"},
		{"flow", `{"lo":1}`, "lo=1"},
		{"vsdm", `{"d":1000000000000}`, "dimension"},
		{"vsdm", `{"d":2,"a":[1,2]`, "path vsdm"},
		{"cld", `{"d":-1}`, "dimension"},
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
	for _, name := range Names() {
		p, err := New(name, Options{D: 2})
		if err != nil || p.Name() != name {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	p, err := New("vp", Options{BetaMax: 10, Power: 1.7})
	if err != nil {
		t.Fatal(err)
	}
	if want := (VP{.1, 10, 1.7, 1e-3}); p != want {
		t.Errorf("%v, want %v", p, want)
	}
	for _, c := range []struct {
		name string
		o    Options
		want string
	}{
		{"vsdn", Options{}, `did you mean "vsdm"?`},
		{"gaussian", Options{}, "choose one of"},
		{"vsdm", Options{}, "dimension"},
		{"vsdm", Options{D: 1, Variant: "logistics"}, `did you mean "logistic"?`},
		{"vp", Options{BetaMax: -3}, "beta_max=-3"},
	} {
		p, err := New(c.name, c.o)
		if !errors.Is(err, ito.ErrInput) || p != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v", c.name, p, err)
		}
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
		case *Centred:
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
