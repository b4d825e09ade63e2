package learn

import (
	"context"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
)

// From the true end, the reverse SDE of Gaussian data has the moments of the path at every node: E[xxᵀ] = S_t and
// E[sxᵀ] = −I. The end is N(μ,I) exactly when A is at its fixed point. Tolerance: five standard errors of
// 20000 paths and the bias of the scheme.
func TestReverseMoments(t *testing.T) {
	g := ito.Gaussian{Mean: []float64{3, -1}, Cov: []float64{4, 1.5, 1.5, 1}}
	rate := path.VP{BetaMin: .1, BetaMax: 10, Power: 1.7}
	p := must(path.NewVSDM(path.VSDMConfig{A: must(path.ConstantFromGaussian(g, rate.B(1))), Mean: g.Mean}))
	f := must(field.NewGaussian(p, g))
	rev, err := Reverse(context.Background(), p, f, ito.Cond{}, 20000, 50, 2, ito.Seed(1))
	if err != nil {
		t.Fatal(err)
	}
	if len(rev.T) != 50 || rev.T[0] != 1 {
		t.Fatalf("%d nodes from %g", len(rev.T), rev.T[0])
	}
	total := 0.0
	for k, s := range rev.T {
		total += rev.Weight[k]
		want := must(path.Marginal(p, s, g)).Cov
		for i, v := range want {
			scale := math.Sqrt(want[i/2*3] * want[i%2*3])
			if math.Abs(rev.XX[k][i]-v) > .06*scale {
				t.Errorf("t=%.2f: E[xxᵀ] = %.3f, want %.3f", s, rev.XX[k], want)
			}
			unit := 0.0
			if i%3 == 0 {
				unit = -1
			}
			// An entry of s xᵀ has the spread of the ratio of the axes.
			if ratio := math.Sqrt(want[3*(i%2)] / min(want[0], want[3])); math.Abs(rev.SX[k][i]-unit) > .08*ratio*2 {
				t.Errorf("t=%.2f: E[sxᵀ] = %.3f", s, rev.SX[k])
			}
		}
	}
	if B := p.B(1); math.Abs(total-B) > .01*B {
		t.Errorf("the weights add up to %.4f, B = %.4f", total, B)
	}
	if one := must(Reverse(context.Background(), p, f, ito.Cond{}, 10, 0, 1, ito.Seed(1))); len(one.T) != 1 ||
		one.T[0] != 1 {
		t.Errorf("no steps: nodes %v", one.T)
	}
}

func BenchmarkStageOfExactScores(b *testing.B) {
	g := ito.Gaussian{Mean: []float64{0, 0}, Cov: []float64{5.18, 0, 0, 351}}
	p := must(path.NewVSDM(path.VSDMConfig{D: 2}))
	f := must(field.NewGaussian(p, g))
	const paths, steps = 3000, 50
	for b.Loop() {
		must(Reverse(context.Background(), p, f, ito.Cond{}, paths, steps, 1, ito.Seed(1)))
	}
	b.ReportMetric(2*paths*steps*float64(b.N)/b.Elapsed().Seconds(), "evaluations/s")
}
