package interop

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// planSASolver is SA-Solver: a stochastic Adams–Bashforth predictor, and an Adams–Moulton corrector of each step by the
// next call. Xue et al. 2023, arXiv:2309.05019, algorithm 1. The noise of a step has the strength τ of the step of
// training where it starts: Options.Tau, or 1 from 200 to 800 and 0 elsewhere.
func planSASolver(r *reader, n int) (*SchedulerPlan, error) {
	levels := r.levels(n, family{clipped: true, spaced: true, repeat: true})
	s := saSolver{levels: levels, predictor: r.count("predictor_order", 1), corrector: r.count("corrector_order", 1),
		lower: r.bool("lower_order_final"), tau: make([]float64, n)}
	if r.err == nil && max(s.predictor, s.corrector) > 4 {
		r.fail("predictor_order", fmt.Sprintf("orders of %d and %d", s.predictor, s.corrector), "give 1 to 4")
	}
	if v := r.s.keys["tau_func"]; v != nil && string(v) != "null" {
		r.refuse("tau_func", "a function is not read from a file", "Options.Tau")
	}
	if r.err != nil {
		return failed(), nil
	}
	s.eps = r.word("algorithm_type", "data_prediction", "noise_prediction") == "noise_prediction"
	for k := range s.tau {
		s.tau[k] = r.tau(levels[k].Label)
	}
	p := ladder(levels, 1, &own{name: "diffusers-sa-solver", order: 1, noisy: func(int) bool { return true },
		source: "Xue et al. 2023, arXiv:2309.05019, algorithm 1",
		start: func() rule {
			fresh := s
			return &fresh
		}})
	r.tablePrediction(p)
	if s.eps && p.raw == rawFlow {
		r.refuse("noise_prediction and flow_prediction", "the reference refuses it", "data_prediction")
	}
	if s.eps && r.bool("thresholding") {
		r.refuse("thresholding and noise_prediction", "the reference limits the x0 of all levels together",
			"data_prediction")
	}
	r.thresholding(p)
	return p, nil
}

// tau is τ at a step of the training.
func (r *reader) tau(label float64) float64 {
	r.take("Tau")
	τ := 0.
	if f := r.o.Tau; f != nil {
		τ = f(label)
	} else if label >= 200 && label <= 800 {
		τ = 1
	}
	if !(τ >= 0 && τ <= 1e3) {
		r.fail("tau_func", fmt.Sprintf("Options.Tau is %g at step %g", τ, label), "give numbers from 0")
		return 0
	}
	return τ
}

type saSolver struct {
	levels               []Level
	tau                  []float64 // call by call
	predictor, corrector int
	lower, eps           bool

	said        [][]float64 // newest last
	before, ξ   []float64   // the states at which the last step started, and its noise
	correctWith int         // the order of the correction of the last step
}

func (s *saSolver) next(k int, x, x0, eps, z ito.States) {
	m, keep, n := x0.X, max(s.predictor, s.corrector-1), len(s.levels)-1
	if s.eps {
		m = eps.X
	}
	m = append([]float64(nil), m...)
	if s.before != nil {
		s.step(x.X, k-1, k, s.correctWith, append(s.said[:len(s.said):len(s.said)], m))
	}
	have := len(s.said)
	s.said = append(s.said[max(0, have-keep+1):], m)
	predict, correct := s.predictor, s.corrector
	if s.lower {
		predict, correct = min(predict, n-k), min(correct, n-k+1)
	}
	predict, s.correctWith = min(predict, have+1), min(correct, have+2)
	s.before, s.ξ = append(s.before[:0], x.X...), append(s.ξ[:0], z.X...)
	s.step(x.X, k, k, predict, s.said)
}

// step writes the states after the step from level k, by a polynomial in λ through the last order predictions, the
// newest of which is that of call newest: with κ = 1+τ², h = λ'−λ and the polynomials ℓ_i of Lagrange,
//
//	x' = e^{−τ²h} (σ'/σ) x + κ α' Σ_i m_i ∫_{−h}^0 e^{κu} ℓ_i(u) du + σ' √(1−e^{−2τ²h}) ξ,
//
// and for ε: x' = (α'/α) x − κ σ' Σ_i m_i ∫_{−h}^0 e^{−u} ℓ_i(u) du + τ σ' √(e^{2h}−1) ξ.
func (s *saSolver) step(x []float64, k, newest, order int, said [][]float64) {
	from, to, τ := s.levels[k], s.levels[k+1], s.tau[k]
	h, κ := to.lambda()-from.lambda(), 1+τ*τ
	nodes := make([]float64, order)
	for i := range nodes {
		nodes[i] = s.levels[newest-i].lambda() - to.lambda()
	}
	a, b, rate := math.Exp(-τ*τ*h)*to.Sigma/from.Sigma, κ*to.Alpha, κ
	noise := to.Sigma * math.Sqrt(math.Max(0, -math.Expm1(-2*τ*τ*h)))
	if s.eps {
		a, b, rate = to.Alpha/from.Alpha, -κ*to.Sigma, -1
		noise = τ * to.Sigma * math.Sqrt(math.Max(0, math.Expm1(2*h)))
	}
	w := lagrange(nodes, h, rate)
	if order == 2 && !s.eps && h != 0 {
		// what makes the second order exact for a slope over few steps, as there: ½h² for ∫ e^{κu} (u+h) du
		δ := (h*h/2 - (h*κ+math.Expm1(-κ*h))/(κ*κ)) / (nodes[0] - nodes[1])
		w[0], w[1] = w[0]+δ, w[1]-δ
	}
	for i := range x {
		sum := float64(a*s.before[i]) + float64(noise*s.ξ[i])
		for j, c := range w {
			sum += float64(b * c * said[len(said)-1-j][i])
		}
		x[i] = sum
	}
}

// lagrange are the integrals of e^{rate·u} ℓ_i(u) over u from −h to 0: with v = 1 + u/h those of v^j are
// h j! φ_{j+1}(−rate·h).
func lagrange(nodes []float64, h, rate float64) []float64 {
	out := make([]float64, len(nodes))
	if h == 0 {
		return out
	}
	var moment [4]float64 // of v^j
	f := 1.
	for j := range nodes {
		moment[j] = h * f * affine.Phi(j+1, -rate*h)
		f *= float64(j + 1)
	}
	for i, u := range nodes {
		poly, scale := []float64{1}, 1. // of v, lowest power first
		for j, other := range nodes {
			if j == i {
				continue
			}
			at := 1 + other/h
			grown := make([]float64, len(poly)+1)
			for p, c := range poly {
				grown[p] -= c * at
				grown[p+1] += c
			}
			poly = grown
			scale *= (u - other) / h
		}
		for p, c := range poly {
			out[i] += c * moment[p] / scale
		}
	}
	return out
}
