package path

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/rng"
)

// The marginal is the law of perturbed data: 40 000 draws, 4.5 standard errors.
func TestMarginalIsTheLawOfPerturbedData(t *testing.T) {
	for i, p := range paths(t) {
		t.Run(label(i, p), func(t *testing.T) {
			d := dim(p)
			if _, ok := p.(*Momentum); ok {
				d /= 2
			}
			root := make([]float64, d*d)
			for k := range root {
				root[k] = math.Sin(float64(3*k + 1))
			}
			data := ito.Gaussian{Mean: []float64{2, -1, .5}[:d], Cov: sandwich(root, identity(d), d)}
			x0 := ito.NewStates(40000, d, 0)
			ito.Seed(4).Normal(x0, rng.PurposeData, 0, 0)
			for r := range x0.N {
				copy(x0.Row(r), apply(root, x0.Row(r)))
				matrix.AddScaled(x0.Row(r), 1, data.Mean)
			}
			lo, hi := p.Span()
			s := lo + .4*(hi-lo)
			x := x0.Like(dim(p))
			if err := p.Perturb(x, x0, ito.Times{s}, ito.Cond{}, ito.Seed(9)); err != nil {
				t.Fatal(err)
			}
			want, err := Marginal(p, s, data)
			if err != nil {
				t.Fatal(err)
			}
			checkMoments(t, x, want)
		})
	}
}

func TestMomentPriorOfVP(t *testing.T) {
	p := VP{BetaMin: .1, BetaMax: 10, Power: 1.7}
	g, err := MomentPrior(p, ito.Gaussian{Mean: []float64{.9, 1.58}, Cov: []float64{4, 1, 1, 350}})
	if err != nil {
		t.Fatal(err)
	}
	e := math.Exp(-p.B(1))
	want := ito.Gaussian{Mean: []float64{.9 * math.Sqrt(e), 1.58 * math.Sqrt(e)}, Cov: []float64{1 + 3*e, e, e,
		1 + 349*e}}
	if d := max(worst(g.Mean, want.Mean), worst(g.Cov, want.Cov)); d > 1e-15 {
		t.Errorf("%v, want %v", g, want)
	}
}

type opaque struct{ ito.Path }

func (opaque) Name() string { return "opaque" }
func (opaque) Dim() int     { return 0 }

// The noise alone is what the moments of x_T tend to as data close in on the centre: on a path that has forgotten
// its start nearly the prior, and about μ.
func TestKernelPrior(t *testing.T) {
	p, err := NewVSMD(VSMDConfig{Av: []float64{0, -.1}, Mean: []float64{3, -1}, BetaMin: 40, BetaMax: 40})
	if err != nil {
		t.Fatal(err)
	}
	k, err := KernelPrior(p, 2)
	if err != nil {
		t.Fatal(err)
	}
	const ρ = 1.2
	if d := max(worst(k.Mean, []float64{3, -1, 0, 0}), math.Abs(k.Cov[0]-1), math.Abs(k.Cov[5]-1/(ρ*ρ*ρ)),
		math.Abs(k.Cov[15]-1/ρ)); d > 1e-6 {
		t.Errorf("N(%v, %v)", k.Mean, k.Cov)
	}
	if k, err = KernelPrior(VP{}, 1); err != nil || k.Cov[0] >= 1 || k.Cov[0] < .9 {
		t.Errorf("vp: %v, %v", k, err)
	}
	if _, err := KernelPrior(PFGM{}, 1); !errors.Is(err, ito.ErrInput) {
		t.Errorf("pfgm: %v", err)
	}
}

func TestMarginalRefusals(t *testing.T) {
	v, err := NewVSDM(VSDMConfig{D: 3})
	if err != nil {
		t.Fatal(err)
	}
	g := ito.Gaussian{Mean: []float64{0}, Cov: []float64{1}}
	for i, c := range []struct {
		p ito.Path
		g ito.Gaussian
	}{
		{v, g}, {VP{}, ito.Gaussian{}}, {VP{}, ito.Gaussian{Mean: []float64{0}, Cov: []float64{1, 2}}},
		{VP{}, ito.Gaussian{Mean: []float64{math.NaN()}, Cov: []float64{1}}}, {opaque{}, g},
	} {
		if _, err := Marginal(c.p, .5, c.g); !errors.Is(err, ito.ErrInput) {
			t.Errorf("case %d: %v", i, err)
		}
	}
}
