package tune_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/tune"
)

// Every solver that is a point of the framework does the same by its decisions, on every diagonal path, by every
// prediction, in one step and in many.
func TestDecisionsReproduceSolvers(t *testing.T) {
	const always = math.MaxInt
	solvers := []ito.Solver{solve.DDIM{}, solve.DPM{Order: 1}, solve.IPNDM{}, solve.DEIS{},
		solve.DEIS{Order: 2, LowerFinal: always}}
	for order := 1; order <= 3; order++ {
		solvers = append(solvers, solve.DPMpp{Order: order + 1}, solve.DPMpp{Order: order, Eps: true, LowerFinal: -1},
			solve.DPMpp{Order: order, Second: solve.SecondTaylor},
			solve.DEIS{Order: order, Clock: solve.ClockRho}, solve.DEIS{Order: order, Clock: solve.ClockLogRho})
		for _, b := range []solve.UniB{solve.UniB1, solve.UniB2, solve.UniVary} {
			solvers = append(solvers, solve.UniPC{Order: order, B: b}, solve.UniPC{Order: order, B: b, Eps: true,
				LowerFinal: -1}, solve.UniPC{Order: order, B: b, NoCorrector: true})
		}
	}
	for _, pr := range problems() {
		if !serves(pr.p, tune.USF{}) {
			continue
		}
		for _, kind := range []ito.Prediction{ito.PredX0, ito.PredScore, ito.PredVelocity} {
			f, err := exact(pr).As(kind)
			if err != nil {
				t.Fatal(err)
			}
			x := noise(pr, 5)
			for _, s := range solvers {
				for _, k := range []int{1, 2, 7} {
					g := grid(pr, k)
					d := must(tune.Decisions(s, k))
					want, _ := run(t, pr, f, x, g, s)
					got, info := run(t, pr, f, x, g, tune.USF{Steps: d})
					same(t, fmt.Sprintf("%s %+v, %s on %s, %d steps", s.Info().Name, s, kind, pr.name, k), got, want)
					if e := (tune.USF{Steps: d}).Evals(); info.Evals[0] != e || e != k {
						t.Errorf("%s: %d evaluations, said %d, want %d", s.Info().Name, info.Evals[0], e, k)
					}
				}
			}
		}
	}
}

func same(t *testing.T, what string, got, want ito.States) {
	t.Helper()
	for i, v := range got.X {
		if !(math.Abs(v-want.X[i]) <= 1e-11*(1+math.Abs(v))) {
			t.Fatalf("%s: value %d is %.15g, want %.15g", what, i, v, want.X[i])
		}
	}
}

// Steps that go from an older state are single-step methods whose middles are nodes: 2S and, looking past the first
// middle, 3S.
func TestDecisionsOfSingleSteps(t *testing.T) {
	for _, pr := range problems() {
		d, ok := pr.p.(ito.Diagonal)
		if !ok || d.Modes() > 1 || pr.name == "flow" {
			continue
		}
		f, x := exact(pr), noise(pr, 5)
		for _, data := range []bool{false, true} {
			for order := 2; order <= 3; order++ {
				coarse, fine := must(solve.LogSNR(pr.p, pr.from, pr.to, 4)),
					must(solve.LogSNR(pr.p, pr.from, pr.to, 4*order))
				for i, v := range coarse {
					fine[order*i] = v
				}
				s := solve.DPM{Order: order, Data: data}
				var steps []tune.Decision
				if order == 2 {
					steps = must(tune.Decisions(s, 8))
				} else {
					for range 4 {
						steps = append(steps, tune.Decision{Eps: !data}, tune.Decision{Eps: !data, Use: []int{1, 0}},
							tune.Decision{Eps: !data, Use: []int{2, 0}})
					}
				}
				want, _ := run(t, pr, f, x, coarse, s)
				got, _ := run(t, pr, f, x, fine, tune.USF{Steps: steps})
				if e := rmse(got, want); e > 1e-9*(1+rmse(want, want.Like(2))) {
					t.Errorf("%s of order %d: %.3g apart", pr.name, order, e)
				}
			}
		}
	}
}

// A first step without evaluation is a step of a field that predicts the mean.
func TestSkippedFirstStep(t *testing.T) {
	for _, pr := range problems() {
		if !serves(pr.p, tune.USF{}) {
			continue
		}
		f, x := exact(pr), noise(pr, 5)
		g := grid(pr, 4)
		steps := []tune.Decision{{Skip: true}, {Use: []int{0, 1}}, {Eps: true, Use: []int{0, 1, 2}},
			{Use: []int{0, 1}, Correct: tune.RuleTaylor}}
		for _, kind := range []ito.Prediction{ito.PredX0, ito.PredEps, ito.PredVelocity} {
			f := must(f.As(kind))
			y, info := run(t, pr, f, x, g, tune.USF{Steps: steps})
			if info.Evals[0] != 3 || (tune.USF{Steps: steps}).Evals() != 3 {
				t.Errorf("%s: %d evaluations, want 3", pr.name, info.Evals[0])
			}
			if kind != ito.PredX0 {
				continue
			}
			z := x.Clone()
			d := pr.p.(ito.Diagonal)
			h := &meanFirst{mean: d.Mean()}
			full := append([]tune.Decision(nil), steps...)
			full[0].Skip = false
			must(solve.Run(ctx, pr.p, f, z, g, tune.USF{Steps: full}, solve.RunOptions{Hooks: []ito.Hook{h}}))
			same(t, pr.name, y, z)
		}
	}
}

// meanFirst overwrites the first prediction of x0 by the mean.
type meanFirst struct{ mean []float64 }

func (*meanFirst) Before(context.Context, *ito.Step) error { return nil }
func (*meanFirst) After(context.Context, *ito.Step) error  { return nil }
func (h *meanFirst) Predicted(_ context.Context, s *ito.Step, e ito.Evaluation) error {
	for i := range e.Pred.X {
		if s.Index == 0 {
			e.Pred.X[i] = 0
			if h.mean != nil {
				e.Pred.X[i] = h.mean[i%e.Pred.D]
			}
		}
	}
	return nil
}

// A hook that resets before every step leaves DDIM; batches and rows one by one give the same bytes.
func TestDecisionsResetAndBytes(t *testing.T) {
	for _, pr := range problems() {
		if !serves(pr.p, tune.USF{}) {
			continue
		}
		f, x := exact(pr), noise(pr, 8)
		g := grid(pr, 6)
		steps := []tune.Decision{{Eps: true}, {Use: []int{1, 0}, Rule: tune.RuleMidpoint},
			{Use: []int{0, 2, 1}, Correct: tune.RuleHalf}, {Eps: true, Use: []int{0, 1, 2, 3}, Rule: tune.RuleRho,
				Correct: tune.RuleTaylor}, {Use: []int{2, 0}}, {Use: []int{0, 1}, Eps: true, Rule: tune.RuleTime}}
		y := x.Clone()
		must(solve.Run(ctx, pr.p, f, y, g, tune.USF{Steps: steps}, solve.RunOptions{Hooks: []ito.Hook{forget{}}}))
		want, _ := run(t, pr, f, x, g, solve.DDIM{})
		same(t, pr.name, y, want)

		all, _ := run(t, pr, f, x, g, tune.USF{Steps: steps})
		for i := range x.N {
			one, _ := run(t, pr, f, x.Slice(i, i+1), g, tune.USF{Steps: steps})
			for j, v := range one.X {
				if v != all.Row(i)[j] {
					t.Fatalf("%s: row %d alone differs", pr.name, i)
				}
			}
		}
	}
}

type forget struct{}

func (forget) Before(_ context.Context, s *ito.Step) error                { s.Reset(); return nil }
func (forget) After(context.Context, *ito.Step) error                     { return nil }
func (forget) Predicted(context.Context, *ito.Step, ito.Evaluation) error { return nil }

func TestDecisionsRefused(t *testing.T) {
	for i, steps := range [][]tune.Decision{
		{{Use: []int{1}}}, {{}, {Use: []int{0, 0}}}, {{}, {Use: []int{-1}}}, {{}, {Skip: true}},
		{{Correct: tune.RuleHalf}},
		{{}, {Use: []int{1, 0}, Correct: tune.RuleHalf}}, {{Rule: tune.RuleRho}}, {{}, {Correct: tune.RuleRho}},
		{{}, {Eps: true, Use: []int{1, 0}, Rule: tune.RuleAdams}}, {{Rule: 99}},
		{{}, {}, {}, {Use: []int{0, 3}}, {Correct: tune.RuleTaylor}},
	} {
		err := tune.USF{Steps: steps}.Check()
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("case %d: %v", i, err)
		}
	}
	pr := problems()[0]
	if _, err := (tune.USF{Steps: make([]tune.Decision, 2)}).Plan(pr.p, grid(pr, 3), ito.PredEps); !errors.Is(err,
		ito.ErrInput) {
		t.Errorf("two decisions for three steps: %v", err)
	}
}

// Weights relaxed by −1 leave a step of order 1, by 0 change nothing, and in between every number of the state lies in
// between: on every diagonal path, with corrections, and after a reset.
func TestRelaxedWeights(t *testing.T) {
	for _, pr := range problems() {
		if !serves(pr.p, tune.USF{}) {
			continue
		}
		f, x := exact(pr), noise(pr, 5)
		g := grid(pr, 3)
		end := func(r float64) ito.States {
			steps := []tune.Decision{{Eps: true}, {}, {Use: []int{0, 1}, Relax: []float64{r}}}
			y, _ := run(t, pr, f, x, g, tune.USF{Steps: steps})
			return y
		}
		plain, _ := run(t, pr, f, x, g, tune.USF{Steps: []tune.Decision{{Eps: true}, {}, {Use: []int{0, 1}}}})
		first, _ := run(t, pr, f, x, g, tune.USF{Steps: []tune.Decision{{Eps: true}, {}, {}}})
		same(t, pr.name, end(0), plain)
		same(t, pr.name, end(-1), first)
		half := end(-.5)
		for i := range half.X { // it is linear in the factor
			plain.X[i] = (plain.X[i] + first.X[i]) / 2
		}
		same(t, pr.name, half, plain)

		g = grid(pr, 4)
		steps := []tune.Decision{{}, {Use: []int{0, 1}, Relax: []float64{.3}},
			{Use: []int{0, 1, 2}, Relax: []float64{-.2, .4}, Correct: tune.RuleTaylor}, {Eps: true, Use: []int{0, 2},
				Relax: []float64{.1}, Correct: tune.RuleHalf}}
		y := x.Clone()
		must(solve.Run(ctx, pr.p, f, y, g, tune.USF{Steps: steps}, solve.RunOptions{Hooks: []ito.Hook{forget{}}}))
		want, _ := run(t, pr, f, x, g, solve.DDIM{})
		same(t, pr.name, y, want)
	}
	for _, r := range [][]float64{{1, 2}, {math.NaN()}, {math.Inf(1)}} {
		if err := (tune.USF{Steps: []tune.Decision{{}, {Use: []int{0, 1}, Relax: r}}}).Check(); !errors.Is(err,
			ito.ErrInput) {
			t.Errorf("relaxed by %v: %v", r, err)
		}
	}
}
