package interop

import (
	"math"

	"github.com/seed9a7962a8/ito"
)

// integral are the coefficients of an exponential step between two levels,
//
//	x' = a x + b [(e^z−1) m + …] + noise ξ,
//
// with m = ε or x̂0: of DPM-Solver and DPM-Solver++ (z = ±h), and of the reverse SDE (Lu et al. 2022, arXiv:2211.01095,
// appendix B), where b or z is twice as large.
func integral(from, to Level, eps, sde bool) (a, b, z, noise float64) {
	h := to.lambda() - from.lambda()
	switch {
	case eps && sde:
		return to.Alpha / from.Alpha, -2 * to.Sigma, h, to.Sigma * math.Sqrt(math.Expm1(2*h))
	case eps:
		return to.Alpha / from.Alpha, -to.Sigma, h, 0
	case sde:
		return to.Sigma / from.Sigma * math.Exp(-h), -to.Alpha, -2 * h, to.Sigma * math.Sqrt(-math.Expm1(-2*h))
	}
	return to.Sigma / from.Sigma, -to.Alpha, -h, 0
}

// near reports levels between which there is nothing but rounding: respaced ones end where the table does.
func (l Level) near(to Level) bool { return math.Abs(to.lambda()-l.lambda()) < 1e-12 }

func (l Level) lambda() float64 { return math.Log(l.Alpha / l.Sigma) }

// multistep is multistep DPM-Solver where ito's own solvers have not all that the scheduler does: the SDE in ε, and an
// order of every call that is its own. The third order has the released φ_3 d_2 for 2 φ_3 d_2, and φ_3 + 1 in the SDE.
type multistep struct {
	levels []Level
	orders []int
	taylor bool
	eps    bool
	sde    bool
	said   [][]float64 // newest last
}

// multistepOrders lists the order of every call: the last is of order 1 with euler, the last but one of order 2 at most
// with lower.
func multistepOrders(n, order int, euler, lower bool) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = min(order, i+1)
	}
	if n > 1 && lower {
		out[n-2] = min(out[n-2], 2)
	}
	if euler || lower {
		out[n-1] = 1
	}
	return out
}

func (s *multistep) next(k int, x, x0, eps, noise ito.States) {
	m := x0.X
	if s.eps {
		m = eps.X
	}
	s.said = append(s.said[max(0, len(s.said)-2):], append([]float64(nil), m...))
	order := min(s.orders[k], len(s.said))
	if s.levels[k].near(s.levels[k+1]) {
		return
	}
	a, b, z, spread := integral(s.levels[k], s.levels[k+1], s.eps, s.sde)
	w := s.weights(k, order, b, z)
	for i, v := range x.X {
		sum := float64(a * v)
		for j, c := range w {
			sum += float64(c * s.said[len(s.said)-1-j][i])
		}
		if s.sde {
			sum += float64(spread * noise.X[i])
		}
		x.X[i] = sum
	}
}

// weights are those of the last calls, newest first: with r_j the steps in λ before this one in units of it,
// D_10 = (m_0−m_1)/r_0, D_11 = (m_1−m_2)/r_1, D_2 = (D_10−D_11)/(r_0+r_1) and D_1 = D_10 + r_0 D_2.
func (s *multistep) weights(k, order int, b, z float64) []float64 {
	φ1 := math.Expm1(z)
	if order == 1 {
		return []float64{b * φ1}
	}
	λ := func(i int) float64 { return s.levels[i].lambda() }
	h := λ(k+1) - λ(k)
	r0 := (λ(k) - λ(k-1)) / h
	φ2 := φ1/z - 1 // z φ_2
	if order == 2 {
		c := φ1 / 2
		if s.taylor {
			c = φ2
		}
		return []float64{b * (φ1 + c/r0), -b * c / r0}
	}
	r1 := (λ(k-1) - λ(k-2)) / h
	φ3 := (φ1-z)/(z*z) - .5 // z φ_3
	if s.sde && !s.eps {
		φ3++ // solve.CompatSDE3Sign
	}
	q := (φ2*r0 + φ3) / (r0 + r1)
	return []float64{b * (φ1 + (φ2+q)/r0), -b * ((φ2+q)/r0 + q/r1), b * q / r1}
}
