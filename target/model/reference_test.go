package model_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// Stein's identities at Stan's draws: under the posterior of the unconstrained parameters E[∇log π] = 0 and
// E[u·∂log π/∂u] = −1, for every coordinate. A wrong prior, likelihood or Jacobian breaks one. 200 independent
// draws of each posterior; 4.5 standard errors, a false alarm in 2600 runs of all 56 identities at fixed data.
func TestReferenceDraws(t *testing.T) {
	b, err := os.ReadFile("testdata/reference_draws.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]map[string][]float64
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	for name, draws := range all {
		m := example(t, name+".star", name+".json")
		n := 0
		for _, d := range draws {
			n = len(d)
		}
		x := ito.NewStates(n, m.Dim(), 0)
		row := make([]float64, m.Width())
		for i := range n {
			for k, c := range m.Columns() {
				if j, ok := strings.CutPrefix(c, "eta."); ok { // posteriordb keeps theta = mu + tau·eta
					row[k] = (draws["theta."+j][i] - draws["mu"][i]) / draws["tau"][i]
					continue
				}
				row[k] = draws[c][i]
			}
			if err := m.Unconstrain(x.Row(i), row); err != nil {
				t.Fatal(err)
			}
		}
		lp, g := make([]float64, n), x.Like(m.Dim())
		if err := m.Gradient(context.Background(), lp, g, x); err != nil {
			t.Fatal(err)
		}
		for k := range m.Dim() {
			var s, ss [2]float64
			for i := range n {
				v := g.Row(i)[k]
				for q, f := range []float64{v, 1 + x.Row(i)[k]*v} {
					s[q] += f / float64(n)
					ss[q] += f * f / float64(n)
				}
			}
			for q := range 2 {
				if z := s[q] / math.Sqrt((ss[q]-s[q]*s[q])/float64(n)); !(math.Abs(z) < 4.5) {
					t.Errorf("%s: identity %d of coordinate %d is off by %.1f standard errors", name, q+1, k, z)
				}
			}
		}
	}
}
