package recipe_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math"
	"reflect"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/recipe"
)

// Learn two columns under a third, and draw them for one of its values. A few steps show how; the default is 20000.
func ExampleFitted_Draw() {
	var rows [][]float64
	for i := range 600 {
		side := float64(i % 2)
		rows = append(rows, []float64{8*side - 4 + math.Sin(float64(i)), math.Cos(float64(3 * i)), side})
	}
	ctx := context.Background()
	fitted, err := recipe.VSDM{Steps: 12, Columns: []string{"x", "y", "side"}, Conditions: []string{"side"}}.Fit(
		ctx, rows)
	if err != nil {
		log.Fatal(err)
	}
	right, err := fitted.Draw(ctx, recipe.Draw{N: 200, Where: "side=1"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(right), "rows of", len(right[0]), "numbers")
	// Output: 200 rows of 2 numbers
}

// A second Sample draws other rows, the ones after the first's, whatever the workers; Draw draws rows again; and what
// Fit was told is what it does.
func TestFacade(t *testing.T) {
	var rows [][]float64
	for i := range 200 {
		rows = append(rows, []float64{math.Sin(float64(i)), math.Cos(float64(2 * i))})
	}
	events := 0
	v := recipe.VSDM{Steps: 4, Seed: 3, Workers: 2, Progress: func(learn.TrainEvent) { events++ }}
	f, err := v.Fit(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	if events == 0 {
		t.Error("no progress")
	}
	v.Workers, v.Progress = 1, nil
	same, err := v.Fit(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	draw := func(f *recipe.Fitted, d recipe.Draw) [][]float64 {
		t.Helper()
		x, err := f.Draw(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	all := draw(f, recipe.Draw{N: 12, Workers: 2})
	var got [][]float64
	for _, n := range []int{5, 4, 3} {
		x, err := f.Sample(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, x...)
	}
	if !reflect.DeepEqual(got, all) {
		t.Error("calls of Sample do not go on where the one before ended")
	}
	if reflect.DeepEqual(got[:3], got[9:]) {
		t.Error("a later Sample draws the rows of the first")
	}
	if !reflect.DeepEqual(draw(same, recipe.Draw{N: 3, First: 9, Workers: 1}), all[9:]) {
		t.Error("the workers of training or of sampling change rows")
	}
	if reflect.DeepEqual(draw(f, recipe.Draw{N: 12, Seed: 4}), all) {
		t.Error("another seed draws the same rows")
	}
	for _, err := range []error{
		func() error { _, err := f.Sample(t.Context(), 0); return err }(),
		func() error { _, err := f.Draw(t.Context(), recipe.Draw{}); return err }(),
		func() error { _, err := recipe.VSDM{Columns: []string{"x"}}.Fit(t.Context(), rows); return err }(),
		func() error { _, err := recipe.VSDM{Conditions: []string{"z"}}.Fit(t.Context(), rows); return err }(),
		func() error { _, err := f.Draw(t.Context(), recipe.Draw{N: 1, Where: "z=1"}); return err }(),
	} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%v", err)
		}
	}
}
