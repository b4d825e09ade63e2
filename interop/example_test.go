package interop_test

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/interop"
	"github.com/seed9a7962a8/ito/solve"
)

// A network written in Go, sampled as the file says.
func ExampleScheduler_Plan() {
	s, err := interop.ParseScheduler([]byte(`{
		"_class_name": "DPMSolverMultistepScheduler",
		"_diffusers_version": "0.30.0",
		"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012,
		"timestep_spacing": "leading", "steps_offset": 1
	}`))
	if err != nil {
		panic(err)
	}
	p, err := s.Plan(4, interop.CallOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println(p.Labels(), p.PredictionType(), p.Solver.Info().Name)

	network := func(_ context.Context, dst, x ito.States, label float64, _ ito.Cond) error {
		for i, v := range x.X {
			dst.X[i] = v * label / 1000
		}
		return nil
	}
	x := ito.NewStates(2, 3, 0)
	if err := p.Path.Prior(x, ito.Cond{}, ito.Seed(1)); err != nil {
		panic(err)
	}
	info, err := p.Run(context.Background(), network, x, solve.RunOptions{Noise: ito.Seed(1)})
	if err != nil {
		panic(err)
	}
	fmt.Println(info.Evals)
	// Output:
	// [801 601 401 201] epsilon dpmpp-2m
	// [4 4]
}
