package tune

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
)

// DecisionSchedule is a sampler of a fixed number of evaluations: the times at which it stops and what every step
// does. It is
// a plain value, to be stored with a model.
type DecisionSchedule struct {
	Times ito.Grid   `json:"times"`
	Steps []Decision `json:"steps"`
	RMSE  float64    `json:"rmse"`           // on the task of the search
	From  string     `json:"from,omitempty"` // the fixed solver from which it descends
}

// Solver is the solver of the schedule, to be run on its Times.
func (s DecisionSchedule) Solver() ito.Solver { return USF{Steps: s.Steps} }

// Evals is the number of evaluations that it takes.
func (s DecisionSchedule) Evals() int { return USF{Steps: s.Steps}.Evals() }

// Search is an evolutionary search for the schedule of least error. It starts from every fixed solver that a
// decision vector can express, on every grid; a generation changes a step, a time or the whole clock of parents
// among the best, and keeps the best of parents and children. A few such searches run side by side. Then the
// continuous numbers of a few of the best are refined. The result is never worse on its task than the best of those
// solvers, and depends on the seed and the settings only, not on the number of workers or on interruptions.
//
// Source: Liu et al. 2023 (S³), arXiv:2312.07243, section 4, with the error of the trajectory for an objective in the
// place of FID and its predictor.
type Search struct {
	Evals       int // of a run, at least 1
	Parents     int // schedules kept on an island; 0: 24
	Children    int // of a generation on an island; 0: 48
	Generations int // 0: 40
	Rounds      int // of refinement after the generations; 0: 40, negative: none
	// schedules that are refined, of different decisions; after every quarter of the rounds half of them go on,
	// and two to the end; 0: 8
	Refined int
	Islands int    // searches side by side, which meet in the refinement; 0: 2
	Seed    uint64 // of the mutations
	Workers int    // schedules tried at a time; 0: 1
	// Loss is what the generations lower, of the distances ‖x_i − x_i^ref‖; nil: the RMSE. It must not keep or
	// change them.
	Loss func(distances []float64) float64
	// Progress is told of every generation.
	Progress func(SearchEvent)
}

// SearchEvent is one finished generation, or a round of refinement, which counts as one.
type SearchEvent struct {
	Generation, Generations int
	Tried                   int // schedules so far, without those of the refinement
	Best                    float64
}

// SearchState is a search between two generations. Stored and given to Advance again, it goes on as if nothing had
// happened.
type SearchState struct {
	Generation int                  `json:"generation"` // those finished, rounds of refinement included
	Tried      int                  `json:"tried"`
	Parents    []DecisionSchedule   `json:"parents"` // of all islands, best first
	Islands    [][]DecisionSchedule `json:"islands"` // the parents of each, best first
	Refined    []Refinement         `json:"refined,omitempty"`
	Scale      float64              `json:"scale,omitempty"` // c of the refinement
}

// Length is the number of generations, rounds of refinement included.
func (o Search) Length() int {
	o = o.filled()
	return o.Generations + o.Rounds
}

func (o Search) filled() Search {
	if o.Parents == 0 {
		o.Parents = 24
	}
	if o.Children == 0 {
		o.Children = 48
	}
	if o.Generations == 0 {
		o.Generations = 40
	}
	if o.Rounds == 0 {
		o.Rounds = 40
	}
	o.Rounds = max(o.Rounds, 0)
	if o.Islands == 0 {
		o.Islands = 2
	}
	if o.Refined == 0 {
		o.Refined = 8
	}
	o.Workers = max(o.Workers, 1)
	if o.Loss == nil {
		o.Loss = rootMeanSquare
	}
	return o
}

// Run is Start and Advance to the end: the best schedule.
func (o Search) Run(ctx context.Context, t Task) (DecisionSchedule, error) {
	st, err := o.Start(ctx, t)
	if err != nil {
		return DecisionSchedule{}, err
	}
	if err := o.Advance(ctx, t, st, o.Length()); err != nil {
		return DecisionSchedule{}, err
	}
	return st.Parents[0], nil
}

// Start judges the fixed solvers and keeps the best: generation 0.
func (o Search) Start(ctx context.Context, t Task) (*SearchState, error) {
	o = o.filled()
	if o.Evals < 1 || o.Parents < 1 || o.Children < 1 || t.Starts.N == 0 {
		return nil, &ito.InputError{Where: "search", What: fmt.Sprintf("%d evaluations, %d parents, %d children, %d "+
			"starts", o.Evals, o.Parents, o.Children, t.Starts.N), Do: "give at least one of each"}
	}
	if err := solve.Check(t.Path, USF{}); err != nil {
		return nil, err
	}
	var first []DecisionSchedule
	for _, f := range FixedSolvers(t.Path, t.From, t.To, o.Evals) {
		if d, err := Decisions(f.Solver, len(f.Times)-1); err == nil {
			first = append(first, DecisionSchedule{Times: f.Times, Steps: d, From: f.Name + " " + f.Grid})
			// the middles are nodes too
		} else if d, err := Decisions(f.Solver, o.Evals); err == nil && f.Grid == "logsnr" {
			if g, err := solve.LogSNR(t.Path, t.From, t.To, o.Evals); err == nil {
				first = append(first, DecisionSchedule{Times: g, Steps: d, From: f.Name + " " + f.Grid})
			}
		}
	}
	if err := o.judge(ctx, t, first, math.Inf(1)); err != nil {
		return nil, err
	}
	st := &SearchState{Tried: len(first), Islands: make([][]DecisionSchedule, max(o.Islands, 1))}
	for i := range st.Islands {
		st.Islands[i] = best(first, o.Parents)
	}
	st.Parents = best(first, o.Parents)
	return st, nil
}

// Advance runs a number of generations or rounds, at most those that are left. It may be stopped by ctx between
// them: the state is then that of the last finished one.
func (o Search) Advance(ctx context.Context, t Task, st *SearchState, generations int) error {
	o = o.filled()
	for _, parents := range append(slices.Clone(st.Islands), st.Parents) {
		if len(parents) == 0 {
			return &ito.InputError{Where: "search", What: "its state holds no schedule", Do: "begin with Start"}
		}
	}
	for range generations {
		var err error
		switch {
		case st.Generation < o.Generations:
			err = o.generation(ctx, t, st)
		case st.Generation < o.Length():
			err = o.round(ctx, t, st)
		default:
			return nil
		}
		if err != nil {
			return err
		}
		st.Generation++
		if st.Generation == o.Length() {
			st.endRefinement(o.Parents)
		}
		if o.Progress != nil {
			o.Progress(SearchEvent{st.Generation, o.Length(), st.Tried, st.Best()})
		}
	}
	return nil
}

// generation judges children of the parents on every island and keeps the best of both.
func (o Search) generation(ctx context.Context, t Task, st *SearchState) error {
	islands, all := make([][]DecisionSchedule, len(st.Islands)), []DecisionSchedule(nil)
	for k, parents := range st.Islands {
		children := make([]DecisionSchedule, o.Children)
		for i := range children {
			children[i] = o.child(parents, st.Generation, k, i)
		}
		worst := math.Inf(1)
		if len(parents) >= o.Parents {
			worst = parents[len(parents)-1].RMSE
		}
		if err := o.judge(ctx, t, children, worst); err != nil {
			return err
		}
		islands[k] = best(append(slices.Clone(parents), children...), o.Parents)
		all = append(all, islands[k]...)
	}
	st.Islands, st.Parents = islands, best(all, o.Parents)
	st.Tried += len(islands) * o.Children
	return nil
}

// round refines every chosen schedule once.
func (o Search) round(ctx context.Context, t Task, st *SearchState) error {
	next := *st
	if st.Generation == o.Generations {
		if err := o.beginRefinement(ctx, t, &next); err != nil {
			return err
		}
	}
	next.Refined = slices.Clone(next.Refined)
	if done := st.Generation - o.Generations; done > 0 && 4*done/o.Rounds != 4*(done-1)/o.Rounds {
		slices.SortStableFunc(next.Refined, func(a, b Refinement) int { return cmp.Compare(a.Loss, b.Loss) })
		next.Refined = next.Refined[:min(len(next.Refined), max(2, len(next.Refined)/2))]
	}
	for i, q := range next.Refined {
		var err error
		if next.Refined[i], err = o.refine(ctx, t, q, next.Scale); err != nil {
			return err
		}
	}
	*st = next
	return nil
}

// Best is the least RMSE so far.
func (st *SearchState) Best() float64 {
	least := st.Parents[0].RMSE
	for _, q := range st.Refined {
		least = min(least, q.Schedule.RMSE)
	}
	return least
}

// hopeless is how much worse than the worst parent a schedule is on a quarter of the starts for the rest to be spared.
const hopeless = 1.3

// judge fills in the errors. A schedule that cannot be planned or does not stay finite has an infinite one.
func (o Search) judge(ctx context.Context, t Task, list []DecisionSchedule, worst float64) error {
	quarter := t.rows(0, (t.Starts.N+3)/4)
	each(len(list), o.Workers, func(i int) {
		s := &list[i]
		e, _, err := quarter.Distances(ctx, s.Solver(), s.Times)
		if err == nil && o.Loss(e) <= hopeless*worst {
			e, _, err = t.Distances(ctx, s.Solver(), s.Times)
		}
		if err != nil {
			s.RMSE = math.Inf(1)
			return
		}
		s.RMSE = o.Loss(e)
	})
	return ctx.Err()
}

// best sorts a copy of schedules, drops those that fail and those of equal error, and keeps the best n.
func best(list []DecisionSchedule, n int) []DecisionSchedule {
	list = slices.DeleteFunc(slices.Clone(list),
		func(s DecisionSchedule) bool { return math.IsInf(s.RMSE, 0) || math.IsNaN(s.RMSE) })
	sort.SliceStable(list, func(i, j int) bool { return list[i].RMSE < list[j].RMSE })
	list = slices.CompactFunc(list, func(a, b DecisionSchedule) bool { return a.RMSE == b.RMSE })
	return slices.Clip(list[:min(n, len(list))])
}
