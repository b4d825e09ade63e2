package ad

import "math"

// polygamma is ψ⁽ᵐ⁾(x). For x < ½ it reflects, so that the poles at 0, −1, … are NaN; otherwise it
// recurs to x ≥ 20 and sums the Bernoulli series there (Abramowitz & Stegun 6.4.6, 6.4.11).
func polygamma(m int, x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, -1) || (x <= 0 && x == math.Floor(x)) {
		return math.NaN()
	}
	if math.IsInf(x, 1) {
		if m == 0 {
			return x
		}
		return 0
	}
	if x < .5 {
		// (−1)^m ψ⁽ᵐ⁾(1−x) − ψ⁽ᵐ⁾(x) = π d^m/dx^m cot(πx)
		sign := 1.0
		if m%2 == 1 {
			sign = -1
		}
		return sign*polygamma(m, 1-x) - math.Pow(math.Pi, float64(m+1))*cotDerivative(m, math.Pi*x)
	}
	shift := 0.0
	factorial := 1.0 // m!
	for k := 2; k <= m; k++ {
		factorial *= float64(k)
	}
	sign := -1.0 // (−1)^(m+1)
	if m%2 == 1 {
		sign = 1
	}
	for ; x < 20+float64(m); x++ {
		// ψ⁽ᵐ⁾(x+1) = ψ⁽ᵐ⁾(x) + (−1)^m m! x^(−m−1)
		shift += sign * factorial * math.Pow(x, -float64(m+1))
	}
	if m == 0 {
		s := math.Log(x) - .5/x
		p := 1.0
		for k, b := range bernoulli {
			p /= x * x
			s -= b / float64(2*(k+1)) * p
		}
		return s + shift
	}
	// (−1)^(m+1) [ (m−1)!/x^m + m!/(2x^(m+1)) + Σ B_2k (2k+m−1)!/((2k)! x^(2k+m)) ]
	s := factorial/float64(m)*math.Pow(x, -float64(m)) + factorial/2*math.Pow(x, -float64(m+1))
	ratio := factorial / float64(m) // (2k+m−1)!/(2k)! at k = 0
	for k, b := range bernoulli {
		j := float64(2 * (k + 1))
		ratio *= (j + float64(m) - 1) * (j + float64(m) - 2) / (j * (j - 1))
		s += b * ratio * math.Pow(x, -(j+float64(m)))
	}
	return sign*s + shift
}

// bernoulli holds B_2, B_4, ….
var bernoulli = [...]float64{1. / 6, -1. / 30, 1. / 42, -1. / 30, 5. / 66, -691. / 2730, 7. / 6, -3617. / 510}

// cotDerivative is the m-th derivative of cot at z. With c = cot z, d/dz p(c) = −(1+c²)p'(c).
func cotDerivative(m int, z float64) float64 {
	p := []float64{0, 1}
	for range m {
		q := make([]float64, len(p)+1)
		for k := 1; k < len(p); k++ {
			q[k-1] -= float64(k) * p[k]
			q[k+1] -= float64(k) * p[k]
		}
		p = q
	}
	c := 1 / math.Tan(z)
	s := 0.0
	for k := len(p) - 1; k >= 0; k-- {
		s = s*c + p[k]
	}
	return s
}

// polyOps holds one operation for each order, so that the derivative of each is the next.
var polyOps = map[int]*opDef{}

// maxPolygamma bounds the order: derivatives of digamma beyond it are refused when tracing.
const maxPolygamma = 12

func init() {
	for m := range maxPolygamma + 1 {
		polyOps[m] = newUnary("polygamma", scalarUnary(func(x float64) float64 { return polygamma(m, x) }),
			func(x, y Value) Value { return Polygamma(m+1, x) })
		polyOps[m].name += string(rune('a' + m))
	}
}

// Polygamma is the m-th derivative of the digamma function, 0 ≤ m ≤ 12.
func Polygamma(m int, x Value) Value {
	if m < 0 || m > maxPolygamma {
		fail("polygamma", "order %d is outside 0…%d", m, maxPolygamma)
	}
	return unary(polyOps[m], x)
}
