package field

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/wrap"
)

// Net is a network as a field: its wrapping scales what it reads and makes predictions of what it writes, any that the
// wrapping has from one and the same output.
//
// The network computes in float32 (float64 after [Net.Float64]), everything around it in float64. Programs are
// compiled on first use. A row's bytes depend on the row, its time and condition only. Beside the network a row
// costs the wrapping: the path's schedule, once for each run of equal times, and O(D) operations, O(D²) with a basis.
//
// A Net is immutable and safe for concurrent calls; its fields are for reading, and the network's parameters
// must not change any more.
type Net struct {
	Weights  *nn.Weights
	Wrap     wrap.Wrapping
	Predicts ito.Prediction // what Predict predicts

	pool    *ad.Pool
	see     func(x ito.States, t ito.Times, c ito.Cond) // of every prediction; nil: nobody looks
	wide    bool                                        // float64
	fixed   bool
	progs   *netPrograms
	scratch *sync.Pool
}

// NewNet binds a network to a path by a wrapping. A network of other widths than the wrapping's, and a kind that it
// does not have, are an [ito.InputError].
func NewNet(w wrap.Wrapping, net *nn.Weights, kind ito.Prediction) (*Net, error) {
	s := w.Sizes()
	if r, o := net.Ports.Reads(), net.Ports.Writes(); r != s.Reads || o != s.Writes {
		return nil, &ito.InputError{Where: "network", What: fmt.Sprintf("it reads %d numbers and writes %d; on path "+
			"%s, wrapped by %s, it is to read %d and write %d",
			r, o, w.Path().Name(), w.Kind(), s.Reads, s.Writes)}
	}
	_, traced := w.(wrap.Traced)
	if traced && !net.Smooth() {
		return nil, &ito.UnsupportedError{What: "a potential by a network that is not smooth",
			Why: "its score would be constant in pieces", Nearest: "one with activation silu"}
	}
	f := &Net{Weights: net, Wrap: w, progs: newNetPrograms(net, w)}
	return f.as(kind)
}

// NewScaled is NewNet with the wrapping of [wrap.For]: by the law that the path gives data of these moments.
func NewScaled(p ito.Path, net *nn.Weights, data ito.Gaussian, kind ito.Prediction) (*Net, error) {
	w, err := wrap.For(p, data)
	if err != nil {
		return nil, err
	}
	return NewNet(w, net, kind)
}

// As is the same field with another prediction, at the same cost.
func (f *Net) As(kind ito.Prediction) (ito.Field, error) {
	g, err := f.as(kind)
	if err != nil {
		return nil, err
	}
	return g, nil
}

func (f *Net) as(kind ito.Prediction) (*Net, error) {
	if err := f.Wrap.Check(kind); err != nil {
		return nil, err
	}
	g := *f
	g.Predicts = kind
	g.scratch = &sync.Pool{New: func() any { return &netScratch{rows: g.Wrap.Rows(kind)} }}
	return &g, nil
}

// WithPool is the same field, evaluated by the workers of a pool; nil is the caller alone. The bytes are the same.
func (f *Net) WithPool(p *ad.Pool) *Net {
	g := *f
	g.pool = p
	return &g
}

// Fixed is the same field for whoever promises that the parameters never change again, as of a model that was read:
// what the products make of them is kept from call to call, which saves most where rows are few. The bytes are the
// same.
func (f *Net) Fixed() *Net {
	g := *f
	g.fixed = true
	return &g
}

// Float64 is the same field with the network computed in float64: for likelihoods, adaptive solvers with a
// tight tolerance, and tests. It costs about twice the time or more.
func (f *Net) Float64() *Net {
	g := *f
	g.wide = true
	return &g
}

// AtPrecision is the same field with products of that precision; its programs are its own.
func (f *Net) AtPrecision(p ad.Precision) *Net {
	if f.Weights.Precision == p {
		return f
	}
	w := *f.Weights
	w.Precision = p
	return f.with(&w)
}

// with is the same field of a network between the same ports.
func (f *Net) with(w *nn.Weights) *Net {
	g := *f
	g.Weights, g.progs = w, newNetPrograms(w, f.Wrap)
	return &g
}

// Bound is the path that the network was trained on.
func (f *Net) Bound() ito.Path { return f.Wrap.Path() }

// Moments are those of the data by which inputs and outputs are scaled; empty where nothing is.
func (f *Net) Moments() ito.Gaussian { return f.Wrap.Moments() }

// Kind implements ito.Field.
func (f *Net) Kind() ito.Prediction { return f.Predicts }

// OutDim implements ito.Field.
func (f *Net) OutDim(int) int { return f.Wrap.OutDim(f.Predicts) }

// Predict implements ito.Field. No condition at all is the absent condition, all zeros.
func (f *Net) Predict(ctx context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error {
	if dst.N != x.N || dst.D != f.OutDim(x.D) {
		return shapeError("predictions", dst, x)
	}
	if f.see != nil {
		f.see(x, t, c)
	}
	absent := c.None() && f.Weights.Absent()
	return f.chunks(ctx, x, t, c, func(s *netScratch, lo, hi int) error {
		which := predictProgram
		if absent {
			which, s.cond = absentProgram, s.cond[:0]
		}
		if err := f.run(ctx, which, s, f.flow(), s.forward()...); err != nil {
			return err
		}
		s.rows.Leave(dst.Slice(lo, hi), s.out)
		return nil
	})
}

// check reports shapes that do not fit the field or each other.
func (f *Net) check(x ito.States, t ito.Times, c ito.Cond, others ...ito.States) error {
	for _, o := range others {
		if o.N != x.N || o.D != x.D {
			return shapeError("rows", o, x)
		}
	}
	d, width := f.Wrap.Sizes().State, f.Weights.Ports.CondWidth()
	switch {
	case x.D != d:
		return &ito.InputError{Where: "network", What: fmt.Sprintf("states of dimension %d, it was trained on %d", x.D,
			d)}
	case len(t) != 1 && len(t) != x.N:
		return &ito.InputError{Where: "network", What: fmt.Sprintf("%d times for %d rows", len(t), x.N)}
	case !c.None() && (c.C != width || len(c.X) != c.C*x.N):
		return &ito.InputError{Where: "network", What: fmt.Sprintf("a condition of width %d with %d values for %d "+
			"rows, it was trained with width %d",
			c.C, len(c.X), x.N, width)}
	}
	return nil
}

// Rows are prepared a chunk at a time: it bounds memory and keeps rows in cache.
const (
	chunkRows   = 1024
	chunkValues = 1 << 20
)

// netScratch is the memory of one chunk, in float64, row-major.
type netScratch struct {
	rows          wrap.Rows
	n             int
	in, feat      []float64 // [n,Reads], [n]
	cond          []float64 // [n,C]
	out           []float64 // of the last program
	tangent, dout []float64
	dfeat         []float64    // [n]
	narrow        [7][]float32 // inputs and output of a program
	arrays        []ad.Array   // the same, as the program takes them, and the parameters
}

// forward lists the inputs of the network, and what else a program reads.
func (s *netScratch) forward(others ...[]float64) [][]float64 {
	return append([][]float64{s.in, s.feat, s.cond}, others...)
}

func size(b *[]float64, n int) []float64 {
	*b = slices.Grow((*b)[:0], n)[:n]
	return *b
}

// chunks runs do for every chunk of rows, which have entered the wrapping.
func (f *Net) chunks(ctx context.Context, x ito.States, t ito.Times, c ito.Cond, do func(s *netScratch, lo,
	hi int) error) error {
	if err := f.check(x, t, c); err != nil {
		return err
	}
	s := f.scratch.Get().(*netScratch)
	defer f.scratch.Put(s)
	reads, w := f.Weights.Ports.Reads(), f.Weights.Ports.CondWidth()
	most := max(1, min(chunkRows, chunkValues/reads))
	for lo := 0; lo < x.N; lo += most {
		if err := ctx.Err(); err != nil {
			return err
		}
		hi := min(lo+most, x.N)
		s.n = hi - lo
		if err := s.rows.Enter(size(&s.in, s.n*reads), size(&s.feat, s.n), x.Slice(lo, hi),
			t.Slice(lo, hi), c.Slice(lo, hi)); err != nil {
			return err
		}
		size(&s.cond, s.n*w)
		if c.None() {
			clear(s.cond)
		} else {
			copy(s.cond, c.X[lo*w:hi*w])
		}
		if err := do(s, lo, hi); err != nil {
			return err
		}
	}
	return nil
}

// Bound is the path that a field belongs to, if it says so by a method of this name.
func Bound(f ito.Field) (ito.Path, bool) {
	b, ok := f.(interface{ Bound() ito.Path })
	if !ok {
		return nil, false
	}
	return b.Bound(), true
}

// NewPotential is [NewNet] of a network of one output that is the potential of the field: see [wrap.Potential]. It
// is in every other respect a field as any other: it predicts any kind and has all derivatives. The activation must
// be smooth: not relu.
func NewPotential(p ito.Diagonal, net *nn.Weights, data ito.Gaussian, kind ito.Prediction) (*Net, error) {
	w, err := wrap.NewPotential(p, data)
	if err != nil {
		return nil, err
	}
	return NewNet(w, net, kind)
}

// NewPlain is [NewNet] of a network without any scaling of inputs and outputs, an imported one: it reads x_t and
// timeScale·t (0: t) and says kind.
func NewPlain(p ito.Diagonal, net *nn.Weights, kind ito.Prediction, timeScale float64) (*Net, error) {
	w, err := wrap.NewPlain(p, net.Ports.Reads(), kind, timeScale)
	if err != nil {
		return nil, err
	}
	return NewNet(w, net, kind)
}

// NewLabelled is [NewPlain] of a network that reads the label of its path: see [wrap.NewLabelled].
func NewLabelled(p ito.Diagonal, net *nn.Weights, kind ito.Prediction) (*Net, error) {
	w, err := wrap.NewLabelled(p, net.Ports.Reads(), kind)
	if err != nil {
		return nil, err
	}
	return NewNet(w, net, kind)
}

// NewBetween is [NewNet] of a network that learned targets of an interpolant between ends of these joint moments: see
// [wrap.Pairs].
func NewBetween(p ito.TwoEnded, net *nn.Weights, pairs ito.Gaussian, targets []path.InterpolantTarget,
	kind ito.Prediction) (*Net, error) {
	w, err := wrap.NewPairs(p, pairs, targets...)
	if err != nil {
		return nil, err
	}
	return NewNet(w, net, kind)
}
