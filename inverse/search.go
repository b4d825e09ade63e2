package inverse

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// Search spends a budget of network calls on samples with a large reward: particles go down the levels by steps of
// the reverse chain, whatever the path (a flow becomes an SDE by its σ/α), every particle is worth the reward of the
// data that it is predicted to become, and Select says which go on. It is a Method of a problem without a
// measurement; see [SearchProblem].
//
//	best   so many whole runs; the best at the end is taken
//	svdd   one particle, of whose possible steps the best is taken at every level (Li et al. 2024, arXiv:2408.08252)
//	beam   Width particles, of all of whose possible steps the best Width go on
//	rbf    one particle; steps are tried until one is better than the best before, and what is left of the level's
//	       quota is for those to come (Kim et al. 2025, arXiv:2503.19385, algorithm 1)
//	smc    particles are resampled by e^{reward/Temperature}, tempered over the levels: its law is the data's times
//	       that, as they become many (Singhal et al. 2025, arXiv:2501.06848)
//
// A sample costs exactly Budget calls.
type Search struct {
	Select      string
	Budget      int     // calls of a sample; at least a call for each level
	Width       int     // of beam; 0: 4
	Temperature float64 // of smc; 0: 1
	// Reward writes the reward of every row of states, from that row alone.
	Reward func(ctx context.Context, dst []float64, x0 ito.States) error
	// Found, where it is not nil, is told the reward and the calls of row i.
	Found func(i int, reward float64, spent int)
}

// Selects are the words of Select.
func Selects() []string { return []string{"best", "svdd", "beam", "rbf", "smc"} }

// SearchProblem is the problem of a Search: nothing is measured.
func SearchProblem(p ito.Path, f ito.Field, d int, c ito.Cond, start func(x ito.States, n ito.Noise) error) Measured {
	return Measured{Path: p, Field: f, Operator: identity{d, []int{d}}, Noise: Gaussian{}, Y: ito.NewStates(1, d, 0),
		Cond: c, Start: start}
}

// Info implements Method.
func (Search) Info() MethodInfo {
	return MethodInfo{Name: "search", Is: Approximate, Exact: "smc, with many particles", Calls: "budget", Levels: 25}
}

// Restore implements Method.
func (s Search) Restore(ctx context.Context, r *Run) error {
	switch levels := len(r.Rho) * ito.Calls(r.x0); {
	case s.Reward == nil || !slices.Contains(Selects(), s.Select) || s.Temperature < 0 || s.Width < 0:
		return &ito.InputError{Where: "search", What: fmt.Sprintf("select %q, width %d, temperature %g", s.Select,
			s.Width, s.Temperature), Do: "give a reward, and a select of best, svdd, beam, rbf and smc"}
	case s.Budget < levels:
		return &ito.InputError{Where: "`budget`", What: fmt.Sprintf("%d network calls are not enough for one pass",
			s.Budget), Do: fmt.Sprintf("allow at least %d, or take fewer levels", levels)}
	}
	if s.Width == 0 {
		s.Width = 4
	}
	if s.Temperature == 0 {
		s.Temperature = 1
	}
	most, began := 0, r.Evals
	for i := range r.X.N {
		w := &searchRow{Search: s, r: r, row: i, left: s.Budget / ito.Calls(r.x0)}
		asked := w.left
		if err := w.run(ctx); err != nil {
			return err
		}
		spent := (asked - w.left) * ito.Calls(r.x0)
		most = max(most, spent)
		if s.Found != nil {
			s.Found(i, w.now[0].reward, spent)
		}
		if r.done != nil {
			r.done(i+1, r.X.N)
		}
	}
	r.Evals = began + most
	return nil
}

// particle is a state at a level, what it is predicted to become, and what that is worth.
type particle struct {
	u, x0  []float64
	reward float64
	before float64 // reward of the particle that it comes from
	logw   float64
}

// searchRow is the search of one sample.
type searchRow struct {
	Search
	r    *Run
	row  int
	left int // evaluations
	now  []particle
	best float64 // of rbf
}

// states are n rows of zeros with the id of the sample.
func (w *searchRow) states(n int) ito.States {
	x := ito.NewStates(n, w.r.X.D, 0)
	for i := range x.ID {
		x.ID[i] = w.r.X.ID[w.row]
	}
	return x
}

// share is what level k of n gets of the evaluations that are left, so that all are spent.
func (w *searchRow) share(k int) int { return (w.left + len(w.r.Rho) - k - 1) / (len(w.r.Rho) - k) }

func (w *searchRow) run(ctx context.Context) error {
	n, levels := w.share(0), len(w.r.Rho)
	keep := 1 // particles that go on
	switch w.Select {
	case "best", "smc":
		if keep = w.left / levels; w.left > keep*levels { // what buys no whole run is spent on more beginnings
			n = keep + w.left - keep*levels
		} else {
			n = keep
		}
	case "beam":
		keep = min(w.Width, w.left/levels)
	}
	if err := w.begin(ctx, n); err != nil {
		return err
	}
	w.top(keep)
	w.best = w.now[0].reward
	for k := 1; k < levels; k++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		switch w.Select {
		case "best":
			err = w.children(ctx, k, len(w.now))
		case "smc":
			if err = w.children(ctx, k, len(w.now)); err == nil {
				err = w.resample(k)
			}
		case "rbf":
			err = w.rollover(ctx, k)
		default:
			if err = w.children(ctx, k, w.share(k)); err == nil {
				w.top(keep)
			}
		}
		if err != nil {
			return err
		}
	}
	if w.Select != "smc" {
		w.top(1)
	}
	copy(w.r.X.Row(w.row), w.now[0].x0) // the step from the last level to data
	return nil
}

// begin draws and evaluates n particles at the first level: as one wide row, so that each has noise of its own.
func (w *searchRow) begin(ctx context.Context, n int) error {
	u := w.states(n)
	start := *w.r
	start.Noise, start.Cond = slotNoise{w.r.Noise, w.r.X.ID[w.row]}, w.r.cond(u, w.row)
	if err := start.Begin(u); err != nil {
		return err
	}
	x0 := w.states(n)
	if err := w.evaluate(ctx, x0, u, 0); err != nil {
		return err
	}
	return w.weigh(ctx, x0, u, nil)
}

func (w *searchRow) evaluate(ctx context.Context, x0, u ito.States, k int) error {
	w.left -= u.N
	return w.r.denoise(ctx, x0, u, k, w.row)
}

// weigh makes particles of states, whose parents are those of from.
func (w *searchRow) weigh(ctx context.Context, x0, u ito.States, from []particle) error {
	rewards := make([]float64, u.N)
	if err := w.Reward(ctx, rewards, x0); err != nil {
		return err
	}
	w.now = make([]particle, u.N)
	for i, v := range rewards {
		if math.IsNaN(v) {
			return &ito.NonFiniteError{What: "reward", Sample: w.r.X.ID[w.row]}
		}
		w.now[i] = particle{u: u.Row(i), x0: x0.Row(i), reward: v}
		if from != nil {
			w.now[i].before, w.now[i].logw = from[i%len(from)].reward, from[i%len(from)].logw
		}
	}
	return nil
}
