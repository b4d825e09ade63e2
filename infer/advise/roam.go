package advise

import (
	"context"
	"errors"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/mcmc"
)

// The chains of [Extent.Roam].
const (
	roamChains = 8 // or one for each mode
	roamMost   = 32
	roamWarmup = 200
	roamDraws  = 100
	roamDepth  = 6          // trees of 63 gradients at most
	roamFar    = 2.5        // standard deviations of the curvature from which it counts that they go farther
	roamSeed   = 0x526f616d // added to the seed: the sampler that follows has other noise
)

// Roam lets short chains of NUTS begin at the modes and widens the extent by where they go: the curvature at a mode
// says little of a density whose mass is elsewhere, such as a posterior of many weak coefficients, which may be several
// times as wide. A density on which the chains cannot run leaves the extent as it is. Cost: 2400 trees for up to eight
// modes, 151 thousand gradients at most; beyond 2000 dimensions 2400 trajectories of 16 leapfrog steps.
func (e *Extent) Roam(ctx context.Context, t ito.Target, seed uint64) error {
	m := len(e.shapes)
	if m == 0 {
		return nil
	}
	d, chains := t.Dim(), max(roamChains, min(m, roamMost))
	metric := mcmc.Diagonal
	if d <= curvatureMax {
		metric = mcmc.Dense
	}
	var k infer.Kernel = mcmc.NUTS{Warmup: roamWarmup, MaxDepth: roamDepth, Metric: metric}
	if d > nutsLimit { // trees keep some thirty arrays a chain
		k = mcmc.HMC{Warmup: roamWarmup, Leapfrogs: 16, Jitter: .2}
	}
	s := infer.NewState(k, chains, d, 0)
	for c := range chains {
		copy(s.Group(c).X, e.shapes[c%m].mean)
	}
	sums := make([][]float64, 2*m) // Σ(x − mode) and Σ(x − mode)² of the chains of each mode
	for i := range sums {
		sums[i] = make([]float64, d)
	}
	_, err := infer.Run(ctx, t, k, s, infer.RunOptions{Seed: seed + roamSeed, Draws: roamDraws,
		Sink: func(draw infer.Draw) error {
			for c := range chains {
				mode := e.shapes[c%m].mean
				for j, x := range draw.State.Group(c).X {
					sums[2*(c%m)][j] += x - mode[j]
					sums[2*(c%m)+1][j] += (x - mode[j]) * (x - mode[j])
				}
			}
			return nil
		}})
	var infinite *ito.NonFiniteError
	if errors.Is(err, ito.ErrInput) || errors.As(err, &infinite) {
		return nil
	}
	if err != nil {
		return err
	}
	for i := range e.shapes {
		n := 0.
		for c := i; c < chains; c += m {
			n += roamDraws
		}
		if n == 0 {
			continue
		}
		h := &e.shapes[i]
		for j := range d {
			mean := sums[2*i][j] / n
			sd := math.Sqrt(max(0, sums[2*i+1][j]/n-mean*mean))
			if !infer.Finite(mean) || !infer.Finite(sd) {
				continue
			}
			far := roamFar * h.sd[j]
			if lo := h.mean[j] + mean - 2*sd; lo < h.mean[j]-far {
				e.Low[j] = min(e.Low[j], lo)
			}
			if hi := h.mean[j] + mean + 2*sd; hi > h.mean[j]+far {
				e.High[j] = max(e.High[j], hi)
			}
			h.sd[j] = max(h.sd[j], sd)
		}
	}
	return nil
}
