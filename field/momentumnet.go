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
)

// MomentumNet is a network as a field on a momentum path: [MomentumPrecond] scales what it reads, 2d numbers, and turns
// the d that it says into the score, [2d], or the velocity of the probability flow.
//
// What [Net] says of precision, bytes and sharing holds here.
type MomentumNet struct {
	Path     *path.Momentum
	Net      *nn.Weights
	Data     ito.Gaussian   // the moments by which inputs and outputs are scaled, of dimension d
	Predicts ito.Prediction // score or velocity

	pre     *MomentumPrecond
	pool    *ad.Pool
	wide    bool // float64
	progs   *netPrograms
	scratch *sync.Pool
}

// NewMomentumNet binds a network from 2d numbers to d to a momentum path. data are the moments by which it was, or will
// be, trained; kind is score or velocity.
func NewMomentumNet(p *path.Momentum, net *nn.Weights, data ito.Gaussian, kind ito.Prediction) (*MomentumNet, error) {
	pre, err := NewMomentumPrecond(p, data)
	if err != nil {
		return nil, err
	}
	if r, w := net.Ports.Reads(), net.Ports.Writes(); r != 2*pre.d || w != pre.d {
		return nil, &ito.InputError{Where: "network", What: fmt.Sprintf("it reads %d numbers and writes %d; on path %s data of dimension %d take %d and %d",
			r, w, p.Name(), pre.d, 2*pre.d, pre.d)}
	}
	f := &MomentumNet{Path: p, Net: net, Data: data, Predicts: kind, pre: pre, progs: newNetPrograms(net), scratch: &sync.Pool{New: func() any { return new(momentumScratch) }}}
	return f.As(kind)
}

// As is the same field with another prediction, at the same cost: score or velocity.
func (f *MomentumNet) As(kind ito.Prediction) (*MomentumNet, error) {
	if kind != ito.PredScore && kind != ito.PredVelocity {
		return nil, unsupportedKind(f.Path, kind)
	}
	g := *f
	g.Predicts = kind
	return &g, nil
}

// WithPool is [Net.WithPool].
func (f *MomentumNet) WithPool(p *ad.Pool) *MomentumNet {
	g := *f
	g.pool = p
	return &g
}

// Float64 is [Net.Float64].
func (f *MomentumNet) Float64() *MomentumNet {
	g := *f
	g.wide = true
	return &g
}

// Kind implements ito.Field.
func (f *MomentumNet) Kind() ito.Prediction { return f.Predicts }

// OutDim implements ito.Field.
func (f *MomentumNet) OutDim(d int) int { return d }

// Bound implements Network.
func (f *MomentumNet) Bound() ito.Path { return f.Path }

// Network implements Network.
func (f *MomentumNet) Network() *nn.Weights { return f.Net }

// Moments implements Network.
func (f *MomentumNet) Moments() ito.Gaussian { return f.Data }

// Predict implements ito.Field. No condition at all is the absent condition, all zeros.
func (f *MomentumNet) Predict(ctx context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error {
	if err := f.check(x, t, c, dst); err != nil {
		return err
	}
	d := f.pre.d
	return f.chunks(ctx, x, t, c, func(s *momentumScratch, lo, hi int) error {
		n := hi - lo
		size(&s.net.out, n*d)
		if err := f.progs.run(ctx, f.wide, f.pool, predictProgram, n, &s.net, s.net.forward()); err != nil {
			return err
		}
		f.pre.turnData(s.f, s.net.out, n, f.pre.q)
		for i := range n {
			o, y, a := s.scale(i), s.y[2*i*d:2*(i+1)*d], s.a[2*i*d:2*(i+1)*d]
			for k := range d {
				p, F := o.skip[4*k:4*k+4], s.f[i*d+k]
				x, v := y[k]-o.centre[2*k], y[d+k]-o.centre[2*k+1]
				a[k] = float64(p[0]*x) + float64(p[1]*v) + float64(o.out[2*k]*F) + o.offset[2*k]
				a[d+k] = float64(p[2]*x) + float64(p[3]*v) + float64(o.out[2*k+1]*F) + o.offset[2*k+1]
			}
		}
		f.pre.back(dst.Slice(lo, hi).X, s.a, n)
		return nil
	})
}

// VJP implements ito.VJPer.
func (f *MomentumNet) VJP(ctx context.Context, dx, x ito.States, t ito.Times, c ito.Cond, cotangent ito.States) error {
	if err := f.check(x, t, c, dx, cotangent); err != nil {
		return err
	}
	d := f.pre.d
	return f.chunks(ctx, x, t, c, func(s *momentumScratch, lo, hi int) error {
		n := hi - lo
		f.pre.turn(s.y, cotangent.Slice(lo, hi).X, n)
		for i := range n {
			o, w := s.scale(i), s.y[2*i*d:2*(i+1)*d]
			for k := range d {
				s.f[i*d+k] = float64(o.out[2*k]*w[k]) + float64(o.out[2*k+1]*w[d+k])
			}
		}
		size(&s.net.tangent, n*d)
		f.pre.turnData(s.net.tangent, s.f, n, f.pre.qt)
		size(&s.net.out, 2*n*d)
		if err := f.progs.run(ctx, f.wide, f.pool, vjpProgram, n, &s.net, append(s.net.forward(), s.net.tangent)); err != nil {
			return err
		}
		f.pre.turn(s.a, s.net.out, n)
		for i := range n {
			o, w, a := s.scale(i), s.y[2*i*d:2*(i+1)*d], s.a[2*i*d:2*(i+1)*d]
			for k := range d {
				p, in := o.skip[4*k:4*k+4], o.in[3*k:3*k+3]
				gx, gv := a[k], a[d+k]
				a[k] = float64(p[0]*w[k]) + float64(p[2]*w[d+k]) + float64(in[0]*gx) + float64(in[1]*gv)
				a[d+k] = float64(p[1]*w[k]) + float64(p[3]*w[d+k]) + float64(in[2]*gv)
			}
		}
		f.pre.back(dx.Slice(lo, hi).X, s.a, n)
		return nil
	})
}

// Divergence implements ito.Divergencer: exactly, by ⌈d/8⌉ runs of a program with eight tangents or, in fewer than four
// dimensions of data, with 2d.
func (f *MomentumNet) Divergence(ctx context.Context, div []float64, x ito.States, t ito.Times, c ito.Cond) error {
	if err := f.check(x, t, c); err != nil {
		return err
	}
	if err := checkRoom("network", div, x); err != nil {
		return err
	}
	d := f.pre.d
	per := min(2*d, traceTangents)
	return f.chunks(ctx, x, t, c, func(s *momentumScratch, lo, hi int) error {
		n := hi - lo
		tr := div[lo:hi]
		for i := range tr {
			tr[i] = 0
			for k := range d {
				tr[i] += s.scale(i).skip[4*k] + s.scale(i).skip[4*k+3]
			}
		}
		size(&s.net.tangent, 2*n*per*d)
		size(&s.net.out, n*per*d)
		for first := 0; first < d; first += per {
			for i := range n {
				for j := range per {
					at := (i*per + j) * 2 * d
					f.column(s.net.tangent[at:at+2*d], s.scale(i), first+j)
				}
			}
			if err := f.progs.run(ctx, f.wide, f.pool, traceProgram, n, &s.net, append(s.net.forward(), s.net.tangent)); err != nil {
				return err
			}
			for i := range n {
				for j := range min(per, d-first) {
					tr[i] += s.net.out[(i*per+j)*d+first+j]
				}
			}
		}
		return nil
	})
}

// column writes column j of N R, [2d,d] with N the scales of the input and R those of the output, in data coordinates;
// zeros beyond the last.
func (f *MomentumNet) column(dst []float64, o *momentumScales, j int) {
	clear(dst)
	d := f.pre.d
	if j >= d {
		return
	}
	for k := range d {
		in, x, v := o.in[3*k:3*k+3], o.out[2*k], o.out[2*k+1]
		gx, gv := in[0]*x, float64(in[1]*x)+float64(in[2]*v)
		if f.pre.q == nil {
			if k == j {
				dst[k], dst[d+k] = gx, gv
			}
			continue
		}
		w := f.pre.q[j*d+k]
		for i, q := range f.pre.qt[k*d : (k+1)*d] {
			dst[i] += float64(gx * w * q)
			dst[d+i] += float64(gv * w * q)
		}
	}
}

func (f *MomentumNet) check(x ito.States, t ito.Times, c ito.Cond, others ...ito.States) error {
	return checkNet(f.Net, 2*f.pre.d, x, t, c, others)
}

// momentumScratch is the memory of one chunk, in float64, row-major.
type momentumScratch struct {
	net    netScratch // what the program reads and writes
	y, a   []float64  // [n,2d]
	f      []float64  // [n,d]
	scales []*momentumScales
	at     []int // [n] the scales of a row
}

func (s *momentumScratch) scale(i int) *momentumScales { return s.scales[s.at[i]] }

// chunks runs do for every chunk of rows, with y, x̃, c(t) and the condition prepared.
func (f *MomentumNet) chunks(ctx context.Context, x ito.States, t ito.Times, c ito.Cond, do func(s *momentumScratch, lo, hi int) error) error {
	s := f.scratch.Get().(*momentumScratch)
	defer f.scratch.Put(s)
	return byChunks(ctx, x.N, func(lo, hi int) error {
		f.prepare(s, x.Slice(lo, hi), t.Slice(lo, hi), c.Slice(lo, hi))
		return do(s, lo, hi)
	})
}

func (f *MomentumNet) prepare(s *momentumScratch, x ito.States, t ito.Times, c ito.Cond) {
	d, n := f.pre.d, x.N
	for _, b := range []*[]float64{&s.y, &s.a, &s.net.in} {
		size(b, 2*n*d)
	}
	size(&s.f, n*d)
	size(&s.net.feat, n)
	s.at = slices.Grow(s.at[:0], n)[:n]
	used := 0
	for i := range n {
		if i == 0 || len(t) > 1 && t[i] != t[i-1] {
			if used == len(s.scales) {
				s.scales = append(s.scales, f.pre.newScales())
			}
			f.pre.at(s.scales[used], t.At(i), f.Predicts)
			used++
		}
		s.at[i] = used - 1
	}
	copy(s.a, x.X)
	for i := range n {
		for k, μ := range f.pre.mean {
			s.a[2*i*d+k] -= μ
		}
	}
	f.pre.turn(s.y, s.a, n)
	for i := range n {
		o, y, a := s.scale(i), s.y[2*i*d:2*(i+1)*d], s.a[2*i*d:2*(i+1)*d]
		for k := range d {
			in := o.in[3*k : 3*k+3]
			x, v := y[k]-o.centre[2*k], y[d+k]-o.centre[2*k+1]
			a[k], a[d+k] = in[0]*x, float64(in[1]*x)+float64(in[2]*v)
		}
		s.net.feat[i] = o.feat[0]
	}
	f.pre.back(s.net.in, s.a, n)
	size(&s.net.cond, n*f.Net.Ports.CondWidth())
	if c.None() {
		clear(s.net.cond)
	} else {
		copy(s.net.cond, c.X)
	}
}
