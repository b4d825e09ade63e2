package tabular

import (
	"math"
	"testing"
)

func TestShape(t *testing.T) {
	nan := math.NaN()
	x := Column{Name: "a", X: []float64{1, 2, 3, nan, -5, 2.5}}
	y := Column{Name: "a", X: []float64{1, 2, 3, 4, 2, 1}, Step: 1, Origin: 0}
	r := Shape(x, y)
	// F_x(−5) = 1/5 and F_x(4⁻) = 1, F_y(4⁻) = 5/6; at 1: 2/5 and 1/3, at 2: 3/5 and 4/6
	near(t, "KS", r.Score, 1-.2, 1e-12)
	near(t, "gaps", r.MissingScore, 1-1./6, 1e-12)
	if r.Below != 1 || r.Above != 0 || r.Between != 1 || r.RealLow != 1 || r.Low != -5 {
		t.Errorf("%+v", r)
	}
	near(t, "below", r.BelowP, 5./11, 1e-12)
	c := Shape(Column{X: []float64{0, 0, 1, 2}, Levels: 4}, Column{X: []float64{0, 1, 1, nan, 3}, Levels: 4})
	near(t, "TV", c.Score, 1-.5, 1e-12) // ½(|½−¼| + |¼−½| + |¼−0| + |0−¼|)
	if c.New != 1 || c.Measure != "TV" {
		t.Errorf("%+v", c)
	}
	gone := Shape(Column{X: []float64{nan, nan}}, Column{X: []float64{1, 2}})
	if gone.Score != 0 || gone.MissingScore != 0 {
		t.Errorf("%+v", gone)
	}
	if never := Shape(Column{X: []float64{nan, nan}}, Column{X: []float64{nan}}); never.Score != 1 {
		t.Errorf("%+v", never)
	}
}
