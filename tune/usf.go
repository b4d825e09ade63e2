package tune

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// USF is the unified sampling framework: a multistep solver that is told what every step does. DDIM, DPM-Solver and
// DPM-Solver++ of any order (single-step and multistep), UniPC, DEIS and iPNDM are some of its points
// ([Decisions]); [Search] looks among the others. The times belong to the grid.
//
// With λ = log(α/σ), the step's end λ', its base λ_b, h = λ'−λ_b and the polynomial m(λ) = Σ_k d_k ((λ−λ_b)/h)^k
// through the chosen predictions of x̂0 (ε̂: A = α'/α_b, B = −σ', z = h),
//
//	y' = A y_b + B z Σ_k w_k d_k,   A = σ'/σ_b, B = −α', z = −h,   w_k = k! φ_{k+1}(z) or what Rule says,
//
// in which Relax may change what single predictions weigh.
//
// One evaluation a step, except in a first step with Skip. Diagonal paths. A step from α = 0 or to σ = 0 is of order 1.
type USF struct {
	Steps []Decision // one for each step of the grid
}

// Info implements ito.Solver. The order is the least that the decisions could all have.
func (o USF) Info() ito.SolverInfo {
	return ito.SolverInfo{Name: "usf", Order: 1, Evals: 1, Needs: []ito.Capability{ito.CapDiagonal},
		Source: "Liu et al. 2023, arXiv:2312.07243, section 3"}
}

// Evals is the number of evaluations of a run.
func (o USF) Evals() int {
	if len(o.Steps) > 0 && o.Steps[0].Skip {
		return len(o.Steps) - 1
	}
	return len(o.Steps)
}

// Check reports the first decision that makes no sense, as an *ito.InputError.
func (o USF) Check() error {
	for i, d := range o.Steps {
		if why := d.wrong(i, o.Steps); why != "" {
			return &ito.InputError{Where: fmt.Sprintf("usf, decision of step %d", i), What: why}
		}
	}
	return nil
}

// Plan implements ito.Solver.
func (o USF) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	if err := solve.Check(p, o); err != nil {
		return nil, err
	}
	if len(o.Steps) != len(g)-1 {
		return nil, &ito.InputError{Where: "solver usf", What: fmt.Sprintf("%d decisions for %d steps", len(o.Steps),
			len(g)-1), Do: "give one for each step"}
	}
	if err := o.Check(); err != nil {
		return nil, err
	}
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	tab, err := solve.DEIS{}.Weigher(pl)
	if err != nil {
		return nil, err
	}
	rho, err := solve.DEIS{Clock: solve.ClockRho}.Weigher(pl)
	if err != nil {
		return nil, err
	}
	u := usf{Planner: pl, x0: pl.Knots(g, ito.PredX0), eps: pl.Knots(g, ito.PredEps), tab: tab, rho: rho}
	return u.plan(o.Steps, g)
}

// usf plans. Predictions stay as the field made them and the states beside them, since either form may be asked for.
type usf struct {
	*affine.Planner
	x0, eps  []*affine.Knot
	tab, rho affine.Weigher // of DEIS, in the path's clock and in ρ
}

// Buffers: 0 the state, then the last predictions, then the states at which they were made.
func usfPred(i int) int  { return 1 + i%(usfDepth+1) }
func usfState(i int) int { return 2 + usfDepth + i%(usfDepth+1) }

func (u usf) plan(steps []Decision, g ito.Grid) (*affine.History, error) {
	st := affine.NewHistory(u.Path, len(steps), 3+2*usfDepth, usfDepth)
	for i, d := range steps {
		for have := range min(i, usfDepth) + 1 {
			var before Decision
			if i > 0 {
				before = steps[i-1].within(have - 1)
			}
			in, err := u.Combine(g[i], 0, 'x', u.step(i, d.within(have), before))
			if err != nil {
				return nil, err
			}
			seg := affine.Segment{Predict: !d.Skip, Into: usfPred(i), T: g[i], Do: []affine.Instruction{in}}
			if d.Skip {
				guess, err := u.mean(g[i], usfPred(i))
				if err != nil {
					return nil, err
				}
				seg.Do = []affine.Instruction{guess, in}
			}
			st.By[i] = append(st.By[i], affine.Line{seg})
		}
	}
	return st, u.keepStates(st, g)
}

// step is step i, all modes.
func (u usf) step(i int, d, before Decision) affine.Combination {
	ks := u.knots(d)
	ws, relax := u.through(i, d, ks)
	x, ms, _ := affine.AllModes(ks[i+1], ws, relaxed(u.weigher(d), relax))
	base := d.use()[0]
	// what is overwritten comes first
	c := affine.Combination{affine.State(0, make([]float64, len(x))), affine.State(u.stateAt(i, i-base), x)}
	add := func(k *affine.Knot, node int, m []float64) {
		c = append(c, k.Made(usfPred(node), u.stateAt(i, node), m)...)
	}
	for j, k := range ws {
		add(k, u.node(ks, k), ms[j])
	}
	if d.Correct == RuleNone {
		return c
	}
	ks = u.knots(before)
	ws, relax = u.through(i-1, before, ks)
	if !affine.Corrects(ws[0], ks[i]) {
		return c
	}
	_, was, _ := affine.AllModes(ks[i], ws, relaxed(u.weigher(before), relax))
	unipc := solve.UniPC{B: d.Correct.b()}
	_, is, _ := affine.AllModes(ks[i], append(ws[:len(ws):len(ws)], ks[i]), unipc.Correct)
	for j, k := range append(ws[:len(ws):len(ws)], ks[i]) {
		m := make([]float64, len(x))
		for mode := range m {
			m[mode] = is[j][mode]
			if j < len(was) {
				m[mode] -= was[j][mode]
			}
			m[mode] *= x[mode]
		}
		add(k, u.node(ks, k), m)
	}
	return c
}

// knots are those of the decision's form.
func (u usf) knots(d Decision) []*affine.Knot {
	if d.Eps {
		return u.eps
	}
	return u.x0
}

func (u usf) node(ks []*affine.Knot, k *affine.Knot) int {
	for i, other := range ks {
		if other == k {
			return i
		}
	}
	panic("solve: a knot of another grid")
}

// stateAt is the buffer of the state at a node during step i.
func (u usf) stateAt(i, node int) int {
	if node == i {
		return 0
	}
	return usfState(node)
}

// through lists the knots that the decision uses, its base first, without those that keep something else, and by what
// their weights are relaxed.
func (u usf) through(i int, d Decision, ks []*affine.Knot) (out []*affine.Knot, relax []float64) {
	use := d.use()
	out, relax = []*affine.Knot{ks[i-use[0]]}, []float64{0}
	for j, back := range use[1:] {
		k := ks[i-back]
		if k.Form != out[0].Form {
			continue
		}
		out, relax = append(out, k), append(relax, 0)
		if len(d.Relax) > 0 {
			relax[len(relax)-1] = d.Relax[j]
		}
	}
	return out, relax
}

// relaxed is w with the weight of prediction j multiplied by 1+r_j and the difference given to prediction 0.
func relaxed(w affine.Weigher, r []float64) affine.Weigher {
	return func(to *affine.Knot, from []*affine.Knot, i int, m []float64) (x, noise float64) {
		x, noise = w(to, from, i, m)
		for j := 1; j < len(m) && j < len(r); j++ {
			δ := float64(r[j] * m[j])
			m[0], m[j] = m[0]-δ, m[j]+δ
		}
		return x, noise
	}
}

func (u usf) weigher(d Decision) affine.Weigher {
	switch d.Rule {
	case RuleRho:
		return u.rho
	case RuleTime:
		return u.tab
	case RuleAdams:
		return solve.IPNDM{}.Weigh
	}
	return solve.UniPC{B: d.Rule.b()}.Predict
}

// mean writes the prediction that x̂0 is the path's mean.
func (u usf) mean(t float64, dst int) (affine.Instruction, error) {
	p, r := make([]float64, u.Modes.Path.Modes()), make([]float64, u.Modes.Path.Modes())
	u.Modes.At(t)
	u.Modes.Affine(ito.PredX0, u.Kind, p, r)
	out := affine.Mark('n')
	if u.Kind == ito.PredX0 {
		out = 'x'
	}
	return u.Combine(t, dst, out, affine.Combination{affine.State(0, r)})
}

// keepStates makes every step keep its state where a later one asks for it.
func (u usf) keepStates(st *affine.History, g ito.Grid) error {
	one := make([]float64, u.Modes.Path.Modes())
	for i := range one {
		one[i] = 1
	}
	for i := range st.By {
		asked := false
		for j := i + 1; j <= i+usfDepth && j < len(st.By); j++ {
			for _, l := range st.By[j] {
				for _, b := range l[0].Do[len(l[0].Do)-1].From {
					asked = asked || b == usfState(i)
				}
			}
		}
		if !asked {
			continue
		}
		in, err := u.Combine(g[i], usfState(i), 'x', affine.Combination{affine.State(0, one)})
		if err != nil {
			return err
		}
		for _, l := range st.By[i] {
			l[0].Do = append([]affine.Instruction{in}, l[0].Do...)
		}
	}
	return nil
}
