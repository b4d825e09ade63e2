package path

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// The table of IR-SDE with T = 100 (image-restoration-sde 2598d73): dt and α at steps 1, 50 and 100.
func TestRevertingTable(t *testing.T) {
	p, err := NewReverting(RevertingConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(p.Unit()-.09047584) > 5e-9 {
		t.Errorf("dt = %.9g", p.Unit())
	}
	var a [1]float64
	for i, want := range map[int]float64{1: .99984669, 50: .41229618, 100: .01} {
		p.Schedule(float64(i)/100, a[:], nil, nil, nil)
		if math.Abs(a[0]-want) > 5e-9 {
			t.Errorf("α at step %d = %.9g, want %g", i, a[0], want)
		}
	}
	if p.Label(.5) != 50 {
		t.Errorf("label %g at ½", p.Label(.5))
	}
	for _, θ := range []string{ConstantTheta, LinearTheta} {
		if p, err = NewReverting(RevertingConfig{Theta: θ, Eps: .1}); err != nil {
			t.Fatal(err)
		}
		p.Schedule(1, a[:], nil, nil, nil)
		if math.Abs(a[0]-.1) > 1e-15 {
			t.Errorf("%s: α(1) = %g", θ, a[0])
		}
	}
	for i, cfg := range []RevertingConfig{{Theta: "sine"}, {Steps: 1}, {Eps: 1}, {SigmaInf: -1},
		{Mean: []float64{math.NaN()}}} {
		if _, err := NewReverting(cfg); !errors.Is(err, ito.ErrInput) {
			t.Errorf("case %d: %v", i, err)
		}
	}
}

// A row's own μ in the condition does what the same μ does in the path.
func TestRowMeanIsAMeanOfEachRow(t *testing.T) {
	inner, err := NewReverting(RevertingConfig{SigmaInf: .3})
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewRowMean(inner, 1)
	if err != nil {
		t.Fatal(err)
	}
	const n = 5
	x0, c := ito.NewStates(n, 2, 3), ito.Cond{C: 3, X: make([]float64, 3*n)}
	ito.Seed(1).Normal(x0, rng.PurposeData, 0, 0)
	for i := range c.X {
		c.X[i] = math.Sin(float64(i))
	}
	got, prior := x0.Like(2), x0.Like(2)
	if err := p.Perturb(got, x0, ito.Times{.4}, c, ito.Seed(2)); err != nil {
		t.Fatal(err)
	}
	if err := p.Prior(prior, c, ito.Seed(2)); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		own, err := NewReverting(RevertingConfig{SigmaInf: .3, Mean: c.Row(i)[1:]})
		if err != nil {
			t.Fatal(err)
		}
		want := x0.Slice(i, i+1).Like(2)
		if err := own.Perturb(want, x0.Slice(i, i+1), ito.Times{.4}, ito.Cond{}, ito.Seed(2)); err != nil {
			t.Fatal(err)
		}
		if e := worst(got.Row(i), want.X); e > 1e-15 {
			t.Errorf("row %d: %v, want %v", i, got.Row(i), want.X)
		}
		if err := own.Prior(want, ito.Cond{}, ito.Seed(2)); err != nil {
			t.Fatal(err)
		}
		if e := worst(prior.Row(i), want.X); e > 1e-15 {
			t.Errorf("prior of row %d: %v, want %v", i, prior.Row(i), want.X)
		}
	}
	for what, err := range map[string]error{
		"no condition":   p.Perturb(got, x0, ito.Times{.4}, ito.Cond{}, ito.Seed(2)),
		"narrow":         p.Prior(got, ito.Cond{C: 2, X: make([]float64, 2*n)}, ito.Seed(2)),
		"mean inside":    second(NewRowMean(paths(t)[7].(ito.Diagonal), 0)),
		"negative":       second(NewRowMean(inner, -1)),
		"nested":         second(Unmarshal("centred", []byte(`{"kind":"centred","path":{},"from":0}`))),
		"not diagonal":   second(Unmarshal("centred", []byte(`{"kind":"cld","path":{"d":1},"from":0}`))),
		"nothing inside": second(Unmarshal("centred", []byte(`{}`))),
	} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
	kind, config, err := Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	q, err := Unmarshal(kind, config)
	if err != nil {
		t.Fatal(err)
	}
	again := x0.Like(2)
	if err := q.Perturb(again, x0, ito.Times{.4}, c, ito.Seed(2)); err != nil {
		t.Fatal(err)
	}
	if e := worst(again.X, got.X); e != 0 {
		t.Errorf("read back it differs by %g", e)
	}
}

func second[P any](_ P, err error) error { return err }
