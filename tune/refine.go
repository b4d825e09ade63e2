package tune

import (
	"context"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
	"gonum.org/v1/gonum/mat"
)

// A schedule has continuous numbers beside its decisions: where the inner times lie between their neighbours, and by
// how much weights are relaxed. After its generations a search lowers
//
//	ρ = mean_i c² (√(1 + e_i²/c²) − 1),   e_i = ‖x_i − x_i^ref‖,
//
// in these numbers by rounds of Levenberg–Marquardt: with r the residuals x − x_ref, J their derivatives by differences
// and W the weights (1+e_i²/c²)^{−½} of their rows, (JᵀWJ + μ diag JᵀWJ) δ = −JᵀWr.
//
// ρ and not the mean square, because where modes are apart the few starts near a watershed have most of the mean
// square, and which starts these are is a matter of chance: that another start ends in another mode has a
// probability that is proportional to the size of early errors, not to their square. c is chosen below the median,
// so that ρ is nearly a mean of |e_i|.

// smallPart is c as a part of the median distance at the beginning of the refinement.
const smallPart = .3

// Refinement is a schedule under refinement.
type Refinement struct {
	Schedule DecisionSchedule `json:"schedule"`
	Loss     float64          `json:"loss"`    // ρ
	Damping  float64          `json:"damping"` // μ; above mostDamping it is done
}

const (
	firstDamping = 1e-2
	mostDamping  = 1e5
	leastDamping = 1e-9
)

// beginRefinement chooses the best parents of different decisions, from every island in turn.
func (o Search) beginRefinement(ctx context.Context, t Task, st *SearchState) error {
	e, _, err := t.Distances(ctx, st.Parents[0].Solver(), st.Parents[0].Times)
	if err != nil {
		return err
	}
	st.Scale = math.Max(smallPart*median(e), math.SmallestNonzeroFloat64)
	st.Refined = nil
	for rank := range o.Parents {
		for _, parents := range st.Islands {
			if rank >= len(parents) || len(st.Refined) == o.Refined {
				continue
			}
			s := parents[rank]
			if slices.ContainsFunc(st.Refined, func(q Refinement) bool { return sameDecisions(q.Schedule, s) }) {
				continue
			}
			if e, _, err = t.Distances(ctx, s.Solver(), s.Times); err != nil {
				return err
			}
			st.Refined = append(st.Refined, Refinement{s, nearlyAbsolute(e, st.Scale), firstDamping})
		}
	}
	return nil
}

// endRefinement puts the schedule of least ρ before the parents, of those that are no worse than the best of them.
func (st *SearchState) endRefinement(n int) {
	best := -1
	for i, q := range st.Refined {
		if q.Schedule.RMSE <= st.Parents[0].RMSE && (best < 0 || q.Loss < st.Refined[best].Loss) {
			best = i
		}
	}
	if best >= 0 {
		st.Parents = slices.Insert(st.Parents, 0, st.Refined[best].Schedule)
		st.Parents = st.Parents[:min(n, len(st.Parents))]
	}
}

// nearlyAbsolute is √(2ρ), an error in the units of e.
func nearlyAbsolute(e []float64, c float64) float64 {
	s := 0.0
	for _, v := range e {
		s += math.Hypot(1, v/c) - 1
	}
	return c * math.Sqrt(2*s/float64(max(len(e), 1)))
}

// knobs is the number of continuous numbers of a schedule.
func (s DecisionSchedule) knobs() int {
	n := len(s.Times) - 2
	for _, d := range s.Steps {
		n += max(len(d.Use)-1, 0)
	}
	return n
}

// turned is the schedule with δ added to its numbers: to times as parts of the way to a neighbour.
func (s DecisionSchedule) turned(δ []float64) DecisionSchedule {
	was := s.Times
	s = s.clone()
	inner := len(s.Times) - 2
	for i := range inner {
		g := slices.Clone(was)
		move(g, i+1, math.Max(-.9, math.Min(.9, δ[i])))
		s.Times[i+1] = g[i+1]
	}
	δ = δ[inner:]
	for i, d := range s.Steps {
		n := len(d.Use) - 1
		if n < 1 {
			continue
		}
		r := make([]float64, n)
		copy(r, d.Relax)
		for j := range r {
			r[j] += δ[j]
		}
		s.Steps[i].Relax, δ = r, δ[n:]
	}
	return s
}

const (
	mostResiduals = 1 << 17 // of which derivatives are taken: with states of high dimension, of the first starts
	nudge         = 1e-4    // the difference by which derivatives are taken
)

// refine is one round on one schedule: a better one, or more damping.
func (o Search) refine(ctx context.Context, t Task, q Refinement, c float64) (Refinement, error) {
	s, n := q.Schedule, q.Schedule.knobs()
	if q.Damping > mostDamping || n == 0 {
		return q, ctx.Err()
	}
	part := t.rows(0, max(1, min(t.Starts.N, mostResiduals/t.Starts.D)))
	base, err := part.residuals(ctx, s)
	if err != nil {
		q.Damping = 2 * mostDamping
		return q, ctx.Err()
	}
	J := make([][]float64, n)
	each(n, o.Workers, func(i int) {
		δ := make([]float64, n)
		for _, δ[i] = range []float64{nudge, -nudge} {
			r, err := part.residuals(ctx, s.turned(δ))
			if err != nil {
				continue
			}
			for k := range r {
				r[k] = (r[k] - base[k]) / δ[i]
			}
			J[i] = r
			return
		}
		J[i] = make([]float64, len(base)) // such a number stays
	})
	if err := ctx.Err(); err != nil {
		return q, err
	}
	w := rowWeights(base, t.Starts.D, c)
	A, b := mat.NewSymDense(n, nil), mat.NewVecDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			A.SetSym(i, j, weighed(J[i], J[j], w))
		}
		b.SetVec(i, -weighed(J[i], base, w))
	}
	trials := make([]Refinement, 4)
	each(len(trials), o.Workers, func(k int) {
		μ := q.Damping * math.Pow(10, float64(k-1))
		trials[k] = Refinement{Loss: math.Inf(1), Damping: math.Max(μ, leastDamping)}
		M := mat.NewSymDense(n, nil)
		M.CopySym(A)
		for i := range n {
			M.SetSym(i, i, A.At(i, i)*(1+μ)+math.SmallestNonzeroFloat64)
		}
		var factors mat.Cholesky
		var δ mat.VecDense
		if !factors.Factorize(M) || factors.SolveVecTo(&δ, b) != nil {
			return
		}
		next := s.turned(δ.RawVector().Data)
		if !legal(next, o.Evals) {
			return
		}
		if e, _, err := t.Distances(ctx, next.Solver(), next.Times); err == nil {
			next.RMSE = rootMeanSquare(e)
			trials[k].Schedule, trials[k].Loss = next, nearlyAbsolute(e, c)
		}
	})
	best := q
	best.Damping = q.Damping * 1000
	for _, r := range trials {
		if r.Loss < best.Loss {
			best = r
		}
	}
	return best, ctx.Err()
}

// rowWeights are (1+e_i²/c²)^{−½}, one for each residual of row i.
func rowWeights(r []float64, d int, c float64) []float64 {
	w := make([]float64, len(r))
	for i := 0; i < len(r); i += d {
		e := 0.0
		for _, v := range r[i : i+d] {
			e += v * v
		}
		for k := range d {
			w[i+k] = 1 / math.Hypot(1, math.Sqrt(e)/c)
		}
	}
	return w
}

func weighed(a, b, w []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += float64(v * b[i] * w[i])
	}
	return s
}

// residuals are x − x_ref of every row.
func (o Task) residuals(ctx context.Context, s DecisionSchedule) ([]float64, error) {
	y := o.Starts.Clone()
	if _, err := solve.Run(ctx, o.Path, o.Field, y, s.Times, s.Solver(), solve.RunOptions{Cond: o.Cond,
		Unchecked: true}); err != nil {
		return nil, err
	}
	for i, v := range o.Want.X {
		y.X[i] -= v
		if math.IsNaN(y.X[i]) || math.IsInf(y.X[i], 0) {
			return nil, &ito.NonFiniteError{What: "state", Step: len(s.Steps), Sample: y.ID[i/y.D]}
		}
	}
	return y.X, nil
}

// sameDecisions reports schedules that differ in their continuous numbers alone.
func sameDecisions(a, b DecisionSchedule) bool {
	return slices.EqualFunc(a.Steps, b.Steps, func(p, q Decision) bool {
		return p.Eps == q.Eps && p.Rule == q.Rule && p.Correct == q.Correct && p.Skip == q.Skip && slices.Equal(p.Use,
			q.Use)
	})
}
