package mcmc

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"

	"gonum.org/v1/gonum/floats"
)

// Tuner adapts step size and metric of every chain by itself: what a chain learns depends on no other. It
// keeps the variables eps (the next step's size), step, metric, chol and moments.
type Tuner struct {
	Name     string
	Warmup   int
	Accept   float64
	StepSize float64 // the first step size; 0: found by doubling and halving
	Metric   Metric
	From     int // the step at which warm-up begins
}

// Validate reports settings that cannot be used.
func (t Tuner) Validate() error {
	if t.Warmup < 0 || !(t.Accept > 0 && t.Accept < 1) || t.StepSize < 0 || !infer.Finite(t.StepSize) ||
		t.Metric > Unit {
		return &ito.InputError{Where: t.Name, What: fmt.Sprintf("warm-up of %d steps, acceptance %v, step size %v",
			t.Warmup, t.Accept, t.StepSize),
			Do: "give a warm-up of 0 or more steps, an acceptance between 0 and 1 and a " +
				"positive step size"}
	}
	return nil
}

// Init adds the variables and chooses the first step size.
func (t Tuner) Init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	d := s.D
	inv := s.AddVar("metric", t.Metric.width(d))
	for i := range inv {
		if t.Metric == Diagonal || i%(d*d)%(d+1) == 0 {
			inv[i] = 1
		}
	}
	if t.Metric == Dense {
		copy(s.AddVar("chol", d*d), inv)
	}
	if t.Warmup > 0 {
		s.AddVar("step", adapterWidth)
		if t.Metric != Unit {
			s.AddVar("moments", momentsWidth(t.Metric, d))
		}
	}
	eps := s.AddVar("eps", 1)
	for g := range eps {
		eps[g] = t.StepSize
	}
	if t.StepSize == 0 {
		for g := range eps {
			eps[g] = 1
		}
		if err := t.FindStep(ctx, p, s); err != nil {
			return err
		}
	}
	t.Restart(s)
	return nil
}

func (t Tuner) mass(s *infer.State) Mass {
	return Mass{Kind: t.Metric, D: s.D, Inverse: s.Var("metric"), Factor: s.Var("chol")}
}

// Restart begins the adaptation of step sizes anew from the present ones.
func (t Tuner) Restart(s *infer.State) {
	if t.Warmup == 0 {
		return
	}
	a, eps := s.Var("step"), s.Var("eps")
	for g := range eps {
		stepAdapter(a[g*adapterWidth:][:adapterWidth]).restart(eps[g])
	}
}

// learn takes the acceptance of the step just made and sets the size of the next.
func (t Tuner) learn(ctx context.Context, p infer.SeededTarget, s *infer.State, accept []float64) error {
	k := int(s.Step) - t.From
	if k >= t.Warmup {
		return nil
	}
	a, eps := s.Var("step"), s.Var("eps")
	for g := range eps {
		b := stepAdapter(a[g*adapterWidth:][:adapterWidth])
		b.update(accept[g], t.Accept)
		eps[g] = b.now()
		if k == t.Warmup-1 {
			eps[g] = b.final()
		}
	}
	collect, end := window(k, t.Warmup)
	if t.Metric == Unit || !collect {
		return nil
	}
	d, w := s.D, momentsWidth(t.Metric, s.D)
	m, inv, chol := s.Var("moments"), s.Var("metric"), s.Var("chol")
	for g := range s.Groups {
		mg := moments(m[g*w : (g+1)*w])
		mg.update(t.Metric, s.X[g*d:(g+1)*d])
		if end {
			n := t.Metric.width(d)
			var l []float64
			if t.Metric == Dense {
				l = chol[g*n : (g+1)*n]
			}
			mg.covariance(t.Metric, d, inv[g*n:(g+1)*n], l)
		}
	}
	if end && k < t.Warmup-1 {
		if err := t.FindStep(ctx, p, s); err != nil {
			return err
		}
		t.Restart(s)
	}
	return nil
}

// Steps longer than wideStep are those of wide densities, or of improper ones, along which the slope does not
// change; beyond widestStep there is no density that is meant.
const (
	wideStep   = 1e7
	widestStep = 1e50
)

// FindStep doubles or halves each chain's step size until one leapfrog step's acceptance crosses .8 (Hoffman and
// Gelman, algorithm 4).
func (t Tuner) FindStep(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	n, d := s.Groups, s.D
	eps, grad, m := s.Var("eps"), s.Var("grad"), t.mass(s)
	x, g, mom, v := s.Scratch("find.x", n*d), s.Scratch("find.g", n*d), s.Scratch("find.p", n*d), make([]float64, d)
	logp, h0 := s.Scratch("find.logp", n), make([]float64, n)
	dir := make([]float64, n) // 0: not yet known; ±1; NaN: found, or nothing to be found
	for i, l := range s.LogP {
		if !infer.Finite(l) {
			dir[i] = math.NaN()
		}
	}
	for try := range uint32(200) { // enough for the widest and the smallest step
		s.Normals(p.Seed, 64+try, mom)
		left := false
		for i := range n {
			q, xi := mom[i*d:(i+1)*d], x[i*d:(i+1)*d]
			m.momentum(i, q)
			m.velocity(i, v, q)
			h0[i] = floats.Dot(q, v)/2 - s.LogP[i]
			copy(xi, s.X[i*d:(i+1)*d])
			if math.IsNaN(dir[i]) {
				continue
			}
			left = true
			for j := range q {
				q[j] += eps[i] / 2 * grad[i*d+j]
			}
			m.velocity(i, v, q)
			for j := range xi {
				xi[j] += eps[i] * v[j]
			}
			if !infer.AllFinite(xi) {
				copy(xi, s.X[i*d:(i+1)*d])
				q[0] = math.NaN()
			}
		}
		if !left {
			return nil
		}
		if err := infer.GradientUncounted(ctx, p, s, n, logp, g, x); err != nil {
			return err
		}
		for i := range n {
			if math.IsNaN(dir[i]) {
				continue
			}
			s.Count(i, infer.TallyGradients, 1)
			q := mom[i*d : (i+1)*d]
			for j := range q {
				q[j] += eps[i] / 2 * g[i*d+j]
			}
			m.velocity(i, v, q)
			up := h0[i]-(floats.Dot(q, v)/2-logp[i]) > math.Log(.8) // false for NaN
			want := -1.
			if up {
				want = 1
			}
			if dir[i] == 0 {
				dir[i] = want
			} else if dir[i] != want {
				dir[i] = math.NaN()
				if eps[i] > wideStep && sameSlope(grad[i*d:(i+1)*d], g[i*d:(i+1)*d]) {
					return t.scaleless(eps[i], s.ID[i])
				}
				continue
			}
			eps[i] *= math.Pow(2, dir[i])
			if eps[i] > widestStep {
				return t.scaleless(eps[i], s.ID[i])
			}
			if eps[i] < 1e-12 {
				return &ito.InputError{Where: t.Name, What: fmt.Sprintf("no step size is small enough at chain %d's "+
					"position: the gradient is wrong or the density is not continuous", s.ID[i]),
					Do: "check the gradient against finite differences"}
			}
		}
	}
	return nil
}

func (t Tuner) scaleless(eps float64, chain uint64) error {
	return &ito.InputError{Where: t.Name, What: fmt.Sprintf("a step of size %.0e from chain %d's position changes "+
		"nothing: the density seems improper", eps, chain), Do: "give every parameter a proper prior"}
}

// sameSlope reports two gradients that are the same up to rounding.
func sameSlope(a, b []float64) bool {
	for j := range a {
		if !(math.Abs(a[j]-b[j]) <= 1e-9*math.Abs(a[j])) {
			return false
		}
	}
	return true
}

// tally adds a step after warm-up to the counts of group g.
func (t Tuner) tally(s *infer.State, g int, accept, energy float64, diverged bool) {
	if int(s.Step)-t.From < t.Warmup {
		return
	}
	s.KeepEnergy(g, energy)
	s.Count(g, infer.TallyProposals, 1)
	if !math.IsNaN(accept) {
		s.Count(g, infer.TallyAccepted, accept)
	}
	if diverged {
		s.Count(g, infer.TallyDivergent, 1)
	}
}
