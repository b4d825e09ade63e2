package approx

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
)

// Mode is the highest place that several ascents find: a maximum a posteriori estimate, or one of maximum likelihood
// where there are no priors. It is one place and no draw. Where the second derivatives can be computed, up to
// MostCurved dimensions, the variable "covariance" [d,d] of the state is the inverse of their negative there; NaN where
// the place is on an edge, to which the density rises all the way, along the coordinates that "edge" [d] marks.
type Mode struct {
	Ascent
	// Of is the density that is climbed; nil: that of the target, of the unconstrained parameters.
	Of ito.Target
}

// Name implements infer.Kernel.
func (Mode) Name() string { return "map" }

// Slots implements infer.Kernel.
func (Mode) Slots() int { return 1 }

// Finished implements infer.Ender.
func (Mode) Finished(s *infer.State) bool { return settled(s) }

// Validate implements infer.Validator.
func (k Mode) Validate(d int) error { return k.Ascent.Validate("map", d) }

// Init implements infer.Kernel.
func (k Mode) Init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	s.AddVar("settled", 1)
	if s.D <= MostCurved {
		s.AddVar("covariance", s.D*s.D)
	}
	s.AddVar("edge", s.D)
	return k.Ascent.init(ctx, k.climbed(p), s)
}

func (k Mode) climbed(p infer.SeededTarget) infer.SeededTarget {
	if k.Of != nil {
		p.Target = k.Of
	}
	return p
}

// Step implements infer.Kernel.
func (k Mode) Step(ctx context.Context, p infer.SeededTarget, s *infer.State, _ *infer.Info) error {
	p = k.climbed(p)
	if _, err := k.Ascent.step(ctx, p, s); err != nil {
		return err
	}
	for g := range s.Groups {
		if s.Var("settled")[g] != 0 || !k.ended(s, g) {
			continue
		}
		if err := k.finish(ctx, p, s, g); err != nil {
			return err
		}
		s.Var("settled")[g] = 1
	}
	return nil
}

// finish takes the highest place of group g.
func (k Mode) finish(ctx context.Context, p infer.SeededTarget, s *infer.State, g int) error {
	d, high := s.D, k.highest(s, g)
	put := func(x []float64, logp float64) {
		copy(s.X[g*d:(g+1)*d], x)
		s.LogP[g] = logp
	}
	if err := high.away("map"); err != nil {
		return err
	}
	if d > MostCurved {
		if high.v[pathEnd] != arrived {
			return &PeakError{Method: "map", What: fmt.Sprintf("the ascent did not arrive after %d iterations",
				int(high.v[pathIterations])), Do: "give more `iterations`"}
		}
		put(high.x(), high.logp())
		return nil
	}
	top, cost, err := climbOn(ctx, p.Target, high)
	if err != nil {
		return err
	}
	s.Count(g, infer.TallyGradients, float64(cost))
	flat, err := top.flat(ctx, p.Target)
	if err != nil {
		return err
	}
	cov := s.Var("covariance")[g*d*d : (g+1)*d*d]
	for i := range cov {
		cov[i] = math.NaN()
	}
	edge := s.Var("edge")[g*d : (g+1)*d]
	for _, j := range flat {
		edge[j] = 1
	}
	put(top.x, top.logp)
	if slope := k.steepest(top, edge); slope >= 0 {
		return &PeakError{Method: "map", What: "the log density rises without end, or is not smooth,",
			Coordinates: []int{slope}, Do: "give a prior that has a greatest value there, or run nuts"}
	}
	if len(flat) > 0 {
		return nil
	}
	if !top.proper {
		return &PeakError{Method: "map", What: "the density has no peak", Coordinates: top.bent(),
			Do: "give a prior that has one there, or run nuts"}
	}
	if c := top.covariance(); c != nil {
		copy(cov, c)
	}
	return nil
}

// steepest is a coordinate along which the log density still rises by more than a thousandth over the scale on which
// it bends, or over 1 where it does not bend; −1 for none. One along which it never falls is named before others.
func (k Mode) steepest(top *peak, edge []float64) int {
	d, at, most := len(top.x), -1, 0.
	for j, g := range top.slope {
		scale := 1.
		if h := top.curvature[j*d+j]; h > 1 {
			scale = 1 / math.Sqrt(h)
		}
		v := math.Abs(g) * scale
		if !(v > 1e-3) && !math.IsNaN(v) {
			continue
		}
		if at < 0 || edge[j] > edge[at] || edge[j] == edge[at] && v > most {
			at, most = j, v
		}
	}
	return at
}

// Climb is how one ascent went.
type Climb struct {
	LogP       float64
	Iterations int
	Arrived    bool
}

// Climbs are those of group g, from the highest to the lowest.
func (a Ascent) Climbs(s *infer.State, g int) []Climb {
	var out []Climb
	for i := range a.paths() {
		q := a.pathAt(s, g, i)
		out = append(out, Climb{q.logp(), int(q.v[pathIterations]), q.v[pathEnd] == arrived})
	}
	slices.SortStableFunc(out, func(a, b Climb) int { return cmp.Compare(b.LogP, a.LogP) })
	return out
}
