package solve

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/rng"
)

// Groups runs a group of particles for every sample and lets a Selector choose among them by a reward r of the
// data. It costs the evaluations of the solver for every particle and nothing more: rewards on the way are those of
// the x_0 that the first evaluation of a step predicts. The group is the sample: noise belongs to its id and the
// particle's place, so the bytes of a group depend on nothing else.
type Groups struct {
	Selector  ito.Selector
	Particles int // K; 0: what the budget has room for
	// Budget is the most network calls of a group, never exceeded: where it has no room for Particles there are
	// fewer. 0: no limit.
	Budget int
	// Reward writes r of every row of data, from that row alone.
	Reward func(ctx context.Context, dst []float64, x0 ito.States) error
}

// GroupInfo says what a run of groups did.
type GroupInfo struct {
	Particles int
	Spent     int       // network calls of each group, at most the budget
	Reward    []float64 // [N] of the chosen particles
}

// groupParticles is the most particles of a group.
const groupParticles = 1 << 20

// Run fills every row of out with the choice of its group, whose id is the row's. Particles start from the path's
// prior. The solver must have a fixed number of evaluations; hooks see the particles, whose ids are numbers of this
// run. A budget that has no room for one particle is an *ito.InputError.
func (g Groups) Run(ctx context.Context, p ito.Path, f ito.Field, out ito.States, grid ito.Grid, solver ito.Solver,
	opts RunOptions) (GroupInfo, error) {
	bad := func(do, format string, a ...any) (GroupInfo, error) {
		return GroupInfo{}, &ito.InputError{Where: "groups", What: fmt.Sprintf(format, a...), Do: do}
	}
	info := solver.Info()
	steps := len(grid) - 1
	switch {
	case g.Selector == nil || g.Reward == nil:
		return bad("give a selector and a reward", "there is nothing to choose by")
	case out.Check() != nil || out.D == 0 || steps < 1:
		return bad("", "%d rows of dimension %d and %d times", out.N, out.D, len(grid))
	case info.Adaptive || info.Evals < 1:
		return bad("take a solver of fixed steps", "solver %s chooses its own evaluations, which no budget can count "+
			"before", info.Name)
	case g.Particles < 0 || g.Particles > groupParticles || g.Budget < 0 || g.Particles == 0 && g.Budget == 0:
		return bad("give a number of particles or a budget", "%d particles and a budget of %d calls", g.Particles,
			g.Budget)
	}
	cost := steps * info.Evals * ito.Calls(f)
	if last, ok := solver.(Finish); ok && last.Action != Stop {
		cost += ito.Calls(f)
	}
	k := g.Particles
	if room := g.Budget / cost; g.Budget > 0 && (k == 0 || room < k) {
		k = min(room, groupParticles)
	}
	if k == 0 {
		return bad(fmt.Sprintf("allow at least %d", cost), "a particle takes %d network calls, %d are allowed", cost,
			g.Budget)
	}
	if opts.Noise == nil {
		opts.Noise = ito.Seed(0)
	}
	gi := GroupInfo{Particles: k, Reward: make([]float64, out.N)}
	for i := range out.N { // one group is a batch
		r := groupRun{Groups: g, group: out.ID[i], steps: steps, path: p, noise: opts.Noise}
		spent, err := r.run(ctx, f, out.Slice(i, i+1), grid, solver, opts, i, k, &gi.Reward[i])
		if spent > gi.Spent {
			gi.Spent = spent
		}
		if err != nil {
			return gi, err
		}
	}
	return gi, nil
}

// groupRun is the run of one group, and the hook in it.
type groupRun struct {
	Groups
	None
	group uint64
	steps int
	path  ito.Path
	noise ito.Noise
	x0    ito.States // predicted by the first evaluation of the step
	seen  int        // steps whose first evaluation has been seen
	s     ito.Selection
	moved ito.States
	opts  RunOptions
}

// budgeted is a field with a budget of calls: hooks may evaluate it too.
type budgeted struct {
	ito.Field
	left int
}

// Calls implements ito.Coster.
func (b *budgeted) Calls() int { return ito.Calls(b.Field) }

// Predict implements ito.Field.
func (b *budgeted) Predict(ctx context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error {
	if cost := x.N * b.Calls(); cost <= b.left {
		b.left -= cost
		return b.Field.Predict(ctx, dst, x, t, c)
	}
	return &ito.InputError{Where: "groups", What: "a hook evaluates the field, for which the budget has no room",
		Do: "give a number of particles that leaves some, or no budget"}
}

func (r *groupRun) run(ctx context.Context, f ito.Field, out ito.States, grid ito.Grid, solver ito.Solver,
	opts RunOptions,
	i, k int, reward *float64) (int, error) {
	x := ito.NewStates(k, out.D, 0)
	noise := groupNoise{noise: r.noise, group: r.group, wide: map[int][]float64{}, k: k}
	one := opts.Cond.Slice(i, i+1)
	opts.Cond = ito.Cond{C: one.C}
	for range k {
		opts.Cond.X = append(opts.Cond.X, one.X...)
	}
	opts.Noise = noise
	start := opts.Noise
	if len(opts.Space.Parts) > 0 {
		start = opts.Space.Noise(start, x.ID, opts.Cond)
	}
	if err := r.path.Prior(x, opts.Cond, start); err != nil {
		return 0, err
	}
	r.opts = opts
	if g := r.Budget; g > 0 && len(opts.Hooks) > 0 {
		f = &budgeted{f, g}
	}
	r.x0, r.moved = x.Like(x.D), x.Like(x.D)
	r.s = ito.Selection{Group: r.group, Steps: r.steps, Reward: make([]float64, k), Before: make([]float64, k),
		LogWeight: make([]float64, k), Ancestor: make([]int, k)}
	opts.Hooks = append(append([]ito.Hook(nil), opts.Hooks...), r)
	info, err := Run(ctx, r.path, f, x, grid, solver, opts)
	spent := 0
	for _, e := range info.Evals {
		spent += e
	}
	if err != nil {
		return spent, err
	}
	copy(out.X, x.Row(r.s.Chosen))
	*reward = r.s.Reward[r.s.Chosen]
	return spent, nil
}

// Predicted implements ito.Hook.
func (r *groupRun) Predicted(_ context.Context, s *ito.Step, e ito.Evaluation) error {
	if r.seen > s.Index {
		return nil
	}
	r.seen = s.Index + 1
	if e.X.N != s.X.N || e.Kind > ito.PredVelocity {
		return &ito.UnsupportedError{What: "groups with this solver",
			Why: "the data of every particle must be predicted once a step", Nearest: "solver ddim"}
	}
	copy(r.x0.X, e.Pred.X)
	return field.Convert(s.Path, e.Kind, ito.PredX0, r.x0, e.X, e.T, e.Cond)
}

// After implements ito.Hook: the selection.
func (r *groupRun) After(ctx context.Context, s *ito.Step) error {
	sel := &r.s
	if len(r.opts.Space.Parts) > 0 && !ito.Has(s.Path, ito.CapJump) { // what the reward is of
		if err := r.opts.Space.Project(s.X, r.opts.Cond); err != nil {
			return err
		}
	}
	sel.Step = s.Index + 1
	data := r.x0
	if sel.Step == r.steps {
		data = s.X
	}
	copy(sel.Before, sel.Reward)
	if err := r.Reward(ctx, sel.Reward, data); err != nil {
		return err
	}
	for i, v := range sel.Reward {
		if math.IsNaN(v) {
			return &ito.NonFiniteError{What: "reward", Step: s.Index, Sample: r.group, T: s.Next}
		}
		sel.Ancestor[i] = i
	}
	u := ito.States{N: 1, D: 2, X: sel.Uniform[:], ID: []uint64{r.group}}
	r.noise.Uniform(u, rng.PurposeSolver, uint32(sel.Step), 1<<31)
	if err := r.Selector.Select(sel); err != nil {
		return err
	}
	copy(r.moved.X, s.X.X)
	reward := append([]float64(nil), sel.Reward...)
	changed := false
	for i, a := range sel.Ancestor {
		if a < 0 || a >= s.X.N {
			return &ito.InputError{Where: "selector " + r.Selector.Name(), What: fmt.Sprintf("particle %d of %d", a,
				s.X.N)}
		}
		copy(s.X.Row(i), r.moved.Row(a))
		sel.Reward[i] = reward[a]
		changed = changed || a != i
	}
	if changed {
		s.Reset() // what a multistep solver remembers belongs to the old places
	}
	if sel.Chosen < 0 || sel.Chosen >= s.X.N {
		return &ito.InputError{Where: "selector " + r.Selector.Name(), What: fmt.Sprintf("it chose particle %d of %d",
			sel.Chosen, s.X.N)}
	}
	return nil
}

// groupNoise is the noise of one group: that of its id, of which particle i has the i-th part.
type groupNoise struct {
	noise ito.Noise
	group uint64
	k     int
	wide  map[int][]float64 // of a dimension, reused
}

func (g groupNoise) draw(dst ito.States, draw func(ito.States)) {
	w := g.wide[dst.D]
	if w == nil {
		w = make([]float64, g.k*dst.D)
		g.wide[dst.D] = w
	}
	draw(ito.States{N: 1, D: len(w), X: w, ID: []uint64{g.group}})
	for i, id := range dst.ID {
		copy(dst.Row(i), w[int(id)*dst.D:])
	}
}

// Normal implements ito.Noise.
func (g groupNoise) Normal(dst ito.States, p rng.Purpose, step, sub uint32) {
	g.draw(dst, func(w ito.States) { g.noise.Normal(w, p, step, sub) })
}

// Uniform implements ito.Noise.
func (g groupNoise) Uniform(dst ito.States, p rng.Purpose, step, sub uint32) {
	g.draw(dst, func(w ito.States) { g.noise.Uniform(w, p, step, sub) })
}
