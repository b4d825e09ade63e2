package metric

import (
	"math"
	"runtime"
	"testing"

	"github.com/seed9a7962a8/ito"
)

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s = %.12g, want %.12g ± %g", what, got, want, tol)
	}
}

func TestW2OfShiftedSets(t *testing.T) {
	for _, d := range []int{1, 2, 5} {
		x := normals(300, d, 1)
		y := x.Clone()
		for i := range y.N { // shifted by (3, 3, …) and in another order
			copy(y.Row(i), x.Row(y.N-1-i))
			for k := range d {
				y.Row(i)[k] += 3
			}
		}
		got, err := W2(t.Context(), x, y)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "W2 of a shift", got, 3*math.Sqrt(float64(d)), 1e-12)
		if got := must(W2(t.Context(), x, x)); got != 0 {
			t.Errorf("d=%d: W2 of a set to itself is %v", d, got)
		}
	}
}

func TestW2OnTheLineEqualsAssignment(t *testing.T) {
	x, y := normals(200, 1, 1), normals(200, 1, 2)
	line, err := W2(t.Context(), x, y)
	if err != nil {
		t.Fatal(err)
	}
	flat := func(s ito.States) ito.States {
		f := ito.NewStates(s.N, 2, 0)
		for i := range s.N {
			f.X[2*i] = s.X[i]
		}
		return f
	}
	plane, err := W2(t.Context(), flat(x), flat(y))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "W2 in the plane", plane, line, 1e-13)
}

func TestW2LineOfUnequalSizes(t *testing.T) {
	// Each number of the small set repeated: the same distribution.
	a, b := []float64{3, 1, 2}, []float64{5, 0}
	var a6, b6 []float64
	for _, v := range a {
		a6 = append(a6, v, v)
	}
	for _, v := range b {
		b6 = append(b6, v, v, v)
	}
	got, err := W2Line(a, b)
	if err != nil {
		t.Fatal(err)
	}
	want := must(W2Line(a6, b6))
	near(t, "W2Line", got, want, 1e-15)
	if _, err := W2Line(nil, b); err == nil {
		t.Error("an empty set has no W2")
	}
}

func TestW2Refuses(t *testing.T) {
	x := normals(10, 2, 1)
	nan := x.Clone()
	nan.X[3] = math.NaN()
	huge := x.Clone()
	huge.X[3] = 1e200
	for name, y := range map[string]ito.States{
		"another size": normals(11, 2, 1), "another dimension": normals(10, 3, 1),
		"no rows": {}, "NaN": nan, "squares overflow": huge, "broken": {N: 10, D: 2},
	} {
		if _, err := W2(t.Context(), x, y); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Normal clouds of n points: W2 tends to the closed form, and the floor says how far it still is.
func TestDrawsAndHalves(t *testing.T) {
	x, y := normals(3000, 2, 1), normals(4000, 2, 2)
	for i := range y.N {
		y.Row(i)[0] = 2*y.Row(i)[0] + 3
	}
	s, err := W2Draws(t.Context(), x, y, 3, 500, 7)
	if err != nil {
		t.Fatal(err)
	}
	floor, err := W2Halves(t.Context(), x, 3, 500, 7)
	if err != nil {
		t.Fatal(err)
	}
	s = s.WithFloor(floor)
	if s.N != 500 || s.Draws != 3 || s.FloorN != 500 || s.SD <= 0 || s.FloorSD <= 0 {
		t.Errorf("score %+v", s)
	}
	near(t, "W2 of N(0,I) and N((3,0),diag(4,1))", s.Value, math.Sqrt(10), .2)
	if s.Floor < .05 || s.Floor > .4 {
		t.Errorf("floor %v of 500 standard normals in the plane", s.Floor)
	}

	again := must(W2Draws(t.Context(), x, y, 3, 500, 7))
	old := runtime.GOMAXPROCS(1)
	single := must(W2Draws(t.Context(), x, y, 3, 500, 7))
	runtime.GOMAXPROCS(old)
	if again.Value != s.Value || single.Value != s.Value || single.SD != s.SD {
		t.Errorf("one seed gave %v, %v and, on one processor, %v", s.Value, again.Value, single.Value)
	}
	if other := must(W2Draws(t.Context(), x, y, 3, 500, 8)); other.Value == s.Value {
		t.Error("another seed drew the same subsets")
	}
	all, err := W2Draws(t.Context(), x, x, 5, 0, 7)
	if err != nil || all.Value != 0 || all.N != 3000 || all.Draws != 1 {
		t.Errorf("all rows: %+v, %v", all, err)
	}
	small, err := W2Draws(t.Context(), x.Slice(0, 50), y, 5, 500, 7)
	if err != nil || small.N != 50 || small.Draws != 5 {
		t.Errorf("a small set lowers n for both and says so: %+v, %v", small, err)
	}
	if half, err := W2Halves(t.Context(), x.Slice(0, 51), 2, 500, 7); err != nil || half.N != 25 {
		t.Errorf("halves of 51 rows: %+v, %v", half, err)
	}
	if _, err := W2Draws(t.Context(), x, y, 0, 500, 7); err == nil {
		t.Error("no draws: no error")
	}
	if _, err := W2Halves(t.Context(), x.Slice(0, 1), 2, 500, 7); err == nil {
		t.Error("half of one row: no error")
	}
}

func TestSubset(t *testing.T) {
	seen := make([]int, 10)
	for draw := range uint32(2000) {
		rows := subset(1, draw, subX, 10, 4)
		if len(rows) != 4 {
			t.Fatalf("%d rows", len(rows))
		}
		for a, r := range rows {
			for _, q := range rows[:a] {
				if q == r {
					t.Fatalf("row %d twice", r)
				}
			}
		}
		seen[rows[0]]++ // the order is random too
	}
	var chi2 float64
	for _, c := range seen {
		chi2 += float64((c-200)*(c-200)) / 200
	}
	if chi2 > 27.9 { // exceeded once in a thousand seeds with 9 degrees of freedom
		t.Errorf("first rows %v: χ² = %v", seen, chi2)
	}
}

func TestSlicedW2(t *testing.T) {
	const d = 4
	x := normals(500, d, 1)
	y := x.Clone()
	for i := range y.N {
		y.Row(i)[0] += 2
	}
	got, err := SlicedW2(t.Context(), x, y, 2000, 3)
	if err != nil {
		t.Fatal(err)
	}
	// E(θ_1²) = 1/d; the sd of the mean over 2000 directions is about 1 %.
	near(t, "sliced W2 of a shift by 2", got, 2/math.Sqrt(d), .05)
	if got := must(SlicedW2(t.Context(), x, x, 16, 3)); got != 0 {
		t.Errorf("a set to itself: %v", got)
	}
	line := must(SlicedW2(t.Context(), normals(50, 1, 1), normals(70, 1, 2), 1, 3))
	want := must(W2Line(normals(50, 1, 1).X, normals(70, 1, 2).X))
	near(t, "in one dimension", line, want, 1e-14)
	if _, err := SlicedW2(t.Context(), x, y, 0, 3); err == nil {
		t.Error("no directions: no error")
	}
}

func TestMMD2(t *testing.T) {
	// Unbiased: over 40 pairs of sets of one distribution the mean is 0 within 4 of its sd.
	const pairs = 40
	var mean, square float64
	for k := range uint64(pairs) {
		v, err := MMD2(t.Context(), normals(60, 2, 2*k), normals(80, 2, 2*k+1), 1)
		if err != nil {
			t.Fatal(err)
		}
		mean += v / pairs
		square += v * v / pairs
	}
	sd := math.Sqrt((square - mean*mean) / pairs)
	near(t, "mean MMD² of equal distributions", mean, 0, 4*sd)

	// E k for normals of unit variance apart by δ on the line: with h, k̄(δ) = h/√(h²+2) exp(−δ²/2(h²+2)).
	const n, δ = 1500, 1.5
	x, y := normals(n, 1, 1), normals(n, 1, 2)
	for i := range y.X {
		y.X[i] += δ
	}
	got, err := MMD2(t.Context(), x, y, 1)
	if err != nil {
		t.Fatal(err)
	}
	var want float64
	for _, h := range []float64{.25, .5, 1, 2, 4} {
		want += 2 * h / math.Sqrt(h*h+2) * (1 - math.Exp(-δ*δ/2/(h*h+2))) / 5
	}
	near(t, "MMD² of a shift", got, want, .02)
	if auto, err := MMD2(t.Context(), x, y, 0); err != nil || auto <= 0 {
		t.Errorf("with the median bandwidth: %v, %v", auto, err)
	}
	if _, err := MMD2(t.Context(), ito.NewStates(5, 2, 0), ito.NewStates(5, 2, 0), 0); err == nil {
		t.Error("all rows equal: no error")
	}
	if _, err := MMD2(t.Context(), x.Slice(0, 1), y, 1); err == nil {
		t.Error("one row: no error")
	}
}

func TestMedianBandwidth(t *testing.T) {
	x := ito.States{N: 2, D: 1, X: []float64{0, 1}, ID: make([]uint64, 2)}
	y := ito.States{N: 1, D: 1, X: []float64{10}, ID: make([]uint64, 1)}
	near(t, "the median of 1, 9, 10", MedianBandwidth(x, y), 9, 0)
}
