package solve

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// PC is the predictor–corrector sampler of score-based SDEs: at each time first Langevin steps towards the
// path's marginal there, then a step of the reverse SDE. With a = α/α', G² = σ²−a²σ'² (the exact
// transition from t' up to t), s the score and ξ, z ~ N(0,I):
//
//	reverse diffusion   y' = (2−a) y + G² s + G ξ
//	ancestral           y' = (y + G² s)/a + G ξ, or (σ'/σ) G ξ where α is constant
//	EM                  as [EM]
//	Langevin            y ← y + e s + √(2e) z,   e = 2a² (SNR σ)²
//
// For VP a² = 1−β_i and G² = β_i, for VE a = 1 and G² = σ_i²−σ_{i−1}². The last predictor returns its mean, without
// noise. A step costs one evaluation for the predictor and one for each corrector step. Paths of one mode, from
// noise to data.
//
// The published Langevin step is e = 2a² (SNR ‖z‖/‖s‖)² with norms that are means over the batch, which would let
// one sample move another; with a row's own norms e depends on the state and the law is no longer p_t. Here both
// norms are expectations: E‖z‖² = D, and E‖s‖² ≤ D/σ² for every data, with equality where the noise hides them.
// That is the step of annealed Langevin dynamics, so the published correctors langevin and ald are one here. It
// leaves a normal of variance v ≥ σ² at v/(1−e/2v), at most 2.6 % more at the default SNR and nothing more as σ →
// 0.
type PC struct {
	// the zero value is PredictorReverseDiffusion
	Predictor Predictor `enum:"reverse-diffusion,ancestral,em,none" help:"the step of the reverse SDE"`
	// the zero value is CorrectorLangevin
	Corrector Corrector `enum:"langevin,none" alias:"ald=langevin" help:"the Langevin steps before it; ald is langevin"`
	// up to .5; 0: .16
	SNR float64 `zero:"default" default:"0.16" above:"0" max:"0.5" name:"snr" help:"signal to noise in a corrector step"`
	// corrector steps at each time; 0: 1
	Steps int `zero:"default" default:"1" min:"1" max:"1000" help:"corrector steps at each time"`
	// add noise in the last step too
	KeepNoise bool `default:"no" enum:"no,yes" help:"noise in the last step too"`
	// "" or CompatEMStep
	Compat string `zero:"default" default:"none" enum:"none,em-step" help:"a defect of released code to reproduce"`
}

// Predictor is a step of the reverse SDE.
type Predictor uint8

// The predictors of PC.
const (
	PredictorReverseDiffusion Predictor = iota
	PredictorAncestral
	PredictorEM
	PredictorNone
)

// Corrector is a step of Langevin dynamics.
type Corrector uint8

// The correctors of PC.
const (
	CorrectorLangevin Corrector = iota
	CorrectorNone
)

// CompatEMStep reproduces the times of the published sampler with an EM predictor: N evaluations at the
// N points of a uniform grid that includes both ends, and steps of 1/N of the start time, which are longer than
// the N−1 gaps are short of: the end is overshot. The grid must be uniform.
const CompatEMStep = "em-step"

// Info implements ito.Solver.
func (o PC) Info() ito.SolverInfo {
	o = o.filled()
	info := ito.SolverInfo{Name: "pc", Order: 1, Stochastic: true, Needs: []ito.Capability{ito.CapOneMode},
		Source: "Song et al. 2021, arXiv:2011.13456, algorithms 2 to 5 and appendix E"}
	if o.Predictor == PredictorAncestral {
		info.Name = "pc-ancestral-ald"
	}
	info.Name = Word(info.Name, o)
	info.Evals = o.Steps
	if o.Predictor != PredictorNone {
		info.Evals++
	}
	return info
}

// defaultSNR is the one that is published for pictures of 32×32.
const defaultSNR = .16

// maxSNR leaves e at σ²/2: a normal of variance σ² is then left at 4/3 of it, and from twice that SNR on at infinity.
const maxSNR = .5

func (o PC) filled() PC {
	if o.SNR == 0 {
		o.SNR = defaultSNR
	}
	if o.Steps == 0 {
		o.Steps = 1
	}
	if o.Corrector == CorrectorNone {
		o.Steps = 0
	}
	return o
}

// Plan implements ito.Solver.
func (o PC) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	o = o.filled()
	if err := checkOptions(p, o, 1, o.Compat, CompatEMStep); err != nil {
		return nil, err
	}
	switch {
	case o.Predictor > PredictorNone || o.Corrector > CorrectorNone || !(o.SNR > 0 && o.SNR <= maxSNR) || o.Steps < 0 ||
		o.Info().Evals == 0:
		return nil, &ito.InputError{Where: "solver pc", What: fmt.Sprintf("settings %+v", o),
			Do: fmt.Sprintf("choose a predictor or a corrector, with an SNR above 0 and up to %g", maxSNR)}
	case o.Compat == CompatEMStep && o.Predictor != PredictorEM:
		return nil, &ito.InputError{Where: "solver pc", What: "em-step with another predictor", Do: "take PredictorEM"}
	}
	if err := towardsData(g, o, "ddim"); err != nil {
		return nil, err
	}
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	n := len(g) - 1
	st := &pc{PC: o, Applier: affine.NewApplier(p), steps: make([]pcStep, n)}
	for i := range st.steps {
		s := pcStep{t: g[i]}
		next := g[i+1]
		if o.Compat == CompatEMStep {
			if s.t = g[0]; n > 1 {
				s.t += (g[n] - g[0]) * float64(i) / float64(n-1)
			}
			next = s.t - g[0]/float64(n)
		}
		if err := o.plan(pl, &s, next, i == n-1 && !o.KeepNoise); err != nil {
			return nil, err
		}
		st.steps[i] = s
	}
	return st, nil
}

// pcStep is what is fixed of a step.
type pcStep struct {
	t             float64
	correct       *affine.Update // Langevin: state, prediction, noise
	predict       *affine.Update // state, prediction, noise
	deterministic bool           // no noise in it
}

func (o PC) plan(pl *affine.Planner, s *pcStep, next float64, last bool) error {
	pl.Modes.At(next)
	αn, σn := pl.Modes.Alpha[0], pl.Modes.Sigma[0]
	pl.Modes.At(s.t)
	α, σ := pl.Modes.Alpha[0], pl.Modes.Sigma[0]
	affine := func(to ito.Prediction) (p, r float64) {
		P, R := make([]float64, 1), make([]float64, 1)
		pl.Modes.Affine(pl.Kind, to, P, R)
		return P[0], R[0]
	}
	a := α / αn
	G2 := math.Max(0, float64(σ*σ)-float64(a*a)*float64(σn*σn))
	s.deterministic = last
	ps, rs := affine(ito.PredScore)
	var err error
	if o.Corrector == CorrectorLangevin {
		e := 2 * math.Min(1, a*a) * o.SNR * o.SNR * σ * σ
		if s.correct, err = pl.Update(s.t, "xpn", []float64{1 + float64(e*rs)}, []float64{e * ps},
			[]float64{math.Sqrt(2 * e)}); err != nil {
			return err
		}
	}
	var x, p, ξ float64
	switch o.Predictor {
	case PredictorNone:
		return nil
	case PredictorEM:
		u, err := maruyama(pl, s.t, next)
		if err == nil && last {
			clear(u.Coef[2])
		}
		s.predict = u
		return err
	case PredictorReverseDiffusion:
		x, p, ξ = 2-a+G2*rs, G2*ps, math.Sqrt(G2)
	case PredictorAncestral: // (y + G² s)/a = α' x̂0 + (a σ'²/σ) ε̂, which is finite at α = 0
		xp, xr := affine(ito.PredX0)
		ep, er := affine(ito.PredEps)
		w := 0.0
		if σ != 0 {
			w = a * σn * σn / σ
		}
		x, p, ξ = float64(αn*xr)+float64(w*er), float64(αn*xp)+float64(w*ep), math.Sqrt(G2)
		if α == αn {
			ξ *= σn / σ
		}
	}
	if last {
		ξ = 0
	}
	s.predict, err = pl.Update(s.t, "xpn", []float64{x}, []float64{p}, []float64{ξ})
	return err
}
