package solve

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/rng"
)

// program is a stepper whose every step is a straight line of evaluations of the field, noises and
// updates over numbered buffers, all fixed when it was planned. Buffer 0 is the state.
type program struct {
	applier
	steps   []line
	buffers []buffer
	views   []ito.States
	noises  []buffer // of one block of rows, for the buffers that are drawn
	drawn   []bool
	t       [1]float64
	group   ito.Step // some rows of a step
}

// line is one step: segments, each of which begins with an evaluation of the field or with nothing.
type line []segment

type segment struct {
	predict  bool
	at, into int // the field is evaluated at buffer at, into buffer into
	t        float64
	noise    []draw
	do       []instr
}

// draw fills a buffer with the solver's noise of this step.
type draw struct {
	into int
	sub  uint32
}

// instr writes an update of the buffers in into buffer dst, which may be the first of them.
type instr struct {
	u   *update
	dst int
	in  []int
}

func newProgram(p ito.Path, steps, buffers int) program {
	return program{applier: newApplier(p), steps: make([]line, steps), buffers: make([]buffer, buffers),
		views:  make([]ito.States, buffers),
		noises: make([]buffer, buffers), drawn: make([]bool, buffers)}
}

// Step implements ito.Stepper.
func (st *program) Step(ctx context.Context, s *ito.Step) error {
	l := st.steps[s.Index]
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

func (st *program) run(ctx context.Context, s *ito.Step, l line) error {
	st.views[0] = s.X
	for _, seg := range l {
		for _, d := range seg.noise {
			st.drawn[d.into] = true
		}
	}
	for i := 1; i < len(st.buffers); i++ {
		if !st.drawn[i] {
			st.views[i] = st.buffers[i].like(s.X)
		}
	}
	for _, seg := range l {
		if seg.predict {
			st.t[0] = seg.t
			if err := s.Predict(ctx, st.views[seg.into], st.views[seg.at], st.t[:]); err != nil {
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
func (st *program) execute(s *ito.Step, seg segment) {
	n, d := s.X.N, s.X.D
	size := blockSize
	switch {
	case len(seg.noise) > 0:
		size = noiseSize
	case len(seg.do) == 1:
		size = n * d
	}
	rows := max(1, size/d)
	for lo := 0; lo < n; lo += rows {
		hi := min(lo+rows, n)
		for _, d := range seg.noise {
			s.Noise.Normal(st.part(d.into, s.X, lo, hi), rng.PurposeSolver, uint32(s.Index), d.sub)
		}
		for _, c := range seg.do {
			var in [maxInputs]ito.States
			for j, k := range c.in {
				in[j] = st.part(k, s.X, lo, hi)
			}
			st.block(c.u, st.part(c.dst, s.X, lo, hi), in[:len(c.in)]...)
		}
	}
}

// part is rows lo to hi of buffer k.
func (st *program) part(k int, x ito.States, lo, hi int) ito.States {
	if st.drawn[k] {
		return st.noises[k].block(x, lo, hi)
	}
	return st.views[k].Slice(lo, hi)
}

// maxInputs is the largest number of inputs of an update.
const maxInputs = simd.MaxTerms

// stochastic is a program of one evaluation, one noise and one update of state, prediction and noise a step.
func stochastic(p ito.Path, g ito.Grid, rule func(t, next float64) (*update, error)) (*program, error) {
	st := newProgram(p, len(g)-1, 3)
	for i := range st.steps {
		u, err := rule(g[i], g[i+1])
		if err != nil {
			return nil, err
		}
		st.steps[i] = line{{predict: true, into: 1, t: g[i], noise: []draw{{into: 2}},
			do: []instr{{u: u, in: []int{0, 1, 2}}}}}
	}
	return &st, nil
}

// history is a program with memory: what a step does depends on how many predictions of the steps before
// it are still good.
type history struct {
	program
	by    [][]line // [step][predictions before this one that may be used]
	depth int      // how many are kept
	have  int
}

// newHistory is a history of that many steps over numbered buffers, which keeps the predictions of depth steps.
func newHistory(p ito.Path, steps, buffers, depth int) *history {
	return &history{program: newProgram(p, 0, buffers), by: make([][]line, steps), depth: depth}
}

// Step implements ito.Stepper.
func (st *history) Step(ctx context.Context, s *ito.Step) error {
	st.have = min(st.have, s.Index, st.depth)
	if err := st.run(ctx, s, st.by[s.Index][min(st.have, len(st.by[s.Index])-1)]); err != nil {
		return err
	}
	st.have++
	return nil
}

// Reset implements ito.Resetter.
func (st *history) Reset() { st.have = 0 }
