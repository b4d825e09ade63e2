package infertest

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/metric"
)

// Collector keeps every draw of slot 0 of every chain.
type Collector struct {
	Draws [][]float64 // [chain][draw·d]
	D     int
}

// Sink takes a draw.
func (c *Collector) Sink(d infer.Draw) error {
	if c.Draws == nil {
		c.Draws = make([][]float64, d.State.Groups)
		c.D = d.State.D
	}
	w := d.State.Slots * d.State.D
	for g := range c.Draws {
		c.Draws[g] = append(c.Draws[g], d.State.X[g*w:g*w+d.State.D]...)
	}
	return nil
}

// Values returns f of every draw, chain by chain.
func (c *Collector) Values(f func(x []float64) float64) [][]float64 {
	out := make([][]float64, len(c.Draws))
	for g, x := range c.Draws {
		for i := 0; i < len(x); i += c.D {
			out[g] = append(out[g], f(x[i:i+c.D]))
		}
	}
	return out
}

// Sample runs chains from scattered starts and returns their draws.
func Sample(t *testing.T, target ito.Target, k infer.Kernel, chains, draws int, seed uint64) (*Collector,
	infer.Report) {
	t.Helper()
	s := infer.NewState(k, chains, target.Dim(), 0)
	if err := s.Scatter(t.Context(), target, seed, 2); err != nil {
		t.Fatal(err)
	}
	var c Collector
	r, err := infer.Run(t.Context(), target, k, s, infer.RunOptions{Seed: seed, Draws: draws, Sink: c.Sink})
	if err != nil {
		t.Fatal(err)
	}
	return &c, r
}

// Expect compares a mean of the draws with its true value: within 4 of its own standard errors, which a fresh seed
// misses once in 16 000 (normal).
func (c *Collector) Expect(t *testing.T, what string, f func(x []float64) float64, want float64) {
	t.Helper()
	x := c.Values(f)
	s := metric.Summarise(what, x)
	if !(math.Abs(s.Mean-want) <= 4*s.MCSEMean) {
		t.Errorf("%s: mean %v ± %v, want %v", what, s.Mean, s.MCSEMean, want)
	}
	if !(s.RHat < 1.05) {
		t.Errorf("%s: R̂ = %v", what, s.RHat)
	}
}

// Evidence runs groups of a particle sampler and returns log Z.
func Evidence(t *testing.T, target Density, k infer.Kernel, groups int) (infer.Evidence, *infer.State, infer.Report) {
	t.Helper()
	s := infer.NewState(k, groups, target.D, 0)
	r, err := infer.Run(t.Context(), target, k, s, infer.RunOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return r.Evidence(), s, r
}

// Coordinate is coordinate j of a point.
func Coordinate(j int) func([]float64) float64 { return func(x []float64) float64 { return x[j] } }

// Square is its square.
func Square(j int) func([]float64) float64 { return func(x []float64) float64 { return x[j] * x[j] } }
