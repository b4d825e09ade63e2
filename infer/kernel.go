package infer

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
)

// SeededTarget is a target and the seed of the noise with which it is sampled.
type SeededTarget struct {
	Target ito.Target
	Seed   uint64
}

// Kernel is a rule that moves the groups of a State one step on. It is a value: its settings, safe for
// concurrent use on different states.
type Kernel interface {
	// Name is the word by which the sampler is known on the command line and in checkpoints.
	Name() string
	// Slots is the number of particles of a group, 1 for a chain.
	Slots() int
	// Init completes a state of step 0: it evaluates the start, or draws it, and adds the kernel's
	// variables. A density that is not positive at the start is a *StartError.
	Init(ctx context.Context, p SeededTarget, s *State) error
	// Step moves every group; s.Step is the address of its noise and is advanced by the caller.
	Step(ctx context.Context, p SeededTarget, s *State, info *Info) error
}

// Warmer is a kernel whose first steps adapt it; they are not draws.
type Warmer interface{ WarmupSteps() int }

// Ender is a kernel that ends by itself: its draws are the particles of its last state.
type Ender interface{ Finished(s *State) bool }

// Drawer is a kernel of whose slots only the first Drawn are draws of the target.
type Drawer interface{ Drawn() int }

// Validator is a kernel that reports settings which cannot be used in dimension d, as an *ito.InputError.
type Validator interface{ Validate(d int) error }

// Warner is a kernel that finds fault with its own draws, from what its state says at the end.
type Warner interface{ Warnings(s *State) []string }

// Exchanger is a kernel whose replicas change places: the rate of each pair of neighbours and the round trips from one
// end of the ladder to the other, and the ladder as it stands.
type Exchanger interface {
	Swaps(s *State) (rates []float64, roundTrips int)
	Ladder(s *State) []float64
}

// ScoreOnly is a kernel that may be led by a score alone, and whose draws then have no log density.
type ScoreOnly interface{ ScoreOnly() bool }

// Measured is a kernel of chains whose steps have some of the numbers of [Info]: they stand beside its draws.
type Measured interface{ Measures() Measure }

// Measure is a set of the numbers of an [Info].
type Measure uint8

// The numbers of an [Info], in their order.
const (
	MeasureAccept Measure = 1 << iota
	MeasureStepSize
	MeasureDepth
	MeasureLeapfrogs
	MeasureDiverged
	MeasureEnergy
)

// Completer is a kernel that adds to a state, which an older program left half done, what it did not have.
type Completer interface{ Complete(s *State) }

// Planned is an [Ender] that has so many steps before it begins.
type Planned interface{ TotalSteps() int }

// Drawn is the number of slots of a group that are draws, the first ones: all of them for most kernels.
func Drawn(k Kernel) int {
	if d, ok := k.(Drawer); ok {
		return d.Drawn()
	}
	return k.Slots()
}

// Info says what one step did, group by group. A value that a kernel does not have stays NaN, 0 or false.
type Info struct {
	Accept    []float64 // [Groups] mean acceptance probability of the step's proposals
	StepSize  []float64 // [Groups]
	Depth     []int     // [Groups] of the trajectory's tree
	Leapfrogs []int     // [Groups]
	Diverged  []bool    // [Groups]
	Energy    []float64 // [Groups] the Hamiltonian after the step
}

// NewInfo makes the Info of a number of groups.
func NewInfo(groups int) *Info {
	return &Info{make([]float64, groups), make([]float64, groups), make([]int, groups), make([]int, groups),
		make([]bool, groups), make([]float64, groups)}
}

// Slice is that of groups lo ≤ g < hi, sharing memory.
func (f *Info) Slice(lo, hi int) *Info {
	return &Info{f.Accept[lo:hi], f.StepSize[lo:hi], f.Depth[lo:hi], f.Leapfrogs[lo:hi], f.Diverged[lo:hi],
		f.Energy[lo:hi]}
}

func (f *Info) reset() {
	for g := range f.Accept {
		f.Accept[g], f.StepSize[g], f.Energy[g] = math.NaN(), math.NaN(), math.NaN()
	}
	clear(f.Depth)
	clear(f.Leapfrogs)
	clear(f.Diverged)
}

// The counts of a group since the start, kept in the variable "tally".
const (
	TallyGradients   = iota // gradient evaluations
	TallyEvaluations        // evaluations of the density alone
	TallyProposals          // proposals made after warm-up
	TallyAccepted           // sum of their acceptance probabilities
	TallyDivergent          // divergent trajectories after warm-up
	TallyDeep               // trajectories cut at the greatest depth, after warm-up
	TallyDropped            // particles put back or dropped because a value was not finite
	TallyWidth
)

// Count adds to a tally of group g.
func (s *State) Count(g, what int, v float64) { s.Var("tally")[g*TallyWidth+what] += v }

// CountAll adds v for every particle to a tally of every group.
func (s *State) CountAll(what int, v float64) {
	t := s.Var("tally")
	for g := range s.Groups {
		t[g*TallyWidth+what] += v * float64(s.Slots)
	}
}

// Gradient evaluates the first n rows at x for the groups of s. Of counts it keeps those of an undefined density alone.
func Gradient(ctx context.Context, p SeededTarget, s *State, n int, logp, grad, x []float64) error {
	if err := GradientUncounted(ctx, p, s, n, logp, grad, x); err != nil {
		return err
	}
	s.undefined(logp[:n], x)
	return nil
}

// GradientUncounted is Gradient for places of which a group's bytes do not depend, such as those beside the search of
// another group.
func GradientUncounted(ctx context.Context, p SeededTarget, s *State, n int, logp, grad, x []float64) error {
	if n == 0 {
		return nil
	}
	ids := s.RowIDs(n)
	d := s.D
	return p.Target.Gradient(ctx, logp[:n], ito.States{N: n, D: d, X: grad[:n*d], ID: ids}, ito.States{N: n, D: d,
		X: x[:n*d], ID: ids})
}

// Density evaluates the density alone at the first n rows of x, and counts where it is undefined.
func Density(ctx context.Context, p SeededTarget, s *State, n int, logp, x []float64) error {
	if n == 0 {
		return nil
	}
	if err := p.Target.LogDensity(ctx, logp[:n], ito.States{N: n, D: s.D, X: x[:n*s.D], ID: s.RowIDs(n)}); err != nil {
		return err
	}
	s.undefined(logp[:n], x)
	return nil
}

// Begin evaluates the start with its gradient, which becomes the variable "grad".
func Begin(ctx context.Context, p SeededTarget, s *State) error {
	g := s.AddVar("grad", s.Slots*s.D)
	n := s.Groups * s.Slots
	if err := Gradient(ctx, p, s, n, s.LogP, g, s.X); err != nil {
		return err
	}
	for i := range s.Groups {
		s.Count(i, TallyGradients, float64(s.Slots))
	}
	if err := s.CheckStart(s.LogP); err != nil {
		return err
	}
	for i := range n {
		if !AllFinite(g[i*s.D : (i+1)*s.D]) {
			return &ito.NonFiniteError{What: "the gradient at the start", Sample: s.ID[i/s.Slots]}
		}
	}
	return nil
}

// BeginDensity evaluates the start without gradients.
func BeginDensity(ctx context.Context, p SeededTarget, s *State) error {
	if err := Density(ctx, p, s, s.Groups*s.Slots, s.LogP, s.X); err != nil {
		return err
	}
	s.CountAll(TallyEvaluations, 1)
	return s.CheckStart(s.LogP)
}
