package solve

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// DPMAdaptive is adaptive DPM-Solver 12 (DPM-1 inside 2S) and 23 (2S with r = ⅓ inside 3S). Every row chooses its own
// steps h in the mean λ = log(α/σ) between the nodes of the grid, which it meets exactly: with the results y_lo and
// y_hi of the two orders and y_prev the last y_lo,
//
//	E = RMS( (y_hi−y_lo) / max(Atol, Rtol max(|y_lo|, |y_prev|)) ),
//
// a step is accepted, as y_hi, when E ≤ 1, and h ← min(Safety h E^{−1/order}, what is left). The published code takes
// the largest E of the batch; here no row waits for another. y is in the path's basis, from μ. A step costs order
// evaluations, one fewer after a rejection. Diagonal paths, where λ is finite at both ends of the grid.
type DPMAdaptive struct {
	Order     int     `config:"-"` // of y_hi: 2 or 3; 0: 3
	Data      bool    `config:"-"` // interpolate x̂0 instead of ε
	Atol      float64 `config:"-"` // 0: .0078, for data in [−1,1] of 256 levels
	Rtol      float64 `config:"-"` // 0: .05
	Safety    float64 `config:"-"` // 0: .9
	FirstStep float64 `config:"-"` // |h| at the start of every interval; 0: .05
	MaxSteps  int     `config:"-"` // of a row between two nodes; 0: 10000
	PID               // in place of that rule for h where it is on
}

func (o DPMAdaptive) filled() DPMAdaptive {
	def := func(p *float64, v float64) {
		if *p == 0 {
			*p = v
		}
	}
	if o.Order == 0 {
		o.Order = 3
	}
	def(&o.Atol, .0078)
	def(&o.Rtol, .05)
	def(&o.Safety, .9)
	def(&o.FirstStep, .05)
	def(&o.Accept, .81)
	if o.MaxSteps == 0 {
		o.MaxSteps = 10000
	}
	return o
}

// Info implements ito.Solver.
func (o DPMAdaptive) Info() ito.SolverInfo {
	o = o.filled()
	name := fmt.Sprintf("dpm-%d%d", o.Order-1, o.Order)
	if o.Data {
		name = fmt.Sprintf("dpmpp-%d%d", o.Order-1, o.Order)
	}
	return ito.SolverInfo{Name: Word(name, o), Order: o.Order, Adaptive: true, Needs: []ito.Capability{ito.CapDiagonal},
		Source: "Lu et al. 2022, arXiv:2206.00927, appendix C; with a norm for each sample"}
}

// Plan implements ito.Solver.
func (o DPMAdaptive) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	o = o.filled()
	if err := Check(p, o); err != nil {
		return nil, err
	}
	if o.Order != 2 && o.Order != 3 || !(o.Atol > 0 && o.Rtol >= 0 && o.Safety > 0 && o.Safety < 1 &&
		o.FirstStep > 0) || o.MaxSteps < 0 {
		return nil, &ito.InputError{Where: "solver " + o.Info().Name, What: fmt.Sprintf("settings %+v", o),
			Do: "give order 2 or 3, positive tolerances and first step, and a safety below 1"}
	}
	if o.I == 0 && (o.P != 0 || o.D != 0 || o.Accept != .81) || !(min(o.P, o.I, o.D) >= 0 && o.Accept > 0 &&
		o.P+o.I+o.D+o.Accept < 1e6) {
		return nil, &ito.InputError{Where: "solver " + o.Info().Name, What: fmt.Sprintf("a controller %+v", o.PID),
			Do: "give i above 0, as i=1, which alone follows the error"}
	}
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	st := &dpmAdaptive{DPMAdaptive: o, pl: pl, form: ito.PredEps}
	if o.Data {
		st.form = ito.PredX0
	}
	for _, t := range []float64{g[0], g[len(g)-1]} {
		if λ, _ := pl.MeanLambda(t); math.IsInf(λ, 0) || math.IsNaN(λ) {
			return nil, &ito.InputError{Where: "solver " + o.Info().Name, What: fmt.Sprintf("log(α/σ) is %g at t=%g", λ,
				t), Do: "take dopri5, or start and stop where both α and σ are positive"}
		}
	}
	return st, nil
}

type dpmAdaptive struct {
	DPMAdaptive
	pl                        *affine.Planner
	form                      ito.Prediction
	evals, accepted, rejected []int
	batch                     rowBatch
}

func (st *dpmAdaptive) counts() (evals, accepted, rejected []int) {
	return st.evals, st.accepted, st.rejected
}

// Step implements ito.Stepper.
func (st *dpmAdaptive) Step(ctx context.Context, s *ito.Step) error {
	n := s.X.N
	if st.evals == nil {
		st.evals, st.accepted, st.rejected = make([]int, n), make([]int, n), make([]int, n)
	}
	λ0, _ := st.pl.MeanLambda(s.T)
	λ1, _ := st.pl.MeanLambda(s.Next)
	h := math.Copysign(math.Min(st.FirstStep, math.Abs(λ1-λ0)), λ1-λ0)
	rows := make([]*dpmRow, n)
	for i := range rows {
		rows[i] = newDPMRow(i, s.X.D, st.pl.Modes.Path.Modes(), s.T, λ0, h)
		st.pl.Modes.Point(rows[i].y, s.X.Row(i))
		copy(rows[i].prev, rows[i].y)
	}
	before := s.Evals
	for len(rows) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := st.attempt(ctx, s, rows, λ1); err != nil {
			return err
		}
		left := rows[:0]
		for _, r := range rows {
			done, err := st.judge(r, s, λ1)
			if err != nil {
				return err
			}
			if done {
				st.pl.Modes.Place(s.X.Row(r.row), r.y)
			} else {
				left = append(left, r)
			}
		}
		rows = left
	}
	s.Evals = before
	for _, e := range st.evals {
		s.Evals = max(s.Evals, e)
	}
	return nil
}

// judge accepts or rejects what an attempt has made of a row, and sets its next h.
func (st *dpmAdaptive) judge(r *dpmRow, s *ito.Step, λ1 float64) (done bool, err error) {
	sum := 0.0
	for i, lo := range r.lo {
		δ := math.Max(st.Atol, st.Rtol*math.Max(math.Abs(lo), math.Abs(r.prev[i])))
		q := (r.hi[i] - lo) / δ
		sum += float64(q * q)
	}
	E := math.Sqrt(sum / float64(len(r.lo)))
	factor := .1
	if !math.IsNaN(E) && !math.IsInf(E, 0) {
		factor = st.Safety * math.Pow(E, -1/float64(st.Order)) // +Inf for an E of 0
	}
	accept, h := E <= 1, factor*math.Abs(r.h)
	if st.on() {
		accept, h = r.pid.judge(st.PID, E, r.h, st.Order)
	}
	if accept {
		st.accepted[r.row]++
		r.t, r.λ, r.fresh = r.k[3].T, r.end, true
		copy(r.y, r.hi)
		copy(r.prev, r.lo)
		if r.t == s.Next {
			return true, nil
		}
	} else {
		st.rejected[r.row]++
	}
	rest := λ1 - r.λ
	r.h = math.Copysign(math.Min(h, math.Abs(rest)), rest)
	if r.tries++; r.tries >= st.MaxSteps || math.Abs(r.h) < 1e-13*(1+math.Abs(r.λ)) && math.Abs(r.h) < math.Abs(rest) {
		return false, fmt.Errorf("sample %d stopped at t=%g after %d steps of its own, the next one %g in log(α/σ)",
			s.X.ID[r.row], r.t, r.tries, r.h)
	}
	return false, nil
}
