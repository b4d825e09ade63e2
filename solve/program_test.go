package solve_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// pulled is a score towards the row's condition. It knows the most rows that it was asked for at once.
type pulled struct{ most *int }

func (pulled) Kind() ito.Prediction { return ito.PredScore }
func (pulled) OutDim(d int) int     { return d }
func (f pulled) Predict(_ context.Context, dst, x ito.States, _ ito.Times, c ito.Cond) error {
	*f.most = max(*f.most, x.N)
	for i, v := range x.X {
		dst.X[i] = math.Tanh(c.Row(i / x.D)[0] - v)
	}
	return nil
}

// idle is a hook that does nothing, but sees everything.
type idle struct{}

func (idle) Before(context.Context, *ito.Step) error                    { return nil }
func (idle) Predicted(context.Context, *ito.Step, ito.Evaluation) error { return nil }
func (idle) After(context.Context, *ito.Step) error                     { return nil }

// Steps of several evaluations go through a large batch in groups of rows, unless a hook is there: the same bytes,
// the same count, the rows' own conditions, and nothing allocated.
func TestGroupsOfRows(t *testing.T) {
	const n = 9000
	p := path.VP{}
	x, c := ito.NewStates(n, 2, 5), ito.Cond{C: 1, X: make([]float64, n)}
	if err := p.Prior(x, ito.Cond{}, ito.Seed(7)); err != nil {
		t.Fatal(err)
	}
	for i := range c.X {
		c.X[i] = float64(i % 7)
	}
	g := must(solve.LogSNR(p, 1, 1e-2, 3))
	for _, s := range []ito.Solver{solve.DPM{Order: 2}, solve.DPM{Order: 3, Data: true}, solve.DPMFast{}, solve.EDM{},
		solve.EDM{Stage: solve.StageGeometric}, solve.EDMChurn()} {
		name := s.Info().Name
		most := [2]int{}
		var got [2]ito.States
		var info [2]solve.RunInfo
		for i, hooks := range [][]ito.Hook{nil, {idle{}}} {
			got[i] = x.Clone()
			info[i] = must(solve.Run(ctx, p, pulled{&most[i]}, got[i], g, s, solve.RunOptions{Cond: c,
				Noise: ito.Seed(3),
				Hooks: hooks}))
		}
		if most[0] >= n || most[1] != n {
			t.Errorf("%s: at most %d rows at once, with a hook %d of %d", name, most[0], most[1], n)
		}
		if !slices.Equal(got[0].X, got[1].X) {
			t.Errorf("%s: other bytes with a hook that does nothing", name)
		}
		if !slices.Equal(info[0].Evals, info[1].Evals) {
			t.Errorf("%s: %d evaluations, with a hook %d", name, info[0].Evals[0], info[1].Evals[0])
		}
		st := must(s.Plan(p, g, ito.PredScore))
		step := &ito.Step{T: g[0], Next: g[1], X: x.Clone(), Cond: c, Noise: quiet{}, Path: p, Field: pulled{&most[0]}}
		if a := testing.AllocsPerRun(3, func() { _ = st.Step(ctx, step) }); a > 0 {
			t.Errorf("%s: %g allocations a step", name, a)
		}
	}
}
