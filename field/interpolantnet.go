package field

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// InterpolantNet is a network as the fields of a stochastic interpolant. It writes D numbers for each of its targets, which
// [PairScaling] turns into b, v, η or s, and these into the prediction asked for:
//
//	velocity  b, or v + γ̇η, or v − γγ̇s, or v where the path has no noise
//	score     s, or −η/γ
//	ε         η, or −γs
//	reduced   v: [PredReduced]
//	both      velocity and score, by one call: [PredBoth]
//
// An evaluation is one call of the network, computed in float32 (float64 after [InterpolantNet.Float64]). Between the ends
// a row's bytes depend on the row, its time and condition only. An InterpolantNet is immutable and safe for concurrent
// calls; its fields are for reading.
type InterpolantNet struct {
	Path     ito.TwoEnded
	Net      *nn.Weights
	Pairs    ito.Gaussian             // moments of (x_0,x_1), by which inputs and outputs are scaled
	Targets  []path.InterpolantTarget // what the network's outputs are, one after the other
	Predicts ito.Prediction

	scale *PairScaling
	pool  *ad.Pool
	wide  bool
	progs *netPrograms
}

// NewInterpolantNet binds a network to an interpolant. pairs are the moments by which the network was, or will be, trained.
// A network of another shape, and a prediction that its targets do not give, are an [ito.InputError].
func NewInterpolantNet(p ito.TwoEnded, net *nn.Weights, pairs ito.Gaussian, targets []path.InterpolantTarget, kind ito.Prediction) (*InterpolantNet, error) {
	s, err := NewPairScaling(p, pairs, targets...)
	if err != nil {
		return nil, err
	}
	if p := net.Ports; p.Reads() != s.d || p.Writes() != s.d*len(targets) {
		return nil, &ito.InputError{Where: "network", What: fmt.Sprintf("it reads %d numbers and writes %d, the ends have dimension %d and there are %d targets", p.Reads(), p.Writes(), s.d, len(targets))}
	}
	f := &InterpolantNet{Path: p, Net: net, Pairs: pairs, Targets: slices.Clone(targets), scale: s, progs: newNetPrograms(net)}
	return f.As(kind)
}

// As is the same network with another prediction, at the same cost.
func (f *InterpolantNet) As(kind ito.Prediction) (*InterpolantNet, error) {
	g := *f
	g.Predicts = kind
	if err := g.mixAll(new([2]mixing), f.Path.Interpolation(.5)); err != nil {
		return nil, err
	}
	return &g, nil
}

// WithPool is the same field, evaluated by the workers of a pool; nil is the caller alone. The bytes are the same.
func (f *InterpolantNet) WithPool(p *ad.Pool) *InterpolantNet {
	g := *f
	g.pool = p
	return &g
}

// Float64 is the same field with the network computed in float64.
func (f *InterpolantNet) Float64() *InterpolantNet {
	g := *f
	g.wide = true
	return &g
}

// Kind implements ito.Field.
func (f *InterpolantNet) Kind() ito.Prediction { return f.Predicts }

// OutDim implements ito.Field: d, or 2d of [PredBoth].
func (f *InterpolantNet) OutDim(d int) int { return d * f.parts() }

// pairScratch is the memory of a chunk.
type pairScratch struct {
	netScratch
	laws []*pairLaw
	mix  [][2]mixing
}

// chunks runs do for every chunk of rows, with x̃, c(t) and the condition prepared.
func (f *InterpolantNet) chunks(ctx context.Context, x ito.States, t ito.Times, c ito.Cond, do func(s *pairScratch, lo, hi int) error) error {
	switch {
	case x.D != f.scale.d:
		return &ito.InputError{Where: "network", What: fmt.Sprintf("states of dimension %d, it was trained on %d", x.D, f.scale.d)}
	case len(t) != 1 && len(t) != x.N:
		return &ito.InputError{Where: "network", What: fmt.Sprintf("%d times for %d rows", len(t), x.N)}
	case !c.None() && (c.C != f.Net.Ports.CondWidth() || len(c.X) != c.C*x.N):
		return &ito.InputError{Where: "network", What: fmt.Sprintf("a condition of width %d with %d values for %d rows, it was trained with width %d", c.C, len(c.X), x.N, f.Net.Ports.CondWidth())}
	}
	s := new(pairScratch)
	return byChunks(ctx, x.N, func(lo, hi int) error {
		if err := f.prepare(s, x.Slice(lo, hi), t.Slice(lo, hi), c, lo); err != nil {
			return err
		}
		return do(s, lo, hi)
	})
}

func (f *InterpolantNet) prepare(s *pairScratch, x ito.States, t ito.Times, c ito.Cond, lo int) error {
	d, n, w := x.D, x.N, f.Net.Ports.CondWidth()
	s.n = n
	size(&s.in, n*d)
	size(&s.feat, n)
	size(&s.cond, n*w)
	s.at = slices.Grow(s.at[:0], n)[:n]
	s.used = 0
	for i := range n {
		if i == 0 || len(t) > 1 && t[i] != t[i-1] {
			if s.used == len(s.laws) {
				s.laws, s.mix = append(s.laws, f.scale.newLaw()), append(s.mix, [2]mixing{})
			}
			l := s.laws[s.used]
			f.scale.set(l, f.scale.within(t.At(i)))
			if err := f.mixAll(&s.mix[s.used], l.i); err != nil {
				return err
			}
			s.used++
		}
		s.at[i] = s.used - 1
		l := s.laws[s.at[i]]
		s.feat[i] = l.feat
		for k, v := range x.Row(i) {
			s.in[i*d+k] = (v - l.m[k]) * l.in[k]
		}
	}
	if c.None() {
		clear(s.cond)
	} else {
		copy(s.cond, c.X[lo*w:(lo+n)*w])
	}
	return nil
}

// Predict implements ito.Field.
func (f *InterpolantNet) Predict(ctx context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error {
	parts := f.parts()
	if dst.N != x.N || dst.D != parts*x.D {
		return shapeError("predictions", dst, x)
	}
	d, heads := f.scale.d, len(f.Targets)
	return f.chunks(ctx, x, t, c, func(s *pairScratch, lo, hi int) error {
		n := hi - lo
		size(&s.out, n*d*heads)
		if err := f.progs.run(ctx, f.wide, f.pool, predictProgram, n, &s.netScratch, s.forward()); err != nil {
			return err
		}
		for i := range n {
			l := s.laws[s.at[i]]
			clear(dst.Row(lo + i))
			for p := range parts {
				w, row := &s.mix[s.at[i]][p], dst.Row(lo + i)[p*d:(p+1)*d]
				for h := range heads {
					if w[h] == 0 {
						continue
					}
					for k := range row {
						y := s.in[i*d+k] / l.in[k]
						row[k] += w[h] * (l.mean[h*d+k] + float64(l.skip[h*d+k]*y) + float64(l.out[h*d+k]*s.out[(i*heads+h)*d+k]))
					}
				}
			}
		}
		return nil
	})
}

// VJP implements ito.VJPer. [PredBoth] has none.
func (f *InterpolantNet) VJP(ctx context.Context, dx, x ito.States, t ito.Times, c ito.Cond, cotangent ito.States) error {
	if f.Predicts == PredBoth {
		return errBoth("a gradient")
	}
	for _, o := range []ito.States{dx, cotangent} {
		if o.N != x.N || o.D != x.D {
			return shapeError("rows", o, x)
		}
	}
	d, heads := f.scale.d, len(f.Targets)
	return f.chunks(ctx, x, t, c, func(s *pairScratch, lo, hi int) error {
		n := hi - lo
		size(&s.tangent, n*d*heads)
		size(&s.out, n*d)
		for i := range n {
			l, w, row := s.laws[s.at[i]], &s.mix[s.at[i]][0], cotangent.Row(lo+i)
			for h := range heads {
				for k, v := range row {
					s.tangent[(i*heads+h)*d+k] = w[h] * l.out[h*d+k] * v
				}
			}
		}
		if err := f.progs.run(ctx, f.wide, f.pool, vjpProgram, n, &s.netScratch, append(s.forward(), s.tangent)); err != nil {
			return err
		}
		for i := range n {
			l, w, row := s.laws[s.at[i]], &s.mix[s.at[i]][0], cotangent.Row(lo+i)
			for k, v := range row {
				skip := 0.0
				for h := range heads {
					skip += float64(w[h] * l.skip[h*d+k])
				}
				dx.Row(lo + i)[k] = float64(skip*v) + float64(l.in[k]*s.out[i*d+k])
			}
		}
		return nil
	})
}

// Divergence implements ito.Divergencer, exactly, by ⌈D/8⌉ runs of a program with eight tangents. [PredBoth] has none.
func (f *InterpolantNet) Divergence(ctx context.Context, div []float64, x ito.States, t ito.Times, c ito.Cond) error {
	if f.Predicts == PredBoth {
		return errBoth("a divergence")
	}
	if err := checkRoom("network", div, x); err != nil {
		return err
	}
	d, heads := f.scale.d, len(f.Targets)
	per := min(d, traceTangents)
	return f.chunks(ctx, x, t, c, func(s *pairScratch, lo, hi int) error {
		n := hi - lo
		size(&s.tangent, n*per*d)
		size(&s.out, n*per*heads*d)
		clear(div[lo:hi])
		for first := 0; first < d; first += per {
			clear(s.tangent)
			for i := range n {
				for j := range min(per, d-first) {
					s.tangent[(i*per+j)*d+first+j] = s.laws[s.at[i]].in[first+j]
				}
			}
			if err := f.progs.run(ctx, f.wide, f.pool, traceProgram, n, &s.netScratch, append(s.forward(), s.tangent)); err != nil {
				return err
			}
			for i := range n {
				l, w := s.laws[s.at[i]], &s.mix[s.at[i]][0]
				for j := range min(per, d-first) {
					k := first + j
					for h := range heads {
						div[lo+i] += w[h] * (l.skip[h*d+k] + float64(l.out[h*d+k]*s.out[((i*per+j)*heads+h)*d+k]))
					}
				}
			}
		}
		return nil
	})
}

// Bound implements Network.
func (f *InterpolantNet) Bound() ito.Path { return f.Path }

// Network implements Network.
func (f *InterpolantNet) Network() *nn.Weights { return f.Net }

// Moments implements Network: those of the pairs (x_0,x_1), of 2D dimensions.
func (f *InterpolantNet) Moments() ito.Gaussian { return f.Pairs }
