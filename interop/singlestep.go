package interop

import (
	"math"

	"github.com/seed9a7962a8/ito"
)

// planDPMSinglestep is DPM-Solver in rounds: every round of one, two or three calls steps from where it began.
// The third order's midpoint is the second order with the last call (Lu et al. 2022, arXiv:2211.01095, appendix B).
func planDPMSinglestep(r *reader, n int) (*SchedulerPlan, error) {
	levels := r.levels(n, family{listed: true, clipped: true, last: true})
	order := r.order()
	zero := r.text("final_sigmas_type") == "zero"
	lower := r.bool("lower_order_final") || zero || n%order != 0
	s := singlestep{levels: levels, orders: rounds(n, order, lower), taylor: r.text("solver_type") == "heun"}
	if zero {
		s.orders[n-1] = 1
	}
	r.second() // the word itself
	solver := &own{name: "diffusers-dpm-singlestep", order: order,
		source: "Lu et al. 2022, arXiv:2206.00927, algorithms 1 and 2"}
	switch r.word("algorithm_type", "dpmsolver++", "dpmsolver", "sde-dpmsolver++", "deis") {
	case "dpmsolver":
		if s.eps = true; zero {
			r.refuse("algorithm_type dpmsolver and final_sigmas_type zero", "the reference refuses it", "sigma_min")
		}
	case "sde-dpmsolver++":
		s.sde = true
		solver.noisy = func(int) bool { return true }
	}
	solver.start = func() rule { fresh := s; return &fresh }
	p := ladder(levels, 1, solver)
	r.tablePrediction(p)
	if s.eps && r.bool("thresholding") && (r.bool("use_karras_sigmas") || r.bool("use_exponential_sigmas") ||
		r.bool("use_beta_sigmas") || r.bool("use_flow_sigmas")) {
		r.refuse("thresholding, algorithm_type dpmsolver and levels that are spaced anew",
			"the reference limits the x0 of another level", "dpmsolver++")
	}
	r.thresholding(p)
	return p, nil
}

// rounds lists the order of every call.
func rounds(n, order int, lower bool) []int {
	whole, tail := n/order, []int(nil)
	if lower && order > 1 {
		tail = map[[2]int][]int{{2, 0}: {1, 1}, {2, 1}: {1}, {3, 0}: {1, 2, 1}, {3, 1}: {1},
			{3, 2}: {1, 2}}[[2]int{order, n % order}]
		whole = (n - len(tail)) / order
	}
	var out []int
	for range whole {
		for k := range order {
			out = append(out, k+1)
		}
	}
	return append(out, tail...)
}

type singlestep struct {
	levels []Level
	orders []int
	taylor bool
	eps    bool
	sde    bool
	start  []float64
	said   [][]float64 // newest last
}

func (s *singlestep) next(k int, x, x0, eps, noise ito.States) {
	m := x0.X
	if s.eps {
		m = eps.X
	}
	s.said = append(s.said, append([]float64(nil), m...))
	if len(s.said) > 3 {
		s.said = s.said[1:]
	}
	order := min(s.orders[k], len(s.said))
	if order == 1 {
		s.start = append(s.start[:0], x.X...)
	}
	from, to := s.levels[k+1-order], s.levels[k+1]
	if from.near(to) {
		return
	}
	a, b, z, spread := integral(from, to, s.eps, s.sde)
	w := s.weights(k, order, from, to.lambda()-from.lambda(), b, z)
	for i, v := range s.start {
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

// weights are those of the last calls, newest first: b(e^z−1) of the oldest, and what its differences to the others
// add.
func (s *singlestep) weights(k, order int, from Level, h, b, z float64) []float64 {
	φ1 := math.Expm1(z)
	φ2 := φ1/z - 1 // z φ_2
	if order == 1 {
		return []float64{b * φ1}
	}
	r0 := (s.levels[k].lambda() - from.lambda()) / h
	if order == 2 {
		c := φ1 / 2
		if s.taylor {
			c = φ2
		}
		return []float64{b * c / r0, b * (φ1 - c/r0)}
	}
	r1 := (s.levels[k-1].lambda() - from.lambda()) / h
	if !s.taylor {
		return []float64{b * φ2 / r0, 0, b * (φ1 - φ2/r0)}
	}
	// D_1 = (r0 D_10 − r1 D_11)/(r0−r1), D_2 = 2(D_11−D_10)/(r0−r1), with D_10 = (m_1−m_2)/r1 and D_11 = (m_0−m_2)/r0
	φ3 := (φ1-z)/(z*z) - .5 // φ_3 z
	if s.sde {
		φ3++ // as released: a sign that does not let D_2 vanish with the step
	}
	q := r0 - r1
	c0, c1 := (2*φ3-r1*φ2)/q/r0, (r0*φ2-2*φ3)/q/r1
	return []float64{b * c0, b * c1, b * (φ1 - c0 - c1)}
}
