package learn

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// Accountant says what steps of noisy gradients on Poisson samples of rows cost in differential privacy: each row is in
// a step with probability Rate, alone of all others, the gradients of the rows are clipped to one norm and summed, and
// N(0, Noise²) times that norm is added in every coordinate. Neighbours differ by one row that is there or not.
//
// It is Rényi differential privacy of the sampled Gaussian mechanism (Mironov, Talwar, Zhang 2019, arXiv:1908.10530,
// §3.3), whole orders from 2 to 512 and tenths below 11 by the infinite series, and its best conversion (Balle et al.
// 2020, arXiv:1905.09982, theorem 21).
type Accountant struct {
	Rate  float64 // in (0,1]
	Noise float64 // standard deviation of the noise over the clipping norm; above 0
}

// orders of Rényi divergences.
func orders() []float64 {
	var out []float64
	for a := 1.1; a < 10.95; a += .1 {
		out = append(out, math.Round(a*10)/10)
	}
	for a := 11; a <= 64; a++ {
		out = append(out, float64(a))
	}
	for a := 72; a <= 512; a += 8 {
		out = append(out, float64(a))
	}
	return out
}

// Divergence is the Rényi divergence of an order above 1 that one step costs.
func (a Accountant) Divergence(order float64) float64 {
	s := a.Noise * a.Noise
	switch {
	case a.Rate == 0:
		return 0
	case a.Rate == 1:
		return order / (2 * s)
	case order == math.Trunc(order):
		return a.atInteger(int(order)) / (order - 1)
	}
	return a.between(order) / (order - 1)
}

// logAdd is log(eᵃ + eᵇ).
func logAdd(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if math.IsInf(a, -1) {
		return a
	}
	return a + math.Log1p(math.Exp(b-a))
}

// logSub is log(eᵃ − eᵇ), a ≥ b.
func logSub(a, b float64) float64 {
	if a <= b {
		return math.Inf(-1)
	}
	return a + math.Log(-math.Expm1(b-a))
}

// atInteger is log A_α of a whole order: Σ_k C(α,k) (1−q)^(α−k) q^k exp(k(k−1)/2σ²).
func (a Accountant) atInteger(order int) float64 {
	sum := math.Inf(-1)
	n, _ := math.Lgamma(float64(order + 1))
	for k := range order + 1 {
		x, _ := math.Lgamma(float64(k + 1))
		y, _ := math.Lgamma(float64(order - k + 1))
		sum = logAdd(sum, n-x-y+float64(k)*math.Log(a.Rate)+float64(order-k)*math.Log1p(-a.Rate)+
			float64(k*(k-1))/(2*a.Noise*a.Noise))
	}
	return sum
}

// between is log A_α of an order that is not whole: two series with binomials of it.
func (a Accountant) between(order float64) float64 {
	σ, q := a.Noise, a.Rate
	z := σ*σ*math.Log(1/q-1) + .5
	above, below := math.Inf(-1), math.Inf(-1) // positive and negative terms
	coefficient, sign := 0., 1.                // log |C(α,i)|
	for i := 0.; ; i++ {
		j := order - i
		t0 := coefficient + i*math.Log(q) + j*math.Log1p(-q)
		t1 := coefficient + j*math.Log(q) + i*math.Log1p(-q)
		e0 := math.Log(.5) + logErfc((i-z)/(math.Sqrt2*σ))
		e1 := math.Log(.5) + logErfc((z-j)/(math.Sqrt2*σ))
		s0 := t0 + (i*i-i)/(2*σ*σ) + e0
		s1 := t1 + (j*j-j)/(2*σ*σ) + e1
		if sign > 0 {
			above = logAdd(above, logAdd(s0, s1))
		} else {
			below = logAdd(below, logAdd(s0, s1))
		}
		if max(s0, s1) < logSub(above, below)-36 && i > order || i > 1e5 {
			break
		}
		if f := (order - i) / (i + 1); f < 0 {
			sign, coefficient = -sign, coefficient+math.Log(-f)
		} else {
			coefficient += math.Log(f)
		}
	}
	return logSub(above, below)
}

// logErfc is log erfc(x), also far out.
func logErfc(x float64) float64 {
	if x < 20 {
		return math.Log(math.Erfc(x))
	}
	x2 := x * x
	return -x2 - math.Log(x*math.Sqrt(math.Pi)) + math.Log1p(-1/(2*x2)+3/(4*x2*x2)-15/(8*x2*x2*x2))
}

// Epsilon is the ε of so many steps at a δ.
func (a Accountant) Epsilon(steps int, delta float64) float64 {
	best := math.Inf(1)
	for _, α := range orders() {
		ε := float64(steps)*a.Divergence(α) + math.Log1p(-1/α) - (math.Log(delta)+math.Log(α))/(α-1)
		best = min(best, max(ε, 0))
	}
	return best
}

// Calibrate is the accountant with the least noise that keeps so many steps within ε at δ.
func Calibrate(rate float64, steps int, epsilon, delta float64) (Accountant, error) {
	if !(rate > 0 && rate <= 1) || steps < 1 || !(epsilon > 0) || !(delta > 0 && delta < 1) {
		return Accountant{}, &ito.InputError{Where: "differential privacy",
			What: fmt.Sprintf("rate %g, %d steps, ε %g, δ %g", rate, steps, epsilon, delta),
			Do:   "give a rate in (0,1], a step or more, ε above 0 and δ in (0,1)"}
	}
	at := func(noise float64) float64 { return Accountant{rate, noise}.Epsilon(steps, delta) }
	low, high := .1, 1.
	for at(high) > epsilon {
		if low, high = high, 2*high; high > 1e6 {
			return Accountant{}, &ito.InputError{Where: "differential privacy",
				What: fmt.Sprintf("no noise brings %d steps to ε %g at δ %g", steps, epsilon, delta),
				Do:   "give a larger ε, or fewer steps"}
		}
	}
	for range 40 {
		if m := (low + high) / 2; at(m) > epsilon {
			low = m
		} else {
			high = m
		}
	}
	return Accountant{rate, high}, nil
}
