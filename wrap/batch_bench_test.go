package wrap

import (
	"fmt"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// BenchmarkPrepareWide is a batch of 784 columns in which eight rows share a time, small and large.
func BenchmarkPrepareWide(b *testing.B) {
	const d = 784
	for _, n := range []int{16, 256} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			cov := make([]float64, d)
			for i := range cov {
				cov[i] = 1 + float64(i)
			}
			pre := must(NewMoments(path.VP{}, ito.Gaussian{Mean: make([]float64, d), Cov: cov}))
			batch, x0, eps, at := NewBatch(n, d), normals(n, d, 1, 1), normals(n, d, 2, 1), timesOn(path.VP{}, n)
			for i := range at {
				at[i] = at[i&^7]
			}
			for b.Loop() {
				if err := pre.Prepare(batch, x0, eps, at, ito.PredEps); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n)/d, "ns/value")
		})
	}
}
