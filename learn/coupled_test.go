package learn

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/wrap"
)

// coupledRows are ends of d columns of which column k of one has the correlation ρ_k with column k of the other.
func coupledRows(n, d int) (x0, x1 ito.States, rho func(k int) float64) {
	x0, x1 = ito.NewStates(n, d, 0), ito.NewStates(n, d, 0)
	z := ito.NewStates(n, d, 0)
	ito.Seed(1).Normal(x0, 1, 0, 0)
	ito.Seed(1).Normal(z, 1, 1, 0)
	rho = func(k int) float64 { return math.Sin(float64(k)) }
	for i := range n {
		for k, v := range x0.Row(i) {
			ρ, s := rho(k), 1+float64(k%5)
			x1.Row(i)[k] = s*(ρ*v+math.Sqrt(1-ρ*ρ)*z.Row(i)[k]) - 2
		}
	}
	return x0, x1, rho
}

// Coupled ends of more than 256 columns are scaled by the covariances of partners, without a matrix: at the start, when
// the network writes zeros, predictions are those of the exact Gaussian law, column by column, and the mirror's ends
// are one row. What is trained has inputs of unit variance.
func TestCoupledEndsOfManyColumns(t *testing.T) {
	const n, d = 400, 300
	x0, x1, _ := coupledRows(n, d)
	o := Interpolation{[]path.InterpolantTarget{path.TargetB, path.TargetEta}}
	for name, c := range map[string]struct {
		p     path.Interpolant
		drawn Drawn
	}{
		"coupled": {path.Interpolant{}, Drawn{X: x1, Coupled: true}},
		"mirror":  {path.Interpolant{Family: path.Mirror, Noise: path.BrownianNoise}, Drawn{}},
	} {
		p := must(c.p.Resolve())
		pr := Setup{Source: Data{X: x0}, Drawn: c.drawn, Batch: 256, Seed: 2}
		pr.Moments = must(o.Moments(pr))
		if !pr.Moments.PerColumn() {
			t.Fatalf("%s: a matrix of covariances", name)
		}
		b := must(o.Bind(p, pr))
		if err := b.Draw(t.Context(), 0, nil); err != nil {
			t.Fatal(err)
		}
		l := b.(*interpolating)
		sum := 0.0
		for _, x := range l.in.X {
			sum += float64(x) * float64(x)
		}
		if v := sum / float64(len(l.in.X)); math.Abs(v-1) > .1 {
			t.Errorf("%s: inputs have the mean square %.3f, want 1", name, v)
		}
		net := must(nn.New(nn.MLP{Width: 8, Depth: 1}, o.Ports(pr.Source.Space(), 0, false), 1))
		f := must(b.Field(net))
		// The oracle: one column at a time, a full covariance of 2×2.
		x, got := ito.NewStates(3, d, 0), ito.NewStates(3, d, 0)
		ito.Seed(3).Normal(x, 1, 0, 0)
		at := ito.Times{.2, .5, .9}
		if err := f.Predict(t.Context(), got, x, at, ito.Cond{}); err != nil {
			t.Fatal(err)
		}
		for _, k := range []int{0, 1, 2, 77, d - 1} {
			one := func(x ito.States) ito.States {
				y := ito.NewStates(x.N, 1, 0)
				for i := range x.N {
					y.X[i] = x.Row(i)[k]
				}
				return y
			}
			small := pr
			small.Source = Data{X: one(x0)}
			if c.drawn.Coupled {
				small.Drawn.X = one(x1)
			}
			m := must(small.Drawn.moments(small.Source, name == "mirror"))
			exact := must(wrap.NewPairs(p, m, o.Targets...))
			zero := must(nn.New(nn.MLP{Width: 8, Depth: 1}, o.Ports(small.Source.Space(), 0, false), 1))
			want := ito.NewStates(3, 1, 0)
			if err := must(field.NewNet(exact, zero, f.Kind())).Predict(t.Context(), want, one(x), at,
				ito.Cond{}); err != nil {
				t.Fatal(err)
			}
			for i, w := range want.X {
				if g := got.Row(i)[k]; math.Abs(g-w) > 1e-9*(1+math.Abs(w)) {
					t.Errorf("%s, column %d at %g: %g, want %g", name, k, at[i], g, w)
				}
			}
		}
	}
}

// mine are capabilities of the house's paths in types that are not the house's.
type (
	myLevels struct{ inner path.PFGM }
	myPhases struct{ *path.Momentum }
	myMirror struct{ path.Interpolant }
)

func (myLevels) Name() string                        { return "my levels" }
func (myLevels) Dim() int                            { return 0 }
func (myLevels) Modes() int                          { return 1 }
func (myLevels) Basis() []float64                    { return nil }
func (myLevels) Mean() []float64                     { return nil }
func (p myLevels) Span() (lo, hi float64)            { return p.inner.Span() }
func (p myLevels) Law() path.NoiseLaw                { return p.inner.Law() }
func (p myLevels) Has(c ito.Capability) bool         { return c != ito.CapGaussian && ito.Offers(p, c) }
func (p myLevels) Diffusion(t float64, g2 []float64) { p.inner.Diffusion(t, g2) }
func (p myLevels) Schedule(t float64, a, s, da, ds []float64) {
	p.inner.Schedule(t, a, s, da, ds)
}
func (p myLevels) Perturb(dst, x0 ito.States, t ito.Times, c ito.Cond, n ito.Noise) error {
	return p.inner.Perturb(dst, x0, t, c, n)
}
func (p myLevels) Prior(dst ito.States, c ito.Cond, n ito.Noise) error {
	return p.inner.Prior(dst, c, n)
}

func (myPhases) Name() string { return "my phases" }
func (myMirror) Name() string { return "my mirror" }

// A path of one's own with the methods of the house's heavy-tailed, momentum or mirrored path is trained as that is,
// to the same weights.
func TestOwnPathsAreTrainedAsTheHouses(t *testing.T) {
	x := ito.NewStates(60, 2, 0)
	ito.Seed(1).Normal(x, 1, 0, 0)
	cld := must(path.NewCLD(path.CLDConfig{D: 2}))
	mirror := must(path.Interpolant{Family: path.Mirror, Noise: path.BrownianNoise}.Resolve())
	pfgm := must(path.PFGM{Aug: 64}.Resolve())
	both := Interpolation{[]path.InterpolantTarget{path.TargetB, path.TargetEta}}
	for name, c := range map[string]struct {
		own, house ito.Path
		o          Objective
		ports      nn.Ports
	}{
		"heavy tails": {myLevels{pfgm}, pfgm, Denoising{}, nn.Flat(2, 2, 0)},
		"velocities":  {myPhases{cld}, cld, ScoreMatching{}, nn.Flat(4, 2, 0)},
		"mirror":      {myMirror{mirror}, mirror, both, nn.Flat(2, 4, 0)},
	} {
		fit := func(p ito.Path) []float32 {
			cfg := short(10)
			cfg.Objective = c.o
			tr, err := NewTrainer(cfg, must(nn.New(nn.MLP{Width: 8, Depth: 1}, c.ports, 1)), Data{X: x}, Drawn{})
			if err = errors.Join(err, tr.Bind(p)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := tr.Run(t.Context(), 10, LoopOptions{}); err != nil {
				t.Fatal(err)
			}
			return tr.Networks()[0].Params
		}
		got, want := fit(c.own), fit(c.house)
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: weight %d is %g on a path of one's own, %g on the house's", name, i, got[i], want[i])
				break
			}
		}
	}
}
