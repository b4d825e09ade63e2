package inverse_test

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/inverse"
	"github.com/seed9a7962a8/ito/path"
)

// Half of a state is measured; the other half follows, with 200 draws of what is still open.
func Example() {
	prior := ito.Gaussian{Mean: []float64{0, 0}, Cov: []float64{1, .9, .9, 1}} // a model's field in its place
	f, err := field.NewGaussian(path.EDM{}, prior)
	if err != nil {
		fmt.Println(err)
		return
	}
	op, _ := inverse.NewMask([]bool{true, false})
	y := ito.States{N: 1, D: 1, X: []float64{2}, ID: []uint64{0}}
	x := ito.NewStates(200, 2, 0)
	p := inverse.Measured{Path: path.EDM{}, Field: f, Operator: op, Noise: inverse.Gaussian{Sigma: .1}, Y: y}
	method := inverse.Moments{Iterations: 5, Tolerance: 1e-6}
	info, err := inverse.Restore(context.Background(), p, method, x, inverse.RestoreOptions{})
	mean := 0.
	for i := range x.N {
		mean += x.Row(i)[1] / 200
	}
	fmt.Printf("%.1f after %d calls, %v\n", mean, info.Evals, err)
	// Output: 1.8 after 198 calls, <nil>
}
