package recipe

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/tune"
)

// TuneReport says what a search for schedules found. Errors are √mean ‖x − x_ref‖² over starting states, in the states'
// units, where x_ref is the end of the model's own probability flow.
type TuneReport struct {
	Method    string       `json:"method"`
	Path      string       `json:"path"`
	States    int          `json:"states"`
	Judge     int          `json:"judge"`
	Reference float64      `json:"reference"` // the RMSE by which x_ref still changed when it was last refined
	Results   []TuneResult `json:"results"`
	Seconds   float64      `json:"seconds"`
}

// TuneResult is the outcome for one number of network calls.
type TuneResult struct {
	NFE      int     `json:"nfe"`
	Searched Score   `json:"searched"`
	Fixed    []Score `json:"fixed"` // every fixed solver on every grid, best first
	// what the model now uses: the searched schedule, or the best fixed solver
	Stored  string `json:"stored"`
	Verdict string `json:"verdict" says:"settings"` // a function of the numbers above
}

// Score is a solver with its errors.
type Score struct {
	Solver string  `json:"solver"`
	Grid   string  `json:"grid,omitempty"` // "": its own
	Search float64 `json:"search"`         // on the states of the search
	Judge  float64 `json:"judge"`          // on the others
	Median float64 `json:"median"`         // of ‖x − x_ref‖ on the others
}

func (s Score) name() string {
	if s.Grid == "" {
		return s.Solver
	}
	return s.Solver + " " + s.Grid
}

// Tune searches a schedule of the model for every number of network calls and puts it into m.Schedules, in the
// place of one for as many calls and the same guidance. Where nothing is found that is better than the best fixed
// solver on starting states that the search has not seen, that solver is stored. The result does not depend on the
// workers; with run.Checkpoint it goes on where it was interrupted and ends with the same bytes. Paths on which no
// step can be decided are refused (*ito.UnsupportedError).
func Tune(ctx context.Context, m *ito.Model, nfes []int, cfg TuneConfig, run RunOptions) (*TuneReport, error) {
	began := run.Clock()
	t, err := newTuning(m, nfes, cfg, run)
	if err != nil {
		return nil, err
	}
	if err := t.begin(ctx); err != nil {
		return nil, err
	}
	r := &TuneReport{Method: cfg.Method, Path: m.Path.Name(), States: cfg.States, Judge: cfg.Judge,
		Reference: t.st.Reference}
	var found []ito.SampleSchedule
	for i, nfe := range nfes {
		result, s, err := t.one(ctx, i, nfe)
		if err != nil {
			return nil, err
		}
		r.Results, found = append(r.Results, result), append(found, s)
	}
	adopt(m, found)
	r.Seconds = run.Clock().Sub(began).Seconds()
	return r, nil
}

// Tuned reports whether a model has what Tune would put into it.
func Tuned(m *ito.Model, nfes []int, cfg TuneConfig) bool {
	for _, nfe := range nfes {
		if s := m.Schedule(nfe, cfg.Guidance); s == nil || s.Found.Config != spec.Canonical(&cfg) {
			return false
		}
	}
	return true
}

// tuning is a search that has been checked.
type tuning struct {
	m     *ito.Model
	nfes  []int
	cfg   TuneConfig
	run   RunOptions
	s     *sampler
	calls int // of an evaluation

	search, judge tune.Task
	ems           *tune.EMS // of method v3, once there
	st            tuneState
	saver         saver
}

func newTuning(m *ito.Model, nfes []int, cfg TuneConfig, run RunOptions) (*tuning, error) {
	t := &tuning{m: m, nfes: nfes, cfg: cfg, run: run}
	if err := solve.Check(m.Path, tune.USF{}); err != nil {
		return nil, &ito.UnsupportedError{What: "searching a schedule on path " + m.Path.Name(),
			Why:     "what a step does is decided by its log-SNR, which the path does not have",
			Nearest: "ito compare, which tries the solvers that serve it"}
	}
	lo, hi := m.Path.Span()
	if cfg.Method == "v3" {
		refuse := &ito.UnsupportedError{What: "statistics for DPM-Solver-v3 on path " + m.Path.Name(),
			Nearest: "`method=usf`"}
		_, err := solve.LogSNR(m.Path, hi, lo, 1)
		switch {
		case !ito.Has(m.Path, ito.CapOneMode):
			refuse.Why = "its directions have different noise"
			return nil, refuse
		case !ito.Has(m.Path, ito.CapGaussian):
			refuse.Why = "its noise is not Gaussian"
			return nil, refuse
		case err != nil:
			refuse.Why = "its log-SNR is not finite at both ends"
			return nil, refuse
		}
	}
	c := DefaultSample()
	c.N, c.Seed, c.Where, c.Guidance, c.Solver, c.Grid = max(cfg.States+cfg.Judge, 1), cfg.Seed, cfg.Where,
		cfg.Guidance, "ddim", "uniform"
	var err error
	if m.Space.Mask != nil {
		return nil, &ito.UnsupportedError{What: "searching a schedule for graphs",
			Why: "they have different numbers of " +
				"nodes", Nearest: "a solver of their own"}
	}
	if t.s, err = newSampler(m, c); err != nil {
		return nil, err
	}
	t.calls = ito.Calls(t.s.field)
	if err := cfg.check(nfes, t.calls); err != nil {
		return nil, err
	}
	task := func(first, n int) (tune.Task, error) {
		x := ito.NewStates(n, t.s.d, uint64(first))
		c := t.s.conditions(x, ito.Seed(t.s.cfg.Seed))
		return tune.Task{Path: m.Path, Field: t.s.field, From: hi, To: lo, Starts: x, Cond: c}, t.s.begin(x, c)
	}
	if t.search, err = task(0, cfg.States); err != nil {
		return nil, err
	}
	t.judge, err = task(cfg.States, cfg.Judge)
	return t, err
}

// one is the search for one number of network calls: number i of the list.
func (t *tuning) one(ctx context.Context, i, nfe int) (r TuneResult, s ito.SampleSchedule, err error) {
	evals := nfe / t.calls
	best, err := t.find(ctx, i, nfe, evals)
	if err != nil {
		return r, s, err
	}
	all := append([]tune.Fixed{best}, tune.FixedSolvers(t.m.Path, t.search.From, t.search.To, evals)...)
	scores := make([]Score, len(all))
	for k, f := range all {
		scores[k] = Score{Solver: f.Name, Grid: f.Grid}
	}
	for _, part := range []struct {
		task tune.Task
		into func(s *Score, r tune.Ranked)
	}{
		{t.search, func(s *Score, r tune.Ranked) { s.Search = r.RMSE }},
		{t.judge, func(s *Score, r tune.Ranked) { s.Judge, s.Median = r.RMSE, r.Median }},
	} {
		ranked, err := tune.RankInOrder(ctx, part.task, all, t.run.WorkerCount())
		if err != nil {
			return r, s, err
		}
		for k := range ranked {
			part.into(&scores[k], ranked[k])
		}
	}
	order := make([]int, len(all)-1) // of the fixed solvers
	for k := range order {
		order[k] = k + 1
	}
	order = slices.DeleteFunc(order, func(k int) bool { return !finite(scores[k].Judge) || !finite(scores[k].Search) })
	slices.SortStableFunc(order, func(a, b int) int { return compareFloats(scores[a].Judge, scores[b].Judge) })
	r = TuneResult{NFE: nfe, Searched: scores[0]}
	for _, k := range order {
		r.Fixed = append(r.Fixed, scores[k])
	}
	if len(r.Fixed) == 0 {
		return r, s, fmt.Errorf("at %d network calls no solver stays finite on this model", nfe)
	}
	chosen, found := best, ito.Found{Method: t.cfg.Method, Name: r.Searched.name(), Searched: true,
		RMSE: r.Searched.Judge, Fixed: r.Fixed[0].name(), FixedRMSE: r.Fixed[0].Judge, Config: spec.Canonical(&t.cfg)}
	if !r.gains() {
		chosen = all[order[0]]
		found.Name, found.Searched, found.RMSE = r.Fixed[0].name(), false, r.Fixed[0].Judge
	}
	r.Stored, r.Verdict = found.Name, r.verdict(t.cfg.Judge, t.st.Reference)
	return r, ito.SampleSchedule{Calls: nfe, Guidance: t.cfg.Guidance, Solver: chosen.Solver, Times: chosen.Times,
		Found: found}, nil
}

// find is what the method finds, by the states of the search alone.
func (t *tuning) find(ctx context.Context, i, nfe, evals int) (tune.Fixed, error) {
	var list []tune.Fixed
	var err error
	switch t.cfg.Method {
	case "gits":
		list, err = tune.GITS{}.Gridded(ctx, t.search, evals)
	case "v3":
		if err = t.statistics(ctx); err == nil {
			list = tune.V3Solvers(t.ems, t.m.Path, t.search.From, t.search.To, evals)
		}
	default:
		return t.evolve(ctx, i, nfe, evals)
	}
	if err != nil {
		return tune.Fixed{}, err
	}
	ranked, err := tune.Rank(ctx, t.search, list, t.run.WorkerCount())
	if err != nil {
		return tune.Fixed{}, err
	}
	if len(ranked) == 0 {
		return tune.Fixed{}, &ito.UnsupportedError{What: fmt.Sprintf("method %s at %d network calls", t.cfg.Method,
			nfe), Why: "the path has no grid for it", Nearest: "`method=usf`"}
	}
	t.tell(nfe, 1, 1, ranked[0].RMSE)
	return ranked[0].Fixed, nil
}

// statistics are those of the model over its own samples.
func (t *tuning) statistics(ctx context.Context) error {
	if t.ems != nil {
		return nil
	}
	o := tune.Statistics{Noise: ito.Seed(t.cfg.Seed), Cond: t.search.Cond, Progress: func(done, of int) {
		t.event("statistics", done, of, 0)
	}}
	var err error
	t.ems, err = o.Estimate(ctx, t.m.Path, t.s.field, t.search.Want, t.search.From, t.search.To)
	return err
}

func (t *tuning) tell(nfe, done, of int, best float64) {
	t.event(fmt.Sprintf("%d calls", nfe), done, of, best)
}

func (t *tuning) event(name string, done, of int, best float64) {
	if t.run.Progress != nil {
		t.run.Progress(learn.TrainEvent{Name: name, Phase: "tune", Step: done, Steps: of, Loss: best})
	}
}
