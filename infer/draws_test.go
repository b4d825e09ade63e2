package infer

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/metric"
)

// collector keeps every draw of slot 0 of every chain.
type collector struct {
	draws [][]float64 // [chain][draw·d]
	d     int
}

func (c *collector) sink(d Draw) error {
	if c.draws == nil {
		c.draws = make([][]float64, d.State.Groups)
		c.d = d.State.D
	}
	w := d.State.Slots * d.State.D
	for g := range c.draws {
		c.draws[g] = append(c.draws[g], d.State.X[g*w:g*w+d.State.D]...)
	}
	return nil
}

// of returns f of every draw, chain by chain.
func (c *collector) of(f func(x []float64) float64) [][]float64 {
	out := make([][]float64, len(c.draws))
	for g, x := range c.draws {
		for i := 0; i < len(x); i += c.d {
			out[g] = append(out[g], f(x[i:i+c.d]))
		}
	}
	return out
}

// sample runs chains from scattered starts and returns their draws.
func sample(t *testing.T, target ito.Target, k Kernel, chains, draws int, seed uint64) (*collector, Report) {
	t.Helper()
	s := NewState(k, chains, target.Dim(), 0)
	if err := s.Scatter(t.Context(), target, seed, 2); err != nil {
		t.Fatal(err)
	}
	var c collector
	r, err := Run(t.Context(), target, k, s, Options{Seed: seed, Draws: draws, Sink: c.sink})
	if err != nil {
		t.Fatal(err)
	}
	return &c, r
}

// expect compares a mean of the draws with its true value: within 4 of its own standard errors, which a fresh seed
// misses once in 16 000 (normal).
func (c *collector) expect(t *testing.T, what string, f func(x []float64) float64, want float64) {
	t.Helper()
	x := c.of(f)
	s := metric.Summarise(what, x)
	if !(math.Abs(s.Mean-want) <= 4*s.MCSEMean) {
		t.Errorf("%s: mean %v ± %v, want %v", what, s.Mean, s.MCSEMean, want)
	}
	if !(s.RHat < 1.05) {
		t.Errorf("%s: R̂ = %v", what, s.RHat)
	}
}

// evidence runs groups of a particle sampler and returns log Z.
func evidence(t *testing.T, target row, k Kernel, groups int) (Evidence, *State, Report) {
	t.Helper()
	s := NewState(k, groups, target.d, 0)
	r, err := Run(t.Context(), target, k, s, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return r.Evidence(), s, r
}

// coordinate is coordinate j of a point.
func coordinate(j int) func([]float64) float64 { return func(x []float64) float64 { return x[j] } }

// square is its square.
func square(j int) func([]float64) float64 { return func(x []float64) float64 { return x[j] * x[j] } }
