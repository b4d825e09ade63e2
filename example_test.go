package ito_test

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// Sample a mixture of two points through its exact field: no network is needed to know that a path and a
// solver are right.
func Example() {
	p := path.VP{}
	f, err := field.NewMixture(p, field.Mixture{D: 1, Means: []float64{-2, 3}, Var: []float64{.01, .01}})
	if err != nil {
		fmt.Println(err)
		return
	}
	x := ito.NewStates(4, 1, 0) // samples 0, 1, 2, 3
	if err := p.Prior(x, ito.Cond{}, ito.Seed(1)); err != nil {
		fmt.Println(err)
		return
	}
	lo, hi := p.Span()
	grid, err := solve.Uniform(p, hi, lo, 50)
	if err != nil {
		fmt.Println(err)
		return
	}
	info, err := solve.Run(context.Background(), p, f, x, grid, solve.Heun{}, solve.RunOptions{Noise: ito.Seed(1)})
	fmt.Printf("%.1f after %d evaluations each, %v\n", x.X, info.Evals[0], err)
	// Output: [-2.3 -2.0 3.0 -2.2] after 100 evaluations each, <nil>
}
