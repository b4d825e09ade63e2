package field_test

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
)

// The exact field of a mixture of normals on a path is known in closed form, and any other form of prediction follows
// from it: here the score and the mean of the data given a state.
func Example() {
	p := path.VP{}
	f, err := field.NewMixture(p, field.Mixture{D: 1, Means: []float64{-1, 1}, Var: []float64{.01}})
	if err != nil {
		panic(err)
	}
	x, t := ito.NewStates(3, 1, 0), ito.Times{.3, .3, .3}
	copy(x.X, []float64{-1, 0, 1})
	for _, kind := range []ito.Prediction{ito.PredScore, ito.PredX0} {
		g, err := field.As(f, p, kind)
		if err != nil {
			panic(err)
		}
		out := ito.NewStates(3, 1, 0)
		if err := g.Predict(context.Background(), out, x, t, ito.Cond{}); err != nil {
			panic(err)
		}
		fmt.Printf("%s %.2f\n", kind, out.X)
	}
	// Output:
	// score [0.84 -0.00 -0.84]
	// x0 [-0.78 0.00 0.78]
}
