package learn

import (
	"context"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// With an exact score A stays at its fixed point but for the noise of the simulated moments, which Noise bounds
// whatever the dimension and a fixed number does not; an A that has far to go is beyond it. η is so small that A
// stays where it is, and the greatest of the distances has some three standard deviations to the bound: a false
// alarm of less than one in a hundred, were the seed not fixed.
func TestNoiseBoundsTheDistance(t *testing.T) {
	for _, c := range []struct {
		d, paths int
		variant  string
		noise    float64 // the root mean square of the distances is at least this part of the bound
	}{
		{1, 400, path.Constant, .05},
		{8, 400, path.Constant, .3},
		{40, 500, path.Constant, .5},
		{8, 400, path.DiagonalOnly, .2},
		{8, 400, path.Logistic, 0},
	} {
		g := ito.StandardNormal(c.d)
		g.Cov = make([]float64, c.d*c.d)
		for k := range c.d {
			g.Cov[k*c.d+k] = 1
		}
		cfg := path.VSDMConfig{D: c.d, Variant: c.variant, BetaMin: 4, BetaMax: 4}
		a := DefaultAlternate()
		a.Stages, a.Paths, a.Grid, a.Eta, a.Workers = 4, c.paths, 20, 1e-9, 2
		run := func() (*path.VSDM, []float64) {
			p := must(path.NewVSDM(cfg))
			var all []float64
			for _, h := range must(a.Run(context.Background(), Alternation{Path: p}, exactly(g), nil)).History {
				all = append(all, h.Distance)
			}
			return p, all
		}
		cfg.A = make([]float64, c.d*c.d)
		for k := range c.d {
			cfg.A[k*c.d+k] = -2 // D = 5 for data that want 1
		}
		if c.variant == path.DiagonalOnly {
			cfg.A = diagonal(cfg.A, c.d)
		}
		p, far := run()
		limit := a.Noise(p)
		if far[0] < limit {
			t.Errorf("%d %s: A has %v to go, which the bound of %v does not see", c.d, c.variant, far[0], limit)
		}
		switch c.variant {
		case path.Logistic:
			cfg.A = must(path.LogisticFromGaussian(g, p.B(1)))
		case path.DiagonalOnly:
			cfg.A = diagonal(must(path.ConstantFromGaussian(g, p.B(1))), c.d)
		default:
			cfg.A = must(path.ConstantFromGaussian(g, p.B(1)))
		}
		square := 0.
		_, all := run()
		for _, v := range all {
			square += v * v / float64(len(all))
			if v > limit {
				t.Errorf("%d %s: at its fixed point A has a distance of %v, above the bound of its noise, %v",
					c.d, c.variant, v, limit)
			}
		}
		if rms := math.Sqrt(square); rms < c.noise*limit {
			t.Errorf("%d %s: distances of %v are far below the bound of %v", c.d, c.variant, rms, limit)
		}
		t.Logf("%d %s: far %.3g, at the fixed point %.3g, bound %.3g", c.d, c.variant, far[0], math.Sqrt(square), limit)
	}
}

func diagonal(a []float64, d int) []float64 {
	out := make([]float64, d)
	for i := range out {
		out[i] = a[i*d+i]
	}
	return out
}
