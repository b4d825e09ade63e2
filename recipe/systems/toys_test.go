package systems

import (
	"context"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/recipe"
)

// A short run of the checkerboard has stock VP beside VP with the authors' clock, and a D whose distance from its
// fixed point is checked: that of a network that learnt the path for a moment is far from it, and of those without
// a D it is 0.
func TestToyHasItsControlsAndD(t *testing.T) {
	for _, toy := range toys[:2] {
		toy.networks = append([]contender(nil), toy.networks...)
		r := &Result{Name: toy.name, Seeds: []uint64{1}}
		cfg := RunConfig{Seeds: []uint64{1}, Steps: 8}
		cfg.protocol = protocol{200, 2, 100}
		if err := toy.run(context.Background(), cfg, recipe.RunOptions{}, r); err != nil {
			t.Fatal(err)
		}
		stock, own := r.column("VP-20 stock", "H50"), r.column("VP-20", "H50")
		if len(stock) != 1 || len(own) != 1 || stock[0] == own[0] {
			t.Errorf("%s: stock VP has %v, VP-20 %v", toy.name, stock, own)
		}
		off, none := r.column("VSDM constant", "error of D"), r.column("VP-20", "error of D")
		if len(off) != 1 || !(off[0] > 0) || math.IsInf(off[0], 0) || none[0] != 0 {
			t.Errorf("%s: D is %v off, of VP %v", toy.name, off, none)
		}
		checks := 0
		for _, c := range r.Checks {
			if len(c.What) > 13 && c.What[:13] == "distance of D" {
				checks++
			}
		}
		if checks != 1 {
			t.Errorf("%s: %d checks of D among %v", toy.name, checks, r.Checks)
		}
	}
}
