package field

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/path"
)

// PairScaling scales the inputs and outputs of a network by the law that an interpolant gives pairs (x_0,x_1) of known
// moments, as [Precond] does for one end. Per coordinate, with means m, variances s and covariance c of the ends,
//
//	x̃ = (x_t − m_t)/√v,   m_t = A m_0 + B m_1,   v = A²s_0 + 2ABc + B²s_1 + γ²,
//
// and a target T = a x_0 + b x_1 + ζz of mean μ_T has its regression on x_t taken out,
//
//	T̂ = μ_T + q/v (x_t − m_t) + out·F,   q = aA s_0 + (aB+bA)c + bB s_1 + ζγ,
//
// so that uncorrelated Gaussians are exact at F = 0. The network's part has a size that stays finite at the ends:
//
//	v  √(Var İ − q²/v)    b  √(Var İ − q_v²/v + (γγ̇)²/v)    η  √(1−γ²/v)    s  1/√v
//
// where b and s have targets with 1/γ or γ̇ in them, whose conditional means stay finite all the same. The network is told
// the time by log(t/(1−t)) between 1e-4 and 1−1e-4; beyond, every field is that of the nearer of the two times.
//
// A PairScaling is immutable and safe for concurrent use.
type PairScaling struct {
	path   ito.TwoEnded
	pairs  ito.Gaussian
	d      int
	heads  []path.InterpolantTarget
	lo, hi float64
}

// endClip keeps times away from ends where γ vanishes.
const endClip = 1e-4

// NewPairScaling plans the scaling of one output of D numbers for each target. pairs are the moments of (x_0,x_1), of 2D
// dimensions. Moments that do not fit or are not finite, no target or a target that the path does not have (η and s
// without noise) are an [ito.InputError].
func NewPairScaling(p ito.TwoEnded, pairs ito.Gaussian, heads ...path.InterpolantTarget) (*PairScaling, error) {
	bad := func(format string, args ...any) (*PairScaling, error) {
		return nil, &ito.InputError{Where: "scaling on path " + p.Name(), What: fmt.Sprintf(format, args...)}
	}
	n := len(pairs.Mean)
	if n == 0 || n%2 != 0 || len(pairs.Cov) != n*n {
		return bad("%d means and %d covariances are no moments of pairs", n, len(pairs.Cov))
	}
	if d := p.Dim(); d != 0 && d != n/2 {
		return bad("the ends have dimension %d, the path %d", n/2, d)
	}
	for i, v := range append(append([]float64(nil), pairs.Mean...), pairs.Cov...) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return bad("moment %d of the pairs is %g", i, v)
		}
	}
	for i := range n {
		if pairs.Cov[i*n+i] < 0 {
			return bad("the variance of column %d of the pairs is %g", i, pairs.Cov[i*n+i])
		}
	}
	if len(heads) == 0 {
		return bad("there is nothing to predict")
	}
	c := &PairScaling{path: p, pairs: pairs, d: n / 2, heads: heads}
	c.lo, c.hi = p.Span()
	noise := p.Interpolation((c.lo+c.hi)/2).Gamma > 0
	for _, h := range heads {
		if h > path.TargetS {
			return bad("target %d is not one", h)
		}
		if !noise && (h == path.TargetEta || h == path.TargetS) {
			return bad("%s of a path without noise", h)
		}
	}
	if p.Interpolation(c.lo).Gamma == 0 {
		c.lo += endClip
	}
	if p.Interpolation(c.hi).Gamma == 0 {
		c.hi -= endClip
	}
	return c, nil
}

// Path is the path of NewPairScaling.
func (c *PairScaling) Path() ito.TwoEnded { return c.path }

// Span is the range of times at which the scaling is meant: the path's, less 1e-4 where γ vanishes.
func (c *PairScaling) Span() (lo, hi float64) { return c.lo, c.hi }

// within is t moved into Span.
func (c *PairScaling) within(t float64) float64 { return math.Min(math.Max(t, c.lo), c.hi) }

// pairLaw is the law of x_t and of every head's target at one time, coordinate by coordinate.
type pairLaw struct {
	t          float64
	i          ito.Interpolation
	feat       float64
	m, in      []float64  // [D] m_t and 1/√v
	mean       []float64  // [H,D] μ_T
	skip, out  []float64  // [H,D]
	a, b, zeta [4]float64 // coefficients of each head's target
}

func (c *PairScaling) newLaw() *pairLaw {
	d, h := c.d, len(c.heads)
	all := make([]float64, 2*d+3*h*d)
	return &pairLaw{t: math.NaN(), m: all[:d], in: all[d : 2*d], mean: all[2*d : (2+h)*d], skip: all[(2+h)*d : (2+2*h)*d], out: all[(2+2*h)*d:]}
}

// coefficients are those of a target T = a x_0 + b x_1 + ζz.
func coefficients(i ito.Interpolation, what path.InterpolantTarget) (a, b, zeta float64) {
	switch what {
	case path.TargetB:
		if i.Gamma != 0 {
			zeta = i.HalfDGamma2 / i.Gamma
		}
		return i.DA, i.DB, zeta
	case path.TargetV:
		return i.DA, i.DB, 0
	case path.TargetEta:
		return 0, 0, 1
	}
	return 0, 0, -1 / i.Gamma
}

// set moves the law to t, in Span.
func (c *PairScaling) set(l *pairLaw, t float64) {
	if t == l.t {
		return
	}
	l.t, l.i, l.feat = t, c.path.Interpolation(t), math.Log(t/math.Max(1-t, endClip))
	i, d, n := l.i, c.d, 2*c.d
	for h, what := range c.heads {
		l.a[h], l.b[h], l.zeta[h] = coefficients(i, what)
	}
	for k := range d {
		s0, s1, c01 := c.pairs.Cov[k*n+k], c.pairs.Cov[(d+k)*n+d+k], c.pairs.Cov[k*n+d+k]
		quad := func(a, b, A, B float64) float64 { // Cov(a x_0 + b x_1, A x_0 + B x_1)
			return float64(a*A*s0) + (float64(a*B)+float64(b*A))*c01 + float64(b*B*s1)
		}
		v := math.Max(quad(i.A, i.B, i.A, i.B)+float64(i.Gamma*i.Gamma), 1e-30)
		l.m[k], l.in[k] = float64(i.A*c.pairs.Mean[k])+float64(i.B*c.pairs.Mean[d+k]), 1/math.Sqrt(v)
		for h, what := range c.heads {
			a, b := l.a[h], l.b[h]
			q := quad(a, b, i.A, i.B)
			left := math.Max(quad(a, b, a, b)-q*q/v, 0)
			switch what {
			case path.TargetB:
				left += float64(i.HalfDGamma2 * i.HalfDGamma2 / v)
				q += i.HalfDGamma2
			case path.TargetEta:
				left, q = math.Max(1-i.Gamma*i.Gamma/v, 0), i.Gamma
			case path.TargetS:
				left, q = 1/v, -1
			}
			l.mean[h*d+k] = float64(a*c.pairs.Mean[k]) + float64(b*c.pairs.Mean[d+k])
			l.skip[h*d+k], l.out[h*d+k] = q/v, math.Sqrt(left)
		}
	}
}

// PairBatch is what a training program reads of n samples, as [PairScaling.Prepare] writes it: with F [H,D] the network's
// output at (X, Feat), the squared error of a sample's predictions is Σ Weight (F − Target)².
type PairBatch struct {
	N, D, H int
	X       []float32 // [N,D] x̃
	Feat    []float32 // [N]
	Target  []float32 // [N,H,D]
	Weight  []float32 // [N,H,D] out²
	x       []float64
}

// NewPairBatch makes room for n samples of dimension d and h targets.
func NewPairBatch(n, d, h int) *PairBatch {
	return &PairBatch{N: n, D: d, H: h, X: make([]float32, n*d), Feat: make([]float32, n), Target: make([]float32, n*h*d), Weight: make([]float32, n*h*d), x: make([]float64, n*d)}
}

// Prepare writes inputs, targets and weights of x_t = A x_0 + B x_1 + γz for given ends, noise and times. Times beyond Span
// are moved to its ends.
func (c *PairScaling) Prepare(b *PairBatch, x0, x1, z ito.States, t ito.Times) error {
	d, heads := c.d, len(c.heads)
	for _, s := range []ito.States{x0, x1, z} {
		if s.N != b.N || s.D != d || b.D != d || b.H != heads || len(t) != 1 && len(t) != b.N {
			return &ito.InputError{Where: "training batch", What: fmt.Sprintf("room for %d×%d×%d, rows %d×%d, %d times; the path has %d targets of dimension %d",
				b.N, b.H, b.D, s.N, s.D, len(t), heads, d)}
		}
	}
	l := c.newLaw()
	for r := range b.N {
		c.set(l, c.within(t.At(r)))
		b.Feat[r] = float32(l.feat)
		u, w, ε := x0.Row(r), x1.Row(r), z.Row(r)
		for k := range d {
			y := float64(l.i.A*u[k]) + float64(l.i.B*w[k]) + float64(l.i.Gamma*ε[k]) - l.m[k]
			b.x[r*d+k] = y * l.in[k]
			for h := range heads {
				at, to := h*d+k, (r*heads+h)*d+k
				target := float64(l.a[h]*u[k]) + float64(l.b[h]*w[k]) + float64(l.zeta[h]*ε[k]) - l.mean[at] - float64(l.skip[at]*y)
				out := l.out[at]
				b.Target[to], b.Weight[to] = 0, float32(out*out)
				if out > 0 {
					b.Target[to] = float32(target / out)
				}
			}
		}
	}
	simd.CvtF64F32(b.X, b.x)
	return nil
}
