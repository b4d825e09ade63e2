package tune_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/tune"
)

// span is the λ at the ends of a problem on a path of one mode.
func span(pr problem) (from, to float64) {
	a, s := make([]float64, 1), make([]float64, 1)
	λ := func(t float64) float64 {
		pr.p.(ito.Diagonal).Schedule(t, a, s, nil, nil)
		return math.Log(a[0] / s[0])
	}
	return λ(pr.from), λ(pr.to)
}

// With l = 1, s = b = 0 it is multistep DPM-Solver++ with exact weights, with l = 0, s = −1, b = 0 multistep
// DPM-Solver; corrected, of order 1, it is UniPC-1.
func TestV3Degenerate(t *testing.T) {
	for _, pr := range problems() {
		if !serves(pr.p, tune.DPMv3{}) {
			continue
		}
		a, b := span(pr)
		data, eps := tune.ConstantEMS(2, a, b, 1, 0, 0), tune.ConstantEMS(2, a, b, 0, -1, 0)
		x := noise(pr, 6)
		for _, kind := range []ito.Prediction{ito.PredX0, ito.PredScore, ito.PredVelocity} {
			f := must(exact(pr).As(kind))
			for order := 1; order <= 3; order++ {
				for _, k := range []int{1, 2, 5, 20} {
					for _, gf := range []solve.GridFunc{solve.LogSNR, solve.Karras} {
						g := must(gf(pr.p, pr.from, pr.to, k))
						for _, c := range []struct {
							v3, other ito.Solver
						}{
							{tune.DPMv3{EMS: data, Order: order, NoCorrect: true}, solve.DPMpp{Order: order,
								Second: solve.SecondTaylor}},
							{tune.DPMv3{EMS: eps, Order: order, NoCorrect: true}, solve.DPMpp{Order: order,
								Second: solve.SecondTaylor, Eps: true}},
							{tune.DPMv3{EMS: data, Order: order, From: -1}, solve.UniPC{Order: order, B: solve.UniVary,
								NoCorrector: true}},
							{tune.DPMv3{EMS: data, Order: 1}, solve.UniPC{Order: 1, B: solve.UniVary}},
						} {
							want, _ := run(t, pr, f, x, g, c.other)
							got, info := run(t, pr, f, x, g, c.v3)
							if info.Evals[0] != k {
								t.Errorf("%d evaluations in %d steps", info.Evals[0], k)
							}
							for i, v := range got.X {
								if !(math.Abs(v-want.X[i]) <= 1e-9*(1+math.Abs(v))) {
									t.Fatalf("%s on %s by %s, %d steps: value %d is %.12g, want %.12g",
										c.other.Info().Name, pr.name, kind, k, i, v, want.X[i])
								}
							}
						}
					}
				}
			}
		}
	}
}

// On Gaussian data f does not vary, and a single step is exact: the statistics of a wide grid are what is left.
func TestV3ExactOnGaussians(t *testing.T) {
	for _, pr := range []problem{{"vp", path.VP{}, 1, 1e-3}, {"edm", path.EDM{}, 80, .002}, {"flow", path.Flow{}, .99,
		1e-2}} {
		m := field.Mixture{D: 2, Means: []float64{.3, -.2}, Var: []float64{.36, .0625}}
		f := must(field.NewMixture(pr.p, m))
		ems := must(tune.Statistics{Steps: 1200}.Estimate(ctx, pr.p, f, dataOf(m, 4), pr.from, pr.to))
		for i := range ems.S {
			if ems.S[i] != 0 {
				t.Fatalf("%s: s[%d] = %g", pr.name, i, ems.S[i])
			}
		}
		x := noise(pr, 8)
		want, _ := run(t, pr, f, x, ito.Grid{pr.from, pr.to}, solve.Dopri5{Tol: 1e-10})
		got, _ := run(t, pr, f, x, ito.Grid{pr.from, pr.to}, tune.DPMv3{EMS: ems})
		if e := rmse(got, want); e > 2e-7 {
			t.Errorf("%s: one step leaves %.3g", pr.name, e)
		}
	}
}

// quasiDraws repeats what an independent program drew: rows of a mixture of equal weights and the noise that
// perturbs them.
func quasiDraws(m field.Mixture, n int) (data ito.States, noise ito.Noise) {
	k := m.K()
	x := quasi(n, m.D, 7919)
	for i := range n {
		_, u := math.Modf(.5 + float64(i+1)*.6180339887498949)
		c := 0
		for c < k-1 && float64(c+1)/float64(k)-1e-12 < u {
			c++
		}
		for j := range m.D {
			x.Row(i)[j] = m.Means[c*m.D+j] + math.Sqrt(m.Var[j])*x.Row(i)[j]
		}
	}
	return x, replay{quasi(n, m.D, 100002)}
}

// replay is a noise that was drawn elsewhere, by id.
type replay struct{ x ito.States }

func (r replay) Normal(dst ito.States, _ rng.Purpose, _, _ uint32) {
	for i, id := range dst.ID {
		copy(dst.Row(i), r.x.Row(int(id)))
	}
}

// Statistics of mixtures on VP at 7 λ and the errors that the solver leaves with them, against those of an
// independent program from the same sequence of draws. It took 4096 rows and 1200 steps, with which all its figures
// come out to two parts in a thousand; an eighth of the rows and fewer steps serve here, to five in a hundred,
// where the errors do not hang on the statistics as they do on the ring with 20 steps.
func TestV3Golden(t *testing.T) {
	for _, c := range v3goldens {
		if testing.Short() && c.m.D > 2 {
			continue
		}
		pr := problem{c.name, path.VP{}, 1, 1e-3}
		f := must(field.NewMixture(pr.p, c.m))
		data, z := quasiDraws(c.m, c.rows)
		ems := must(tune.Statistics{Steps: c.steps, Noise: z}.Estimate(ctx, pr.p, f, data, 1, 1e-3))
		for i, want := range c.l {
			near3(t, fmt.Sprintf("%s: l at node %d of 6", c.name, i), ems.L[i*c.steps/6*c.m.D], want, c.tol)
			if i > 0 { // in pure noise f hardly varies, and s is what is left of roundings
				near3(t, fmt.Sprintf("%s: s at node %d of 6", c.name, i), ems.S[i*c.steps/6*c.m.D+c.m.D-1], c.s[i],
					1.5*c.tol)
			}
		}
		x := quasi(c.starts, c.m.D, 0)
		ref, _ := run(t, pr, f, x, must(solve.LogSNR(pr.p, 1, 1e-3, 400)), solve.UniPC{})
		for _, r := range c.rms {
			r.s.EMS = ems
			r.s.LowerFinal = math.MaxInt
			for i, k := range []int{5, 10, 20} {
				if r.want[i] == 0 {
					continue
				}
				y, _ := run(t, pr, f, x, must(solve.LogSNR(pr.p, 1, 1e-3, k)), r.s)
				near3(t, fmt.Sprintf("%s: %+v with %d steps", c.name, r.s.Order, k), rmse(y, ref), r.want[i], c.tol)
			}
		}
	}
}

func near3(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*math.Abs(want)+1e-4) {
		t.Errorf("%s: %.5f, want %.5f", what, got, want)
	}
}

type v3golden struct {
	name                string
	m                   field.Mixture
	steps, rows, starts int
	tol                 float64
	l, s                []float64 // l of the first coordinate, s of the last
	rms                 []v3row
}

type v3row struct {
	s    tune.DPMv3
	want [3]float64
}

var v3goldens = []v3golden{
	{"ring", ring(1, .05), 240, 512, 2048, .05, []float64{1, .9995, .9873, .76, .5802, .5176, .0421},
		[]float64{-.1872, 2.9972, 2.9394, 2.0827, .9589, -.9649, -1.9298}, []v3row{
			{tune.DPMv3{Order: 1, NoCorrect: true}, [3]float64{.23326, .05646, 0}},
			{tune.DPMv3{Order: 2, NoCorrect: true}, [3]float64{.28275, .07832, 0}},
			{tune.DPMv3{NoCorrect: true}, [3]float64{.27948, .12758, 0}},
			{tune.DPMv3{}, [3]float64{.08213, .14196, 0}},
		}},
	{"hada", tune.Hada().Data, 120, 512, 2048, .05, []float64{1, .9989, .9749, .6147, .0614, .0027, .0001},
		[]float64{1.9948, 2.0009, 2.0085, 2.0352, 1.3553, .2085, -.726}, []v3row{
			{tune.DPMv3{Order: 1, NoCorrect: true}, [3]float64{.05067, .02506, .01279}},
			{tune.DPMv3{Order: 2, NoCorrect: true}, [3]float64{.05440, .01487, .00357}},
			{tune.DPMv3{NoCorrect: true}, [3]float64{.06067, .01073, .00222}},
			{tune.DPMv3{}, [3]float64{.02311, .00890, .00201}},
		}},
}

// Statistics do not depend on what a field predicts; probes give l as the exact diagonal does, less closely.
func TestStatisticsOfEveryPrediction(t *testing.T) {
	pr := problem{"vp", path.VP{}, 1, 1e-2}
	f, data := exact(pr), dataOf(data(pr), 400)
	want := must(tune.Statistics{Steps: 12}.Estimate(ctx, pr.p, f, data, 1, 1e-2))
	for _, kind := range []ito.Prediction{ito.PredX0, ito.PredEps, ito.PredVelocity} {
		got := must(tune.Statistics{Steps: 12}.Estimate(ctx, pr.p, must(f.As(kind)), data, 1, 1e-2))
		for i := range want.L {
			if math.Abs(got.L[i]-want.L[i]) > 1e-6 || math.Abs(got.S[i]-want.S[i]) > 1e-4 ||
				math.Abs(got.B[i]-want.B[i]) > 1e-4 {
				t.Fatalf("%s: statistics %d are %g, %g, %g, want %g, %g, %g", kind, i, got.L[i], got.S[i], got.B[i],
					want.L[i], want.S[i], want.B[i])
			}
		}
	}
	calls := 0
	got := must(tune.Statistics{Steps: 12, Probes: 8, Progress: func(done, of int) {
		if calls++; done != calls || of != 26 {
			t.Errorf("progress %d of %d at call %d", done, of, calls)
		}
	}}.Estimate(ctx, pr.p, f, data, 1, 1e-2))
	for i, v := range got.L {
		if math.Abs(v-want.L[i]) > .02 {
			t.Errorf("l %d by probes is %g, want %g", i, v, want.L[i])
		}
	}
	if _, err := (tune.Statistics{}).Estimate(ctx, pr.p, plain{ito.PredEps, 1}, data, 1, 1e-2); !errors.Is(err,
		ito.ErrInput) {
		t.Errorf("a field without derivative: %v", err)
	}
}

// A row's bytes do not depend on its neighbours, and forgetting before every step leaves order 1.
func TestV3BytesAndReset(t *testing.T) {
	pr := problem{"vp", path.VP{}, 1, 1e-2}
	f, x, g := exact(pr), noise(pr, 6), grid(pr, 6)
	ems := must(tune.Statistics{Steps: 24}.Estimate(ctx, pr.p, f, dataOf(data(pr), 200), 1, 1e-2))
	all, _ := run(t, pr, f, x, g, tune.DPMv3{EMS: ems})
	for i := range x.N {
		one, _ := run(t, pr, f, x.Slice(i, i+1), g, tune.DPMv3{EMS: ems})
		for j, v := range one.X {
			if v != all.Row(i)[j] {
				t.Fatalf("row %d alone differs", i)
			}
		}
	}
	y := x.Clone()
	must(solve.Run(ctx, pr.p, f, y, g, tune.DPMv3{EMS: ems}, solve.RunOptions{Hooks: []ito.Hook{forget{}}}))
	want, _ := run(t, pr, f, x, g, tune.DPMv3{EMS: ems, Order: 1, NoCorrect: true})
	same(t, "forgotten", y, want)
}

func TestV3Refuses(t *testing.T) {
	pr := problem{"vp", path.VP{}, 1, 1e-3}
	a, b := span(pr)
	x := noise(pr, 2)
	g := grid(pr, 3)
	for name, c := range map[string]struct {
		p    ito.Path
		s    tune.DPMv3
		g    ito.Grid
		kind ito.Prediction
	}{
		"no statistics":    {pr.p, tune.DPMv3{}, g, ito.PredEps},
		"many modes":       {problems()[6].p, tune.DPMv3{EMS: tune.ConstantEMS(2, a, b, 1, 0, 0)}, g, ito.PredEps},
		"other dimension":  {pr.p, tune.DPMv3{EMS: tune.ConstantEMS(3, a, b, 1, 0, 0)}, g, ito.PredEps},
		"beyond its range": {pr.p, tune.DPMv3{EMS: tune.ConstantEMS(2, a, b-1, 1, 0, 0)}, g, ito.PredEps},
		"to noise": {pr.p, tune.DPMv3{EMS: tune.ConstantEMS(2, a, b, 1, 0, 0)}, ito.Grid{1e-3, 1},
			ito.PredEps},
		"order 4": {pr.p, tune.DPMv3{EMS: tune.ConstantEMS(2, a, b, 1, 0, 0), Order: 4}, g, ito.PredEps},
	} {
		if _, err := solve.Run(ctx, c.p, plain{c.kind, 1}, x.Clone(), c.g, c.s, solve.RunOptions{}); !errors.Is(err,
			ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Uniform implements ito.Noise.
func (replay) Uniform(ito.States, rng.Purpose, uint32, uint32) { panic("no uniforms here") }
