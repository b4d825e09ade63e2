package solve

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// DPM is single-step DPM-Solver (1, 2S, 3S) and, with Data, DPM-Solver++ (2S, 3S). Per mode, with
// h = λ'−λ and for ε: A = α'/α, B = −σ', z = h (for x̂0: A = σ'/σ, B = −α', z = −h),
//
//	2S:  u = first(½),  y' = A y + B [ (e^z−1) m + ½(e^z−1) (m_u−m)/r ],   r = ½
//	3S:  u = first(⅓),  v = A_v y + B_v [ (e^{z_v}−1) m + 2 z_v φ_2(z_v) (m_u−m) ] at ⅔,
//	     y' = A y + B [ (e^z−1) m + z φ_2(z) (m_v−m)/r ],   r = ⅔
//
// where first(r) is a step of order 1 as far as the mean λ over the modes has gone r of its way; the ratios of
// each mode are its own. A step costs as many evaluations as its order, and keeps nothing for the next. A step from
// α = 0 or to σ = 0 is of order 1 and costs one. Diagonal paths.
type DPM struct {
	Order int  `config:"-"` // 1, 2 or 3; 0: 2
	Data  bool `config:"-"` // interpolate x̂0 instead of ε: DPM-Solver++
}

// WithDefaults is the solver with its default order where none is set.
func (o DPM) WithDefaults() DPM {
	if o.Order == 0 {
		o.Order = 2
	}
	return o
}

// Info implements ito.Solver.
func (o DPM) Info() ito.SolverInfo {
	o = o.WithDefaults()
	name, source := "dpm", "Lu et al. 2022, arXiv:2206.00927, algorithms 1 and 2"
	if o.Data {
		name, source = "dpmpp", "Lu et al. 2022, arXiv:2211.01095, algorithm 1"
	}
	suffix := "s"
	if o.Order == 1 {
		suffix = ""
	}
	return ito.SolverInfo{Name: fmt.Sprintf("%s-%d%s", name, o.Order, suffix), Order: o.Order, Evals: o.Order,
		Needs: []ito.Capability{ito.CapDiagonal}, Source: source}
}

// Plan implements ito.Solver.
func (o DPM) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	o = o.WithDefaults()
	if err := Check(p, o); err != nil {
		return nil, err
	}
	if o.Order < 1 || o.Order > 3 {
		return nil, &ito.InputError{Where: "solver " + o.Info().Name, What: fmt.Sprintf("an order of %d", o.Order),
			Do: "give 1, 2 or 3"}
	}
	orders := make([]int, len(g)-1)
	for i := range orders {
		orders[i] = o.Order
	}
	return o.plan(p, g, k, orders)
}

// Buffers of a single step, besides the state: predictions p at its start, at u and at v, and the points u and v.
const (
	bufP = iota + 1
	bufU
	bufPU
	bufV
	bufPV
	bufDPMs // how many
)

// plan makes steps of the given orders.
func (o DPM) plan(p ito.Path, g ito.Grid, k ito.Prediction, orders []int) (*affine.Program, error) {
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	form := ito.PredEps
	if o.Data {
		form = ito.PredX0
	}
	st := affine.NewProgram(p, len(orders), bufDPMs)
	for i, order := range orders {
		s := single{pl: pl, s: pl.Knot(g[i], form), to: pl.Knot(g[i+1], form)}
		a, _ := pl.MeanLambda(g[i])
		b, _ := pl.MeanLambda(g[i+1])
		if math.IsInf(a, 0) || math.IsInf(b, 0) {
			order = 1
		}
		between := func(r float64) *affine.Knot { return pl.Knot(pl.TimeOf(g[i], g[i+1], a+r*(b-a)), form) }
		switch order {
		case 1:
			s.evaluate(s.s)
			s.update(s.to, 0, affine.WeighFirst, s.s)
		case 2:
			s.u = between(.5)
			s.evaluate(s.s)
			s.update(s.u, bufU, affine.WeighFirst, s.s)
			s.evaluate(s.u)
			s.update(s.to, 0, weighMidpoint, s.s, s.u)
		case 3:
			s.u, s.v = between(1./3), between(2./3)
			s.evaluate(s.s)
			s.update(s.u, bufU, affine.WeighFirst, s.s)
			s.evaluate(s.u)
			s.update(s.v, bufV, weighTaylor, s.s, s.u)
			s.evaluate(s.v)
			s.update(s.to, 0, weighTaylor, s.s, s.v)
		}
		if s.err != nil {
			return nil, s.err
		}
		st.Steps[i] = s.line
	}
	return &st, nil
}

// single builds the line of one single step from the knot s over u and v. Predictions are left as the field
// made them, since the states at which it did are still there: what knots would keep of them is worked into the
// coefficients.
type single struct {
	pl          *affine.Planner
	s, u, v, to *affine.Knot
	line        affine.Line
	err         error
}

// buffers are those of the state and of the prediction at a knot.
func (s *single) buffers(k *affine.Knot) (at, pred int) {
	switch k {
	case s.s:
		return 0, bufP
	case s.u:
		return bufU, bufPU
	}
	return bufV, bufPV
}

// evaluate begins a segment with the prediction at k.
func (s *single) evaluate(k *affine.Knot) {
	at, pred := s.buffers(k)
	s.line = append(s.line, affine.Segment{Predict: true, At: at, Into: pred, T: k.T})
}

// update steps from the state to a knot by the predictions at the knots in from.
func (s *single) update(to *affine.Knot, dst int, w affine.Weigher, from ...*affine.Knot) {
	x, ms, _ := affine.AllModes(to, from, w)
	c := affine.Combination{affine.State(0, x)}
	for j, k := range from {
		at, pred := s.buffers(k)
		c = append(c, k.Made(pred, at, ms[j])...)
	}
	in, err := s.pl.Combine(to.T, dst, 'x', c)
	s.err = firstError(s.err, err)
	last := &s.line[len(s.line)-1]
	last.Do = append(last.Do, in)
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// weighTaylor is exact for an m that is linear in λ.
func weighTaylor(to *affine.Knot, from []*affine.Knot, i int, m []float64) (x, noise float64) {
	return DPMpp{Second: SecondTaylor}.Weigh(to, from, i, m)
}

// weighMidpoint gives the slope the weight ½(e^z−1).
func weighMidpoint(to *affine.Knot, from []*affine.Knot, i int, m []float64) (x, noise float64) {
	return DPMpp{Second: SecondMidpoint}.Weigh(to, from, i, m)
}
