package solve

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// jumper is a stepper of tokens: with p_v = P(x_0 = v | x_t) of the predicted logits, every token by itself goes
// from b at t to a at s with a probability that its rule gives. One uniform number a token decides.
type jumper struct {
	path      ito.Jump
	rule      func(s, t float64) *jumpLaw
	logits, u affine.Buffer
	p, q      []float64
}

// jumpLaw is a step: a token b goes to a with probability or rate back[a,b] Σ_v p_v from[v,a]/to[v,b].
type jumpLaw struct {
	k              int
	from, to, back []float64    // [K,K]
	replacing      *replacement // not nil: instead of the three
	mask           int          // a level from which alone tokens go; −1: from all
	leap           float64      // > 0: rates, held over a step of this length; 0: probabilities
}

// replacement is from, to and back of a path that replaces tokens: from and to are α I + (1−α) 1πᵀ, back is
// stay I + back 1πᵀ.
type replacement struct {
	π          []float64 // [K]
	from, to   float64   // α
	stay, back float64
}

// newLaw begins the law of a step.
func newLaw(j ito.Jump, leap float64) *jumpLaw {
	l := &jumpLaw{k: j.Levels(), mask: path.Mask(j), leap: leap}
	if r, ok := j.(path.Replacing); ok {
		l.replacing = &replacement{π: make([]float64, l.k)}
		r.Limit(l.replacing.π)
	} else {
		l.from, l.to, l.back = make([]float64, l.k*l.k), make([]float64, l.k*l.k), make([]float64, l.k*l.k)
	}
	return l
}

func planJumps(name string, p ito.Path, g ito.Grid, k ito.Prediction, rule func(j ito.Jump) func(s,
	t float64) *jumpLaw) (ito.Stepper, error) {
	j, ok := p.(ito.Jump)
	switch {
	case !ok:
		return nil, &ito.UnsupportedError{What: fmt.Sprintf("solver %s on path %s", name, p.Name()),
			Why: "it needs a path that is jump", Nearest: "path absorbing"}
	case k != ito.PredLogits:
		return nil, &ito.UnsupportedError{What: fmt.Sprintf("solver %s with prediction %s", name, k),
			Why: "tokens are drawn from their logits", Nearest: ito.PredLogits.String()}
	case len(g) > 1 && g[1] > g[0]:
		return nil, &ito.UnsupportedError{What: fmt.Sprintf("solver %s on an increasing grid", name),
			Why: "it goes from noise to data", Nearest: "Perturb of the path"}
	}
	return &jumper{path: j, rule: rule(j), p: make([]float64, j.Data()), q: make([]float64, j.Levels())}, nil
}

// posteriorLaw is q(x_s | x_t) = Σ_v p_v P(0,s)[v,x_s] P(s,t)[x_s,x_t] / P(0,t)[v,x_t].
func posteriorLaw(j ito.Jump, s, t float64) *jumpLaw {
	l := newLaw(j, 0)
	lo, _ := j.Span()
	if r, ok := j.(path.Replacing); ok {
		o := l.replacing
		o.from, _ = r.Keep(s)
		o.to, _ = r.Keep(t)
		if o.stay = 1; s != t && o.from != 0 {
			o.stay = o.to / o.from
		}
		o.back = 1 - o.stay
		return l
	}
	j.Transition(lo, s, l.from)
	j.Transition(lo, t, l.to)
	j.Transition(s, t, l.back)
	return l
}

// Step implements ito.Stepper.
func (st *jumper) Step(ctx context.Context, s *ito.Step) error {
	d, v := s.X.D, st.path.Data()
	logits := st.logits.Like(ito.States{N: s.X.N, D: d * v, X: make([]float64, s.X.N*d*v), ID: s.X.ID})
	if err := s.Predict(ctx, logits, s.X, ito.Times{s.T}); err != nil {
		return err
	}
	u, law := st.u.Like(s.X), st.rule(s.Next, s.T)
	s.Noise.Uniform(u, rng.PurposeSolver, uint32(s.Index), 0)
	for i := range s.X.N {
		row := s.X.Row(i)
		for j, b := range row {
			if !softmax(st.p, logits.Row(i)[j*v:(j+1)*v]) {
				return &ito.NonFiniteError{What: fmt.Sprintf("logit of token %d", j), Step: s.Index, Sample: s.X.ID[i],
					T: s.T}
			}
			a, ok := law.draw(st.p, st.q, int(b), u.Row(i)[j])
			if !ok {
				return &ito.InputError{Where: fmt.Sprintf("sample %d", s.X.ID[i]),
					What: fmt.Sprintf("token %d cannot be %g at t=%g", j, b, s.T),
					Do:   "start from the prior of the path, or from what Perturb draws"}
			}
			row[j] = float64(a)
		}
	}
	return nil
}

// softmax writes probabilities, false where there are none.
func softmax(p, logits []float64) bool {
	top := math.Inf(-1)
	for _, l := range logits {
		if math.IsNaN(l) {
			return false
		}
		top = math.Max(top, l)
	}
	if math.IsInf(top, 0) {
		return false
	}
	sum := 0.0
	for i, l := range logits {
		p[i] = math.Exp(l - top)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return true
}

// weights writes what is proportional to the probability, or the rate, of each level that b may go to.
func (l *jumpLaw) weights(p, q []float64, b int) {
	clear(q)
	if o := l.replacing; o != nil {
		all := 0.0
		for v, w := range p {
			z := float64((1 - o.to) * o.π[b])
			if v == b {
				z += o.to
			}
			if w > 0 && z > 0 {
				q[v] = w / z
				all += q[v]
			}
		}
		for a, π := range o.π {
			q[a] = (float64(o.from*q[a]) + float64((1-o.from)*π*all)) * o.back * o.π[b]
		}
		if o.stay > 0 {
			w := 0.0
			if z := o.to + float64((1-o.to)*o.π[b]); b < len(p) && p[b] > 0 && z > 0 {
				w = p[b] / z
			}
			q[b] += (float64(o.from*w) + float64((1-o.from)*o.π[b]*all)) * o.stay
		}
		return
	}
	for v, w := range p {
		if z := l.to[v*l.k+b]; w > 0 && z > 0 {
			for a, f := range l.from[v*l.k : (v+1)*l.k] {
				q[a] += float64(w / z * f)
			}
		}
	}
	for a := range q {
		q[a] *= l.back[a*l.k+b]
	}
}

// draw is where a token b goes by the uniform number u, false where nothing is possible.
func (l *jumpLaw) draw(p, q []float64, b int, u float64) (int, bool) {
	if l.mask >= 0 && b != l.mask {
		return b, true
	}
	l.weights(p, q, b)
	sum := 0.0
	for a := range q {
		if l.leap > 0 && a == b {
			q[a] = 0
			continue
		}
		sum += q[a]
	}
	if l.leap > 0 {
		stay := math.Exp(-l.leap * sum)
		if u < stay {
			return b, true
		}
		u = (u - stay) / (1 - stay)
	}
	if !(sum > 0) {
		return 0, false
	}
	u *= sum
	last := 0
	for a, w := range q {
		if w == 0 {
			continue
		}
		if last = a; u < w {
			return a, true
		}
		u -= w
	}
	return last, true
}
