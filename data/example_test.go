package data_test

import (
	"fmt"
	"strings"

	"github.com/seed9a7962a8/ito/data"
)

// Read a table, take a column out as a condition, and scale the others.
func ExampleOpen() {
	t, err := data.Open("-", data.OpenOptions{Text: []string{"kind"},
		Stdin: strings.NewReader("x,y,kind\n1,10,a\n3,30,b\n5,50,a\n")})
	if err != nil {
		panic(err)
	}
	numbers, kinds, err := t.Take([]string{"kind"})
	if err != nil {
		panic(err)
	}
	scale, err := data.FitTransform("standardise", numbers)
	if err != nil {
		panic(err)
	}
	x, err := data.Apply(scale, numbers)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s %.2f\n", numbers.Columns, x.X)
	conditions, err := data.FitConditions(kinds)
	fmt.Println(conditions[0].Column, conditions[0].Levels, err)
	// Output:
	// [x y] [-1.22 -1.22 0.00 0.00 1.22 1.22]
	// kind [a b] <nil>
}
