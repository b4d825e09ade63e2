package infer

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"

	"gonum.org/v1/gonum/floats"
)

// tuner adapts step size and metric of every chain by itself: what a chain learns depends on no other. It
// keeps the variables eps (the next step's size), step, metric, chol and moments.
type tuner struct {
	name   string
	warmup int
	accept float64
	eps    float64 // the first step size; 0: found by doubling and halving
	metric Metric
	from   int // the step at which warm-up begins
}

func (t tuner) validate() error {
	if t.warmup < 0 || !(t.accept > 0 && t.accept < 1) || t.eps < 0 || !finite(t.eps) || t.metric > Unit {
		return &ito.InputError{Where: t.name, What: fmt.Sprintf("warm-up of %d steps, acceptance %v, step size %v",
			t.warmup, t.accept, t.eps), Do: "give a warm-up of 0 or more steps, an acceptance between 0 and 1 and a " +
			"positive step size"}
	}
	return nil
}

// init adds the variables and chooses the first step size.
func (t tuner) init(ctx context.Context, p Problem, s *State) error {
	d := s.D
	inv := s.add("metric", t.metric.width(d))
	for i := range inv {
		if t.metric == Diagonal || i%(d*d)%(d+1) == 0 {
			inv[i] = 1
		}
	}
	if t.metric == Dense {
		copy(s.add("chol", d*d), inv)
	}
	if t.warmup > 0 {
		s.add("step", adapterWidth)
		if t.metric != Unit {
			s.add("moments", momentsWidth(t.metric, d))
		}
	}
	eps := s.add("eps", 1)
	for g := range eps {
		eps[g] = t.eps
	}
	if t.eps == 0 {
		for g := range eps {
			eps[g] = 1
		}
		if err := t.find(ctx, p, s); err != nil {
			return err
		}
	}
	t.restart(s)
	return nil
}

func (t tuner) mass(s *State) mass {
	return mass{kind: t.metric, d: s.D, inv: s.Var("metric"), chol: s.Var("chol")}
}

func (t tuner) restart(s *State) {
	if t.warmup == 0 {
		return
	}
	a, eps := s.Var("step"), s.Var("eps")
	for g := range eps {
		stepAdapter(a[g*adapterWidth:][:adapterWidth]).restart(eps[g])
	}
}

// learn takes the acceptance of the step just made and sets the size of the next.
func (t tuner) learn(ctx context.Context, p Problem, s *State, accept []float64) error {
	k := int(s.Step) - t.from
	if k >= t.warmup {
		return nil
	}
	a, eps := s.Var("step"), s.Var("eps")
	for g := range eps {
		b := stepAdapter(a[g*adapterWidth:][:adapterWidth])
		b.update(accept[g], t.accept)
		eps[g] = b.now()
		if k == t.warmup-1 {
			eps[g] = b.final()
		}
	}
	collect, end := window(k, t.warmup)
	if t.metric == Unit || !collect {
		return nil
	}
	d, w := s.D, momentsWidth(t.metric, s.D)
	m, inv, chol := s.Var("moments"), s.Var("metric"), s.Var("chol")
	for g := range s.Groups {
		mg := moments(m[g*w : (g+1)*w])
		mg.update(t.metric, s.X[g*d:(g+1)*d])
		if end {
			n := t.metric.width(d)
			var l []float64
			if t.metric == Dense {
				l = chol[g*n : (g+1)*n]
			}
			mg.covariance(t.metric, d, inv[g*n:(g+1)*n], l)
		}
	}
	if end && k < t.warmup-1 {
		if err := t.find(ctx, p, s); err != nil {
			return err
		}
		t.restart(s)
	}
	return nil
}

// Steps longer than wideStep are those of wide densities, or of improper ones, along which the slope does not
// change; beyond widestStep there is no density that is meant.
const (
	wideStep   = 1e7
	widestStep = 1e50
)

// find doubles or halves each chain's step size until one leapfrog step's acceptance crosses .8 (Hoffman and
// Gelman, algorithm 4).
func (t tuner) find(ctx context.Context, p Problem, s *State) error {
	n, d := s.Groups, s.D
	eps, grad, m := s.Var("eps"), s.Var("grad"), t.mass(s)
	x, g, mom, v := s.tmp("find.x", n*d), s.tmp("find.g", n*d), s.tmp("find.p", n*d), make([]float64, d)
	logp, h0 := s.tmp("find.logp", n), make([]float64, n)
	dir := make([]float64, n) // 0: not yet known; ±1; NaN: found, or nothing to be found
	for i, l := range s.LogP {
		if !finite(l) {
			dir[i] = math.NaN()
		}
	}
	for try := range uint32(200) { // enough for the widest and the smallest step
		s.normals(p.Seed, 64+try, mom)
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
			if !finiteRow(xi) {
				copy(xi, s.X[i*d:(i+1)*d])
				q[0] = math.NaN()
			}
		}
		if !left {
			return nil
		}
		if err := quietly(ctx, p, s, n, logp, g, x); err != nil {
			return err
		}
		for i := range n {
			if math.IsNaN(dir[i]) {
				continue
			}
			s.count(i, tallyGradients, 1)
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
				return &ito.InputError{Where: t.name, What: fmt.Sprintf("no step size is small enough at chain %d's "+
					"position: the gradient is wrong or the density is not continuous", s.ID[i]),
					Do: "check the gradient against finite differences"}
			}
		}
	}
	return nil
}

func (t tuner) scaleless(eps float64, chain uint64) error {
	return &ito.InputError{Where: t.name, What: fmt.Sprintf("a step of size %.0e from chain %d's position changes "+
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
func (t tuner) tally(s *State, g int, accept, energy float64, diverged bool) {
	if int(s.Step)-t.from < t.warmup {
		return
	}
	s.keepEnergy(g, energy)
	s.count(g, tallyProposals, 1)
	if !math.IsNaN(accept) {
		s.count(g, tallyAccepted, accept)
	}
	if diverged {
		s.count(g, tallyDivergent, 1)
	}
}
