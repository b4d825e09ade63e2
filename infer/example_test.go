package infer_test

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/path"
)

// Trains the control of DIS by log-variance on two modes of unequal weight and estimates log Z = log 2 by weighting
// its paths.
func ExampleTraining() {
	ctx := context.Background()
	target := infer.NormalMixture{Weights: []float64{.5, 1.5}, Means: [][]float64{{-1.5}, {1.5}},
		Vars: [][]float64{{.4}, {.4}}}
	process := infer.DIS{K: 20}
	control, err := infer.NewLearned(process, 1, infer.Shape{Width: 16, Depth: 2}, 1)
	if err != nil {
		panic(err)
	}
	training := infer.Training{Target: target, Control: control, PathLoss: infer.LogVariance{}, Batch: 128,
		Iterations: 150, LearningRate: .01}
	if err := training.Run(ctx, nil); err != nil {
		panic(err)
	}
	kernel := infer.Controlled{Process: process, Control: control, Particles: 4000}
	state := infer.NewState(kernel, 4, 1, 0)
	report, err := infer.Run(ctx, target, kernel, state, infer.Options{Seed: 1})
	if err != nil {
		panic(err)
	}
	fmt.Printf("log Z %.1f, warnings %v\n", report.Evidence().LogZ, report.Warnings)
	// Output: log Z 0.7, warnings []
}

// Denoising MCMC led by a field, here an exact one, with noise levels by a classifier that is learnt from data.
func ExampleTrainNoiseLevels() {
	ctx := context.Background()
	two := field.Mixture{D: 1, Weights: []float64{.5, .5}, Means: []float64{-2, 2}, Var: []float64{.25}}
	data := ito.NewStates(500, 1, 0)
	for i := range data.N {
		data.X[i] = 2*float64(i%2*2-1) + .5*math.Sin(float64(7*i))
	}
	f, err := field.NewMixture(path.EDM{}, two)
	if err != nil {
		panic(err)
	}
	score, err := infer.NewFieldScore(f, path.EDM{}, 1)
	if err != nil {
		panic(err)
	}
	levels := []float64{.1, .3, 1, 3}
	classes, err := infer.TrainNoiseLevels(ctx, data, infer.LevelTraining{Levels: levels, Width: 16, Iterations: 200,
		Batch: 64}, nil)
	if err != nil {
		panic(err)
	}
	kernel := infer.DMCMC{Score: score, Level: classes, Levels: levels, StepSize: .2}
	state, right := infer.NewState(kernel, 50, 1, 0), 0
	if _, err := infer.Run(ctx, infer.Flat{D: 1}, kernel, state, infer.Options{Draws: 60, Thin: 10,
		Sink: func(d infer.Draw) error {
			for _, x := range d.State.X {
				if x > 0 {
					right++
				}
			}
			return nil
		}}); err != nil {
		panic(err)
	}
	fmt.Println("a third of the draws or more at each mode:", right > 1000 && right < 2000)
	// Output: a third of the draws or more at each mode: true
}
