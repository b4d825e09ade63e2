package infer

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/seed9a7962a8/ito"
)

// RunOptions are what a run may be given besides kernel, target and state.
type RunOptions struct {
	Seed  uint64
	Draws int // draws of every group after warm-up. A kernel that ends by itself gives one and ignores it
	Thin  int // a draw is every Thin-th step; 0 and 1 mean every step
	// Discard is a number of steps after the kernel's own warm-up that are not drawn: for kernels that do not adapt.
	Discard int
	// Workers is the number of goroutines that share the groups; 0 and 1 mean one. Targets may use more inside. The
	// bytes do not depend on it.
	Workers int
	// Sink is told of every draw. It must not keep the State or the Info.
	Sink func(Draw) error
	// Checkpoint is told of the state every CheckpointEvery steps, when the context ends, and at the end. It must
	// not keep it.
	Checkpoint      func(*State) error
	CheckpointEvery int // steps; 0: only at the end
	Progress        func(RunEvent)
}

// Draw is one draw of every group.
type Draw struct {
	Index int // from 0, counted from the start of the sampling and not of this call
	Drawn int // the first slots of every group are draws; see the function Drawn
	State *State
	Info  *Info
}

// RunEvent is one finished step.
type RunEvent struct {
	Step, Steps int // Steps is 0 for a kernel that decides on its way when it ends
	Warmup      bool
	Gradients   float64 // evaluated so far, all groups
	Divergent   int
}

// Run moves s until every group has its draws, or until the kernel ends by itself. A state of step 0 is first
// initialised; one that has steps is continued where it was. When ctx ends, between two steps, the state is
// complete, the checkpoint is called, and the context's error comes back with the report so far.
//
// A group's draws depend on the seed, the group's id, the kernel and the target: not on Workers, on the other
// groups or on interruptions.
func Run(ctx context.Context, t ito.Target, k Kernel, s *State, o RunOptions) (Report, error) {
	if err := check(t, k, s, o); err != nil {
		return Report{}, err
	}
	r := runner{p: SeededTarget{Target: t, Seed: o.Seed}, k: k, s: s, o: o, info: NewInfo(s.Groups)}
	return r.run(ctx)
}

func check(t ito.Target, k Kernel, s *State, o RunOptions) error {
	bad := func(format string, a ...any) error {
		return &ito.InputError{Where: k.Name(), What: fmt.Sprintf(format, a...)}
	}
	_, ends := k.(Ender)
	switch {
	case s.Groups < 1:
		return bad("%d chains or groups; at least one is needed", s.Groups)
	case t.Dim() < 1 || t.Dim() != s.D:
		return bad("the target has dimension %d and the state %d", t.Dim(), s.D)
	case s.Slots != k.Slots():
		return bad("a group has %d particles and the state %d", k.Slots(), s.Slots)
	case s.Kernel != "" && s.Kernel != k.Name():
		return bad("the state belongs to the sampler %q", s.Kernel)
	case o.Draws < 0 || o.Thin < 0 || o.Discard < 0 || o.Workers < 0 || o.CheckpointEvery < 0:
		return bad("draws, thin, discard, workers and checkpoint interval must not be negative")
	case !ends && uint64(o.Draws)*uint64(max(o.Thin, 1)) > math.MaxUint32/2:
		return bad("%d draws of every %d steps are more steps than a run can address", o.Draws, o.Thin)
	case len(s.ID) != s.Groups || len(s.X) != s.Groups*s.Slots*s.D || len(s.LogP) != s.Groups*s.Slots:
		return bad("the state's slices do not have the lengths of its shape")
	}
	if v, ok := k.(Validator); ok {
		return v.Validate(s.D)
	}
	return nil
}

type runner struct {
	p     SeededTarget
	k     Kernel
	s     *State
	o     RunOptions
	info  *Info
	parts []part
}

// part is a range of groups that one goroutine moves.
type part struct {
	s    *State
	info *Info
}

func (r *runner) run(ctx context.Context) (Report, error) {
	steady := context.WithoutCancel(ctx) // a step is never cut in two
	if r.s.Kernel == "" {
		if err := ctx.Err(); err != nil {
			return Report{}, err
		}
		r.s.Kernel = r.k.Name()
		r.s.AddVar("tally", TallyWidth)
		r.s.AddVar("undefined", 1+r.s.D)
		if err := r.k.Init(steady, r.p, r.s); err != nil {
			return Report{}, err
		}
	}
	r.complete()
	r.divide()
	warm := r.warmup()
	ender, ends := r.k.(Ender)
	thin := max(r.o.Thin, 1)
	last := warm + r.o.Draws*thin
	for {
		step := int(r.s.Step)
		if ends && ender.Finished(r.s) || !ends && step >= last {
			break
		}
		if err := ctx.Err(); err != nil {
			if e := r.checkpoint(); e != nil {
				return r.report(), e
			}
			return r.report(), err
		}
		if err := r.step(steady); err != nil {
			return r.report(), fmt.Errorf("%s, step %d: %w", r.k.Name(), step, err)
		}
		r.s.Step++
		done := step + 1
		if done == warm && !ends {
			clear(r.s.Var("undefined")) // a search for a step size goes anywhere
		}
		if n := done - warm; !ends && n > 0 && n%thin == 0 && r.o.Sink != nil {
			if err := r.o.Sink(Draw{Index: n/thin - 1, Drawn: Drawn(r.k), State: r.s, Info: r.info}); err != nil {
				return r.report(), err
			}
		}
		if r.o.Progress != nil {
			e := RunEvent{Step: done, Steps: last, Warmup: done <= warm, Gradients: r.total(TallyGradients),
				Divergent: int(r.total(TallyDivergent))}
			if ends {
				e.Steps = 0
				if k, ok := r.k.(Planned); ok {
					e.Steps = k.TotalSteps()
				}
			}
			r.o.Progress(e)
		}
		if r.o.CheckpointEvery > 0 && done%r.o.CheckpointEvery == 0 {
			if err := r.checkpoint(); err != nil {
				return r.report(), err
			}
		}
	}
	if ends && !slices.ContainsFunc(r.s.LogP, Finite) {
		return r.report(), &ito.InputError{Where: r.k.Name(),
			What: fmt.Sprintf("the density is zero, or not a number, at all %d particles", len(r.s.LogP)),
			Do:   "check the model's supports, or begin nearer to where it is positive"}
	}
	if ends && r.o.Sink != nil {
		if err := r.o.Sink(Draw{Drawn: Drawn(r.k), State: r.s, Info: r.info}); err != nil {
			return r.report(), err
		}
	}
	return r.report(), r.checkpoint()
}

// complete adds to a state that an older program left half done what it did not have; the kernel goes on as that
// program did.
func (r *runner) complete() {
	if r.s.Var("undefined") == nil {
		r.s.AddVar("undefined", 1+r.s.D)
	}
	if k, ok := r.k.(Completer); ok {
		k.Complete(r.s)
	}
}

// warmup is the number of steps before the first that can be drawn.
func (r *runner) warmup() int {
	if w, ok := r.k.(Warmer); ok {
		return w.WarmupSteps() + r.o.Discard
	}
	return r.o.Discard
}

// divide shares the groups among the workers.
func (r *runner) divide() {
	w := min(max(r.o.Workers, 1), r.s.Groups)
	for i := range w {
		lo, hi := i*r.s.Groups/w, (i+1)*r.s.Groups/w
		r.parts = append(r.parts, part{r.s.Slice(lo, hi), r.info.Slice(lo, hi)})
	}
}

func (r *runner) step(ctx context.Context) error {
	r.info.reset()
	if len(r.parts) == 1 {
		r.parts[0].s.Step = r.s.Step
		return r.k.Step(ctx, r.p, r.parts[0].s, r.info)
	}
	errs := make([]error, len(r.parts))
	var wg sync.WaitGroup
	for i, q := range r.parts {
		q.s.Step = r.s.Step
		wg.Go(func() { errs[i] = r.k.Step(ctx, r.p, q.s, q.info) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) checkpoint() error {
	if r.o.Checkpoint == nil {
		return nil
	}
	return r.o.Checkpoint(r.s)
}
