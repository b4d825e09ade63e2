package advise

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/rng"
)

// Four chains of a mixture of three, whose components stand in known orders, and what is like it and is not label
// switching.
func TestFindSwitch(t *testing.T) {
	columns := []string{"lp__", "mu.1", "mu.2", "mu.3", "w.1.1", "w.2.1", "w.3.1", "w.1.2", "w.2.2", "w.3.2", "b.1",
		"b.2", "s"}
	at := map[string][]float64{"mu": {-4, 0, 5}, "w1": {.2, .5, .3}, "w2": {7, 8, 9}}
	draw := func(orders [][]int, away float64) func(int) [][]float64 {
		return func(column int) [][]float64 {
			name, chains := columns[column], make([][]float64, len(orders))
			for a, o := range orders {
				x := make([]float64, 200)
				rng.NewKey(1, rng.PurposePrior, uint32(column), uint32(a)).Normals64(x, 200, []uint64{0})
				f := strings.Split(name, ".")
				for i := range x {
					switch {
					case f[0] == "mu":
						x[i] = at["mu"][o[f[1][0]-'1']] + .3*x[i]
					case f[0] == "w":
						x[i] = at["w"+f[2]][o[f[1][0]-'1']] + .05*x[i]
					}
					if a == 2 && f[0] == "mu" {
						x[i] += away
					}
				}
				chains[a] = x
			}
			return chains
		}
	}
	same, mixed := [][]int{{0, 1, 2}, {0, 1, 2}, {0, 1, 2}, {0, 1, 2}}, [][]int{{1, 0, 2}, {0, 1, 2}, {2, 0, 1},
		{1, 0, 2}}
	w, ok := FindSwitch(columns, draw(mixed, 0))
	// Component k of chain a is mixed[a][k], which the first chain has at the index of that in mixed[0].
	want := [][]int{{0, 1, 2}, {1, 0, 2}, {2, 1, 0}, {0, 1, 2}}
	if !ok || !slices.Equal(w.Names, []string{"mu", "w"}) || !slices.EqualFunc(w.Orders, want, slices.Equal) ||
		!strings.Contains(w.String(), "of mu, w, which is another in 2 of 4") {
		t.Errorf("%v %+v", ok, w)
	}
	for what, f := range map[string]func(int) [][]float64{"mixed chains": draw(same, 0), "another mode": draw(same, 3),
		"another mode in another order": draw(mixed, 3), "one chain": draw(mixed[:1], 0)} {
		if w, ok := FindSwitch(columns, f); ok {
			t.Errorf("%s: %v", what, w)
		}
	}
}
