package methods_test

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/anneal"
	"github.com/seed9a7962a8/ito/target/zoo"
)

// SMC's evidence of posteriors of the zoo, beside the truth by quadrature (brownian) or by long runs.
func TestSMCEvidenceOfTheZoo(t *testing.T) {
	if testing.Short() {
		t.Skip("millions of gradients")
	}
	for _, c := range []struct {
		name string
		k    anneal.SMC
		runs int
		tol  float64
	}{
		{"ionosphere", anneal.SMC{Particles: 512}, 2, .3},
		{"sonar", anneal.SMC{Particles: 512}, 2, .4},
		{"brownian", anneal.SMC{Particles: 512}, 2, .3},
	} {
		target, err := zoo.Open(c.name, nil)
		if err != nil {
			t.Fatal(err)
		}
		truth, err := zoo.Known(c.name)
		if err != nil {
			t.Fatal(err)
		}
		s := infer.NewState(c.k, c.runs, target.Dim(), 0)
		r, err := infer.Run(t.Context(), target, c.k, s, infer.RunOptions{Seed: 2})
		if err != nil {
			t.Fatal(err)
		}
		e := r.Evidence()
		t.Logf("%s: log Z %.3f ± %.3f, %.0f gradients; the truth is %.3f", c.name, e.LogZ, e.SD, r.Gradients,
			truth.LogZ)
		if !(math.Abs(e.LogZ-truth.LogZ) < c.tol) {
			t.Errorf("%s: log Z %v, want %v", c.name, e.LogZ, truth.LogZ)
		}
	}
}
