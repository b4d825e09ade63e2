package solve

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/solve/affine"
	"gonum.org/v1/gonum/mat"
)

// SSCS is the symmetric splitting sampler for Langevin paths. The reverse SDE is cut in two: a part A that is
// linear with known coefficients, the reverse SDE of Gaussian data, and what the score s has beyond that data's,
//
//	A:  dy = [F (y−μ) + GGᵀ V_t⁻¹ (y−μ)] dt + G dw,   S:  dy = −GGᵀ [ s(y,t) + V_t⁻¹ (y−μ) ] dt   for dt < 0,
//
// where V_t = Φ_t C Φ_tᵀ + Σ_t is the covariance of y_t for data N(μ,C). A step is half a step of A, by its exact
// transition; a step of S, with the score at the middle of the step, Euler's or, with two stages, Heun's; and half
// a step of A. C is the path's covariance Σ at its noisy end unless Reference says otherwise: for CLD V_t =
// diag(1,M) then, and the method is the published one. With the data's own moments (lifted to positions and
// velocities, [path.Momentum.Lift]) and Gaussian data S does nothing: exact in one step. Weak order: the number of
// stages, which is that of evaluations of the score, with two draws a step. Published is one stage. Linear paths,
// from noise to data.
type SSCS struct {
	// 1 or 2; 0: 1
	Stages int `zero:"default" default:"1" min:"1" max:"2" help:"evaluations for the part of the score that is not Gaussian"`
	// of the states at t = 0; only Cov counts. The zero value: Σ at the path's noisy end
	Reference ito.Gaussian `config:"-"`
}

// Info implements ito.Solver.
func (o SSCS) Info() ito.SolverInfo {
	n := max(o.Stages, 1)
	return ito.SolverInfo{Name: Word("sscs", o), Order: n, Stochastic: true, Evals: n,
		Needs: []ito.Capability{ito.CapLinear}, Source: "Dockhorn, Vahdat & Kreis 2022, arXiv:2112.07068, algorithm 1"}
}

// Plan implements ito.Solver.
func (o SSCS) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	if err := Check(p, o); err != nil {
		return nil, err
	}
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	if k != ito.PredScore {
		return nil, &ito.UnsupportedError{What: "solver sscs with a velocity on path " + p.Name(),
			Why: "the reverse SDE needs the score", Nearest: "heun"}
	}
	if o.Stages < 0 || o.Stages > 2 {
		return nil, &ito.InputError{Where: "solver sscs", What: fmt.Sprintf("%d stages", o.Stages), Do: "give 1 or 2"}
	}
	if err := towardsData(g, o, "heun"); err != nil {
		return nil, err
	}
	sp, err := newSplitting(pl, o.Reference)
	if err != nil {
		return nil, err
	}
	st := affine.NewProgram(p, len(g)-1, bufSSCS)
	for i := range st.Steps {
		if st.Steps[i], err = sp.step(g[i], g[i+1], o.Stages == 2); err != nil {
			return nil, err
		}
	}
	return &st, nil
}

// Buffers of a step of SSCS: those of a single step up to bufPU, and the noise.
const (
	bufDraw = bufPU + 1 + iota
	bufSSCS
)

// splitting makes the matrices of SSCS.
type splitting struct {
	pl        *affine.Planner
	d         int
	reference *mat.Dense
}

func newSplitting(pl *affine.Planner, reference ito.Gaussian) (*splitting, error) {
	d := pl.D
	cov := reference.Cov
	if cov == nil {
		cov = make([]float64, d*d)
		_, hi := pl.Path.Span()
		pl.Linear.Transition(hi, make([]float64, d*d), cov)
	}
	if len(cov) != d*d {
		return nil, &ito.InputError{Where: "solver sscs", What: fmt.Sprintf("a reference covariance of %d numbers "+
			"for states of dimension %d", len(cov), d), Do: "give one of the states, positions and velocities"}
	}
	return &splitting{pl, d, mat.NewDense(d, d, append([]float64(nil), cov...))}, nil
}

// at returns Φ_t, and V_t with its inverse.
func (s *splitting) at(t float64) (phi, v, inverse *mat.Dense, err error) {
	d := s.d
	phi, v, inverse = mat.NewDense(d, d, nil), mat.NewDense(d, d, nil), mat.NewDense(d, d, nil)
	cov := mat.NewDense(d, d, nil)
	s.pl.Linear.Transition(t, phi.RawMatrix().Data, cov.RawMatrix().Data)
	var half mat.Dense
	half.Mul(phi, s.reference)
	v.Mul(&half, phi.T())
	v.Add(v, cov)
	if err := inverse.Inverse(v); err != nil {
		return nil, nil, nil, &ito.InputError{Where: "solver sscs",
			What: fmt.Sprintf("the reference has a singular covariance at t=%g", t),
			Do:   "give one that is positive definite"}
	}
	return phi, v, inverse, nil
}

// exact is the transition of A from t back to the earlier time u: y_u = μ + M (y_t−μ) + Lξ. With T = Φ_t Φ_u⁻¹ the
// states are jointly Gaussian, cov(y_u,y_t) = V_u Tᵀ, hence M = V_u Tᵀ V_t⁻¹ and LLᵀ = V_u − M T V_u.
func (s *splitting) exact(t, u float64) (m *mat.Dense, l []float64, err error) {
	phiT, _, inverse, err := s.at(t)
	if err != nil {
		return nil, nil, err
	}
	phiU, v, _, err := s.at(u)
	if err != nil {
		return nil, nil, err
	}
	var back, forth, tv, rest mat.Dense
	if err := back.Inverse(phiU); err != nil {
		return nil, nil, &ito.InputError{Where: "solver sscs",
			What: fmt.Sprintf("the path %s forgets its data before t=%g", s.pl.Path.Name(), u), Do: "start later"}
	}
	forth.Mul(phiT, &back)
	tv.Mul(&forth, v) // T V_u
	m = mat.NewDense(s.d, s.d, nil)
	m.Mul(tv.T(), inverse)
	rest.Mul(m, &tv)
	rest.Sub(v, &rest)
	l, ok := matrix.Root(symmetric(&rest), s.d)
	if !ok {
		return nil, nil, &ito.InputError{Where: "solver sscs",
			What: fmt.Sprintf("the noise from t=%g to %g has no root", t, u)}
	}
	return m, l, nil
}

// symmetric is the symmetric part of a matrix, row-major.
func symmetric(a *mat.Dense) []float64 {
	d, _ := a.Dims()
	out := make([]float64, d*d)
	for i := range d {
		for j := range d {
			out[i*d+j] = (a.At(i, j) + a.At(j, i)) / 2
		}
	}
	return out
}

// step is the line of one step: half of A, and then S with the other half of A, which is linear, in one update;
// with two stages after a first one of S alone.
func (s *splitting) step(t, next float64, two bool) (affine.Line, error) {
	mid := t + (next-t)/2
	m1, l1, err := s.exact(t, mid)
	if err != nil {
		return nil, err
	}
	m2, l2, err := s.exact(mid, next)
	if err != nil {
		return nil, err
	}
	_, _, inverse, err := s.at(mid)
	if err != nil {
		return nil, err
	}
	d := s.d
	score := mat.NewDense(d, d, nil) // (t−next) GGᵀ, of s
	s.pl.Linear.Drift(mid, make([]float64, d*d), score.RawMatrix().Data)
	score.Scale(t-next, score)
	var linear mat.Dense // the same of V⁻¹(y−μ)
	linear.Mul(score, inverse)

	half, err := s.pl.Update(t, "xn", m1.RawMatrix().Data, l1)
	if err != nil {
		return nil, err
	}
	out := affine.Line{{Noise: []affine.Draw{{Into: bufDraw}}, Do: []affine.Instruction{{Update: half, From: []int{0,
		bufDraw}}}}}
	after := func(c float64, of *mat.Dense, one bool) []float64 { // M₂ (c·of + 1)
		var sum, product mat.Dense
		sum.Scale(c, of)
		for i := range d {
			if one {
				sum.Set(i, i, sum.At(i, i)+1)
			}
		}
		product.Mul(m2, &sum)
		return product.RawMatrix().Data
	}
	if !two {
		end, err := s.pl.Update(mid, "xpn", after(1, &linear, true), after(1, score, false), l2)
		return append(out, affine.Segment{Predict: true, Into: bufP, T: mid, Noise: []affine.Draw{{Into: bufDraw,
			Sub: 1}},
			Do: []affine.Instruction{{Update: end, From: []int{0, bufP, bufDraw}}}}), err
	}
	var whole mat.Dense
	whole.CloneFrom(&linear)
	for i := range d {
		whole.Set(i, i, whole.At(i, i)+1)
	}
	stage, err := s.pl.Update(mid, "xp", whole.RawMatrix().Data, append([]float64(nil), score.RawMatrix().Data...))
	if err != nil {
		return nil, err
	}
	end, err := s.pl.Update(mid, "xpxpn", after(.5, &linear, true), after(.5, score, false), after(.5, &linear, false),
		after(.5, score, false), l2)
	return append(out,
		affine.Segment{Predict: true, Into: bufP, T: mid, Do: []affine.Instruction{{Update: stage, Into: bufU,
			From: []int{0, bufP}}}},
		affine.Segment{Predict: true, At: bufU, Into: bufPU, T: mid, Noise: []affine.Draw{{Into: bufDraw, Sub: 1}},
			Do: []affine.Instruction{{Update: end, From: []int{0, bufP, bufU, bufPU, bufDraw}}}}), err
}
