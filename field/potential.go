package field

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
)

// NewPotential binds a network of one output to a path as the potential of a field: with x̃ and c the input and time
// feature of [Precond], s0 the geometric mean of the variances of the data in the modes, and N the network,
//
//	u(x,t) = −½|x̃|² + k(t) N(x̃,c) − ½ Σ log 2πs,   k = α√s0/σ = e^{−c},   score = ∇u,
//
// so that u is a log density up to a function of time, the score is a gradient field, and N = 0 is exact for Gaussian data.
// It is in every other respect the field that [NewNet] makes: it predicts any kind and has all derivatives. An evaluation
// costs a forward and a backward run of the network. The activation must be smooth: not relu.
//
// The path has one mode: the Fokker–Planck equation of [Net.Residual] is told in its one clock.
func NewPotential(p ito.Diagonal, net *nn.Weights, data ito.Gaussian, kind ito.Prediction) (*Net, error) {
	pre, err := NewPrecond(p, data)
	if err != nil {
		return nil, err
	}
	switch {
	case pre.modes != 1:
		return nil, &ito.UnsupportedError{What: "a potential on path " + p.Name(), Why: "its modes have clocks of their own", Nearest: "vp"}
	case net.Ports.Reads() != pre.d || net.Ports.Writes() != 1:
		return nil, &ito.InputError{Where: "network", What: fmt.Sprintf("it reads %d numbers and writes %d, a potential of data of dimension %d writes 1", net.Ports.Reads(), net.Ports.Writes(), pre.d)}
	case !net.Smooth():
		return nil, &ito.UnsupportedError{What: "a potential by a network that is not smooth", Why: "its score would be constant in pieces", Nearest: "one with activation silu"}
	}
	if err := predicts(p, kind); err != nil {
		return nil, err
	}
	f := &Net{Path: p, Net: net, Data: data, Predicts: kind, Potential: true, pre: pre, progs: newNetPrograms(net)}
	f.progs.potential = pre.Potential()
	return f, nil
}

// Potential is how a scalar network enters the fields of a path: see [NewPotential].
type Potential struct {
	d     int
	q     []float64 // Q [D,D]; nil for the identity
	frame []float64 // −Q diag(√s0/√s0_j) Qᵀ [D,D]
}

// Potential is that of the scaling.
func (c *Precond) Potential() *Potential {
	d := c.d
	p := &Potential{d: d, q: c.q, frame: make([]float64, d*d)}
	mean := c.meanLog()
	for j := range d {
		w := math.Exp(mean - c.log[j])
		for a := range d {
			for b := range d {
				switch {
				case c.q != nil:
					p.frame[a*d+b] -= w * c.q[a*d+j] * c.q[b*d+j]
				case a == j && b == j:
					p.frame[a*d+b] = -w
				}
			}
		}
	}
	return p
}

// meanLog is the mean over modes of ½ log s0.
func (c *Precond) meanLog() float64 {
	sum := 0.0
	for _, l := range c.log {
		sum += l
	}
	return sum / float64(c.d)
}

// Output traces what takes the place of the network's output F: −√(s0/s0_j) ∂_jN in the modes, [D] in data coordinates.
func (p *Potential) Output(g *ad.Graph, n, x ad.Value) ad.Value {
	return ad.MatMul(ad.Grad(ad.Sum(n), x)[0], g.Const(x.DType(), p.frame, p.d, p.d))
}

// Residual traces the residual of the Fokker–Planck equation of the log density for one sample. Along a path with
// dx = f(x−μ)dt + g dw it is
//
//	r = ω (∂_t u + f·((x−μ)·∇u + D)) − ½σ²(Δu + |∇u|²),   ω = σ²/g²,
//
// which vanishes for the log density of x_t, and for every u of its score is a function of t alone: an error in units of a
// log density per unit of log(σ²/α²). In the coordinates of [NewPotential], less what depends on t alone,
//
//	r = ½k [ δ∂_cN − N + Σ_j ρ_j ( x̃_j ∂_jN − ∂_jjN − k (∂_jN)² ) ],   ρ = σ²/s,
//
// with the sum over the modes. n traces N at (x̃,c); rho [D], k [1] and δ [1] are those of [Precond.Clock].
func (p *Potential) Residual(g *ad.Graph, n func(x, feat ad.Value) ad.Value, x, feat, rho, k, slope ad.Value) ad.Value {
	dt, d := x.DType(), p.d
	N := ad.Sum(n(x, feat))
	first := ad.Grad(N, x, feat)
	q := func(j int) ad.Value { // the j-th mode
		v := make([]float64, d)
		for i := range d {
			switch {
			case p.q != nil:
				v[i] = p.q[i*d+j]
			case i == j:
				v[i] = 1
			}
		}
		return g.Const(dt, v, d)
	}
	k, slope = ad.Sum(k), ad.Sum(slope)
	r := ad.Neg(N)
	if !first[1].IsZero() {
		r = ad.Add(r, ad.Mul(slope, ad.Sum(first[1])))
	}
	for j := range d {
		e := q(j)
		bend := ad.JVP([]ad.Value{first[0]}, []ad.Value{x}, []ad.Value{e})[0]
		if bend.IsZero() {
			bend = ad.Zeros(x)
		}
		dj := ad.Dot(first[0], e)
		term := ad.Sub(ad.Mul(dj, ad.Sub(ad.Dot(x, e), ad.Mul(k, dj))), ad.Dot(bend, e))
		r = ad.Add(r, ad.Mul(ad.At(rho, 0, j), term))
	}
	return ad.Scale(ad.Mul(k, r), .5)
}

// Clock writes what [Potential.Residual] needs of t: ρ = σ²/s [D], and returns k and δ, the part of the modes whose time
// feature is not cut.
func (c *Precond) Clock(t float64, rho []float64) (k, slope float64) {
	var a, s [1]float64
	c.path.Schedule(t, a[:], s[:], nil, nil)
	α, σ := a[0], s[0]
	for j, s0 := range c.s0 {
		rho[j] = float64(σ*σ) / (float64(α*α*s0) + float64(σ*σ))
		if math.Abs(math.Log(σ/α)-c.log[j]) < cutFeature {
			slope += 1 / float64(c.d)
		}
	}
	return α * math.Exp(c.meanLog()) / σ, slope
}

// LogDensity writes u(x,t), a log density in nats up to a function of t and of the condition, of each row into dst [N]. Only
// a potential has one, and at σ = 0 it is not finite.
func (f *Net) LogDensity(ctx context.Context, dst []float64, x ito.States, t ito.Times, c ito.Cond) error {
	return f.scalars(ctx, valueProgram, dst, x, t, c, func(row, i int, s *netScratch, at float64) {
		d := f.pre.d
		k, _ := f.pre.Clock(at, s.a[:d])
		o, u := s.scale(i), k*s.out[i]
		for j := range d {
			y := (s.y[i*d+j] - o.centre[j]) * o.in[j]
			u -= float64(y*y)/2 + math.Log(2*math.Pi)/2 - math.Log(o.in[j])
		}
		dst[row] = u
	})
}

// Residual writes the residual of the Fokker–Planck equation, see [Potential.Residual], of each row into dst [N]: the same
// for all x of one time where the potential's flow and its SDE have the same marginals.
func (f *Net) Residual(ctx context.Context, dst []float64, x ito.States, t ito.Times, c ito.Cond) error {
	return f.scalars(ctx, residualProgram, dst, x, t, c, func(row, i int, s *netScratch, _ float64) { dst[row] = s.out[i] })
}

// scalars runs a program of one number a row and calls do for each row and its place in the chunk.
func (f *Net) scalars(ctx context.Context, which int, dst []float64, x ito.States, t ito.Times, c ito.Cond, do func(row, i int, s *netScratch, at float64)) error {
	if !f.Potential {
		return &ito.UnsupportedError{What: "a log density of this network", Why: "it is not a potential", Nearest: "a network with one output"}
	}
	if err := f.check(x, t, c); err != nil {
		return err
	}
	if len(dst) != x.N {
		return &ito.InputError{Where: "network", What: fmt.Sprintf("room for %d numbers of %d rows", len(dst), x.N)}
	}
	d := f.pre.d
	return f.chunks(ctx, x, t, c, func(s *netScratch, lo, hi int) error {
		n := hi - lo
		in := s.forward()
		if which == residualProgram {
			size(&s.dfeat, n)
			ks := make([]float64, n)
			for i := range n {
				ks[i], s.dfeat[i] = f.pre.Clock(t.At(lo+i), s.tangent[i*d:(i+1)*d])
			}
			in = append(in, s.tangent, ks, s.dfeat)
		}
		size(&s.out, n)
		if err := f.progs.run(ctx, f.wide, f.pool, which, n, s, in); err != nil {
			return err
		}
		for i := range n {
			do(lo+i, i, s, t.At(lo+i))
		}
		return nil
	})
}
