package learn

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/wrap"
)

// Partial is a Source whose states may have holes: a NaN is a value that nobody knows, or that is not to be learnt
// because it is given. The mean square error is then that of the other values. The network reads noise about the mean
// in a hole, and what else it should know of it by its condition. The source also says what the moments of its states
// are, column by column.
type Partial interface {
	ito.Source
	Moments() (ito.Gaussian, error)
	Partial()
}

// holes are those of the rows of a step.
type holes struct {
	mean []float64
	at   []bool // [N,D]
	n    int
}

// newHoles are the holes of a source that may have some, nil of others. A wrapping with a basis mixes the values, and
// cannot leave some out.
func newHoles(pr Setup, w wrap.Trainable, turns bool) (*holes, error) {
	if _, ok := pr.Source.(Partial); !ok {
		return nil, nil
	}
	if turns {
		return nil, &ito.UnsupportedError{What: "training on states with holes in wrapping " + w.Kind() + " on path " +
			w.Path().Name(), Why: "it has a basis, which mixes the values", Nearest: "path vp with moments of columns"}
	}
	return &holes{mean: pr.Moments.Mean, at: make([]bool, pr.Batch*pr.Source.Space().Dim())}, nil
}

// close puts the mean into the holes of a step, which it remembers.
func (h *holes) close(x ito.States) {
	h.n = 0
	for i, v := range x.X {
		if h.at[i] = math.IsNaN(v); h.at[i] {
			h.n++
			x.X[i] = h.mean[i%x.D]
		}
	}
}

// weigh leaves the holes out of the mean of the squares, which is then over the other values.
func (h *holes) weigh(b *wrap.Batch) {
	k := float32(0)
	if rest := len(h.at) - h.n; rest > 0 {
		k = float32(float64(len(h.at)) / float64(rest))
	}
	for i, hole := range h.at {
		if hole {
			b.Weight[i] = 0
		} else {
			b.Weight[i] *= k
		}
	}
}
