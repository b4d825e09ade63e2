package path

import (
	"math"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// Schedule writes α, σ, α̇ and σ̇ at t, each [D] or nil. σ̇ is infinite at t = 0. It costs two exponentials and a root
// a mode, in vectors, three where rates are asked for, and none where the modes are equal or A is logistic.
func (p *VSDM) Schedule(t float64, alpha, sigma, dalpha, dsigma []float64) {
	β, b := p.rate.at(t), p.rate.integral(t)
	switch d := p.decays; {
	case p.logistic:
		p.logisticSchedule(β, b, alpha, sigma, dalpha, dsigma)
	case d.equal: // as all are before the first stage
		d.one(0, β, b, alpha, sigma, dalpha, dsigma)
		for _, dst := range [][]float64{alpha, sigma, dalpha, dsigma} {
			for k := range dst {
				dst[k] = dst[0]
			}
		}
	case d.plain(b):
		for at := 0; at < len(d.minus); at += decayBlock {
			end := min(at+decayBlock, len(d.minus))
			decaysOf(d.minus[at:end], β, b, part(alpha, at, end), part(sigma, at, end), part(dalpha, at, end),
				part(dsigma, at, end))
		}
	default:
		for k := range d.minus {
			d.one(k, β, b, alpha, sigma, dalpha, dsigma)
		}
	}
}

// decays are the modes of a constant A: minus is −λ = 2a−1.
type decays struct {
	minus       []float64
	least, most float64 // of |λ|
	equal       bool
}

func newDecays(a []float64) decays {
	d := decays{minus: make([]float64, len(a)), least: math.Inf(1), equal: true}
	for k, v := range a {
		d.minus[k] = -(1 - 2*v)
		λ := math.Abs(d.minus[k])
		d.least, d.most = math.Min(d.least, λ), math.Max(d.most, λ)
		d.equal = d.equal && v == a[0]
	}
	return d
}

// plain reports that no number on the way is next to those that are not normal, so that vector code has the bits of one
// mode after the other, and that no mode is without decay.
func (d decays) plain(b float64) bool {
	return b > 1e-100 && b < 1e100 && d.least*b > 1e-15 && d.most*b < 700
}

// one writes mode k.
func (d decays) one(k int, β, b float64, alpha, sigma, dalpha, dsigma []float64) {
	λ := -d.minus[k]
	α, σ := math.Exp(-b*λ/2), math.Sqrt(decay(λ, b))
	writeAt(alpha, k, α)
	writeAt(sigma, k, σ)
	if dalpha != nil || dsigma != nil {
		writeAt(dalpha, k, β*(-λ/2)*α)
		writeAt(dsigma, k, β*math.Exp(-b*λ)/(2*σ))
	}
}

// decay returns ∫₀ᵇ e^{−λu} du = (1−e^{−λb})/λ.
func decay(λ, b float64) float64 {
	if math.Abs(λ*b) < 1e-17 {
		return b
	}
	return -math.Expm1(-λ*b) / λ
}

// decayBlock is how many modes are computed side by side, in memory of the stack.
const decayBlock = 128

// decaysOf is decays.one of at most decayBlock modes, with its bits.
func decaysOf(minus []float64, β, b float64, alpha, sigma, dalpha, dsigma []float64) {
	var room [4][decayBlock]float64
	n := len(minus)
	x, y, α, σ := room[0][:n], room[1][:n], room[2][:n], room[3][:n]
	simd.MulS64(x, minus, b) // −λb
	simd.MulS64(y, x, .5)
	simd.MathExp64(α, y)
	simd.MathExpm164(y, x)
	simd.Div64(y, y, minus)
	simd.Sqrt64(σ, y)
	copy(alpha, α)
	copy(sigma, σ)
	if dalpha != nil {
		simd.MulS64(y, minus, .5)
		simd.MulS64(y, y, β)
		simd.Mul64(dalpha, y, α)
	}
	if dsigma != nil {
		simd.MathExp64(y, x)
		simd.MulS64(y, y, β)
		simd.MulS64(σ, σ, 2)
		simd.Div64(dsigma, y, σ)
	}
}

// part is some of a slice, or nil of nil.
func part(dst []float64, from, to int) []float64 {
	if dst == nil {
		return nil
	}
	return dst[from:to]
}

func (p *VSDM) logisticSchedule(β, b float64, alpha, sigma, dalpha, dsigma []float64) {
	at := newLogistic(b, p.total)
	for k, a := range p.modes.λ {
		α, v, rate, dv := at.mode(a)
		σ := math.Sqrt(v)
		writeAt(alpha, k, α)
		writeAt(sigma, k, σ)
		writeAt(dalpha, k, β*rate*α)
		writeAt(dsigma, k, β*dv/(2*σ))
	}
}

// logistic are the exponentials that all modes of a logistic A share at b = B_t:
//
//	w_b = 1 + a(e^{b−B}−1), positive on [0,B] when it is at 0,
//	A = a e^{b−B}/w_b, the solution of dA/db = A−A² that is a at B.
type logistic struct{ toEnd, fromStart, rise, left, noise float64 }

func newLogistic(b, total float64) logistic {
	return logistic{math.Expm1(b - total), math.Expm1(0 - total), math.Exp(b - total), math.Exp(-b / 2),
		-math.Expm1(-b)}
}

// a is the mode of A.
func (l logistic) a(a float64) float64 { return a * l.rise / (1 + a*l.toEnd) }

// mode returns α, σ², dlnα/db and dσ²/db of a mode that reaches a at B.
func (l logistic) mode(a float64) (α, v, rate, dv float64) {
	ratio := (1 + a*l.toEnd) / (1 + a*l.fromStart)
	at := l.a(a)
	v = l.noise * ratio
	return l.left * ratio, v, at - .5, v*at + l.left*l.left*ratio
}
