package mcmc_test

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/mcmc"
	"github.com/seed9a7962a8/ito/target"
)

// Four chains of NUTS on a density that is written down.
func ExampleNUTS() {
	t, err := target.Compile(2, nil, func(t *target.Trace) ad.Value { // N(1, 1) and N(1, 1)
		e := ad.Sub(t.X, t.Data([]float64{1, 1}, 2))
		return ad.Scale(ad.Dot(e, e), -.5)
	})
	if err != nil {
		panic(err)
	}
	kernel := mcmc.NUTS{Warmup: 300}
	sum, n := 0., 0
	report, err := infer.Run(context.Background(), t, kernel, infer.NewState(kernel, 4, 2, 0), infer.RunOptions{Seed: 1,
		Draws: 1000, Sink: func(d infer.Draw) error {
			for _, x := range d.State.X {
				sum, n = sum+x, n+1
			}
			return nil
		}})
	if err != nil {
		panic(err)
	}
	fmt.Println(n, "numbers, their mean within .1 of 1:", math.Abs(sum/float64(n)-1) < .1, "divergent:", report.Divergent)
	// Output: 8000 numbers, their mean within .1 of 1: true divergent: 0
}
