package mcmc_test

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/mcmc"
	"github.com/seed9a7962a8/ito/path"
)

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
	score, err := mcmc.NewFieldScore(f, path.EDM{}, 1)
	if err != nil {
		panic(err)
	}
	levels := []float64{.1, .3, 1, 3}
	classes, err := mcmc.TrainNoiseLevels(ctx, data, mcmc.LevelTraining{Levels: levels, Width: 16, Iterations: 200,
		Batch: 64}, nil)
	if err != nil {
		panic(err)
	}
	kernel := mcmc.DMCMC{Score: score, Level: classes, Levels: levels, StepSize: .2}
	state, right := infer.NewState(kernel, 50, 1, 0), 0
	if _, err := infer.Run(ctx, mcmc.Flat{D: 1}, kernel, state, infer.RunOptions{Draws: 60, Thin: 10,
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
