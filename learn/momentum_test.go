package learn

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

// On Gaussian data the minimiser of hybrid score matching E‖L_vv s(z_t) + ε_v‖² among linear maps is the velocity's part of
// the exact score −S_t⁻¹(z−m_t). From 1e5 draws it must come within 2 % in the Frobenius norm.
func TestLinearMinimiserOfHybridScoreMatching(t *testing.T) {
	const n = 100000
	g := ito.Gaussian{Mean: []float64{-8, 2}, Cov: []float64{1, 1, 1, 5}}
	for name, p := range map[string]*path.Momentum{
		"cld":  must(path.NewCLD(path.CLDConfig{Mean: []float64{1, 2}})),
		"vsmd": must(path.NewVSMD(path.VSMDConfig{Av: []float64{.1, -.6}, Mean: g.Mean})),
	} {
		for _, at := range []float64{.1, .6} {
			x0, z, ε := ito.NewStates(n, 2, 0), ito.NewStates(n, 4, 0), ito.NewStates(n, 4, 0)
			if err := errors.Join(field.Gaussian(g).Draw(x0, ito.Seed(5)), p.Perturb(z, x0, ito.Times{at}, ito.Cond{}, ito.Seed(6))); err != nil {
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
		tr := must(NewTrainer(c, must(nn.New(nn.Config{In: 4, Out: 2, Width: 64}, 3)), Data{X: x}))
		if err := errors.Join(tr.Bind(p), tr.Run(context.Background(), c.Steps, Options{})); err != nil {
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

// moments of the reverse SDE of a Gaussian by its linear moment equations: what ReverseMomentum draws, without a draw.
func exactReversal(t *testing.T, p *path.Momentum, g ito.Gaussian, steps int) *Reversal {
	t.Helper()
	const inner = 40 // Runge–Kutta steps a node
	nodes := momentumNodes(p, steps)
	D := p.Dim()
	S := mat.NewDense(D, D, nil)
	for i := range D {
		S.Set(i, i, 1)
	}
	// dS/dτ = M S + S Mᵀ + GGᵀ with τ = −t and M = −F + GGᵀK, s = Kz, K = −S_t⁻¹.
	rate := func(at float64, S *mat.Dense) *mat.Dense {
		f, gg := mat.NewDense(D, D, nil), mat.NewDense(D, D, nil)
		p.Drift(at, f.RawMatrix().Data, gg.RawMatrix().Data)
		var K, M, out, b mat.Dense
		if err := K.Inverse(mat.NewDense(D, D, must(path.Marginal(p, at, g)).Cov)); err != nil {
			t.Fatal(err)
		}
		M.Mul(gg, &K)
		M.Scale(-1, &M)
		M.Sub(&M, f)
		out.Mul(&M, S)
		b.Mul(S, M.T())
		out.Add(&out, &b)
		out.Add(&out, gg)
		return &out
	}
	plus := func(a *mat.Dense, h float64, b *mat.Dense) *mat.Dense {
		var out mat.Dense
		out.Scale(h, b)
		out.Add(&out, a)
		return &out
	}
	rev := &Reversal{}
	for k, n := range nodes {
		var K, sx mat.Dense
		if err := K.Inverse(mat.NewDense(D, D, must(path.Marginal(p, n.t, g)).Cov)); err != nil {
			t.Fatal(err)
		}
		sx.Mul(&K, S)
		sx.Scale(-1, &sx)
		rev.T, rev.Weight = append(rev.T, n.t), append(rev.Weight, n.weight)
		rev.XX = append(rev.XX, append([]float64(nil), S.RawMatrix().Data...))
		rev.SX = append(rev.SX, append([]float64(nil), sx.RawMatrix().Data...))
		if k == len(nodes)-1 {
			break
		}
		for j := range inner {
			h := n.h / inner
			at := n.t - float64(j)*h
			a := rate(at, S)
			b := rate(at-h/2, plus(S, h/2, a))
			c := rate(at-h/2, plus(S, h/2, b))
			d := rate(at-h, plus(S, h, c))
			S = plus(plus(plus(plus(S, h/6, a), h/3, b), h/3, c), h/6, d)
		}
	}
	return rev
}

// The simulated moments of a momentum path are those of its moment equations, and so is the update of A_v. Tolerance:
// 20000 paths and the bias of the scheme.
func TestDampingRefitOfExactScores(t *testing.T) {
	g := ito.Gaussian{Mean: []float64{0, 0}, Cov: []float64{1, 0, 0, 64}}
	p := must(path.NewVSMD(path.VSMDConfig{Av: []float64{0, 0}, BetaMin: 6, BetaMax: 6}))
	rev := must(ReverseMomentum(context.Background(), p, must(field.NewGaussian(p, g)), ito.Cond{}, 20000, 100, 2, ito.Seed(1)))
	want := exactReversal(t, p, g, 100)
	for k := range rev.T {
		for i := range want.XX[k] {
			scale := math.Sqrt(want.XX[k][i/4*5] * want.XX[k][i%4*5])
			if math.Abs(rev.XX[k][i]-want.XX[k][i]) > .06*scale {
				t.Fatalf("t=%.2f: E[zzᵀ] = %.3f, want %.3f", rev.T[k], rev.XX[k], want.XX[k])
			}
		}
	}
	r := DampingRefit{Zeta: 1, Eta: 1, DMin: .05, DMax: 5}
	a, _, err := r.Update(p, rev)
	b, _, err2 := r.Update(p, want)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	ca, _ := a.VSMDConfig()
	cb, _ := b.VSMDConfig()
	for k := range ca.Av {
		if math.Abs(ca.Av[k]-cb.Av[k]) > .02 {
			t.Errorf("A_v = %.4f, by the moment equations %.4f", ca.Av, cb.Av)
		}
	}
}

// Alternate follows the moment equations stage by stage to the fixed point between −.2 and −.4, at which wide data end as
// the prior; the relaxation there is slow, as that of every proportional fitting of wide data.
func TestAlternateLearnsTheDamping(t *testing.T) {
	if testing.Short() {
		t.Skip("12 stages, and as many of the moment equations")
	}
	g := ito.Gaussian{Mean: []float64{0}, Cov: []float64{351}}
	at := func(c float64) *path.Momentum {
		return must(path.NewVSMD(path.VSMDConfig{Av: []float64{c}, BetaMin: 6, BetaMax: 6}))
	}
	av := func(p ito.Path) float64 { cfg, _ := p.(*path.Momentum).VSMDConfig(); return cfg.Av[0] }
	r := DampingRefit{Zeta: 1, Eta: 2, DMin: .05, DMax: 8}
	next := func(p *path.Momentum) *path.Momentum {
		q, _, err := r.Update(p, exactReversal(t, p, g, 50))
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	if up, down := av(next(at(-.2))), av(next(at(-.4))); up >= -.2 || down <= -.4 {
		t.Errorf("updates of −.2 and −.4 give %.4f and %.4f, which do not enclose a fixed point", up, down)
	}
	want := at(0)
	for range 12 {
		want = next(want)
	}
	a := plain(12, 6000)
	a.Eta, a.DMax = 2, 8
	s := must(a.Run(context.Background(), Alternation{Path: at(0)},
		FitterFunc(func(_ context.Context, p ito.Path, _ int) (ito.Field, error) { return field.NewGaussian(p, g) }), nil))
	if got, want := av(s.Path), av(want); math.Abs(got-want) > .02 || want > -.2 {
		t.Errorf("A_v = %.4f, by the moment equations %.4f", got, want)
	}
	still, learnt := must(path.MomentPrior(at(0), g)).Cov, must(path.MomentPrior(s.Path, g)).Cov
	if math.Abs(learnt[0]-1) > math.Abs(still[0]-1)/4 {
		t.Errorf("variance at the end of the path %.3f, with A_v = 0 %.3f", learnt[0], still[0])
	}
}

// Workers and interruptions after any stage do not change a bit on a momentum path either; what cannot be learnt is refused.
func TestAlternateMomentum(t *testing.T) {
	g := ito.Gaussian{Mean: []float64{1, 2}, Cov: []float64{2, 0, 0, 30}}
	fit := FitterFunc(func(_ context.Context, p ito.Path, _ int) (ito.Field, error) { return field.NewGaussian(p, g) })
	a := DefaultAlternate()
	a.Stages, a.Paths, a.Grid, a.Seed = 3, 700, 20, 9
	begin := Alternation{Path: must(path.NewVSMD(path.VSMDConfig{Mean: g.Mean}))}
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
	wide := must(nn.New(nn.Config{In: 4, Out: 2, Width: 8, Depth: 1}, 1))
	for name, err := range map[string]error{
		"velocity":         must(NewTrainer(flow, wide, d)).Bind(cld),
		"narrow network":   must(NewTrainer(short(1), small(t, 2, 0), d)).Bind(cld),
		"wide network":     must(NewTrainer(short(1), wide, d)).Bind(path.VP{}),
		"between two ends": must(NewTrainer(short(1), small(t, 2, 0), d)).Bind(path.Interpolant{}),
	} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
