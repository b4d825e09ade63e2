package solve_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/tune"
)

// variants are the solvers with settings that All does not have, for k steps.
func variants(k int) []ito.Solver {
	const always = math.MaxInt
	out := []ito.Solver{
		solve.DDIM{Eta: .5}, solve.DDIM{Eta: 1}, solve.EDM{Stage: solve.StageHalf},
		solve.EDM{Stage: solve.StageTwoThirds},
		solve.EDM{Stage: solve.StageHalf, Churn: 5, Min: .05, Noise: 1.01}, solve.DPMAdaptive{Order: 3, Data: true},
		solve.SDEDPMpp{Order: 2, Eta: .3}, solve.SDEDPMpp{Order: 3, Compat: solve.CompatSDE3Sign},
		solve.SDEDPMpp{Order: 3, Compat: solve.CompatSDE3Factor},
		solve.DPMpp{Order: 4}, solve.DPMpp{Order: 3, Eps: true, Compat: solve.CompatThirdOrderFactor},
		solve.DPMpp{Eps: true, LowerFinal: always},
		solve.UniPC{Order: 2, Eps: true, B: solve.UniB1}, solve.UniPC{B: solve.UniVary, LowerFinal: -1},
		solve.UniPC{Order: 2, B: solve.UniVary, Compat: solve.CompatVaryCoeffIndex}, solve.UniPC{NoCorrector: true},
		solve.DEIS{Order: 3, Clock: solve.ClockLogRho}, solve.IPNDM{LowerFinal: always}, solve.SSCS{Stages: 2},
		solve.Finish{Solver: solve.DPMpp{}, Action: solve.Denoise}, solve.Finish{Solver: solve.Dopri5{},
			Action: solve.Denoise}, solve.Finish{Solver: solve.PC{}, Action: solve.Denoise},
		tune.USF{Steps: must(tune.Decisions(solve.UniPC{}, k))},
		tune.USF{Steps: must(tune.Decisions(solve.DEIS{}, k))},
	}
	for predictor := solve.PredictorReverseDiffusion; predictor <= solve.PredictorNone; predictor++ {
		for corrector := solve.CorrectorLangevin; corrector <= solve.CorrectorNone; corrector++ {
			if predictor != solve.PredictorNone || corrector != solve.CorrectorNone {
				out = append(out, solve.PC{Predictor: predictor, Corrector: corrector, Steps: 2, KeepNoise: true})
			}
		}
	}
	return out
}

// ground is a path with a field on it, for states of dimension d.
type ground struct {
	problem
	d int
	f ito.Field
}

// grounds are paths beside those of problems: tables, with nothing left of the data at their end too, cosine, a
// mean to which the path reverts, the kinetic optimum, heavy-tailed kernels, position and velocity, and two ends
// that are both data.
func grounds() []ground {
	m := field.Mixture{D: 2, Weights: []float64{1, 2, 1}, Means: []float64{1, 0, -.7, .8, .2, -1.1},
		Cov: []float64{.3, .1, .1, .4}}
	table, zero := must(path.NewDiscrete(path.DiscreteConfig{Schedule: path.ScaledLinear})),
		must(path.NewDiscrete(path.DiscreteConfig{ZeroSNR: true}))
	reverting := must(path.NewReverting(path.RevertingConfig{SigmaInf: .3, Mean: []float64{.3, -.2}}))
	_, end := reverting.Span()
	kinetic := must(path.KineticFromData(dataOf(m, 64), path.KineticOptions{Bandwidth: .5, Draws: 64, Rows: 32,
		Nodes: 17}))
	cld := must(path.NewCLD(path.CLDConfig{D: 1}))
	p := path.Interpolant{}
	return []ground{
		{problem{"table", table, 1, .01}, 2, must(field.NewMixture(table, m))},
		{problem{"zero SNR", zero, 1, .01}, 2, must(must(field.NewMixture(zero, m)).As(ito.PredX0))},
		{problem{"zero SNR by v", zero, 1, .01}, 2, must(must(field.NewMixture(zero, m)).As(ito.PredVelocity))},
		{problem{"cosine", path.Cosine{}, .9, .01}, 2, must(field.NewMixture(path.Cosine{}, m))},
		{problem{"reverting", reverting, end, end / 50}, 2, must(field.NewMixture(reverting, m))},
		{problem{"kinetic", kinetic, .95, .02}, 2, must(field.NewMixture(kinetic, m))},
		{problem{"pfgm", path.PFGM{Aug: 8}, 5, .02}, 2, must(field.NewPFGM(path.PFGM{Aug: 8}, dataOf(m, 6)))},
		{problem{"cld", cld, 1, .1}, 2, must(field.NewMixture(cld, field.Mixture{D: 1, Means: []float64{-.7, .8},
			Var: []float64{.3, .4}}))},
		{problem{"interpolant", p, .95, .05}, 1, must(field.NewInterpolant(p, must(field.Independent(three, two))))},
	}
}

// calls counts the evaluations of each row; it hides what else a field can do.
type calls struct {
	ito.Field
	of []int
}

func (c calls) Predict(ctx context.Context, dst, x ito.States, t ito.Times, cond ito.Cond) error {
	for _, id := range x.ID {
		c.of[id]++
	}
	return c.Field.Predict(ctx, dst, x, t, cond)
}

// Every solver with every setting, on every path that it serves: finite, at the end exactly, the evaluations that it
// reports are those that were made, and eight rows are eight runs of one.
func TestVariants(t *testing.T) {
	const k = 5
	all := grounds()
	for _, pr := range problems() {
		all = append(all, ground{pr, 2, exact(pr)})
	}
	for i, g := range all {
		solvers := variants(k)
		if i < len(all)-len(problems()) {
			solvers = append(solvers, solve.All()...)
		}
		x := ito.NewStates(8, g.d, 0)
		if g.d == 1 {
			copy(x.X, []float64{-4, -3, -2.5, -1, 1, 2.8, 3, 4})
		} else if err := g.p.Prior(x, ito.Cond{}, ito.Seed(7)); err != nil {
			t.Fatal(err)
		}
		grid := must(solve.Uniform(g.p, g.from, g.to, k))
		ran := 0
		for _, s := range solvers {
			if f, ok := s.(solve.Finish); !serves(g.p, s) || ok && (!ito.Has(g.p, ito.CapDiagonal) ||
				!serves(g.p, f.Solver)) {
				continue
			}
			// λ = −∞ at the start
			if _, byλ := s.(solve.DPMAdaptive); byλ && (g.name == "zero SNR" || g.name == "zero SNR by v") {
				continue
			}
			if s.Info().Stochastic && ito.Has(g.p, ito.CapLinear) && g.f.Kind() == ito.PredVelocity {
				continue
			}
			name := fmt.Sprintf("%s %+v on %s", s.Info().Name, s, g.name)
			f := calls{g.f, make([]int, 8)}
			var at float64
			go1 := func(y ito.States) solve.RunInfo {
				info, err := solve.Run(ctx, g.p, f, y, grid, s, solve.RunOptions{Noise: ito.Seed(3),
					Progress: func(e solve.StepEvent) { at = e.T }})
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				return info
			}
			whole := x.Clone()
			info := go1(whole)
			if whole.FirstNonFinite() >= 0 || at != g.to || info.Steps != k {
				t.Errorf("%s: %d steps to %g, row %d is not finite", name, info.Steps, at, whole.FirstNonFinite())
			}
			for i, n := range f.of {
				if info.Evals[i] != n {
					t.Errorf("%s: row %d had %d evaluations, %d are reported", name, i, n, info.Evals[i])
				}
			}
			for i := range whole.N {
				one := x.Slice(i, i+1).Clone()
				go1(one)
				for j, v := range one.X {
					if v != whole.Row(i)[j] {
						t.Errorf("%s: row %d alone is %v, in its batch %v", name, i, v, whole.Row(i)[j])
					}
				}
			}
			ran++
		}
		if ran < 3 && i < len(all)-len(problems()) {
			t.Errorf("%s: %d solvers ran", g.name, ran)
		}
	}
}
