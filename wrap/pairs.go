package wrap

import (
	"fmt"
	"math"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// Pairs scales the inputs and outputs of a network by the law that an interpolant gives pairs (x_0,x_1) of known
// moments, as [Moments] does for one end. Per coordinate, with means m, variances s and covariance c of the ends,
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
// where b and s have targets with 1/γ or γ̇ in them, whose conditional means stay finite all the same. The network
// is told the time by log(t/(1−t)) between 1e-4 and 1−1e-4; beyond, every field is that of the nearer of the two
// times.
//
// A Pairs is immutable and safe for concurrent use.
type Pairs struct {
	path   ito.TwoEnded
	pairs  ito.Gaussian
	cross  []float64 // [D] covariances of the ends, column by column, where pairs has variances alone; nil: as pairs
	d      int
	heads  []path.InterpolantTarget
	lo, hi float64
}

// endClip keeps times away from ends where γ vanishes.
const endClip = 1e-4

// NewPairs plans the scaling of one output of D numbers for each target. pairs are the moments of (x_0,x_1), of 2D
// dimensions. Moments that do not fit or are not finite, no target or a target that the path does not have (η and s
// without noise) are an [ito.InputError].
func NewPairs(p ito.TwoEnded, pairs ito.Gaussian, heads ...path.InterpolantTarget) (*Pairs, error) {
	return NewCoupledPairs(p, pairs, nil, heads...)
}

// NewCoupledPairs is NewPairs of moments that are variances alone, of ends of which column k of one has the covariance
// cross[k] with column k of the other: what is looked at of covariances, without a matrix. nil is NewPairs.
func NewCoupledPairs(p ito.TwoEnded, pairs ito.Gaussian, cross []float64, heads ...path.InterpolantTarget) (*Pairs,
	error) {
	bad := func(format string, args ...any) (*Pairs, error) {
		return nil, &ito.InputError{Where: "scaling on path " + p.Name(), What: fmt.Sprintf(format, args...)}
	}
	n := len(pairs.Mean)
	if n == 0 || n%2 != 0 {
		return bad("%d means are no moments of pairs", n)
	}
	if d := p.Dim(); d != 0 && d != n/2 {
		return bad("the ends have dimension %d, the path %d", n/2, d)
	}
	if err := pairs.Check("scaling on path " + p.Name()); err != nil {
		return nil, err
	}
	if len(heads) == 0 {
		return bad("there is nothing to predict")
	}
	c := &Pairs{path: p, pairs: pairs, cross: cross, d: n / 2, heads: heads}
	if cross != nil {
		if len(cross) != n/2 || !pairs.PerColumn() {
			return bad("%d covariances of ends of dimension %d beside %d of pairs", len(cross), n/2, len(pairs.Cov))
		}
		for k, v := range cross {
			if most := pairs.Cov[k] * pairs.Cov[n/2+k]; !(v*v <= most*(1+1e-6)+1e-300) {
				return bad("column %d has the covariance %g of ends of variances %g and %g", k, v, pairs.Cov[k],
					pairs.Cov[n/2+k])
			}
		}
	}
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

// Kind implements Wrapping.
func (*Pairs) Kind() string { return "pairs" }

// Maker implements Made.
func (c *Pairs) Maker() Maker {
	var names []string
	for _, t := range c.heads {
		names = append(names, t.String())
	}
	return PairsMaker{Targets: strings.Join(names, "+"), Cross: c.cross}
}

// Path implements Wrapping.
func (c *Pairs) Path() ito.Path { return c.path }

// Moments implements Wrapping: those of the pairs (x_0,x_1), of 2D dimensions.
func (c *Pairs) Moments() ito.Gaussian { return c.pairs }

// Targets are what the network writes, one after the other.
func (c *Pairs) Targets() []path.InterpolantTarget { return c.heads }

// Coupled reports covariances of the ends beside moments that have none.
func (c *Pairs) Coupled() bool { return c.cross != nil }

// Sizes implements Wrapping.
func (c *Pairs) Sizes() Sizes { return Sizes{c.d, c.d, c.d * len(c.heads)} }

// OutDim implements Wrapping: d, or 2d of [path.PredBoth].
func (c *Pairs) OutDim(kind ito.Prediction) int { return c.d * parts(kind) }

// Check implements Wrapping.
func (c *Pairs) Check(kind ito.Prediction) error {
	return c.mixAll(new([2]mixing), kind, c.path.Interpolation(.5))
}

// Span is the range of times at which the scaling is meant: the path's, less 1e-4 where γ vanishes.
func (c *Pairs) Span() (lo, hi float64) { return c.lo, c.hi }

// within is t moved into Span.
func (c *Pairs) within(t float64) float64 { return math.Min(math.Max(t, c.lo), c.hi) }

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

func (c *Pairs) newLaw() *pairLaw {
	d, h := c.d, len(c.heads)
	all := make([]float64, 2*d+3*h*d)
	return &pairLaw{t: math.NaN(), m: all[:d], in: all[d : 2*d], mean: all[2*d : (2+h)*d],
		skip: all[(2+h)*d : (2+2*h)*d], out: all[(2+2*h)*d:]}
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
func (c *Pairs) set(l *pairLaw, t float64) {
	if t == l.t {
		return
	}
	l.t, l.i, l.feat = t, c.path.Interpolation(t), math.Log(t/math.Max(1-t, endClip))
	i, d := l.i, c.d
	for h, what := range c.heads {
		l.a[h], l.b[h], l.zeta[h] = coefficients(i, what)
	}
	for k := range d {
		s0, s1, c01 := c.pairs.Variance(k), c.pairs.Variance(d+k), c.pairs.Covariance(k, d+k)
		if c.cross != nil {
			c01 = c.cross[k]
		}
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
