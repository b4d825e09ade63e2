package metric

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// SlicedW2 is the sliced 2-Wasserstein distance √(mean over θ of W2²(θ·x, θ·y)), with directions θ
// uniform on the sphere and addressed by (seed, number of the direction). A shift by δ in d dimensions
// gives about |δ|/√d. Sets of different sizes are allowed. O(directions · n log n).
func SlicedW2(ctx context.Context, x, y ito.States, directions int, seed uint64) (float64, error) {
	if err := compatible(x, y); err != nil {
		return 0, err
	}
	if directions < 1 {
		return 0, fmt.Errorf("metric: a sliced distance along %d directions; at least one is needed", directions)
	}
	θ := ito.NewStates(directions, x.D, 0)
	rng.NewKey(seed, rng.PurposeMetric, 0, subSlice).Normals64(θ.X, θ.D, θ.ID)
	s, err := sum(ctx, directions, 1, func(k, _ int) float64 {
		along := θ.Row(k)
		norm := math.Sqrt(squaredDistance(along, make([]float64, x.D)))
		a, b := project(x, along, norm), project(y, along, norm)
		return squaredLine(sorted(a), sorted(b))
	})
	return math.Sqrt(s / float64(directions)), err
}

func project(x ito.States, along []float64, norm float64) []float64 {
	p := make([]float64, x.N)
	for i := range p {
		var s float64
		for k, v := range x.Row(i) {
			s += float64(v * along[k])
		}
		p[i] = s / norm
	}
	return p
}
