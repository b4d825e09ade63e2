package ad

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// opQuantile is an integer-valued quantile of two parameters; its attribute is the function. It is flat almost
// everywhere.
var opQuantile = &opDef{name: "quantile", rowwise: true, lift: liftElementwise}

type quantile func(u, a, b float64) float64

func init() {
	opQuantile.vjp = func(n *node, c Value, need []bool) []Value { return make([]Value, len(n.in)) }
	opQuantile.jvp = func(n *node, t []Value) Value { return Value{} }
	opQuantile.emit = func(c *planner, n *node) {
		f := n.attr.(quantile)
		u, a, b := c.operand(n.in[0], n, true), c.operand(n.in[1], n, true), c.operand(n.in[2], n, true)
		c.push(instr{name: "quantile", reads: []*node{u.n, a.n, b.n}, writes: []*node{n},
			bind: func(at func(*node) ref) func(*frame) {
				o, ru, ra, rb := at(n), at(u.n), at(a.n), at(b.n)
				return func(fr *frame) {
					dst := vec[float64](fr, o)
					x, y, z := reader(vec[float64](fr, ru), u), reader(vec[float64](fr, ra), a),
						reader(vec[float64](fr, rb), b)
					for i := range dst {
						dst[i] = f(x.at(i), y.at(i), z.at(i))
					}
				}
			}})
	}
}

func quantileOf(name string, f quantile, u, a, b Value) Value {
	for _, v := range []Value{u, a, b} {
		if v.n == nil || v.n.dtype != F64 {
			fail(name, "needs float64 operands")
		}
	}
	u, a = Broadcast2(name, u, a)
	u, b = Broadcast2(name, u, b)
	a, b = Broadcast2(name, a, b)
	return add(opQuantile, f, u.n.shape, F64, u, a, b)
}

// PoissonQuantile is the least integer k with P(X ≤ k) ≥ u for X of mean lambda: with u uniform, a draw by
// inversion. Float64 only; its derivative is zero. A mean that is negative or not finite gives NaN. Cost: some
// twenty incomplete gamma functions an element.
func PoissonQuantile(u, lambda Value) Value {
	return quantileOf("poisson_quantile", poissonQuantile, u, lambda, lambda)
}

// BinomialQuantile is the least integer k with P(X ≤ k) ≥ u for X the successes in n trials of probability p; see
// [PoissonQuantile]. An n that is no number of trials, or a p outside [0,1], gives NaN.
func BinomialQuantile(u, n, p Value) Value {
	return quantileOf("binomial_quantile", binomialQuantile, u, n, p)
}

func poissonQuantile(u, λ, _ float64) float64 {
	switch {
	case !(λ >= 0) || math.IsInf(λ, 1) || !(u >= 0 && u <= 1):
		return math.NaN()
	case λ == 0:
		return 0
	}
	return invert(u, λ, math.Sqrt(λ), math.Inf(1), func(k float64) float64 { return mathext.GammaIncRegComp(k+1, λ) })
}

func binomialQuantile(u, n, p float64) float64 {
	switch {
	case !(n >= 0) || math.IsInf(n, 1) || n != math.Trunc(n) || !(p >= 0 && p <= 1) || !(u >= 0 && u <= 1):
		return math.NaN()
	case n == 0 || p == 0:
		return 0
	case p == 1:
		return n
	}
	return invert(u, n*p, math.Sqrt(n*p*(1-p)), n, func(k float64) float64 { return mathext.RegIncBeta(n-k, k+1, 1-p) })
}

// invert finds the least integer k of [0, most] with cdf(k) ≥ u by steps from the mean that double, then halves the
// bracket. cdf(most) counts as 1.
func invert(u, mean, sd, most float64, cdf func(k float64) float64) float64 {
	reaches := func(k float64) bool { return k >= most || cdf(k) >= u }
	lo, hi, step := -1., min(math.Floor(mean), most), math.Ceil(sd)
	if reaches(hi) {
		for k := hi - step; k >= 0; k, step = k-step, 2*step {
			if !reaches(k) {
				lo = k
				break
			}
			hi = k
		}
	} else {
		for lo = hi; ; step *= 2 {
			hi = min(lo+step, most)
			if hi == lo || hi > mean+100*sd+1000 || reaches(hi) { // of u = 1, where the distribution has no end
				break
			}
			lo = hi
		}
	}
	for hi-lo > 1 {
		mid := math.Floor(lo + (hi-lo)/2)
		if mid <= lo || mid >= hi { // integers beyond 2^53
			break
		}
		if reaches(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}

// QuantileOf is a quantile f(u; a, b) that Go code computes, elementwise; its derivative is zero. Float64 only. f must
// be a function, not a closure over what differs between calls.
func QuantileOf(name string, f func(u, a, b float64) float64, u, a, b Value) Value {
	return quantileOf(name, f, u, a, b)
}
