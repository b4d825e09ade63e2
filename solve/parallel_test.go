package solve_test

import (
	"sync"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
)

// Slices of the rows run at the same time give the bytes of one run.
func TestParallel(t *testing.T) {
	for _, pr := range problems()[5:] {
		f, x := exact(pr), noise(pr, 40)
		g := must(solve.Uniform(pr.p, pr.from, pr.to, 5))
		for _, s := range solve.All() {
			if !serves(pr.p, s) {
				continue
			}
			whole, _ := run(t, pr, f, x, g, s)
			parts := x.Clone()
			var wg sync.WaitGroup
			for lo := 0; lo < x.N; lo += 10 {
				wg.Go(func() {
					if _, err := solve.Run(ctx, pr.p, f, parts.Slice(lo, lo+10), g, s,
						solve.RunOptions{Noise: ito.Seed(3)}); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			for i, v := range parts.X {
				if v != whole.X[i] {
					t.Fatalf("%s on %s: value %d is %v in parts, %v whole", s.Info().Name, pr.name, i, v, whole.X[i])
				}
			}
		}
	}
}
