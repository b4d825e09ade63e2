package path

import "math"

// oscillator is the linear equation dx = a v ds, dv = (−k x − r v) ds + √q dw of one dimension of a
// momentum path.
type oscillator struct{ a, k, r, q float64 }

// kernel returns Φ (xx, xv, vx, vv) and Σ (xx, xv, vv) after s of the clock, in closed form but where that of other
// than critical damping, r² = 4ak, has too few digits: there by [transition].
func (o oscillator) kernel(s float64) (phi [4]float64, cov [3]float64) {
	if disc := o.r*o.r - 4*o.a*o.k; math.Abs(disc) <= 1e-14*o.r*o.r {
		return o.critical(s)
	}
	if phi, cov, ok := o.damped(s); ok {
		return phi, cov
	}
	f, c := transition([]float64{0, o.a, -o.k, -o.r}, []float64{0, 0, 0, o.q}, 2, s)
	return [4]float64(f), [3]float64{c[0], c[1], c[3]}
}

// critical is the closed form for ρ = r/2, ρ² = ak, y = 2ρs. In the velocity w = a v the equation is
// dx = w ds, dw = (−ρ²x − 2ρw) ds + a√q dw, of which
//
//	Φ = e^{−ρs} [[1+ρs, s], [−ρ²s, 1−ρs]],  Q = a²q,
//	Σxx = Q(1−e^{−y}(1+y+y²/2))/(4ρ³),  Σxw = Q s²e^{−y}/2,  Σww = Q(1−e^{−y}(1−y+y²/2))/(4ρ).
func (o oscillator) critical(s float64) (phi [4]float64, cov [3]float64) {
	ρ := o.r / 2
	e, y := math.Exp(-ρ*s), 2*ρ*s
	q := o.a * o.a * o.q
	phi = [4]float64{e * (1 + ρ*s), e * s * o.a, -e * ρ * ρ * s / o.a, e * (1 - ρ*s)}
	xx := q * gamma3(y) / (4 * ρ * ρ * ρ)
	xw := q * s * s * e * e / 2
	ww := q * (-math.Expm1(-y) + e*e*(y-y*y/2)) / (4 * ρ)
	return phi, [3]float64{xx, xw / o.a, ww / (o.a * o.a)}
}

// damped is the closed form for any damping. With ρ = r/2, ω² = ak−ρ² (ω imaginary where over-damped), c =
// e^{−ρs}cos ωs and n = e^{−ρs}sin(ωs)/ω,
//
//	Φ = [[c+ρn, an], [−kn, c−ρn]],  Σxv = aqn²/2,
//	Σxx = P(1−Φxx²) − QΦxv²,  Σvv = Q(1−Φvv²) − PΦvx²,  P = aq/(2rk) and Q = q/(2r) in the long run.
//
// It is not ok where s is so short, or the spring so weak, that the differences lose more than three digits.
func (o oscillator) damped(s float64) (phi [4]float64, cov [3]float64, ok bool) {
	ρ, c, n := o.r/2, 0.0, 0.0
	if ω2 := o.a*o.k - ρ*ρ; ω2 > 0 {
		ω, e := math.Sqrt(ω2), math.Exp(-ρ*s)
		sin, cos := math.Sincos(ω * s)
		c, n = e*cos, e*sin/ω
	} else {
		ν := math.Sqrt(-ω2)
		e := math.Exp(-o.a * o.k / (ρ + ν) * s) // of the slower of the two rates, ρ−ν
		fall := math.Expm1(-2 * ν * s)
		c, n = e*(1+fall/2), -e*fall/(2*ν)
	}
	phi = [4]float64{c + ρ*n, o.a * n, -o.k * n, c - ρ*n}
	const digits = 1e-3
	fx, fv := 1-phi[0]*phi[0], 1-phi[3]*phi[3]
	P, Q := o.a*o.q/(2*o.r*o.k), o.q/(2*o.r)
	cov = [3]float64{P*fx - Q*phi[1]*phi[1], o.a * o.q * n * n / 2, Q*fv - P*phi[2]*phi[2]}
	return phi, cov, cov[0] > digits*P && cov[2] > digits*Q
}

// gamma3 returns 1 − e^{−y}(1+y+y²/2), the regularised incomplete gamma function P(3,y), by its series
// e^{−y} Σ_{k≥3} y^k/k! where the difference would cancel.
func gamma3(y float64) float64 {
	e := math.Exp(-y)
	if y > 2 {
		return 1 - e*(1+y+y*y/2)
	}
	term := y * y * y / 6
	sum := term
	for k := 4.0; term > 1e-17*sum; k++ {
		term *= y / k
		sum += term
	}
	return e * sum
}
