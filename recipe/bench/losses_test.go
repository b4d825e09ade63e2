package bench

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/target/zoo"
)

// A number over repeats is their mean and standard deviation; nothing and what is not finite are no number.
func TestLossNumber(t *testing.T) {
	if n := lossNumber([]float64{1, 2, 4.5}); math.Abs(n.Mean-2.5) > 1e-15 || math.Abs(n.SD-math.Sqrt(3.25)) > 1e-15 {
		t.Errorf("%+v", n)
	}
	if n := lossNumber([]float64{3}); n.Mean != 3 || n.SD != 0 {
		t.Errorf("%+v", n)
	}
	if lossNumber(nil) != nil || lossNumber([]float64{1, math.Inf(1)}) != nil {
		t.Error("a number of nothing")
	}
}

// A mode counts as found with a fifth of its share: exact draws find both modes of weights .1 and .9 with little
// total variation, and ends at one mode alone find one.
func TestModeShares(t *testing.T) {
	truth, err := zoo.Known("two")
	if err != nil {
		t.Fatal(err)
	}
	x := ito.NewStates(2000, 1, 0)
	truth.Sample(x, 1)
	if found, tv := modeShares(x, truth); found != 2 || tv > .03 {
		t.Errorf("exact draws: %v modes, TV %v", found, tv)
	}
	for i := range x.X {
		x.X[i] = math.Abs(x.X[i])
	}
	if found, tv := modeShares(x, truth); found != 1 || math.Abs(tv-.1) > 1e-12 {
		t.Errorf("one mode: %v modes, TV %v", found, tv)
	}
}

// Each loss has one best rate, the one of the largest ESS; a context that ends leaves the complete lines; wrong
// settings are refused before anything is trained.
func TestLossBench(t *testing.T) {
	b := LossBench{Target: "two", Rates: []float64{1e-6, .02}, Iterations: 25, Batch: 32, Steps: 6, Width: 8,
		Repeats: 1, Paths: 100, Seed: 1}
	out, err := b.Run(t.Context())
	if err != nil || !out.Complete || len(out.Lines) != 4 {
		t.Fatalf("%+v, %v", out, err)
	}
	for i := 0; i < 4; i += 2 {
		a, c := out.Lines[i], out.Lines[i+1]
		if a.Best == c.Best || a.Best != (a.ESS.Mean >= c.ESS.Mean) {
			t.Errorf("%s: best %v with ESS %v, %v with %v", a.Loss, a.Best, a.ESS.Mean, c.Best, c.ESS.Mean)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	b.Progress = func(e LossEvent) {
		if e.Done == 2 {
			stop()
		}
	}
	if out, err = b.Run(ctx); !errors.Is(err, context.Canceled) || out.Complete || len(out.Lines) != 2 {
		t.Errorf("after ctrl-C: %d lines, %v", len(out.Lines), err)
	}
	for what, bad := range map[string]LossBench{"target": {Target: "none"}, "process": {Process: "ddpm"},
		"loss": {Losses: []string{"lv"}}, "rate": {Rates: []float64{-1}}, "batch": {Batch: 1}, "steps": {Steps: -1}} {
		if _, err := bad.Run(t.Context()); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
