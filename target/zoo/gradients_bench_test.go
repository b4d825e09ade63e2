package zoo_test

import (
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/target/zoo"
)

// gradientTargets are the problems on which engines are compared, with the spread of the particles at which they
// are evaluated.
var gradientTargets = []struct {
	name  string
	scale float64
}{{"gmm40", 20}, {"ionosphere", .5}, {"eight_schools", 1}}

// particles are 1000 normal states and room for their log densities and gradients.
func particles(t testing.TB, name string, scale float64) (ito.Target, []float64, ito.States, ito.States) {
	t.Helper()
	target, err := zoo.Open(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	x := ito.NewStates(1000, target.Dim(), 0)
	rng.NewKey(1, rng.PurposeUser, 0, 0).Normals64(x.X, x.D, x.ID)
	for i := range x.X {
		x.X[i] *= scale
	}
	return target, make([]float64, x.N), x.Like(x.D), x
}

// BenchmarkGradients evaluates the log density and its gradient at 1000 particles at once, on one core.
func BenchmarkGradients(b *testing.B) {
	for _, c := range gradientTargets {
		b.Run(c.name, func(b *testing.B) {
			target, logp, grad, x := particles(b, c.name, c.scale)
			b.ReportAllocs()
			for b.Loop() {
				if err := target.Gradient(b.Context(), logp, grad, x); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*float64(x.N)/b.Elapsed().Seconds(), "gradients/s")
		})
	}
}

// BenchmarkOneGradient evaluates one state a call, as a chain alone does.
func BenchmarkOneGradient(b *testing.B) {
	for _, name := range []string{"gmm40", "ionosphere", "eight_schools", "brownian"} {
		b.Run(name, func(b *testing.B) {
			target, logp, grad, x := particles(b, name, .5)
			at := func(s ito.States) ito.States { return ito.States{N: 1, D: s.D, X: s.X[:s.D], ID: s.ID[:1]} }
			for b.Loop() {
				if err := target.Gradient(b.Context(), logp[:1], at(grad), at(x)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
