package tune

import (
	"context"
	"fmt"
	"strings"
)

// Starts of the search and of its judgement.
const (
	SearchStarts = 512
	JudgeStarts  = 1536
)

// Versus is one searched schedule against every fixed solver of as many evaluations, on starts that the search has not
// seen.
type Versus struct {
	Problem  string
	Evals    int
	Schedule DecisionSchedule // RMSE: on the starts of the search
	// on the others; modes far apart leave it to a handful of starts near a watershed, the median does not
	RMSE   float64
	Median float64  // on the others, of the distances
	Fixed  []Ranked // on the others, best first
}

// Beats reports that the schedule is better than every fixed solver.
func (v Versus) Beats() bool { return len(v.Fixed) == 0 || v.RMSE < v.Fixed[0].RMSE }

// Losses are the fixed solvers that are as good as the schedule, or better.
func (v Versus) Losses() []Ranked {
	for i, r := range v.Fixed {
		if r.RMSE > v.RMSE {
			return v.Fixed[:i]
		}
	}
	return v.Fixed
}

// String is a line of a table: RMSE/median of the schedule and of the best fixed solver, and the losses.
func (v Versus) String() string {
	best, lost := "no fixed solver", ""
	if len(v.Fixed) > 0 {
		best = fmt.Sprintf("%s %s %.5f/%.5f", v.Fixed[0].Name, v.Fixed[0].Grid, v.Fixed[0].RMSE, v.Fixed[0].Median)
	}
	if l := v.Losses(); len(l) > 0 {
		var names []string
		for _, r := range l {
			names = append(names, r.Name+" "+r.Grid)
		}
		lost = "  loses to " + strings.Join(names, ", ")
	}
	return fmt.Sprintf("%-10s %3d  searched %.5f/%.5f (train %.5f)  best fixed %s%s", v.Problem, v.Evals, v.RMSE,
		v.Median, v.Schedule.RMSE, best, lost)
}

// Compare searches on the first [SearchStarts] starts of a problem and judges on the next [JudgeStarts].
func (o Search) Compare(ctx context.Context, p MixtureProblem) (Versus, error) {
	v := Versus{Problem: p.Name, Evals: o.Evals}
	train, err := p.Task(ctx, SearchStarts, 0, 0)
	if err != nil {
		return v, err
	}
	if v.Schedule, err = o.Run(ctx, train); err != nil {
		return v, err
	}
	test, err := p.Task(ctx, JudgeStarts, SearchStarts, 0)
	if err != nil {
		return v, err
	}
	e, _, err := test.Distances(ctx, v.Schedule.Solver(), v.Schedule.Times)
	if err != nil {
		return v, err
	}
	v.RMSE, v.Median = rootMeanSquare(e), median(e)
	v.Fixed, err = Rank(ctx, test, FixedSolvers(p.Path, p.From, p.To, o.Evals), o.Workers)
	return v, err
}

// Transfer judges every schedule on every problem: entry [i][j] is the error of the schedule of comparison i on the
// starts of problem j that no search has seen, for problems whose path and ends are alike. Beside it stands, in
// Versus j, the best fixed solver, so that a reader sees where a schedule is of no use elsewhere.
func Transfer(ctx context.Context, found []Versus, problems []MixtureProblem) ([][]float64, error) {
	out := make([][]float64, len(found))
	for i := range out {
		out[i] = make([]float64, len(problems))
	}
	for j, p := range problems {
		test, err := p.Task(ctx, JudgeStarts, SearchStarts, 0)
		if err != nil {
			return nil, err
		}
		for i, v := range found {
			if out[i][j], _, err = test.Error(ctx, v.Schedule.Solver(), v.Schedule.Times); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}
