package advise

import (
	"context"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
)

// How [Improper] looks.
const (
	improperStarts = 4  // points from which it looks outward
	improperMost   = 64 // coordinates, evenly spaced ones where there are more
	improperNear   = 1e6
	improperFar    = 1e12
)

// Improper returns the coordinates along which a density seems to have no integral: from each of four points of
// (−2, 2)^d the log density, going from 10⁶ to 10¹² in one direction, falls by less than the logarithm of that
// ratio, as |x|⁻¹ does. It looks at 64 coordinates at most. Of a target of at most 40 coordinates with
// Hessian-vector products it also finds those along which the density falls no faster than the others spread, as
// beside a scale without a prior. A density may be improper in ways that this does not see, such as a scale that
// has a density of 1/τ near 0; a Cauchy tail passes. Cost: 16 evaluations a coordinate, and some twenty products
// for each pair of coordinates beside a scale.
func Improper(ctx context.Context, t ito.Target, seed uint64) ([]int, error) {
	d := t.Dim()
	looked := min(d, improperMost)
	coordinate := func(i int) int { return i * d / looked }
	from := ito.NewStates(improperStarts, d, 0)
	infer.PriorKey(seed, 1<<21).Uniforms64(from.X, d, from.ID)
	for i := range from.X {
		from.X[i] = 4*from.X[i] - 2
	}
	const each = improperStarts * 4 // starts, both directions, near and far
	x := ito.NewStates(looked*each, d, 0)
	for i := range x.N {
		copy(x.Row(i), from.Row(i%improperStarts))
		r := improperNear
		if i/improperStarts%2 == 1 {
			r = improperFar
		}
		if i/(2*improperStarts)%2 == 1 {
			r = -r
		}
		x.Row(i)[coordinate(i/each)] += r
	}
	logp := make([]float64, x.N)
	if err := t.LogDensity(ctx, logp, x); err != nil {
		return nil, err
	}
	start := make([]float64, improperStarts)
	if err := t.LogDensity(ctx, start, from); err != nil {
		return nil, err
	}
	var out []int
	for i := range looked {
		for side := range 2 {
			l := logp[i*each+side*2*improperStarts:]
			flat := 0
			for s := range improperStarts {
				if seemsFlat(l[s], l[improperStarts+s]) {
					flat++
				}
			}
			joint := false
			if flat < improperStarts {
				sign := 1 - 2*float64(side)
				var err error
				joint, err = jointly(ctx, t, from.Row(0), coordinate(i), sign, (l[0]-start[0])/improperNear,
					(l[improperStarts]-start[0])/improperFar)
				if err != nil {
					return nil, err
				}
			}
			if flat == improperStarts || joint {
				out = append(out, coordinate(i))
				break
			}
		}
	}
	return slices.Compact(out), nil
}

// seemsFlat reports a log density that does not fall faster than −log|x| between near and far. What is not a number
// or zero has fallen.
func seemsFlat(near, far float64) bool {
	ratio := math.Log(improperFar / improperNear)
	return math.IsInf(far, 1) || infer.Finite(near) && infer.Finite(far) && far-near > -1.01*ratio
}
