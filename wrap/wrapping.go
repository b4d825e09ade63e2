package wrap

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/path"
)

// Wrapping stands between a network and a path. It is immutable and safe for concurrent use.
type Wrapping interface {
	// Kind is the word of the wrapping, by which files know it.
	Kind() string
	Path() ito.Path
	// Moments are those of the data by which inputs and outputs are scaled; empty where nothing is scaled by data.
	Moments() ito.Gaussian
	// Sizes are the widths of a state, of what the network reads and of what it writes.
	Sizes() Sizes
	// OutDim is the width of a prediction, and Check reports a kind that cannot be had.
	OutDim(kind ito.Prediction) int
	Check(kind ito.Prediction) error
	// Rows makes room for rows that are carried to a prediction of this kind.
	Rows(kind ito.Prediction) Rows
}

// Sizes are numbers of values a row.
type Sizes struct{ State, Reads, Writes int }

// Rows carries some rows through a wrapping: Enter first, then any of the others, which are about the rows of the last
// Enter. The bytes of a row do not depend on the others. Not for concurrent use.
type Rows interface {
	// Enter takes rows at their times, with their conditions, and writes what the network reads: in [n,Reads], and the
	// time feature of each row. The zero condition is none.
	Enter(in, feature []float64, x ito.States, t ito.Times, c ito.Cond) error
	// Leave writes the predictions that follow from what the network wrote, out [n,Writes].
	Leave(dst ito.States, out []float64)
	// PullOut writes the cotangents of what the network wrote, [n,Writes], for those of the predictions, w.
	PullOut(dout []float64, w ito.States)
	// PullIn writes the cotangents of x for those of what the network read, din [n,Reads], and w of the last PullOut.
	PullIn(dx ito.States, din []float64)
}

// Tracer is what Rows offer where the divergence of a prediction is exact: it is
//
//	tr P + Σ_j (column j of J N')_j,
//
// with J the Jacobian of the network and N' made of N and R.
type Tracer interface {
	// Trace sets div to tr P.
	Trace(div []float64)
	// Columns writes the tangents first, …, first+per−1 of what the network reads, [n,per,Reads]; zeros beyond the
	// last, which is Over() − 1.
	Columns(dst []float64, first, per int)
	// AddTrace adds what the network makes of them, out [n,per,Writes].
	AddTrace(div, out []float64, first, per int)
	Over() int
}

// Pusher is what Rows offer where there are tangents. The network's part is exact; what the scales do along t is a
// difference quotient of fourth order.
type Pusher interface {
	// PushIn writes the tangents of what the network reads, [n,Reads], and of the feature, for those of x and t. It
	// says whether a time moves.
	PushIn(din, dfeature []float64, dx ito.States, dt ito.Times) (moves bool)
	// PushOut writes those of the predictions, for dout [n,Writes] and, where a time moves, what the network wrote.
	PushOut(df ito.States, dout, out []float64)
}

// Between is a wrapping on a path between two ends, of a network that learned these targets.
type Between interface {
	Wrapping
	Targets() []path.InterpolantTarget
}

// Traced is a wrapping of which a part is in the program: F is what Output traces of the network's output n at x.
type Traced interface {
	Output(g *ad.Graph, n, x ad.Value) ad.Value
}

// predicts reports a kind that is none or not one of the path.
func predicts(p ito.Path, kind ito.Prediction) error {
	switch {
	case kind <= ito.PredVelocity && (kind != ito.PredScore || ito.Has(p, ito.CapGaussian)):
		return nil
	case kind == ito.PredScore:
		return &ito.UnsupportedError{What: "a score on path " + p.Name(),
			Why: "its noise is not Gaussian, so the score is not −ε/σ", Nearest: "x0"}
	}
	return &ito.UnsupportedError{What: "a network that predicts " + kind.String(), Why: "it is not a prediction",
		Nearest: "eps"}
}

// runs numbers the scales of rows: equal times that stand together share them.
type runs[S any] struct {
	scales []S
	at     []int // [n]
	times  []float64
	used   int
}

// set calls fill for each run of equal times among the n rows, in order, with room of an earlier use or of empty.
func (r *runs[S]) set(n int, t ito.Times, empty func() S, fill func(s S, t float64) error) error {
	r.at, r.used = resize(r.at, n), 0
	r.times = r.times[:0]
	for i := range n {
		if i == 0 || len(t) > 1 && t[i] != t[i-1] {
			if r.used == len(r.scales) {
				r.scales = append(r.scales, empty())
			}
			if err := fill(r.scales[r.used], t.At(i)); err != nil {
				return err
			}
			r.times = append(r.times, t.At(i))
			r.used++
		}
		r.at[i] = r.used - 1
	}
	return nil
}

// scalesOf is the scales of row i.
func (r *runs[S]) scalesOf(i int) S { return r.scales[r.at[i]] }

// time is that of row i.
func (r *runs[S]) time(i int) float64 { return r.times[r.at[i]] }

func resize[T any](b []T, n int) []T {
	if cap(b) < n {
		return make([]T, n)
	}
	return b[:n]
}
