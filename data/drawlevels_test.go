package data

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// fixedUniform draws the same uniform for every row.
type fixedUniform float64

func (u fixedUniform) Uniform(dst ito.States, _ rng.Purpose, _, _ uint32) {
	for i := range dst.X {
		dst.X[i] = float64(u)
	}
}

func (fixedUniform) Normal(ito.States, rng.Purpose, uint32, uint32) {}

// Every row has one level, that in which its uniform falls; a level without a share never comes; over many rows the
// shares are those of the data to 4.5 standard errors, and rows of other ids do not change it.
func TestDrawLevels(t *testing.T) {
	c := ito.Condition{Column: "k", Levels: []string{"a", "b", "c", "d"}, Shares: []float64{.25, 0, .75, 0}}
	one := ito.NewStates(1, 2, 0)
	for u, want := range map[float64]int{0: 0, .2499: 0, .25: 2, .9: 2, math.Nextafter(1, 0): 2, 1: 2} {
		got := DrawLevels(c, one, fixedUniform(u))
		for k, v := range got.X {
			if got.C != 4 || len(got.X) != 4 || (v == 1) != (k == want) || v != 0 && v != 1 {
				t.Errorf("%g gives %v, want level %d", u, got.X, want)
			}
		}
	}
	const n = 4000
	all := DrawLevels(c, ito.NewStates(n, 2, 0), ito.Seed(3))
	if len(all.X) != n*4 {
		t.Fatalf("%d numbers", len(all.X))
	}
	count := make([]float64, 4)
	for i, v := range all.X {
		count[i%4] += v
	}
	if sd := math.Sqrt(n * .25 * .75); count[1]+count[3] != 0 || count[0]+count[2] != n ||
		math.Abs(count[0]-n/4) > 4.5*sd {
		t.Errorf("levels come %v times of %d", count, n)
	}
	part := DrawLevels(c, ito.NewStates(10, 2, 100), ito.Seed(3))
	for i, v := range part.X {
		if v != all.X[400+i] {
			t.Fatal("a row's level depends on the rows beside it")
		}
	}
}
