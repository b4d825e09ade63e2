package target_test

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/target"
)

// A log density is a traced program, whose gradient is exact. Here Rosenbrock's banana.
func Example() {
	t, err := target.Compile(2, nil, func(t *target.Trace) ad.Value {
		x, y := ad.Slice(t.X, 0, 0, 1), ad.Slice(t.X, 0, 1, 2)
		bend := ad.Sub(y, ad.Mul(x, x))
		return ad.Neg(ad.Sum(ad.Add(ad.Mul(x, x), ad.Scale(ad.Mul(bend, bend), 10))))
	})
	if err != nil {
		panic(err)
	}
	x := ito.NewStates(2, 2, 0)
	copy(x.X, []float64{0, 0, 1, 2})
	logp, grad := make([]float64, 2), ito.NewStates(2, 2, 0)
	if err := t.Gradient(context.Background(), logp, grad, x); err != nil {
		panic(err)
	}
	fmt.Println(logp, grad.X, target.CheckGradient(context.Background(), t, x, 1e-6))
	// Output: [-0 -11] [-0 -0 38 -20] <nil>
}
