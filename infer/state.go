package infer

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// State is everything that a sampler carries from one step to the next, for all of its groups. Between two
// steps it is complete: a run continued from its bytes (see [State.MarshalBinary]) gives the bytes of a
// run that was never interrupted.
type State struct {
	Kernel           string // the kernel that owns it; empty before Init
	Step             uint32 // steps taken; the next step's noise has this address
	Groups, Slots, D int
	ID               []uint64  // [Groups]
	X                []float64 // [Groups,Slots,D]
	LogP             []float64 // [Groups,Slots] log ρ(x)
	Vars             []Var     // what else the kernel keeps

	scratch map[string][]float64
	rows    []uint64
	Work    any
}

// Var is a named value of every group: a gradient, a step size, a weight, a count.
type Var struct {
	Name  string
	Width int
	X     []float64 // [Groups,Width]
}

// NewState makes the state of a run that has not begun: groups first, first+1, … with every point at zero.
// Chains start where X is set before Run; [State.Scatter] is the usual way. Particle samplers choose their own start.
func NewState(k Kernel, groups, d int, first uint64) *State {
	n := groups * k.Slots()
	s := &State{Groups: groups, Slots: k.Slots(), D: d, ID: make([]uint64, groups), X: make([]float64, n*d),
		LogP: make([]float64, n)}
	for g := range s.ID {
		s.ID[g] = first + uint64(g)
	}
	return s
}

// Particles are the rows of all groups as States, sharing memory; a row's id is that of its group.
func (s *State) Particles() ito.States {
	return ito.States{N: s.Groups * s.Slots, D: s.D, X: s.X, ID: s.RowIDs(s.Groups * s.Slots)}
}

// Group returns the particles of group g, sharing memory.
func (s *State) Group(g int) ito.States {
	return s.Particles().Slice(g*s.Slots, (g+1)*s.Slots)
}

// Var returns the values [Groups,Width] under a name, or nil.
func (s *State) Var(name string) []float64 {
	for _, v := range s.Vars {
		if v.Name == name {
			return v.X
		}
	}
	return nil
}

// AddVar makes a variable of zeros.
func (s *State) AddVar(name string, width int) []float64 {
	x := make([]float64, s.Groups*width)
	s.Vars = append(s.Vars, Var{name, width, x})
	return x
}

// Slice is the state of groups lo ≤ g < hi, sharing memory except for scratch.
func (s *State) Slice(lo, hi int) *State {
	v := *s
	v.Groups, v.ID = hi-lo, s.ID[lo:hi]
	v.X, v.LogP = s.X[lo*s.Slots*s.D:hi*s.Slots*s.D], s.LogP[lo*s.Slots:hi*s.Slots]
	v.Vars = make([]Var, len(s.Vars))
	for i, a := range s.Vars {
		v.Vars[i] = Var{a.Name, a.Width, a.X[lo*a.Width : hi*a.Width]}
	}
	v.scratch, v.rows, v.Work = nil, nil, nil
	return &v
}

// Scratch is a named scratch buffer of n values, not cleared.
func (s *State) Scratch(name string, n int) []float64 {
	if s.scratch == nil {
		s.scratch = map[string][]float64{}
	}
	if b := s.scratch[name]; cap(b) >= n {
		return b[:n]
	}
	s.scratch[name] = make([]float64, n)
	return s.scratch[name]
}

// RowIDs are the ids of the first n rows: those of their groups.
func (s *State) RowIDs(n int) []uint64 {
	if len(s.rows) < s.Groups*s.Slots {
		s.rows = make([]uint64, s.Groups*s.Slots)
		for i := range s.rows {
			s.rows[i] = s.ID[i/s.Slots]
		}
	}
	return s.rows[:n]
}

// Normals fills dst [Groups,width] with the normals of this step.
func (s *State) Normals(seed uint64, sub uint32, dst []float64) {
	StepKey(seed, s.Step, sub).Normals64(dst, len(dst)/max(s.Groups, 1), s.ID)
}

// Uniforms fills dst [Groups,width] with uniforms of (0,1) of this step.
func (s *State) Uniforms(seed uint64, sub uint32, dst []float64) {
	StepKey(seed, s.Step, sub).Uniforms64(dst, len(dst)/max(s.Groups, 1), s.ID)
}

// Clone copies everything.
func (s *State) Clone() *State {
	c := *s.Slice(0, s.Groups)
	c.ID, c.X, c.LogP = slices.Clone(s.ID), slices.Clone(s.X), slices.Clone(s.LogP)
	for i := range c.Vars {
		c.Vars[i].X = slices.Clone(c.Vars[i].X)
	}
	return &c
}

// StepKey is the stream of a step and a sub-address.
func StepKey(seed uint64, step, sub uint32) rng.Key {
	return rng.NewKey(seed, rng.PurposeSolver, step, sub)
}

// PriorKey is the stream of starting points.
func PriorKey(seed uint64, sub uint32) rng.Key { return rng.NewKey(seed, rng.PurposePrior, 0, sub) }

// Scatter draws every point from the uniform distribution on (−radius, radius)^d, where the density is positive: a
// point of density zero is drawn again, up to 100 times, and then is a *StartError. Radius 2 is Stan's custom.
func (s *State) Scatter(ctx context.Context, t ito.Target, seed uint64, radius float64) error {
	n, w := s.Groups*s.Slots, s.Slots*s.D
	u := make([]float64, n*s.D)
	bad := make([]bool, n)
	for i := range bad {
		bad[i] = true
	}
	logp := make([]float64, n)
	for try := range uint32(startTries) {
		PriorKey(seed, try).Uniforms64(u, w, s.ID)
		for i := range bad {
			for j := i * s.D; bad[i] && j < (i+1)*s.D; j++ {
				s.X[j] = radius * (2*u[j] - 1)
			}
		}
		if err := t.LogDensity(ctx, logp, s.Particles()); err != nil {
			return err
		}
		left := false
		for i := range bad {
			bad[i] = bad[i] && !Finite(logp[i])
			left = left || bad[i]
		}
		if !left {
			return nil
		}
	}
	err := s.CheckStart(logp)
	if e := (*StartError)(nil); errors.As(err, &e) {
		e.Tries, e.What = startTries, (&Starts{Radius: radius}).from()
		for i, id := range s.ID {
			if id == e.Group {
				e.X = s.Particles().Row(i*s.Slots + e.Slot)
			}
		}
	}
	return err
}

// Begin puts every point where o says: see [Starts.Fill]. nil is uniform in (−2, 2)^d.
func (s *State) Begin(ctx context.Context, t ito.Target, seed uint64, o *Starts) error {
	if o == nil {
		o = &Starts{}
	}
	if s.Slots > 1 && o.Draw == nil && o.Points.N == 0 {
		err := s.Scatter(ctx, t, seed, o.radius())
		if e := (*StartError)(nil); errors.As(err, &e) && o.Explain != nil && e.X != nil {
			e.Why = o.Explain(ctx, e.X)
		}
		return err
	}
	x := s.Particles()
	x.ID = make([]uint64, x.N)
	for i := range x.ID {
		x.ID[i] = s.ID[i/s.Slots]*uint64(s.Slots) + uint64(i%s.Slots)
	}
	return o.Fill(ctx, t, x, seed)
}

// CheckStart reports the first point whose log density is not finite.
func (s *State) CheckStart(logp []float64) error {
	for i, l := range logp {
		if !Finite(l) {
			return &StartError{Group: s.ID[i/s.Slots], Slot: i % s.Slots, LogP: l}
		}
	}
	return nil
}

// Finite reports a number that is neither infinite nor NaN.
func Finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// AllFinite reports numbers of which none is infinite or NaN.
func AllFinite(x []float64) bool {
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}
