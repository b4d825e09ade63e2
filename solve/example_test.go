package solve_test

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// Sample two Gaussians with their exact field: no network is needed to try a solver.
func Example() {
	p := path.VP{}
	f, err := field.NewMixture(p, field.Mixture{D: 1, Means: []float64{-2, 2}, Var: []float64{.01}})
	if err != nil {
		fmt.Println(err)
		return
	}
	x := ito.NewStates(1000, 1, 0)
	_ = p.Prior(x, ito.Cond{}, ito.Seed(1))

	from, to := 1.0, 1e-3
	steps, _ := solve.StepsFor(solve.Heun{}, 40, ito.Calls(f)) // 40 network calls a sample
	grid, _ := solve.LogSNR(p, from, to, steps)
	info, err := solve.Run(context.Background(), p, f, x, grid, solve.Heun{}, solve.RunOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	right := 0
	for _, v := range x.X {
		if v > 0 {
			right++
		}
	}
	fmt.Printf("%d steps, %d calls a sample; about half on each side: %t\n", info.Steps, info.Evals[0], right > 450 &&
		right < 550)
	// Output: 20 steps, 40 calls a sample; about half on each side: true
}

// The density of a point, through the path.
func ExampleLikelihood() {
	p := path.VP{}
	f, _ := field.NewMixture(p, field.Mixture{D: 1, Means: []float64{0}, Var: []float64{1}})
	x := ito.NewStates(1, 1, 0)
	l, err := solve.Likelihood{}.Rows(context.Background(), p, f, x)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f nats\n", l.LogP[0]) // −½ log 2π
	// Output: -0.9189 nats
}
