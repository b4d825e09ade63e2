package infer

import (
	"cmp"
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// Kind says what a method's draws are.
type Kind uint8

// The kinds of methods.
const (
	Chains    Kind = iota // states of Markov chains, in their order
	Particles             // the particles at the end of runs, perhaps with weights
	Point                 // one place, an estimate without draws
)

func (k Kind) String() string {
	return [...]string{"chains", "particles", "point"}[k]
}

// Method is a sampler by its name, with a constructor from the settings that all methods share.
type Method struct {
	Name    string
	Summary string
	Source  string
	Kind    Kind
	// Evidence says that it estimates log ∫ρ; Crosses that it may find and cross between separate modes; Trained that a
	// network is trained first; Gradient that it needs the gradient.
	Evidence, Crosses, Trained, Gradient bool
	// Approximates says that its draws are of a normal approximation, weighted or resampled towards the target.
	Approximates bool
	// Led says that the score of a trained model may lead it: its Build takes a [LedTarget].
	Led bool
	// MeanField says that it begins from a mean-field fit where nothing is given and one mode is found.
	MeanField bool

	// Takes are settings that the method has beside those whose tag names it or its kind, by the names of their fields
	// in [Settings]: how a method of another module has some.
	Takes []string

	// Start says from which normal it begins, where it does.
	Start NormalStart
	// Unit is the standard deviation of the normal from which it begins at a Scale of 1; 0 means 1.
	Unit float64
	// Reach is how many times the variance of the narrowest mode may fit into that of the normal for all modes to be
	// found; 0 means 300. See advise.Cover.
	Reach float64
	// Build makes the plan. A method that cannot work on the target is an *ito.UnsupportedError with the reason and
	// the nearest that can.
	Build func(t ito.Target, s Settings) (MethodPlan, error)
}

// NormalStart says how a method begins from a normal distribution: whether it can be told which.
type NormalStart uint8

// The ways to begin from a normal.
const (
	NoNormal    NormalStart = iota // it does not
	UnitNormal                     // N(0, I), always
	ScaleNormal                    // N(0, Scale²I)
	AnyNormal                      // any Reference
)

// FromNormal reports a method that begins from a normal distribution and can miss the modes where it has no mass.
func (m Method) FromNormal() bool { return m.Start != NoNormal }

// MethodPlan is a method made for a target: what [Run] needs, and what must happen before.
type MethodPlan struct {
	Method Method
	Kernel Kernel
	Seed   uint64
	Groups int
	// into which the draws fall: chains, or independent runs. Particles that do not interact are one run or
	// several of equal size
	Chains  int
	Draws   int     // of every group; 1 for a kernel that ends by itself
	Thin    int     // steps of a draw
	Discard int     // steps after the kernel's own warm-up that are not drawn
	Radius  float64 // chains start in (−Radius, Radius)^d; 0: the kernel chooses its start
	Starts  *Starts // where chains start instead; nil: within Radius
	// Train learns what the kernel needs, and must be finished before the kernel is run; nil: nothing.
	Train Trainer
}

// MostNumbers bounds the coordinates of all chains or particles together; a state has some ten arrays of that size.
const MostNumbers = 1 << 28

// methods are those that are registered, in their order; the first is the default.
var methods []Method

// Register makes a method known by its name: on the command line, and to whoever asks [FindMethod]. It is called in an
// init function; a name that is taken panics. The methods of the house are registered by infer/methods.
func Register(m Method) {
	for _, other := range methods {
		if other.Name == m.Name {
			panic("infer: the method " + m.Name + " is registered twice")
		}
	}
	methods = append(methods, m)
}

// Methods lists the methods.
func Methods() []Method { return append([]Method(nil), methods...) }

// MethodNames lists their names.
func MethodNames() []string {
	names := make([]string, len(methods))
	for i, m := range methods {
		names[i] = m.Name
	}
	return names
}

// FindMethod returns the method of a name, or an *ito.InputError with the nearest.
func FindMethod(name string) (Method, error) {
	for _, m := range methods {
		if m.Name == name {
			return m, nil
		}
	}
	if len(methods) == 0 {
		return Method{}, &ito.InputError{Where: "method", What: "no method is registered",
			Do: "import infer/methods"}
	}
	return Method{}, &ito.InputError{Where: "method", What: fmt.Sprintf("unknown method %q", name),
		Do: suggest.Among(name, MethodNames())}
}

// Plan makes the method for a target. A method that cannot work on it is an *ito.UnsupportedError with the reason
// and the nearest that can.
func (m Method) Plan(t ito.Target, s Settings) (MethodPlan, error) {
	if err := s.Validate(); err != nil {
		return MethodPlan{}, err
	}
	p, err := m.Build(t, s)
	if err != nil {
		return MethodPlan{}, err
	}
	p.Method, p.Seed, p.Thin = m, s.Seed, max(p.Thin, 1)
	if n := float64(p.Groups) * float64(p.Kernel.Slots()) * float64(t.Dim()); n > MostNumbers {
		return p, &ito.InputError{Where: m.Name, What: fmt.Sprintf("%d particles or chains of dimension %d do not "+
			"fit into memory", p.Groups*p.Kernel.Slots(), t.Dim()), Do: "take fewer at a time, with other seeds"}
	}
	if _, ends := p.Kernel.(Ender); !ends && p.Radius == 0 {
		p.Radius, p.Starts = cmp.Or(s.Radius, 2), s.Starts
	}
	if v, ok := p.Kernel.(Validator); ok {
		return p, v.Validate(t.Dim())
	}
	return p, nil
}

// Start makes the state of a run that has not begun.
func (p MethodPlan) Start(ctx context.Context, t ito.Target) (*State, error) {
	s := NewState(p.Kernel, p.Groups, t.Dim(), 0)
	if p.Radius == 0 {
		return s, nil
	}
	return s, p.Begin(ctx, t, s)
}

// Begin puts the chains of s where the plan says.
func (p MethodPlan) Begin(ctx context.Context, t ito.Target, s *State) error {
	if p.Starts != nil {
		return s.Begin(ctx, t, p.Seed, p.Starts)
	}
	return s.Scatter(ctx, t, p.Seed, p.Radius)
}

// RunOptions are o with what the plan decides: seed, draws, thinning.
func (p MethodPlan) RunOptions(o RunOptions) RunOptions {
	o.Seed, o.Draws, o.Thin, o.Discard = p.Seed, p.Draws, p.Thin, p.Discard
	return o
}

// Run trains what is to be trained, starts and runs, with o's workers, sinks and observers.
func (p MethodPlan) Run(ctx context.Context, t ito.Target, o RunOptions) (Report, *State, error) {
	for p.Train != nil {
		done, of := p.Train.Progress()
		if done >= of {
			break
		}
		if err := ctx.Err(); err != nil {
			return Report{}, nil, err
		}
		if _, err := p.Train.Step(ctx); err != nil {
			return Report{}, nil, fmt.Errorf("training %s: %w", p.Method.Name, err)
		}
	}
	s, err := p.Start(ctx, t)
	if err != nil {
		return Report{}, nil, err
	}
	r, err := Run(ctx, t, p.Kernel, s, p.RunOptions(o))
	return r, s, err
}

// ChainPlan plans one draw of every chain a step.
func (s Settings) ChainPlan(k Kernel, groups int) MethodPlan {
	p := MethodPlan{Kernel: k, Groups: cmp.Or(s.Chains, groups), Draws: cmp.Or(s.Draws, 1000), Thin: cmp.Or(s.Thin, 1)}
	p.Chains = p.Groups * Drawn(k)
	if _, own := k.(Warmer); !own {
		p.Discard = s.WarmupSteps()
	}
	return p
}

// RunPlan plans independent runs of interacting or weighted particles.
func (s Settings) RunPlan(k Kernel) MethodPlan {
	n := cmp.Or(s.Chains, 4)
	return MethodPlan{Kernel: k, Groups: n, Chains: n, Draws: 1}
}
