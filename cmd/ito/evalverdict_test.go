package main

import (
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/metric"
)

func scored(value, sd, floor, floorSD, normal float64) distance {
	return distance{metric.Score{Value: value, SD: sd, Floor: floor, FloorSD: floorSD, N: 1500, FloorN: 1500, Draws: 5}, normal}
}

// The last line follows from the numbers, also where ito loses.
func TestVerdict(t *testing.T) {
	right := []axis{{Column: "x", Mean: 1, DataMean: 1, MeanFloor: .1, SD: 2, DataSD: 2.1, SDFloor: .1}}
	wrong := append(right, axis{Column: "y", Mean: 5, DataMean: 0, MeanFloor: .1, SD: 2, DataSD: 2, SDFloor: .1})
	stuck := []axis{{Column: "z", Mean: 1.5, DataMean: 1}}
	nearly := append(right, axis{Column: "z", Mean: 1e-3, DataMean: 0})
	cases := []struct {
		name string
		r    comparison
		want string
	}{
		{"as good as data", comparison{W2: scored(1.1, .1, 1, .1, 3), Axes: right},
			"The W2 of 1.1 is within the spread of its floor of 1: in draws of 1500 rows it does not tell the samples from the data."},
		{"a wrong mean that W2 does not see", comparison{W2: scored(1.1, .1, 1, .1, 3), Axes: wrong}, "tell the samples from the data. But the mean of y is off: 5 instead of 0."},
		{"different shape", comparison{W2: scored(2, .1, 1, .1, 3), Axes: right},
			"The samples differ from the data: W2 2 is 2 times its floor of 1; normal variates have 3. Means and standard deviations are right, so the difference is in the shape."},
		{"wrong mean", comparison{W2: scored(2, .1, 1, .1, 3), Axes: wrong}, "the mean of y, 5 instead of 0."},
		{"constant column not reproduced", comparison{W2: scored(2, .1, 1, .1, 3), Axes: stuck}, "the mean of z, 1.5 instead of 1."},
		{"constant column nearly reproduced", comparison{W2: scored(2, .1, 1, .1, 3), Axes: nearly}, "Means and standard deviations are right"},
		{"ito loses to normal variates", comparison{W2: scored(4, .1, 1, .1, 3), Axes: right},
			"The samples are no better than normal variates with the moments of the data: W2 4 against 3, floor 1."},
		{"little data", comparison{W2: func() distance { d := scored(1, .1, 1, .1, 3); d.FloorN = 40; return d }(), Axes: right}, "The floor had only 40 rows to a half"},
		{"few rows", comparison{W2: func() distance { d := scored(1, .1, 1, .1, 3); d.N, d.FloorN = 50, 50; return d }(), Axes: right}, "compare more"},
	}
	for _, c := range cases {
		if got := c.r.verdict(); !strings.Contains(got, c.want) {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}
