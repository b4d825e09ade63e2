package mcmc

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/metric"
)

// A normal prior N(1, 4) times the likelihood N(3; x, 1) is the posterior N(2.6, .8): both samplers of a prior find
// it, told the likelihood alone or the product.
func TestPriorSamplers(t *testing.T) {
	prior := infer.Reference{Mean: []float64{1}, SD: []float64{2}}
	like := infertest.Normal(0, []float64{3}, []float64{1})
	both := infertest.NewDensity(1, func(x, g []float64) float64 { return like.F(x, nil) + prior.LogDensity(x) })
	for _, c := range []struct {
		target infertest.Density
		k      infer.Kernel
	}{
		{like, PCN{Prior: prior, Likelihood: true, Beta: .8}}, {both, PCN{Prior: prior, Beta: .8}},
		{like, EllipticalSlice{Prior: prior, Likelihood: true}}, {both, EllipticalSlice{Prior: prior}},
	} {
		got, r := infertest.Sample(t, c.target, c.k, 8, 1500, 1)
		got.Expect(t, c.k.Name()+" mean", infertest.Coordinate(0), 2.6)
		got.Expect(t, c.k.Name()+" square", infertest.Square(0), 2.6*2.6+.8)
		if r.Gradients != 0 || r.Evaluations < 8*1500 {
			t.Errorf("%+v", r)
		}
	}
}

// The acceptance of pCN does not change when a function is resolved by 8 or by 128 coordinates of decaying scale;
// that of a random walk of the same size falls.
func TestPCNIsMeshInvariant(t *testing.T) {
	rate := func(d int) float64 {
		sd := make([]float64, d)
		for j := range sd {
			sd[j] = 1 / float64(j+1)
		}
		like := infertest.NewDensity(d, func(x, g []float64) float64 {
			sum := 0.
			for _, v := range x {
				sum += v
			}
			return -(sum - 1) * (sum - 1) * 2
		})
		k := PCN{Prior: infer.Reference{SD: sd}, Likelihood: true, Beta: .4}
		_, r := infertest.Sample(t, like, k, 10, 400, 2)
		return r.Accept
	}
	if a, b := rate(8), rate(128); math.Abs(a-b) > .05 {
		t.Errorf("acceptance %v with 8 modes and %v with 128", a, b)
	}
}

// The ensemble finds the moments of a normal of correlation .95 and of very different scales, which is one to it,
// since it is affine invariant.
func TestStretch(t *testing.T) {
	target := infertest.Correlated(.95)
	scaled := infertest.NewDensity(2, func(x, g []float64) float64 {
		return target.F([]float64{x[0] * 1024, x[1]},
			nil)
	})
	moments := func(target infertest.Density) (a, b float64) {
		k := Stretch{Walkers: 40}
		s := infer.NewState(k, 4, 2, 0)
		if err := s.Scatter(t.Context(), target, 3, 2); err != nil {
			t.Fatal(err)
		}
		if target.F([]float64{1, 1}, nil) < -1000 {
			for i := 0; i < len(s.X); i += 2 {
				s.X[i] /= 1024
			}
		}
		chains := make([][][]float64, 2)
		for q := range chains {
			chains[q] = make([][]float64, 4)
		}
		r, err := infer.Run(t.Context(), target, k, s, infer.RunOptions{Draws: 1500, Sink: func(d infer.Draw) error {
			if d.Index < 100 {
				return nil
			}
			for g := range 4 {
				var xy, yy float64
				x := d.State.Group(g)
				for i := range d.Drawn {
					v := x.Row(i)
					xy += v[0] * v[1] / float64(d.Drawn)
					yy += v[1] * v[1] / float64(d.Drawn)
				}
				chains[0][g], chains[1][g] = append(chains[0][g], xy), append(chains[1][g], yy)
			}
			return nil
		}})
		if err != nil || r.Accept < .3 {
			t.Errorf("%+v, %v", r, err)
		}
		x, y := metric.Summarise("xy", chains[0]), metric.Summarise("y²", chains[1])
		if math.Abs(y.Mean-1) > 4*y.MCSEMean {
			t.Errorf("E y² = %v ± %v", y.Mean, y.MCSEMean)
		}
		const want = .95
		if math.Abs(x.Mean-want) > 4*x.MCSEMean && math.Abs(1024*x.Mean-want) > 4096*x.MCSEMean {
			t.Errorf("E xy = %v ± %v", x.Mean, x.MCSEMean)
		}
		return x.Mean, y.Mean
	}
	a, b := moments(target)
	c, d := moments(scaled)
	if math.Abs(a-1024*c) > 1e-12 || math.Abs(b-d) > 1e-12 {
		t.Errorf("not affine invariant: %v, %v and %v, %v", a, b, 1024*c, d)
	}
}
