package recipe_test

import (
	"context"
	"fmt"
	"log"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/recipe"
)

// Learn a circle from points on it and draw more of them.
func Example() {
	var rows [][]float64
	for i := range 500 {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / 500)
		rows = append(rows, []float64{10 * cos, sin})
	}
	ctx := context.Background()
	fitted, err := recipe.VSDM{Variant: "logistic", Steps: 600}.Fit(ctx, rows)
	if err != nil {
		log.Fatal(err)
	}
	samples, err := fitted.Sample(ctx, 1000)
	if err != nil {
		log.Fatal(err)
	}
	near := 0
	for _, x := range samples {
		if r := math.Hypot(x[0]/10, x[1]); r > .6 && r < 1.4 {
			near++
		}
	}
	fmt.Println(len(samples), "samples, nine in ten near the circle:", near > 900)
	// Output: 1000 samples, nine in ten near the circle: true
}

// Spend six network calls a sample well: search a schedule for a model, which Sample then uses.
func ExampleTune() {
	ctx := context.Background()
	t, err := data.Builtin("moons", 300, 1)
	if err != nil {
		log.Fatal(err)
	}
	train := recipe.DefaultTrain()
	train.Path, train.Steps, train.Width = "vp", 100, 16
	model, _, err := recipe.Fit(ctx, t, train, recipe.RunOptions{})
	if err != nil {
		log.Fatal(err)
	}
	cfg := recipe.DefaultTune()
	cfg.States, cfg.Judge, cfg.Generations, cfg.Rounds = 64, 128, 5, 5 // by default 512, 1536, 40 and 20
	found, err := recipe.Tune(ctx, model, []int{6}, cfg, recipe.RunOptions{})
	if err != nil {
		log.Fatal(err)
	}
	r := found.Results[0]
	fmt.Println("better than every fixed solver:", r.Searched.Judge < r.Fixed[0].Judge)

	sampling := recipe.DefaultSample()
	sampling.N, sampling.NFE = 10, 6
	report, err := recipe.Sample(ctx, model, sampling, recipe.RunOptions{}, func(ito.States) error { return nil })
	fmt.Println(report.NFE, "calls a sample by", report.Schedule, err)
	// Output:
	// better than every fixed solver: true
	// 6 calls a sample by usf <nil>
}

// Make a trained model one of bytes, and see how far its predictions are off.
func ExampleQuantise() {
	ctx := context.Background()
	t, err := data.Builtin("moons", 300, 1)
	if err != nil {
		log.Fatal(err)
	}
	train := recipe.DefaultTrain()
	train.Path, train.Steps, train.Width = "vp", 100, 32
	model, _, err := recipe.Fit(ctx, t, train, recipe.RunOptions{})
	if err != nil {
		log.Fatal(err)
	}
	small, report, err := recipe.Quantise(ctx, model, recipe.DefaultQuantise(), recipe.RunOptions{})
	if err != nil {
		log.Fatal(err)
	}
	samples, err := recipe.Collect(ctx, small, recipe.DefaultSample(), recipe.RunOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(samples.N, "samples of a network that is off by less than 3 %:", report.Error < .03)
	// Output: 1000 samples of a network that is off by less than 3 %: true
}
