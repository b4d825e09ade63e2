package approx

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/rng"
)

// Pathfinder follows ascents by L-BFGS from several starts, takes on each the place whose normal, with the inverse
// Hessian that the ascent has learned there, has the greatest evidence lower bound, and draws from these normals
// together with Pareto smoothed importance weights (Zhang, Carpenter, Gelman and Vehtari, JMLR 23, 2022,
// arXiv:2108.03782). As in the paper the normal is not where the ascent ends, which may be a peak without mass. A step
// is an iteration of every path.
type Pathfinder struct {
	Ascent
	Outcome
	Bound int // draws of which a bound is the mean; 0: 25
}

// Name implements infer.Kernel.
func (Pathfinder) Name() string { return "pathfinder" }

// Slots implements infer.Kernel.
func (k Pathfinder) Slots() int { return k.Outcome.slots() }

// Finished implements infer.Ender.
func (k Pathfinder) Finished(s *infer.State) bool { return settled(s) }

// Validate implements infer.Validator.
func (k Pathfinder) Validate(d int) error {
	if k.Bound < 0 {
		return &ito.InputError{Where: "pathfinder", What: fmt.Sprintf("bounds of %d draws", k.Bound),
			Do: "give 1 or more"}
	}
	if err := k.Ascent.Validate("pathfinder", d); err != nil {
		return err
	}
	return k.Outcome.validate("pathfinder", d)
}

// Warnings implements infer.Warner.
func (k Pathfinder) Warnings(s *infer.State) []string { return warnings(s, "pathfinder", k.Plain) }

// Init implements infer.Kernel.
func (k Pathfinder) Init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	k.Outcome.init(s)
	if err := k.Ascent.init(ctx, p, s); err != nil {
		return err
	}
	best := s.AddVar("best", k.paths()*k.width(s.D))
	for g := range s.Groups {
		for i := range k.paths() {
			b := best[(g*k.paths()+i)*k.width(s.D):]
			b[0] = math.Inf(-1)
			copy(b[1:], k.pathAt(s, g, i).v)
		}
	}
	return nil
}

// width is that of the best place of a path: its bound, and the path as it was there.
func (k Pathfinder) width(d int) int { return 1 + pathWidth(d, k.history(d)) }

// best is the place of path i of group g so far.
func (k Pathfinder) best(s *infer.State, g, i int) (bound *float64, there path) {
	w := k.width(s.D)
	b := s.Var("best")[(g*k.paths()+i)*w:][:w]
	return &b[0], path{s.D, k.history(s.D), b[1:]}
}

// Step implements infer.Kernel.
func (k Pathfinder) Step(ctx context.Context, p infer.SeededTarget, s *infer.State, _ *infer.Info) error {
	if _, err := k.Ascent.step(ctx, p, s); err != nil {
		return err
	}
	if err := k.bounds(ctx, p, s); err != nil {
		return err
	}
	for g := range s.Groups {
		if s.Var("settled")[g] != 0 || !k.ended(s, g) {
			continue
		}
		if err := k.settle(ctx, p, s, g, k.Laws(s, g)); err != nil {
			return err
		}
	}
	return nil
}

func (a Ascent) ended(s *infer.State, g int) bool {
	for i := range a.paths() {
		if !a.pathAt(s, g, i).ended() {
			return false
		}
	}
	return true
}

// Laws are the normals of group g, one of each path; where a path has none, there is none of it. A run in which no
// path has any keeps the normal of unit variances at the highest start.
func (k Pathfinder) Laws(s *infer.State, g int) []*Normal {
	var laws []*Normal
	for i := range k.paths() {
		if bound, there := k.best(s, g, i); !math.IsInf(*bound, -1) {
			laws = append(laws, quasi(there))
		}
	}
	if laws == nil {
		top := k.pathAt(s, g, 0)
		for i := range k.paths() {
			if q := k.pathAt(s, g, i); q.logp() > top.logp() {
				top = q
			}
		}
		top.v[pathPairs] = 0
		laws = []*Normal{quasi(top)}
	}
	return laws
}

// bounds estimates the evidence lower bound at the places to which this step has come, E_q[log ρ − log q], and keeps
// the best of each path.
func (k Pathfinder) bounds(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	d, n := s.D, cmp.Or(k.Bound, 25)
	type candidate struct{ g, i int }
	var at []candidate
	var laws []*Normal
	for g := range s.Groups {
		for i := range k.paths() {
			if q := k.pathAt(s, g, i); q.v[pathIterations] == float64(s.Step+1) {
				if law := quasi(q); law != nil && infer.AllFinite(law.Mean) && infer.Finite(law.logDet) {
					at, laws = append(at, candidate{g, i}), append(laws, law)
				}
			}
		}
	}
	if len(laws) == 0 {
		return nil
	}
	x, z := ito.NewStates(n*len(laws), d, 0), make([]float64, n*d)
	logq, logp := make([]float64, x.N), make([]float64, x.N)
	for c, law := range laws {
		id := s.ID[at[c].g : at[c].g+1]
		rng.NewKey(p.Seed, rng.PurposeSolver, s.Step, uint32(at[c].i)).Normals64(z, len(z), id)
		for j := range n {
			x.ID[c*n+j] = id[0]
			logq[c*n+j] = law.Draw(x.Row(c*n+j), z[j*d:(j+1)*d])
		}
	}
	if err := p.Target.LogDensity(ctx, logp, x); err != nil {
		return err
	}
	for c, a := range at {
		s.Count(a.g, infer.TallyEvaluations, float64(n))
		elbo := 0.
		for j := range n {
			elbo += (logp[c*n+j] - logq[c*n+j]) / float64(n)
		}
		if bound, there := k.best(s, a.g, a.i); infer.Finite(elbo) && elbo > *bound {
			*bound = elbo
			copy(there.v, k.pathAt(s, a.g, a.i).v)
		}
	}
	return nil
}
