package ad

import "math"

// stirling is the m-th derivative of H(x) = log Γ(1+x) − x log x + x at x ≥ 0, finite at +∞ as at the largest
// number. Far out it sums the series of Stirling, H(x) = ½ log 2πx + Σ B_2k/(2k(2k−1)x^{2k−1}); near 0 it takes the
// definition, where nothing cancels. At 0 itself the derivatives, which are infinite there, are those of a number
// that is not: times x they vanish.
func stirling(m int, x float64) float64 {
	if math.IsNaN(x) || x < 0 {
		return math.NaN()
	}
	x = min(x, math.MaxFloat64) // the logarithm of a shape that overflows is not yet large
	if x >= 16+float64(m) {
		return stirlingSeries(m, x)
	}
	if m > 0 {
		x = max(x, 1e-20)
	}
	switch m {
	case 0:
		if x == 0 {
			return 0
		}
		l, _ := math.Lgamma(1 + x)
		return l - x*math.Log(x) + x
	case 1:
		return polygamma(0, 1+x) - math.Log(x)
	}
	// (log x)⁽ᵐ⁻¹⁾ = (−1)^m (m−2)! x^{1−m}
	power := math.Pow(-x, float64(1-m))
	for k := 2; k <= m-2; k++ {
		power *= float64(k)
	}
	return polygamma(m-1, 1+x) + power
}

func stirlingSeries(m int, x float64) float64 {
	sum, rising := 0., 1. // rising: the derivative of x^{−j}, without its power and sign
	sign, power := 1., math.Pow(x, -float64(m))
	if m%2 == 1 {
		sign = -1
	}
	if m == 0 {
		sum = .5 * (math.Log(2*math.Pi) + math.Log(x))
	} else {
		for k := 2; k < m; k++ {
			rising *= float64(k)
		}
		sum = -.5 * sign * rising * power // ½ log x, m times
	}
	for k := len(bernoulli); k >= 1; k-- {
		j := float64(2*k - 1)
		c := bernoulli[k-1] / (j * (j + 1))
		for i := range m {
			c *= j + float64(i)
		}
		sum += sign * c * power * math.Pow(x, -j)
	}
	return sum
}

// stirlingOps holds one operation for each order, so that the derivative of each is the next.
var stirlingOps = map[int]*opDef{}

func init() {
	for m := range maxPolygamma + 1 {
		stirlingOps[m] = newUnary("stirling", scalarUnary(func(x float64) float64 { return stirling(m, x) }),
			func(x, y Value) Value { return stirlingOf(m+1, x) })
		stirlingOps[m].name += string(rune('a' + m))
	}
}

func stirlingOf(m int, x Value) Value {
	if m > maxPolygamma {
		fail("stirling", "order %d is outside 0…%d", m, maxPolygamma)
	}
	return unary(stirlingOps[m], x)
}

// Stirling is H(x) = log Γ(1+x) − x log x + x for x ≥ 0: what remains of log Γ where powers cancel, 0 at 0 and near
// ½ log 2πx far out. log Γ(x) = (x−1) log x − x + H(x).
func Stirling(x Value) Value { return stirlingOf(0, x) }
