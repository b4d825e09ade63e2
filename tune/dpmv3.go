package tune

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// DPMv3 is DPM-Solver-v3: a multistep exponential integrator whose linear part l, scaling s and bias b are those
// that empirical statistics of the field make best, coordinate by coordinate. With f = (σε̂ − l y)/α, the integrals
// L, S, 𝔅 of the statistics, and from λ_s to λ_t
//
//	y_t = α_t e^{L_s−L_t} [ y_s/α_s − E_0 f_s − C − Σ_{k≥1} E_k g^{(k)} ],
//
//	E_k = ∫ e^{L+S−L_s−S_s} (λ−λ_s)^k/k! dλ,   C = ∫ e^{L+S−L_s} (𝔅−𝔅_s) dλ,
//	g_i = e^{S_s−S_i} f_i − e^{S_s}(𝔅_i−𝔅_s),
//
// where g^{(k)} are derivatives of the polynomial through the last g. A corrector repeats a step with the
// prediction at its end, as UniPC does. One evaluation a step; paths of one mode, from noise to data, between λ
// that the statistics cover. Exact in one step on Gaussian data, up to the statistics.
//
// Source: Zheng et al. 2023, arXiv:2310.13268, eq. 12 to 16 and algorithm 1.
type DPMv3 struct {
	EMS       *EMS
	Order     int         // 1 to 3; 0: 3
	Predictor Derivatives // of the predictor
	// of the corrector; with DerivativesPseudo it is of the next order and uses the prediction at the end
	Corrector  Derivatives
	NoCorrect  bool             // the predictor alone
	From       float64          // correct only from this time down, for large guidance scales; 0: everywhere
	LowerFinal solve.LowerFinal // as in DPMpp; 0: 15, negative: none
}

// Derivatives is how g^{(k)} is had from differences.
type Derivatives uint8

// The choices of Derivatives.
const (
	DerivativesAuto   Derivatives = iota // predictor: of the polynomial; corrector: pseudo
	DerivativesExact                     // those of the polynomial through the points, at the step's base
	DerivativesPseudo                    // k! times the divided difference of order k
)

func (o DPMv3) filled() DPMv3 {
	if o.Order == 0 {
		o.Order = 3
	}
	if o.Predictor == DerivativesAuto {
		o.Predictor = DerivativesExact
	}
	if o.Corrector == DerivativesAuto {
		o.Corrector = DerivativesPseudo
	}
	return o
}

// Info implements ito.Solver.
func (o DPMv3) Info() ito.SolverInfo {
	return ito.SolverInfo{Name: fmt.Sprintf("dpm-v3-%d", o.filled().Order), Order: o.filled().Order, Evals: 1,
		Needs: []ito.Capability{ito.CapOneMode}, Source: "Zheng et al. 2023, arXiv:2310.13268, eq. 12 to 16 and " +
			"algorithm 1"}
}

// Plan implements ito.Solver.
func (o DPMv3) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	o = o.filled()
	if err := solve.Check(p, o); err != nil {
		return nil, err
	}
	if o.Order < 1 || o.Order > 3 || o.Predictor > DerivativesPseudo || o.Corrector > DerivativesPseudo {
		return nil, &ito.InputError{Where: "solver dpm-v3", What: fmt.Sprintf("order %d, derivatives %d and %d",
			o.Order, o.Predictor, o.Corrector), Do: "give an order of 1, 2 or 3"}
	}
	if err := o.EMS.Check(); err != nil {
		return nil, err
	}
	if d := p.Dim(); d != 0 && d != o.EMS.D {
		return nil, o.mismatch(d)
	}
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	pl.D = o.EMS.D
	v := &v3plan{Planner: pl, DPMv3: o, grid: g, knots: pl.Knots(g, ito.PredEps)}
	λ := make([]float64, len(g))
	for i, k := range v.knots {
		λ[i] = k.Lambda[0]
		if i > 0 && !(λ[i] > λ[i-1]) {
			return nil, &ito.UnsupportedError{What: "solver dpm-v3 on this grid",
				Why: "its statistics go from noise to data", Nearest: "dpmpp-3m"}
		}
	}
	if v.in, err = o.EMS.integrate(λ); err != nil {
		return nil, err
	}
	st, err := v.plan()
	return &v3{History: st, d: o.EMS.D}, err
}

func (o DPMv3) mismatch(d int) error {
	return &ito.InputError{Where: "solver dpm-v3", What: fmt.Sprintf("statistics of %d coordinates for states of %d",
		o.EMS.D, d), Do: "estimate them for this field"}
}

// v3 refuses states of another dimension than that of the statistics.
type v3 struct {
	*affine.History
	d int
}

// Step implements ito.Stepper.
func (st *v3) Step(ctx context.Context, s *ito.Step) error {
	if s.X.D != st.d {
		return DPMv3{EMS: &EMS{D: st.d}}.mismatch(s.X.D)
	}
	return st.History.Step(ctx, s)
}
