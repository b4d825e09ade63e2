package field

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/nn"
)

// Net is a network as a field on a diagonal path: [Precond] scales what it reads and what it says, so
// that it predicts any kind natively from one and the same output.
//
// The network computes in float32 (float64 after [Net.Float64]), everything around it in float64. Programs are
// compiled on first use. A row's bytes depend on the row, its time and condition only. Beside the network a row
// costs the path's schedule, once for each run of equal times, and O(D) operations, O(D²) with a basis.
//
// A Net is immutable and safe for concurrent calls; its fields are for reading, and the network's parameters
// must not change any more.
type Net struct {
	Path     ito.Diagonal
	Net      *nn.Weights
	Data     ito.Gaussian   // the moments by which inputs and outputs are scaled
	Predicts ito.Prediction // what Predict predicts
	Plain    *Plain         // not nil: nothing is scaled, and Data is empty; see NewPlainNet
	// Potential: the network has one output, whose gradient makes the predictions; see NewPotential.
	Potential bool

	pre   *Precond
	pool  *ad.Pool
	wide  bool // float64
	progs *netPrograms
}

// NewNet binds a network to a path. data are the moments by which the network was, or will be, trained. The
// network reads and writes D numbers; anything else is an [ito.InputError].
func NewNet(p ito.Diagonal, net *nn.Weights, data ito.Gaussian, kind ito.Prediction) (*Net, error) {
	pre, err := NewPrecond(p, data)
	if err != nil {
		return nil, err
	}
	if err := fits(p, net, pre.d, kind); err != nil {
		return nil, err
	}
	return &Net{Path: p, Net: net, Data: data, Predicts: kind, pre: pre, progs: newNetPrograms(net)}, nil
}

// fits reports a network that does not map D numbers to D, and what [predicts] reports.
func fits(p ito.Path, net *nn.Weights, d int, kind ito.Prediction) error {
	if net.Ports.Reads() != d || net.Ports.Writes() != d {
		return &ito.InputError{Where: "network", What: fmt.Sprintf("it reads %d numbers and writes %d, the data have dimension %d",
			net.Ports.Reads(), net.Ports.Writes(), d)}
	}
	return predicts(p, kind)
}

// predicts reports a kind that is none or not one of the path.
func predicts(p ito.Path, kind ito.Prediction) error {
	switch {
	case kind <= ito.PredVelocity && (kind != ito.PredScore || ito.Has(p, ito.CapGaussian)):
		return nil
	case kind == ito.PredScore:
		return &ito.UnsupportedError{What: "a score on path " + p.Name(), Why: "its noise is not Gaussian, so the score is not −ε/σ", Nearest: "x0"}
	}
	return &ito.UnsupportedError{What: "a network that predicts " + kind.String(), Why: "it is not a prediction", Nearest: "eps"}
}

// Precond is the scaling around the network, nil around a plain one.
func (f *Net) Precond() *Precond {
	if f.Plain != nil {
		return nil
	}
	return f.pre
}

// As is the same field with another prediction, at the same cost.
func (f *Net) As(kind ito.Prediction) (*Net, error) {
	if err := predicts(f.Path, kind); err != nil {
		return nil, err
	}
	g := *f
	g.Predicts = kind
	return &g, nil
}

// WithPool is the same field, evaluated by the workers of a pool; nil is the caller alone. The bytes are the same.
func (f *Net) WithPool(p *ad.Pool) *Net {
	g := *f
	g.pool = p
	return &g
}

// Float64 is the same field with the network computed in float64: for likelihoods, adaptive solvers with a
// tight tolerance, and tests. It costs about twice the time or more.
func (f *Net) Float64() *Net {
	g := *f
	g.wide = true
	return &g
}

// Kind implements ito.Field.
func (f *Net) Kind() ito.Prediction { return f.Predicts }

// OutDim implements ito.Field.
func (f *Net) OutDim(d int) int { return d }

// Predict implements ito.Field. No condition at all is the absent condition, all zeros.
func (f *Net) Predict(ctx context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error {
	if err := f.check(x, t, c, dst); err != nil {
		return err
	}
	return f.chunks(ctx, x, t, c, func(s *netScratch, lo, hi int) error {
		n := hi - lo
		if err := f.progs.run(ctx, f.wide, f.pool, predictProgram, n, s, s.forward()); err != nil {
			return err
		}
		f.pre.turn(s.b, s.out, n)
		d := f.pre.d
		for i := range n {
			o := s.scale(i)
			at := i * d
			for k := range d {
				s.a[at+k] = float64(o.skip[k]*(s.y[at+k]-o.centre[k])) + float64(o.out[k]*s.b[at+k]) + o.offset[k]
			}
		}
		out := dst.Slice(lo, hi)
		f.pre.back(out.X, s.a, n)
		if f.Predicts == ito.PredX0 && f.pre.mean != nil {
			for i := range n {
				for k, μ := range f.pre.mean {
					out.X[i*d+k] += μ
				}
			}
		}
		return nil
	})
}

// check reports shapes that do not fit the field or each other.
func (f *Net) check(x ito.States, t ito.Times, c ito.Cond, others ...ito.States) error {
	return checkNet(f.Net, f.pre.d, x, t, c, others)
}

// checkNet reports what does not fit a network that was trained on states of dimension d.
func checkNet(net *nn.Weights, d int, x ito.States, t ito.Times, c ito.Cond, others []ito.States) error {
	for _, o := range others {
		if o.N != x.N || o.D != x.D {
			return shapeError("rows", o, x)
		}
	}
	switch {
	case x.D != d:
		return &ito.InputError{Where: "network", What: fmt.Sprintf("states of dimension %d, it was trained on %d", x.D, d)}
	case len(t) != 1 && len(t) != x.N:
		return &ito.InputError{Where: "network", What: fmt.Sprintf("%d times for %d rows", len(t), x.N)}
	case !c.None() && (c.C != net.Ports.CondWidth() || len(c.X) != c.C*x.N):
		return &ito.InputError{Where: "network", What: fmt.Sprintf("a condition of width %d with %d values for %d rows, it was trained with width %d",
			c.C, len(c.X), x.N, net.Ports.CondWidth())}
	}
	return nil
}

// netPrograms are the compiled programs of one network, shared by every Net that is made from it.
type netPrograms struct {
	net       *nn.Weights
	potential *Potential // nil: the network's output is F
	scratch   sync.Pool
	once      [programs][2]sync.Once // float32, float64
	prog      [programs][2]*ad.Program
	err       [programs][2]error
	wide      func() []float64
}

func newNetPrograms(n *nn.Weights) *netPrograms {
	return &netPrograms{net: n, wide: sync.OnceValue(n.Params64), scratch: sync.Pool{New: func() any { return new(netScratch) }}}
}

// run evaluates a program for n rows: float64 inputs without those of length 0, output into s.out.
func (p *netPrograms) run(ctx context.Context, wide bool, pool *ad.Pool, which, n int, s *netScratch, in [][]float64) error {
	d := 0
	if wide {
		d = 1
	}
	p.once[which][d].Do(func() { p.prog[which][d], p.err[which][d] = compileNet(p.net, p.potential, which, ad.DType(d)) })
	if err := p.err[which][d]; err != nil {
		return err
	}
	call := ad.Call{N: n, Pool: pool}
	k := 0
	for _, x := range in {
		if len(x) == 0 {
			continue
		}
		if wide {
			call.In = append(call.In, ad.F64s(x))
			continue
		}
		s.narrow[k] = slices.Grow(s.narrow[k][:0], len(x))[:len(x)]
		simd.CvtF64F32(s.narrow[k], x)
		call.In = append(call.In, ad.F32s(s.narrow[k]))
		k++
	}
	if wide {
		call.In = append(call.In, p.net.Arrays64(p.wide())...)
		call.Out = []ad.Array{ad.F64s(s.out)}
		return p.prog[which][d].Run(ctx, call)
	}
	call.In = append(call.In, p.net.Arrays(p.net.Params)...)
	s.narrow[k] = slices.Grow(s.narrow[k][:0], len(s.out))[:len(s.out)]
	call.Out = []ad.Array{ad.F32s(s.narrow[k])}
	if err := p.prog[which][d].Run(ctx, call); err != nil {
		return err
	}
	simd.CvtF32F64(s.out, s.narrow[k])
	return nil
}
