package compare

import "testing"

// The last line of a comparison is a function of its numbers, in good cases and bad ones.
func TestRecommendation(t *testing.T) {
	row := func(name string, w2 ...float64) Attempt {
		a := Attempt{Solver: name}
		for _, v := range w2 {
			c := Cell{Grid: "logsnr", W2: v, SD: .01}
			if v == 0 {
				c = Cell{Reason: "one step takes 2 network calls"}
			}
			a.Cells = append(a.Cells, c)
		}
		return a
	}
	for _, c := range []struct {
		name    string
		rows    int
		solvers []Attempt
		want    string
	}{
		{"the floor is reached at ten", 1000, []Attempt{row("heun", 0, .9, .2), row("unipc-2", .5, .105, .1)},
			"Take `solver=unipc-2` `grid=logsnr` `nfe=10`: its W2 of 0.105 is within the spread of the floor of 0.1, " +
				"so that more calls cannot be seen to help. heun has 0.9 there."},
		{"few rows", 200, []Attempt{row("heun", 0, .9, .1)},
			"Take `solver=heun` `grid=logsnr` `nfe=20`: its W2 of 0.1 is within the spread of the floor of 0.1, so " +
				"that more calls cannot be seen to help. Draws of 200 rows see little: compare more."},
		{"the model is what is left", 1000, []Attempt{row("heun", 0, .31, .3), row("deis-3", .305, .3, .3)},
			"Take `solver=deis-3` `grid=logsnr` `nfe=5`: its W2 of 0.305 is no worse than the best, deis-3 with 0.3 " +
				"at 10 calls, beyond the spread of the draws. It is 3.05 times the floor of 0.1: what is left is the " +
				"model's, not the solver's."},
		{"the plain solver is as good", 1000, []Attempt{row("heun", 0, .505, .7), row("ddim", .9, .5, .6)},
			"Take `solver=ddim` `grid=logsnr` `nfe=10`: its W2 of 0.5 is the least of all, 5 times the floor of 0.1. " +
				"More calls did not help. heun, which needs no `solver`, does as well there: 0.505."},
		{"more calls may help", 1000, []Attempt{row("heun", 0, .8, .5)},
			"Take `solver=heun` `grid=logsnr` `nfe=20`: its W2 of 0.5 is the least of all, 5 times the floor of 0.1. " +
				"More calls may help."},
		{"ito loses", 1000, []Attempt{row("heun", 0, 2.5, 2.4), row("ddim", 9, 3, 2.2)},
			"No solver does better than normal variates with the moments of the data: the best, ddim at 20 calls, " +
				"has W2 2.2 against 2, floor 0.1. Train for more steps before you choose a solver."},
		{"nothing is possible", 1000, []Attempt{row("heun", 0, 0, 0)},
			"No solver could sample the model: one step takes 2 network calls"},
	} {
		r := &Report{Model: "m", Data: "d", NFE: []int{5, 10, 20}, Rows: c.rows, Draws: 4, Floor: .1, FloorSD: .01,
			Baseline: 2, Solvers: c.solvers}
		if got := r.verdict(); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}
