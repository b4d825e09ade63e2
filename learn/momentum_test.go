package learn

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

// On Gaussian data the minimiser of hybrid score matching E‖L_vv s(z_t) + ε_v‖² among linear maps is the velocity's
// part of the exact score −S_t⁻¹(z−m_t). From 1e5 draws it must come within 2 % in the Frobenius norm.
func TestLinearMinimiserOfHybridScoreMatching(t *testing.T) {
	const n = 100000
	g := ito.Gaussian{Mean: []float64{-8, 2}, Cov: []float64{1, 1, 1, 5}}
	for name, p := range map[string]*path.Momentum{
		"cld":  must(path.NewCLD(path.CLDConfig{Mean: []float64{1, 2}})),
		"vsmd": must(path.NewVSMD(path.VSMDConfig{Av: []float64{.1, -.6}, Mean: g.Mean})),
	} {
		for _, at := range []float64{.1, .6} {
			x0, z, ε := ito.NewStates(n, 2, 0), ito.NewStates(n, 4, 0), ito.NewStates(n, 4, 0)
			if err := errors.Join(field.Gaussian(g).Draw(x0, ito.Seed(5)), p.Perturb(z, x0, ito.Times{at}, ito.Cond{},
				ito.Seed(6))); err != nil {
				t.Fatal(err)
			}
			ito.Seed(6).Normal(ε, rng.PurposePath, 0, 0) // the noise that Perturb drew
			m := must(path.Marginal(p, at, g))
			y, εv := mat.NewDense(n, 4, z.X), mat.NewDense(n, 2, nil)
			ell := make([]float64, 2)
			p.HSM(at, ell)
			for i := range n {
				for k := range 4 {
					y.Set(i, k, y.At(i, k)-m.Mean[k])
				}
				for k := range 2 {
					εv.Set(i, k, -ell[k]*ε.Row(i)[2+k])
				}
			}
			var εy, yy, yinv, w, want, diff mat.Dense
			εy.Mul(εv.T(), y)
			yy.Mul(y.T(), y)
			if err := errors.Join(yinv.Inverse(&yy), want.Inverse(mat.NewDense(4, 4, m.Cov))); err != nil {
				t.Fatal(err)
			}
			w.Mul(&εy, &yinv)
			want.Scale(-1, &want)
			v := want.Slice(2, 4, 0, 4)
			diff.Sub(&w, v)
			if e := mat.Norm(&diff, 2) / mat.Norm(v, 2); !(e < .02) {
				t.Errorf("%s at %g: the minimiser is off by %.3g", name, at, e)
			}
		}
	}
}

// A network learns the exact field of a mixture on momentum paths.
func TestLearnsTheExactMomentumField(t *testing.T) {
	if testing.Short() {
		t.Skip("two trainings")
	}
	mix := field.Mixture{D: 2, Means: []float64{-2, 0, 2, 1}, Var: []float64{.3, .2}}
	x := ito.NewStates(20000, 2, 0)
	if err := mix.Draw(x, ito.Seed(1)); err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*path.Momentum{
		"cld":  must(path.NewCLD(path.CLDConfig{D: 2})),
		"vsmd": must(path.NewVSMD(path.VSMDConfig{Av: []float64{.1, -.6}})),
	} {
		c := short(2500)
		c.Batch, c.EMA.Decay, c.LR = 128, .99, 2e-3
		tr := must(NewTrainer(c, must(nn.New(nn.MLP{Width: 64}, nn.Flat(4, 2, 0), 3)), Data{X: x}, Drawn{}))
		if err := errors.Join(tr.Bind(p), tr.Run(context.Background(), c.Steps, LoopOptions{})); err != nil {
			t.Fatal(err)
		}
		const n = 2000
		times := make(ito.Times, n)
		newClock(p, 0).draw(times, x.ID[:n], 5, 0)
		z := x.Slice(0, n).Like(4)
		got, want := z.Like(4), z.Like(4)
		if err := errors.Join(p.Perturb(z, x.Slice(0, n), times, ito.Cond{}, ito.Seed(9)),
			must(tr.Field()).Predict(context.Background(), got, z, times, ito.Cond{}),
			must(field.NewMixture(p, mix)).Predict(context.Background(), want, z, times, ito.Cond{})); err != nil {
			t.Fatal(err)
		}
		sum, ell := 0.0, make([]float64, 2)
		for i := range n {
			p.HSM(times[i], ell)
			for k := range 2 {
				e := (got.Row(i)[2+k] - want.Row(i)[2+k]) / ell[k]
				sum += e * e / (2 * n)
			}
		}
		t.Logf("%s: error %.4f", name, sum)
		if !(sum < .005) {
			t.Errorf("%s: mean square error of ε_v %.4f, want below .005", name, sum)
		}
	}
}

// Workers and interruptions after any stage do not change a bit on a momentum path either; what cannot be learnt is
// refused.
func TestAlternateMomentum(t *testing.T) {
	g := ito.Gaussian{Mean: []float64{1, 2}, Cov: []float64{2, 0, 0, 30}}
	fit := FitterFunc(func(_ context.Context, p ito.Path, _ int) (ito.Field, error) { return field.NewGaussian(p, g) })
	a := DefaultAlternate()
	a.Stages, a.Paths, a.Grid, a.Seed = 3, 700, 20, 9
	begin := Alternation{Path: must(path.NewVSMD(path.VSMDConfig{Mean: g.Mean}))}
	for _, a.Both = range []bool{false, true} {
		a.Workers = 1
		want := must(a.Run(context.Background(), begin, fit, nil))
		a.Workers = 3
		stop := errors.New("stop")
		s := begin
		for len(s.History) < a.Stages {
			var err error
			if s, err = a.Run(context.Background(), s, fit, func(Alternation) error { return stop }); err != stop {
				t.Fatal(err)
			}
		}
		if !reflect.DeepEqual(s, want) {
			t.Errorf("stage by stage on three workers %+v, at once on one %+v", s.History, want.History)
		}
		if cfg, _ := s.Path.(*path.Momentum).VSMDConfig(); (cfg.Ax != nil) != a.Both {
			t.Errorf("both learnt: %v, and A_x = %v", a.Both, cfg.Ax)
		}
	}
	for _, p := range []ito.Path{must(path.NewCLD(path.CLDConfig{D: 2})), path.VP{}} {
		if _, err := a.Run(context.Background(), Alternation{Path: p}, fit, nil); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", p.Name(), err)
		}
	}
}

func TestMomentumTrainerRefusals(t *testing.T) {
	d := moons(20)
	d.Cond = ito.Cond{}
	cld := must(path.NewCLD(path.CLDConfig{D: 2}))
	flow := short(1)
	flow.Objective = FlowMatching{}
	wide := must(nn.New(nn.MLP{Width: 8, Depth: 1}, nn.Flat(4, 2, 0), 1))
	for name, err := range map[string]error{
		"velocity":         must(NewTrainer(flow, wide, d, Drawn{})).Bind(cld),
		"narrow network":   must(NewTrainer(short(1), small(t, 2, 0), d, Drawn{})).Bind(cld),
		"wide network":     must(NewTrainer(short(1), wide, d, Drawn{})).Bind(path.VP{}),
		"between two ends": must(NewTrainer(short(1), small(t, 2, 0), d, Drawn{})).Bind(path.Interpolant{}),
	} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
