package tabular

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/rng"
)

// gauss is n rows of d normal columns, shifted, and correlated by ρ with the first.
func gauss(n, d int, shift, ρ float64, seed uint64) Table {
	t := Table{Rows: n}
	z := make([]float64, d)
	for range d {
		t.Columns = append(t.Columns, Column{X: make([]float64, n)})
	}
	key := rng.NewKey(seed, rng.PurposeUser, 1, 0)
	for i := range n {
		key.Normals64(z, d, []uint64{uint64(i)})
		for j := range d {
			v := z[j]
			if j > 0 {
				v = ρ*z[0] + math.Sqrt(1-ρ*ρ)*z[j]
			}
			t.Columns[j].X[i] = v + shift
		}
	}
	return t
}

// Two normal laws a shift δ apart are told with an AUC of Φ(δ√d/√2) at best; a linear classifier reaches it. It sees
// nothing of a lost correlation, which trees see.
func TestC2ST(t *testing.T) {
	const n, δ = 1500, .5
	best := 1 - normalP(δ*math.Sqrt2/math.Sqrt2)
	x, y := gauss(n, 2, δ, 0, 1), gauss(n, 2, 0, 0, 2)
	for _, c := range []struct {
		name  string
		learn Classifier
		short float64 // of the best
	}{{"logistic", Logistic, .02}, {"trees", Trees, .05}} {
		got, err := C2ST(t.Context(), x, y, n, 1, c.learn, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got.AUC > best+.02 || got.AUC < best-c.short || got.P > 1e-6 || !(got.Low < got.AUC && got.AUC < got.High) {
			t.Errorf("%s: %+v, best %.3f", c.name, got, best)
		}
	}
	x, y = gauss(n, 2, 0, 0, 3), gauss(n, 2, 0, .8, 4)
	linear, err := C2ST(t.Context(), x, y, n, 1, Logistic, 1)
	if err != nil {
		t.Fatal(err)
	}
	trees, err := C2ST(t.Context(), x, y, n, 1, Trees, 1)
	if err != nil {
		t.Fatal(err)
	}
	if linear.P < .01 || trees.AUC < .6 || trees.P > 1e-6 {
		t.Errorf("a lost correlation: linear %+v, trees %+v", linear, trees)
	}
}

// One column of two levels has the logarithm of the odds ratio as its weights' difference; with a ridge the gradient
// is 0.
func TestLogistic(t *testing.T) {
	var c Column
	var y []float64
	c.Levels = 2
	for _, cell := range []struct {
		n     int
		x, y0 float64
	}{{30, 0, 0}, {10, 0, 1}, {15, 1, 0}, {45, 1, 1}} {
		for range cell.n {
			c.X, y = append(c.X, cell.x), append(y, cell.y0)
		}
	}
	table := Table{Rows: 100, Columns: []Column{c}}
	x := newScaler(table).rows(table)
	w, err := fitLogistic(t.Context(), x, y, 1e-9)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "log odds ratio", math.Abs(w[0]-w[1]), math.Log(30*45/10./15), 1e-4)

	big := law(500, 8, 3)
	label := make([]float64, 500)
	for i := range label {
		if big.Columns[0].X[i] > 0 {
			label[i] = 1
		}
	}
	s := newScaler(big).rows(big)
	if w, err = fitLogistic(t.Context(), s, label, 1); err != nil {
		t.Fatal(err)
	}
	g := make([]float64, s.d)
	for i := range label {
		s.add(g, i, 1/(1+math.Exp(-s.dot(i, w)))-label[i])
	}
	for k, v := range w[:s.d-1] {
		g[k] += v
	}
	near(t, "gradient", norm(g), 0, 1e-3)
}
