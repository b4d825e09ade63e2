package frame

import (
	"math"
	"testing"
)

// Levels and constants that are written as numbers are those numbers, and a gap is NaN.
func TestCellsAsNumbers(t *testing.T) {
	for _, c := range []struct {
		column Column
		v      float64
		want   float64 // infinite: the column has no numbers
	}{
		{Column{Kind: Integer}, 7, 7},
		{Column{Kind: Boolean, Levels: []string{"5", "9"}}, 1, 9},
		{Column{Kind: Category, Levels: []string{"-1", "2.5"}}, 0, -1},
		{Column{Kind: Category, Levels: []string{"-1", "2.5"}, Gap: "NA"}, math.NaN(), math.NaN()},
		{Column{Kind: Category, Levels: []string{"1", "one"}}, 0, math.Inf(1)},
		{Column{Kind: Constant, Value: "3"}, 0, 3},
		{Column{Kind: Constant, Value: "three"}, 0, math.Inf(1)},
		{Column{Kind: Text}, 0, math.Inf(1)},
		{Column{Kind: Time}, 0, math.Inf(1)},
	} {
		if none := math.IsInf(c.want, 0); c.column.Numbers() == none {
			t.Errorf("%+v has numbers: %v", c.column, !none)
		} else if got := c.column.Number(c.v); !none && got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%+v: cell %v is %v, want %v", c.column, c.v, got, c.want)
		}
	}
}
