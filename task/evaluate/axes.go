package evaluate

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/metric"
)

// Axis compares the moments of one column. A floor is the mean absolute difference between two halves of the data.
type Axis struct {
	Column    string  `json:"column"`
	Mean      float64 `json:"mean"`
	DataMean  float64 `json:"data_mean"`
	MeanFloor float64 `json:"mean_floor"`
	SD        float64 `json:"sd"`
	DataSD    float64 `json:"data_sd"`
	SDFloor   float64 `json:"sd_floor"`
	KS        float64 `json:"ks"`       // 0 where the data is constant
	KSLimit   float64 `json:"ks_limit"` // what equal laws exceed in no column but for alarmLevel/3
}

// alarmLevel is how often samples of the data's own law are told from it by one of the three tests of the shape: the
// statistic of Kolmogorov and Smirnov of every column, the energy distance and the nearest neighbours of ranks have a
// third of it each.
const alarmLevel = .01

// rankRows and rankMixings are the rows of a set and the mixed sets that the tests of ranks take.
const rankRows, rankMixings = 1000, 599

// axisDraws is how many pairs of halves the floors of means and standard deviations are taken over.
const axisDraws = 20

// axes compares means and standard deviations.
func axes(ctx context.Context, x, y ito.States, columns []string, seed uint64) ([]Axis, error) {
	out := make([]Axis, y.D)
	for j := range out {
		a, b := column(x, j), column(y, j)
		out[j].Column = columns[j]
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for _, m := range []struct {
			f                  func(ito.States) ([]float64, error)
			value, data, floor *float64
		}{
			{metric.Mean, &out[j].Mean, &out[j].DataMean, &out[j].MeanFloor},
			{metric.SD, &out[j].SD, &out[j].DataSD, &out[j].SDFloor},
		} {
			first := func(s ito.States) (float64, error) {
				v, err := m.f(s)
				if err != nil {
					return 0, err
				}
				return v[0], nil
			}
			var err error
			if *m.value, err = first(a); err != nil {
				return nil, err
			}
			if *m.data, err = first(b); err != nil {
				return nil, err
			}
			floor, err := metric.Floor(ctx, func(_ context.Context, p, q ito.States) (float64, error) {
				u, err := first(p)
				if err != nil {
					return 0, err
				}
				v, err := first(q)
				return math.Abs(u - v), err
			}, b, axisDraws, x.N, seed)
			if err != nil {
				return nil, err
			}
			*m.floor = floor.Value
		}
	}
	return out, nil
}

// column is one column of x.
func column(x ito.States, j int) ito.States {
	c := x.Like(1)
	for i := range x.N {
		c.X[i] = x.X[i*x.D+j]
	}
	return c
}
