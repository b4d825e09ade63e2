package ad

import "math"

// Logarithms of the incomplete gamma and beta functions with their slopes in the shapes. Series and continued
// fractions carry the derivatives along with the values (dual numbers), so that a slope is as exact as its value;
// differences of rounded values are never taken.

// d2 is a number with its slopes in two parameters.
type d2 struct{ v, a, b float64 }

func (x d2) mul(y d2) d2 { return d2{x.v * y.v, x.a*y.v + x.v*y.a, x.b*y.v + x.v*y.b} }

func (x d2) div(y d2) d2 {
	q := x.v / y.v
	return d2{q, (x.a - q*y.a) / y.v, (x.b - q*y.b) / y.v}
}

func (x d2) add(y d2) d2 { return d2{x.v + y.v, x.a + y.a, x.b + y.b} }

// away keeps a denominator of a continued fraction from 0.
func (x d2) away() d2 {
	if math.Abs(x.v) < 1e-290 {
		x.v = 1e-290
	}
	return x
}

const mostTerms = 20_000_000

// logGammaTails are log P(a, x), log Q(a, x) and their slopes in a.
func logGammaTails(a, x float64) (p, q, pa, qa float64) {
	switch {
	case math.IsNaN(a) || math.IsNaN(x) || !(a > 0) || x < 0 || math.IsInf(a, 1):
		n := math.NaN()
		return n, n, n, n
	case x == 0:
		return math.Inf(-1), 0, math.Inf(-1), 0
	case math.IsInf(x, 1):
		return 0, math.Inf(-1), 0, math.Inf(1)
	}
	// log x^a e^{−x}/Γ(a+1) = −a·((x−a)/a − log x/a) − H(a), where nothing large cancels
	u := (x - a) / a
	head := a*(math.Log1p(u)-u) - stirling(0, a)
	if u > 1e8 || u < -.99 {
		l, _ := math.Lgamma(a + 1)
		head = a*math.Log(x) - x - l
	}
	slope := math.Log(x) - polygamma(0, a+1)
	if x < a+1 {
		// P = head · Σ xⁿ/((a+1)…(a+n))
		term, dterm, sum, dsum := 1., 0., 1., 0. // and the slopes of their logarithms and of the sum
		for n := 1.; n < mostTerms; n++ {
			term *= x / (a + n)
			dterm -= 1 / (a + n)
			sum += term
			dsum += term * dterm
			if term < sum*1e-17 && term*-dterm < math.Abs(dsum)*1e-17 {
				break
			}
		}
		p, pa = head+math.Log(sum), slope+dsum/sum
		q, qa = complementOf(p, pa)
		return p, q, pa, qa
	}
	// Q = head·a · h, Lentz's continued fraction
	b := d2{v: x + 1 - a, a: -1}
	c := d2{v: 1e290}
	d := d2{v: 1}.div(b.away())
	h := d
	for i := 1.; i < mostTerms; i++ {
		an := d2{v: -i * (i - a), a: i}
		b.v += 2
		d = d2{v: 1}.div(an.mul(d).add(b).away())
		c = b.add(an.div(c)).away()
		del := d.mul(c)
		h = h.mul(del)
		if math.Abs(del.v-1) < 1e-16 && math.Abs(del.a) < 1e-16 {
			break
		}
	}
	q, qa = head+math.Log(a)+math.Log(h.v), slope+1/a+h.a/h.v
	p, pa = complementOf(q, qa)
	return p, q, pa, qa
}

// complementOf is log(1−eˡ) and its slope where l has the slope s.
func complementOf(l, s float64) (float64, float64) {
	if l >= 0 {
		return math.Inf(-1), 0
	}
	c := math.Log1p(-math.Exp(l))
	if l > -.1 {
		c = math.Log(-math.Expm1(l))
	}
	return c, -s * math.Exp(l-c)
}

// logBetaTails are log I_x(a, b), log 1−I_x(a, b) and their slopes in a and b, at x = 1/(1+e^{−l}).
func logBetaTails(a, b, l float64) (p, q d2) {
	if math.IsNaN(a+b+l) || !(a > 0) || !(b > 0) || math.IsInf(a+b, 0) {
		n := math.NaN()
		return d2{n, n, n}, d2{n, n, n}
	}
	x := 1 / (1 + math.Exp(-l))
	if x > (a+1)/(a+b+2) {
		p, q = logBetaTails2(b, a, -l)
		return d2{q.v, q.b, q.a}, d2{p.v, p.b, p.a}
	}
	return logBetaTails2(a, b, l)
}

// logBetaTails2 is logBetaTails left of the mean.
func logBetaTails2(a, b, l float64) (p, q d2) {
	if math.IsInf(l, -1) {
		return d2{v: l}, d2{}
	}
	x := 1 / (1 + math.Exp(-l))
	lx, ly := -softplus(-l), -softplus(l)
	// log x^a (1−x)^b/(a B(a,b)) with Stirling's powers against each other: n = a+b
	n := a + b
	head := a*(lx-math.Log(a/n)) + b*(ly-math.Log(b/n)) + stirling(0, n) - stirling(0, a) - stirling(0, b) +
		math.Log(b/n)
	// log Γ(n)/(Γ(a+1)Γ(b)) = [n log n − n + H(n) − log n] − [a log a − a + H(a)] − [b log b − b + H(b) − log b]
	psi := polygamma(0, n)
	slopes := d2{0, lx + psi - polygamma(0, a+1), ly + psi - polygamma(0, b)}
	c := d2{v: 1}
	qab, qap, qam := d2{n, 1, 1}, d2{a + 1, 1, 0}, d2{a - 1, 1, 0}
	scale := func(k float64, y d2) d2 { return d2{k * y.v, k * y.a, k * y.b} }
	one := d2{v: 1}
	d := one.div(one.add(scale(-x, qab.div(qap))).away())
	h := d
	for m := 1.; m < mostTerms; m++ {
		a2m := d2{a + 2*m, 1, 0}
		aa := scale(m*x, d2{b - m, 0, 1}).div(qam.add(d2{v: 2 * m}).mul(a2m))
		d = one.div(one.add(aa.mul(d)).away())
		c = one.add(aa.div(c)).away()
		h = h.mul(d).mul(c)
		aa = scale(-x, d2{a + m, 1, 0}.mul(qab.add(d2{v: m}))).div(a2m.mul(qap.add(d2{v: 2 * m})))
		d = one.div(one.add(aa.mul(d)).away())
		c = one.add(aa.div(c)).away()
		del := d.mul(c)
		h = h.mul(del)
		if math.Abs(del.v-1) < 1e-16 && math.Abs(del.a) < 1e-16 && math.Abs(del.b) < 1e-16 {
			break
		}
	}
	p = d2{head + math.Log(h.v), slopes.a + h.a/h.v, slopes.b + h.b/h.v}
	q.v, q.a = complementOf(p.v, p.a)
	_, q.b = complementOf(p.v, p.b)
	return p, q
}

func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// besselI0 is log I₀(κ) − κ and I₁(κ)/I₀(κ) for κ ≥ 0: the power series, and the asymptotic one from 30 on
// (Abramowitz & Stegun 9.6.12, 9.7.1).
func besselI0(k float64) (logI0, ratio float64) {
	switch {
	case !(k >= 0):
		return math.NaN(), math.NaN()
	case k < 30:
		t, i0, i1 := 1., 0., 0.
		for n := 0.; n < 200; n++ {
			i0 += t
			i1 += t * .5 * k / (n + 1)
			if t *= .25 * k * k / ((n + 1) * (n + 1)); t < 1e-18*i0 {
				break
			}
		}
		return math.Log(i0) - k, i1 / i0
	}
	series := func(mu float64) float64 {
		s, t := 1., 1.
		for n := 1.; n < 40; n++ {
			next := t * -(mu - (2*n-1)*(2*n-1)) / (n * 8 * k)
			if math.Abs(next) >= math.Abs(t) || math.Abs(next) < 1e-18 {
				break
			}
			t = next
			s += t
		}
		return s
	}
	i0 := series(0)
	return math.Log(i0) - .5*math.Log(2*math.Pi*k), series(4) / i0
}
