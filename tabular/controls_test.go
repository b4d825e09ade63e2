package tabular

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/metric"
)

func TestMarginals(t *testing.T) {
	y := law(500, 5, 1)
	x := Marginals(y, 500, 2)
	for j, c := range x.Columns {
		a, b := present(c.X), present(y.Columns[j].X)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("column %d has other cells", j)
		}
	}
	near(t, "correlation", pearson(x.Columns[0].X, x.Columns[4].X), 0, .15)
	if x := Marginals(y, 1200, 2); x.Rows != 1200 || x.Check("") != nil {
		t.Errorf("more rows than the data: %v", x.Check(""))
	}
}

// A normal law is its own copula: the correlations come back, and every column its distribution; gaps too.
func TestCopula(t *testing.T) {
	y := gauss(5000, 3, 1, .7, 1)
	for i := 0; i < y.Rows; i += 5 {
		y.Columns[2].X[i] = math.NaN()
	}
	for i, v := range y.Columns[1].X {
		y.Columns[1].X[i] = math.Exp(v) // any growing function has the same copula
	}
	x := Copula(y, 5000, 1)
	for j := range x.Columns {
		if d := metric.KS(present(x.Columns[j].X), present(y.Columns[j].X)); d > .035 {
			t.Errorf("column %d: KS %g", j, d)
		}
	}
	log := func(c Column) (out []float64) {
		for _, v := range c.X {
			out = append(out, math.Log(v))
		}
		return out
	}
	near(t, "correlation", pearson(x.Columns[0].X, log(x.Columns[1])), .7, .03)
	near(t, "gaps", 1-float64(len(present(x.Columns[2].X)))/5000, .2, .02)
}

// A sample lies between a row and one of its five nearest, on the lattice.
func TestSMOTE(t *testing.T) {
	y := gauss(200, 2, 0, .5, 1)
	x := SMOTE(y, 600, 1)
	p := NewSpace(y).Points(y)
	for i := range x.Rows {
		row, found := i%200, false
		for _, k := range neighbours(p, row, 5) {
			a, b := y.Columns[0].X[row], y.Columns[0].X[k]
			c, d := y.Columns[1].X[row], y.Columns[1].X[k]
			u := (x.Columns[0].X[i] - a) / (b - a)
			found = found || u >= 0 && u <= 1 && math.Abs(c+u*(d-c)-x.Columns[1].X[i]) < 1e-9
		}
		if !found {
			t.Fatalf("sample %d is on no segment", i)
		}
	}
	real := titanic(t)
	z := SMOTE(real, 500, 1)
	if err := z.Check(""); err != nil {
		t.Fatal(err)
	}
	if r := Shape(z.Columns[4], real.Columns[4]); r.Between != 0 || r.Below+r.Above != 0 {
		t.Errorf("SibSp: %+v", r)
	}
}

// The same seed gives the same rows, another one others.
func TestControlsAreAddressed(t *testing.T) {
	y := law(300, 5, 1)
	for name, make := range map[string]func(Table, int, uint64) Table{"marginals": Marginals, "copula": Copula,
		"SMOTE": SMOTE} {
		a, b, c := make(y, 100, 1), make(y, 100, 1), make(y, 100, 2)
		for _, v := range []Table{a, b, c} {
			for j := range v.Columns {
				for i, u := range v.Columns[j].X {
					if u != u {
						v.Columns[j].X[i] = -99
					}
				}
			}
		}
		if !reflect.DeepEqual(a, b) || reflect.DeepEqual(a, c) {
			t.Errorf("%s is not addressed by its seed", name)
		}
	}
}
