package mcmc

import (
	"fmt"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/metric"

	"gonum.org/v1/gonum/floats"
)

// Every exact chain gives the moments of asymmetric normals, of a normal with correlation .9 and of a skewed density
// whose coordinate is the logarithm of a Gamma(3) variable, within 4 standard errors.
func TestChainsGiveMoments(t *testing.T) {
	loggamma := infertest.NewDensity(1, func(x, g []float64) float64 {
		if g != nil {
			g[0] = 3 - math.Exp(x[0])
		}
		return 3*x[0] - math.Exp(x[0])
	})
	for _, k := range []struct {
		k     infer.Kernel
		draws int
	}{
		{MALA{Warmup: 300}, 4000},
		{HMC{Warmup: 200, Leapfrogs: 8, Jitter: .3}, 800},
		{HMC{Warmup: 200, Leapfrogs: 8, Jitter: .3, Metric: Dense}, 800},
		{NUTS{Warmup: 200}, 800},
		{NUTS{Warmup: 200, Metric: Dense}, 800},
		{NUTS{Warmup: 200, Metric: Unit}, 800},
	} {
		t.Run(fmt.Sprintf("%T %+v", k.k, k.k), func(t *testing.T) {
			c, r := infertest.Sample(t, infertest.Normal(0, []float64{1, -3}, []float64{.5, 2}), k.k, 4, k.draws, 1)
			c.Expect(t, "x0", infertest.Coordinate(0), 1)
			c.Expect(t, "x1", infertest.Coordinate(1), -3)
			c.Expect(t, "x0²", infertest.Square(0), 1.25)
			c.Expect(t, "x1²", infertest.Square(1), 13)
			if r.Divergent > 0 || r.Dropped > 0 || r.Draws != k.draws || !(r.Accept > .4) {
				t.Errorf("%+v", r)
			}
			c, _ = infertest.Sample(t, infertest.Correlated(.9), k.k, 4, k.draws, 2)
			c.Expect(t, "x0·x1", func(x []float64) float64 { return x[0] * x[1] }, .9)
			c.Expect(t, "x1²", infertest.Square(1), 1)
			c, _ = infertest.Sample(t, loggamma, k.k, 4, k.draws, 3)
			c.Expect(t, "E log γ", infertest.Coordinate(0), 0.9227843350984671) // ψ(3)
			c.Expect(t, "E γ", func(x []float64) float64 { return math.Exp(x[0]) }, 3)
		})
	}
}

// The unadjusted sampler has exactly the variance 1/(1 − h/2) of a unit normal.
func TestULAVariance(t *testing.T) {
	c, r := infertest.Sample(t, infertest.Normal(0, []float64{0}, []float64{1}), ULA{StepSize: .5}, 8, 4000, 1)
	c.Expect(t, "x²", infertest.Square(0), 1/(1-.25))
	c.Expect(t, "x", infertest.Coordinate(0), 0)
	if r.Gradients != 8*4001 {
		t.Errorf("%v gradients", r.Gradients)
	}
}

// Mean acceptance ends near the one aimed at. (That of HMC falls so steeply near ε = 2 sd that the mean of the step
// sizes tried lies on the safe side: .94 where .8 is aimed at.)
func TestWarmupReachesAcceptance(t *testing.T) {
	target := infertest.Normal(0, make([]float64, 10), []float64{1, 1, 1, 1, 1, 2, 2, 2, 2, 2})
	for _, c := range []struct {
		k    infer.Kernel
		want float64
	}{{MALA{Warmup: 500}, .574}, {NUTS{Warmup: 500}, .8}} {
		_, r := infertest.Sample(t, target, c.k, 4, 300, 5)
		if math.Abs(r.Accept-c.want) > .1 {
			t.Errorf("%s: acceptance %v, want %v", c.k.Name(), r.Accept, c.want)
		}
	}
}

// On the funnel NUTS says that it diverges, and its energies that they do not mix.
func TestNUTSFunnelDiverges(t *testing.T) {
	c, r := infertest.Sample(t, infertest.Funnel(10), NUTS{Warmup: 300}, 4, 500, 1)
	if r.Divergent == 0 || len(r.Warnings) == 0 {
		t.Errorf("no divergence was reported: %+v", r)
	}
	_ = c
}

// The adapted metric is the covariance: NUTS on a normal with sd .01 and 100 needs short trajectories.
func TestMetricAdapts(t *testing.T) {
	for _, m := range []Metric{Diagonal, Dense} {
		target, k := infertest.Normal(0, []float64{0, 0}, []float64{.01, 100}), NUTS{Warmup: 600, Metric: m}
		s := infer.NewState(k, 4, 2, 0)
		if err := s.Scatter(t.Context(), target, 1, 2); err != nil {
			t.Fatal(err)
		}
		var c infertest.Collector
		leaves := 0
		if _, err := infer.Run(t.Context(), target, k, s, infer.RunOptions{Draws: 300, Sink: func(d infer.Draw) error {
			for _, n := range d.Info.Leapfrogs {
				leaves += n
			}
			return c.Sink(d)
		}}); err != nil {
			t.Fatal(err)
		}
		c.Expect(t, "x1²", infertest.Square(1), 1e4)
		if per := float64(leaves) / 1200; per > 8 {
			t.Errorf("metric %d: %v gradients a draw", m, per)
		}
	}
}

// Welford's moments are the covariance, and the momentum of a dense metric has its inverse.
func TestMomentsAndMass(t *testing.T) {
	x := [][]float64{{1, 2, 0}, {3, -1, 1}, {2, 2, 5}, {0, 1, -1}, {4, 4, 4}}
	m := make(moments, momentsWidth(Dense, 3))
	dm := make(moments, momentsWidth(Diagonal, 3))
	for _, v := range x {
		m.update(Dense, v)
		dm.update(Diagonal, v)
	}
	inv, chol, diag := make([]float64, 9), make([]float64, 9), make([]float64, 3)
	if !m.covariance(Dense, 3, inv, chol) || !dm.covariance(Diagonal, 3, diag, nil) {
		t.Fatal("no covariance")
	}
	var chains [3][]float64
	for _, v := range x {
		for j := range v {
			chains[j] = append(chains[j], v[j])
		}
	}
	for i := range 3 {
		for j := range 3 {
			var mi, mj, c float64
			for k := range x {
				mi += chains[i][k] / 5
				mj += chains[j][k] / 5
			}
			for k := range x {
				c += (chains[i][k] - mi) * (chains[j][k] - mj) / 4
			}
			want := c / 2
			if i == j {
				want += 1e-3 / 2
				if math.Abs(diag[i]-want) > 1e-12 {
					t.Errorf("variance %d: %v, want %v", i, diag[i], want)
				}
			}
			if math.Abs(inv[i*3+j]-want) > 1e-12 {
				t.Errorf("covariance %d,%d: %v, want %v", i, j, inv[i*3+j], want)
			}
		}
	}
	// p = L⁻ᵀz has p·Σp = |z|².
	ms := Mass{Kind: Dense, D: 3, Inverse: inv, Factor: chol}
	p, v := []float64{1, 2, 3}, make([]float64, 3)
	ms.momentum(0, p)
	ms.velocity(0, v, p)
	if math.Abs(floats.Dot(p, v)-14) > 1e-9 {
		t.Errorf("p·Σp = %v, want 14", floats.Dot(p, v))
	}
}

// The windows of a warm-up of 1000 end where Stan's do.
func TestWindows(t *testing.T) {
	var ends []int
	for k := range 1000 {
		if _, end := window(k, 1000); end {
			ends = append(ends, k+1)
		}
	}
	if fmt.Sprint(ends) != "[100 150 250 450 950]" {
		t.Errorf("windows end at %v", ends)
	}
	for n := range 200 {
		ended := n < 3
		for k := range n {
			_, end := window(k, n)
			ended = ended || end
		}
		if !ended {
			t.Errorf("a warm-up of %d steps has no window", n)
		}
	}
}

// Geweke's joint test (JASA 99, 2004) for the simplest posterior: θ ~ N(0,1), y|θ ~ N(θ,1). Draws of (θ, y) that
// alternate y|θ and a step of the chain at the posterior of θ have the prior's moments. Tested by using the step as
// a transition of the posterior from exact draws: the law after the step is the law before.
func TestStepsLeaveTheTargetInvariant(t *testing.T) {
	const n = 20_000
	target := infertest.Normal(0, []float64{.7}, []float64{1.3})
	for _, k := range []infer.Kernel{MALA{StepSize: 1.2}, HMC{StepSize: 1.1, Leapfrogs: 3},
		NUTS{StepSize: 1.2, MaxDepth: 3}} {
		s := infer.NewState(k, n, 1, 0)
		s.Normals(99, 0, s.X)
		for i := range s.X {
			s.X[i] = .7 + 1.3*s.X[i]
		}
		if _, err := infer.Run(t.Context(), target, k, s, infer.RunOptions{Seed: 4, Draws: 3}); err != nil {
			t.Fatal(err)
		}
		ks := metric.KSAgainst(s.X, func(x float64) float64 { return .5 * math.Erfc(-(x-.7)/1.3/math.Sqrt2) })
		if ks*math.Sqrt(n) > 2.2 { // false alarm 1.2e-4
			t.Errorf("%s: Kolmogorov distance·√n = %v after three steps from exact draws", k.Name(), ks*math.Sqrt(n))
		}
	}
}
