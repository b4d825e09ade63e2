package tabular

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// ksP is the probability that the statistic of Kolmogorov and Smirnov of n and m rows of one law reaches d, by the
// limit law with Stephens' correction (J. R. Stat. Soc. B 32, 1970). Ties make it too large, never too small.
func ksP(d float64, n, m int) float64 {
	if n == 0 || m == 0 || d <= 0 {
		return 1
	}
	e := math.Sqrt(float64(n) * float64(m) / float64(n+m))
	λ := (e + .12 + .11/e) * d
	if λ < .3 {
		return 1
	}
	p, sign := 0.0, 2.0
	for k := 1.0; k <= 100; k++ {
		term := sign * math.Exp(-2*k*k*λ*λ)
		p += term
		if math.Abs(term) < 1e-16 {
			break
		}
		sign = -sign
	}
	return min(max(p, 0), 1)
}

// leastExpected is the count that a cell of a table of counts must be expected to have; rarer ones are counted
// together (Cochran, Biometrics 10, 1954).
const leastExpected = 5

// countsP tests that two lists of counts are of one law: χ² = Σ (observed − expected)²/expected over the cells of
// both, on cells − 1 degrees of freedom, with cells that are too rare taken together. effect is √(max(χ²−dof,0)/N),
// Cohen's w without what chance adds.
func countsP(a, b []float64) (p, effect float64) {
	c := countsOf(a, b)
	if c.dof < 1 {
		return sharesP(int(c.rare[0]), int(c.n), int(c.rare[1]), int(c.m)), 0
	}
	return c.test()
}

// counted is the statistic of [countsP].
type counted struct {
	χ2, dof, n, m float64
	rare          [2]float64
}

func (c counted) test() (p, effect float64) {
	return distuv.ChiSquared{K: c.dof}.Survival(max(c.χ2, 0)), math.Sqrt(max(c.χ2-c.dof, 0) / (c.n + c.m))
}

func countsOf(a, b []float64) counted {
	c := counted{dof: -1}
	for i := range a {
		c.n, c.m = c.n+a[i], c.m+b[i]
	}
	if c.n == 0 || c.m == 0 {
		return c
	}
	n, m := c.n, c.m
	least := leastExpected / min(n, m) * (n + m) // what a cell has in both together
	cell := func(x, y float64) {
		ex, ey := (x+y)*n/(n+m), (x+y)*m/(n+m)
		c.χ2 += (x-ex)*(x-ex)/ex + (y-ey)*(y-ey)/ey
		c.dof++
	}
	for i := range a {
		if a[i]+b[i] >= least {
			cell(a[i], b[i])
		} else {
			c.rare[0], c.rare[1] = c.rare[0]+a[i], c.rare[1]+b[i]
		}
	}
	if c.rare[0]+c.rare[1] >= least {
		cell(c.rare[0], c.rare[1])
	}
	return c
}

// sharesP is the two-sided test of Fisher that a property that a of n rows have and b of m is as frequent in both:
// the probability, given a+b, of all splits that are no likelier than this one. O(a+b).
func sharesP(a, n, b, m int) float64 {
	k := a + b
	if n == 0 || m == 0 || k == 0 || k == n+m {
		return 1
	}
	log := func(i int) float64 { return lnChoose(n, i) + lnChoose(m, k-i) - lnChoose(n+m, k) }
	at, p := log(a), 0.0
	for i := max(0, k-m); i <= min(k, n); i++ {
		if l := log(i); l <= at+1e-7 {
			p += math.Exp(l)
		}
	}
	return min(p, 1)
}

// novelP is the probability that the k rows of both tables that have a property are all among the n of the first,
// where all n+m are of one law: C(n,k)/C(n+m,k). It is the test of a property that no real row has.
func novelP(k, n, m int) float64 {
	if k == 0 || n == 0 || m == 0 {
		return 1
	}
	return math.Exp(lnChoose(n, k) - lnChoose(n+m, k))
}

// lnChoose is ln C(n,k).
func lnChoose(n, k int) float64 {
	if k == 0 || k == n {
		return 0
	}
	return -math.Log(float64(n+1)) - mathext.Lbeta(float64(k+1), float64(n-k+1))
}

// normalP is the upper tail of the standard normal law.
func normalP(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }
