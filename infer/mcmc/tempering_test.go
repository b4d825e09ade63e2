package mcmc

import (
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
)

// Parallel tempering recovers the weights .1 and .9 of modes at ±5 within .02, with and without a reference, where
// one chain stays in its mode.
func TestTemperingWeights(t *testing.T) {
	target := infertest.Mixture([]float64{.1, .9}, [][]float64{{-5}, {5}}, 1)
	left := func(x []float64) float64 {
		if x[0] < 0 {
			return 1
		}
		return 0
	}
	for _, k := range []Tempering{{Count: 6, Least: .02, Warmup: 200}, {Betas: []float64{1, .4, .15, .05, 0},
		Reference: &infer.Reference{SD: []float64{6}}, Warmup: 200}} {
		s := infer.NewState(k, 8, 1, 0)
		if err := s.Scatter(t.Context(), target, 1, 2); err != nil {
			t.Fatal(err)
		}
		var c infertest.Collector
		r, err := infer.Run(t.Context(), target, k, s, infer.RunOptions{Seed: 1, Draws: 4000, Sink: c.Sink})
		if err != nil {
			t.Fatal(err)
		}
		c.Expect(t, "P(x<0)", left, .1)
		c.Expect(t, "x²", infertest.Square(0), 26)
		mean := 0.
		for _, x := range c.Values(left) {
			for _, v := range x {
				mean += v / 32000
			}
		}
		rates, trips := k.Swaps(s)
		if math.Abs(mean-.1) > .02 || trips < 100 || len(r.Warnings) > 0 {
			t.Errorf("mass %v, swaps %v, %d round trips, %v", mean, rates, trips, r.Warnings)
		}
		for _, v := range rates {
			if !(v > .2 && v <= 1) {
				t.Errorf("swap rates %v", rates)
			}
		}
	}
	// A ladder with a hole in it says so.
	k := Tempering{Betas: []float64{1, 1e-4}, Warmup: 50}
	s := infer.NewState(k, 2, 1, 0)
	if r, err := infer.Run(t.Context(), target, k, s, infer.RunOptions{Draws: 100}); err != nil ||
		len(r.Warnings) == 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// On a product of d unit normals the swap probability of neighbours is known and the same for equal steps in log β,
// so that the geometric ladder stays as it is. Where most of the barrier lies at the cold end, narrow modes in a
// wide box of the hot end, the adapted ladder has equal rates within .1 where the geometric one has rates from .2
// to .99.
func TestTemperingEqualRates(t *testing.T) {
	run := func(target infertest.Density, k Tempering) ([]float64, []float64) {
		s := infer.NewState(k, 4, target.D, 0)
		if err := s.Scatter(t.Context(), target, 1, 1); err != nil {
			t.Fatal(err)
		}
		if _, err := infer.Run(t.Context(), target, k, s, infer.RunOptions{Seed: 3, Draws: 2000}); err != nil {
			t.Fatal(err)
		}
		rates, _ := k.Swaps(s)
		return rates, k.Ladder(s)
	}
	spread := func(r []float64) float64 { return slices.Max(r) - slices.Min(r) }
	normals := infertest.Normal(0, make([]float64, 6), infertest.Ones(6))
	k := Tempering{Count: 5, Least: .02, Warmup: 1600}
	rates, ladder := run(normals, k)
	for i, β := range ladder {
		if want := math.Pow(.02, float64(i)/4); math.Abs(math.Log(β/want)) > .15 {
			t.Errorf("ladder %v, want it geometric", ladder)
		}
	}
	if spread(rates) > .08 {
		t.Errorf("rates %v on normals", rates)
	}
	// ρ^β of a normal of sd .05 under a wall at |x| = 1: below β = .0025 it is all but flat, and swaps are free.
	walled := infertest.NewDensity(4, func(x, g []float64) float64 {
		l := 0.
		for j, v := range x {
			l -= v*v/.005 + math.Pow(v, 32)*1e3
			if g != nil {
				g[j] = -2*v/.005 - 32*math.Pow(v, 31)*1e3
			}
		}
		return l
	})
	k = Tempering{Count: 6, Least: 1e-6, Warmup: 1600}
	adapted, ladder := run(walled, k)
	k.Betas = k.betas()
	fixed, _ := run(walled, k)
	t.Logf("adapted %.2f at %.3g, fixed %.2f", adapted, ladder, fixed)
	if spread(adapted) > .1 || spread(fixed) < .4 || slices.Min(adapted) < 1.5*slices.Min(fixed) {
		t.Errorf("swap rates %v on an adapted ladder %v, %v on a geometric one", adapted, ladder, fixed)
	}
}
