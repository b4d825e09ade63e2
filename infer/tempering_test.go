package infer

import (
	"math"
	"testing"
)

// Parallel tempering recovers the weights .1 and .9 of modes at ±5 within .02, with and without a reference, where one chain stays in its mode.
func TestTemperingWeights(t *testing.T) {
	target := mixture([]float64{.1, .9}, [][]float64{{-5}, {5}}, 1)
	left := func(x []float64) float64 {
		if x[0] < 0 {
			return 1
		}
		return 0
	}
	for _, k := range []Tempering{{Count: 6, Least: .02, Warmup: 200}, {Betas: []float64{1, .4, .15, .05, 0}, Reference: &Reference{SD: []float64{6}}, Warmup: 200}} {
		s := NewState(k, 8, 1, 0)
		if err := s.Scatter(t.Context(), target, 1, 2); err != nil {
			t.Fatal(err)
		}
		var c collector
		r, err := Run(t.Context(), target, k, s, Options{Seed: 1, Draws: 4000, Sink: c.sink})
		if err != nil {
			t.Fatal(err)
		}
		c.expect(t, "P(x<0)", left, .1)
		c.expect(t, "x²", square(0), 26)
		mean := 0.
		for _, x := range c.of(left) {
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
	s := NewState(k, 2, 1, 0)
	if r, err := Run(t.Context(), target, k, s, Options{Draws: 100}); err != nil || len(r.Warnings) == 0 {
		t.Errorf("%+v, %v", r, err)
	}
}
