package recipe_test

import (
	"context"
	"fmt"
	"log"
	"math"

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
