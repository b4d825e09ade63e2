package approx

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
)

// Laplace is the normal at the highest place that several ascents find, with the inverse of the negative second
// derivatives there as its covariance, of the unconstrained parameters (Tierney and Kadane, JASA 81, 1986). Second
// derivatives are differences of gradients. A place without a peak is a *PeakError.
type Laplace struct {
	Ascent
	Outcome
}

// Name implements infer.Kernel.
func (Laplace) Name() string { return "laplace" }

// Slots implements infer.Kernel.
func (k Laplace) Slots() int { return k.Outcome.slots() }

// Finished implements infer.Ender.
func (k Laplace) Finished(s *infer.State) bool { return settled(s) }

// Validate implements infer.Validator.
func (k Laplace) Validate(d int) error {
	if d > MostCurved {
		return &ito.UnsupportedError{What: fmt.Sprintf("laplace in %d dimensions", d),
			Why:     fmt.Sprintf("it needs all second derivatives, of %d dimensions at most", MostCurved),
			Nearest: "pathfinder"}
	}
	if err := k.Ascent.Validate("laplace", d); err != nil {
		return err
	}
	return k.Outcome.validate("laplace", d)
}

// Warnings implements infer.Warner.
func (k Laplace) Warnings(s *infer.State) []string { return warnings(s, "laplace", k.Plain) }

// Init implements infer.Kernel.
func (k Laplace) Init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	k.Outcome.init(s)
	return k.Ascent.init(ctx, p, s)
}

// Step implements infer.Kernel.
func (k Laplace) Step(ctx context.Context, p infer.SeededTarget, s *infer.State, _ *infer.Info) error {
	if _, err := k.Ascent.step(ctx, p, s); err != nil {
		return err
	}
	for g := range s.Groups {
		if s.Var("settled")[g] != 0 || !k.ended(s, g) {
			continue
		}
		top, err := k.top(ctx, p, s, g, "laplace")
		if err != nil {
			return err
		}
		flat, err := top.flat(ctx, p.Target)
		if err != nil {
			return err
		}
		law := newDense(top.x, top.covariance())
		if len(flat) > 0 || law == nil {
			return &PeakError{Method: "laplace", What: "the density has no peak, or a very flat one,",
				Coordinates: flat, Do: "give a prior that has one there, or run nuts"}
		}
		if err := k.settle(ctx, p, s, g, []*Normal{law}); err != nil {
			return err
		}
	}
	return nil
}

// highest is the path of group g that came highest.
func (a Ascent) highest(s *infer.State, g int) path {
	top := a.pathAt(s, g, 0)
	for i := range a.paths() {
		if q := a.pathAt(s, g, i); q.logp() > top.logp() {
			top = q
		}
	}
	return top
}

// away is the error of a path that has gone to where nothing is; nil for others.
func (p path) away(method string) error {
	far := 0
	for j, v := range p.x() {
		if math.Abs(v) > math.Abs(p.x()[far]) {
			far = j
		}
	}
	if !(math.Abs(p.x()[far]) > farAway) {
		return nil
	}
	return &PeakError{Method: method, What: "the log density rises without end", Coordinates: []int{far},
		Do: "give a prior that has a greatest value there"}
}

// top is the peak to which the ascents of group g lead.
func (a Ascent) top(ctx context.Context, p infer.SeededTarget, s *infer.State, g int, method string) (*peak, error) {
	high := a.highest(s, g)
	if err := high.away(method); err != nil {
		return nil, err
	}
	k, cost, err := climbOn(ctx, p.Target, high)
	if err != nil {
		return nil, err
	}
	s.Count(g, infer.TallyGradients, float64(cost))
	if !k.proper {
		return nil, &PeakError{Method: method, What: "the density has no peak", Coordinates: k.bent(),
			Do: "give a prior that has one there, or run nuts"}
	}
	if gain, _ := k.left(); !(gain < 1e-6) {
		return nil, &PeakError{Method: method, What: fmt.Sprintf("the ascent did not arrive: after %d iterations the "+
			"log density would still rise by %.2g", int(high.v[pathIterations]), gain/2),
			Do: "give more `iterations`, or run nuts"}
	}
	return k, nil
}
