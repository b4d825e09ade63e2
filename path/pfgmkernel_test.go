package path

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// The table agrees with the quantile between its nodes and beyond them, and the kernel's noise with Perturb's.
func TestPFGMKernelTable(t *testing.T) {
	for _, D := range []float64{1, 2, 8, 128, 2048, 1e9} {
		p := PFGM{Aug: D}
		k := p.Kernel()
		for z := -7.03; z < 7.1; z += .0517 {
			if e := math.Abs(k.chiSquare(z)/chiSquare(D, z) - 1); e > 2e-9 {
				t.Errorf("D=%g, z=%.3f: off by %.2g", D, z, e)
			}
		}
		const n, σ = 200, .7
		x0, want, got := ito.NewStates(n, 3, 5), ito.NewStates(n, 3, 5), ito.NewStates(n, 3, 5)
		if err := p.Perturb(want, x0, ito.Times{σ}, ito.Cond{}, ito.Seed(4)); err != nil {
			t.Fatal(err)
		}
		k.Noise(got, ito.Seed(4), rng.PurposePath, 0)
		for i, w := range want.X {
			if math.Abs(σ*got.X[i]-w) > 2e-9*(1+math.Abs(w)) {
				t.Fatalf("D=%g: noise %g, Perturb %g", D, σ*got.X[i], w)
			}
		}
	}
}

func BenchmarkPFGMKernel(b *testing.B) {
	k, x := PFGM{Aug: 128}.Kernel(), ito.NewStates(256, 2, 0)
	for b.Loop() {
		k.Noise(x, ito.Seed(1), rng.PurposePath, 0)
	}
	b.ReportMetric(256*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
