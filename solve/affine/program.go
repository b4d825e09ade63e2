package affine

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/rng"
)

// Program is a stepper whose every step is a straight line of evaluations of the field, noises and
// updates over numbered buffers, all fixed when it was planned. Buffer 0 is the state.
type Program struct {
	Applier
	Steps   []Line
	buffers []Buffer
	views   []ito.States
	noises  []Buffer // of one block of rows, for the buffers that are drawn
	drawn   []bool
	t       [1]float64
	group   ito.Step // some rows of a step
}

// Line is one step: segments, each of which begins with an evaluation of the field or with nothing.
type Line []Segment

// Segment is an evaluation of the field at time T, if Predict is set, then draws and updates, block of rows by block.
type Segment struct {
	Predict  bool
	At, Into int // the field is evaluated at the state in buffer At, into buffer Into
	T        float64
	Noise    []Draw // valid in this segment only
	Do       []Instruction
}

// Draw fills a buffer with the solver's noise of this step.
type Draw struct {
	Into int
	Sub  uint32 // of the address, where a step draws more than once
}

// Instruction writes an update of the buffers From into buffer Into, which may be the first of them.
type Instruction struct {
	Update *Update
	Into   int
	From   []int
}

// NewProgram is a program of that many steps, which the caller fills in, over numbered buffers.
func NewProgram(p ito.Path, steps, buffers int) Program {
	return Program{Applier: NewApplier(p), Steps: make([]Line, steps), buffers: make([]Buffer, buffers),
		views:  make([]ito.States, buffers),
		noises: make([]Buffer, buffers), drawn: make([]bool, buffers)}
}

// Step implements ito.Stepper.
func (st *Program) Step(ctx context.Context, s *ito.Step) error {
	l := st.Steps[s.Index]
	if len(l) == 1 || len(s.Hooks) > 0 { // a hook sees the whole batch
		return st.run(ctx, s, l)
	}
	rows := max(groupRows, groupSize/(8*s.X.D*len(st.buffers)))
	st.group = *s
	for lo := 0; lo < s.X.N; lo += rows {
		hi := min(lo+rows, s.X.N)
		st.group.X, st.group.Cond, st.group.Evals = s.X.Slice(lo, hi), s.Cond.Slice(lo, hi), s.Evals
		if err := st.run(ctx, &st.group, l); err != nil {
			return err
		}
	}
	s.Evals = st.group.Evals
	return nil
}

// A step of several segments keeps nothing for the next one, and takes as many rows at a time as fit with all their
// buffers into groupSize bytes, a quarter of a processor's own cache, so that a segment finds there what the one
// before has written; but not fewer than groupRows, which are enough to keep a network busy.
const (
	groupSize = 256 << 10
	groupRows = 4096
)

func (st *Program) run(ctx context.Context, s *ito.Step, l Line) error {
	st.views[0] = s.X
	for _, seg := range l {
		for _, d := range seg.Noise {
			st.drawn[d.Into] = true
		}
	}
	for i := 1; i < len(st.buffers); i++ {
		if !st.drawn[i] {
			st.views[i] = st.buffers[i].Like(s.X)
		}
	}
	for _, seg := range l {
		if seg.Predict {
			st.t[0] = seg.T
			if err := s.Predict(ctx, st.views[seg.Into], st.views[seg.At], st.t[:]); err != nil {
				return err
			}
		}
		st.execute(s, seg)
	}
	return nil
}

// noiseSize is the number of values of a block that draws. A block costs some 150 ns beside its values, more than a
// second trip to the next cache for its noise.
const noiseSize = 8192

// execute draws noises and carries out updates, block of rows by block of rows. A noise belongs to its row, so it is
// drawn where it is used: into a place of one block, which stays near, and for this segment alone.
func (st *Program) execute(s *ito.Step, seg Segment) {
	n, d := s.X.N, s.X.D
	size := blockSize
	switch {
	case len(seg.Noise) > 0:
		size = noiseSize
	case len(seg.Do) == 1:
		size = n * d
	}
	rows := max(1, size/d)
	for lo := 0; lo < n; lo += rows {
		hi := min(lo+rows, n)
		for _, d := range seg.Noise {
			s.Noise.Normal(st.part(d.Into, s.X, lo, hi), rng.PurposeSolver, uint32(s.Index), d.Sub)
		}
		for _, c := range seg.Do {
			var in [maxInputs]ito.States
			for j, k := range c.From {
				in[j] = st.part(k, s.X, lo, hi)
			}
			st.block(c.Update, st.part(c.Into, s.X, lo, hi), in[:len(c.From)]...)
		}
	}
}

// part is rows lo to hi of buffer k.
func (st *Program) part(k int, x ito.States, lo, hi int) ito.States {
	if st.drawn[k] {
		return st.noises[k].Block(x, lo, hi)
	}
	return st.views[k].Slice(lo, hi)
}

// maxInputs is the largest number of inputs of an update.
const maxInputs = simd.MaxTerms

// NewStochastic is a program of one evaluation, one noise and one update of state, prediction and noise a step.
func NewStochastic(p ito.Path, g ito.Grid, rule func(t, next float64) (*Update, error)) (*Program, error) {
	st := NewProgram(p, len(g)-1, 3)
	for i := range st.Steps {
		u, err := rule(g[i], g[i+1])
		if err != nil {
			return nil, err
		}
		st.Steps[i] = Line{{Predict: true, Into: 1, T: g[i], Noise: []Draw{{Into: 2}},
			Do: []Instruction{{Update: u, From: []int{0, 1, 2}}}}}
	}
	return &st, nil
}

// History is a program with memory: what a step does depends on how many predictions of the steps before
// it are still good.
type History struct {
	Program
	By    [][]Line // [step][predictions before this one that may be used]
	Depth int      // how many are kept
	have  int
}

// NewHistory is a history of that many steps over numbered buffers, which keeps the predictions of depth steps.
func NewHistory(p ito.Path, steps, buffers, depth int) *History {
	return &History{Program: NewProgram(p, 0, buffers), By: make([][]Line, steps), Depth: depth}
}

// Step implements ito.Stepper.
func (st *History) Step(ctx context.Context, s *ito.Step) error {
	st.have = min(st.have, s.Index, st.Depth)
	if err := st.run(ctx, s, st.By[s.Index][min(st.have, len(st.By[s.Index])-1)]); err != nil {
		return err
	}
	st.have++
	return nil
}

// Reset implements ito.Resetter.
func (st *History) Reset() { st.have = 0 }
