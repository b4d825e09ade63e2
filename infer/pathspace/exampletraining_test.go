package pathspace_test

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/pathspace"
)

// Trains the control of DIS by log-variance on two modes of unequal weight and estimates log Z = log 2 by weighting
// its paths.
func ExampleTraining() {
	ctx := context.Background()
	target := infer.NormalMixture{Weights: []float64{.5, 1.5}, Means: [][]float64{{-1.5}, {1.5}},
		Vars: [][]float64{{.4}, {.4}}}
	process := pathspace.DIS{K: 20}
	control, err := pathspace.NewLearned(process, 1, pathspace.NetworkShape{Width: 16, Depth: 2}, 1)
	if err != nil {
		panic(err)
	}
	training := pathspace.Training{Target: target, Control: control, PathLoss: pathspace.LogVariance{}, Batch: 128,
		Iterations: 150, LearningRate: .01}
	if err := training.Run(ctx, nil); err != nil {
		panic(err)
	}
	kernel := pathspace.Controlled{Process: process, Control: control, Particles: 4000}
	state := infer.NewState(kernel, 4, 1, 0)
	report, err := infer.Run(ctx, target, kernel, state, infer.RunOptions{Seed: 1})
	if err != nil {
		panic(err)
	}
	fmt.Printf("log Z %.1f, warnings %v\n", report.Evidence().LogZ, report.Warnings)
	// Output: log Z 0.7, warnings []
}
