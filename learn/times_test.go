package learn

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

func TestClock(t *testing.T) {
	for name, p := range map[string]ito.Path{"vp": path.VP{}, "edm": path.EDM{}} {
		lo, hi := p.Span()
		for _, n := range []int{0, 1, 100} {
			c := newClock(p, n)
			seen := map[float64]int{}
			sum := 0.0
			for step := range uint32(200) {
				x := ito.NewStates(100, 1, 0)
				times := make(ito.Times, 100)
				c.draw(times, x.ID, 1, step)
				for i, s := range times {
					if s < lo*(1-1e-12) || s > hi*(1+1e-12) || i > 0 && s < times[i-1] {
						t.Fatalf("%s, %d points: time %d is %g", name, n, i, s)
					}
					seen[s]++
					sum += s / 20000
				}
			}
			if n > 0 && len(seen) != n {
				t.Errorf("%s: %d times of %d were drawn", name, len(seen), n)
			}
			if name == "vp" && n != 1 && math.Abs(sum-(lo+hi)/2) > .005 {
				t.Errorf("vp, %d points: mean time %g", n, sum)
			}
		}
	}
}
