package anomaly

import (
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/rng"
)

// The example of Rosner (1983) as NIST's handbook of statistics has it (1.3.5.17.3): of ten suspects three are outliers
// at 5 %, and the limits are printed there to three digits.
func TestESD(t *testing.T) {
	x := []float64{-.25, .68, .94, 1.15, 1.20, 1.26, 1.26, 1.34, 1.38, 1.43, 1.49, 1.49, 1.55, 1.56, 1.58, 1.65, 1.69,
		1.70, 1.76, 1.77, 1.81, 1.91, 1.94, 1.96, 1.99, 2.06, 2.09, 2.10, 2.14, 2.15, 2.23, 2.24, 2.26, 2.35, 2.37,
		2.40, 2.47, 2.54, 2.62, 2.64, 2.90, 2.92, 2.92, 2.93, 3.21, 3.26, 3.30, 3.59, 3.68, 4.30, 4.64, 5.34, 5.42,
		6.01}
	got := ESD(x, 10, .05, false)
	if !slices.Equal(got, []int{53, 52, 51}) {
		t.Errorf("outliers %v, want the last three", got)
	}
	for i, want := range []float64{3.158, 3.151, 3.143, 3.136, 3.128, 3.120, 3.111, 3.103, 3.094, 3.085} {
		if got := esdLimit(len(x), i+1, .05); math.Abs(got-want) > 1e-3 {
			t.Errorf("limit %d is %.4f, want %.3f", i+1, got, want)
		}
	}
	if got := ESD([]float64{1, 1, 1, 1, 1}, 3, .05, true); len(got) > 0 {
		t.Errorf("constants have outliers %v", got)
	}
	if got := ESD(nil, 3, .05, true); len(got) > 0 {
		t.Errorf("nothing has outliers %v", got)
	}
}

// The median distance that is found in ranges of sorted values is that of a sort.
func TestMedianMAD(t *testing.T) {
	key := rng.NewKey(5, rng.PurposeTarget, 0, 0)
	for n := 1; n < 60; n++ {
		v := make([]float64, n)
		key.Normals64(v, n, []uint64{uint64(n)})
		for i := range v {
			if n%3 == 0 {
				v[i] = math.Round(2 * v[i]) // ties
			}
		}
		slices.Sort(v)
		median, got := medianMAD(v)
		d := make([]float64, n)
		for i := range v {
			d[i] = math.Abs(v[i] - median)
		}
		slices.Sort(d)
		if want := 1.4826 * (d[(n-1)/2] + d[n/2]) / 2; math.Abs(got-want) > 1e-12 {
			t.Errorf("%d values: %g, want %g", n, got, want)
		}
	}
}

// A season with a trend of nothing, missing values, and two spikes below its amplitude: the seasonal test finds the
// spikes and no more, a z-score of the values finds neither.
func TestSeasonalESD(t *testing.T) {
	const n, m = 24 * 20, 24
	x := make([]float64, n)
	z := make([]float64, n)
	rng.NewKey(1, rng.PurposeTarget, 0, 0).Normals64(z, n, []uint64{0})
	for k := range x {
		x[k] = 50*math.Sin(2*math.Pi*float64(k)/m) + z[k]
	}
	x[100], x[101], x[250], x[400] = math.NaN(), math.NaN(), x[250]+20, x[400]-20
	for k, out := range SeasonalESD(x, m, .01, .05) {
		if out != (k == 250 || k == 400) {
			t.Errorf("step %d: outlier %v", k, out)
		}
	}
	b := ZScore(x, 200, 2.58, 2.33)
	for _, k := range []int{250, 400} {
		if x[k] < b.Low || x[k] > b.High {
			t.Errorf("the z-score finds step %d", k)
		}
	}
	if sd := (b.High - b.Low) / 2 / 2.58; math.Abs(sd-50/math.Sqrt2) > 2 {
		t.Errorf("standard deviation %g", sd)
	}
}

// Anomalies by hand: two steps outside begin one, two inside end it, gaps are neither.
func TestWatch(t *testing.T) {
	w := Watch{Enter: 2, Leave: 2}
	b := Band{-1, 1, -.5, .5}
	for k, y := range []float64{0, 2, 0, 2, math.NaN(), 3, .7, 0, 5, 0, 0, 9, 9} {
		w.Step(k, y, b)
	}
	w.End()
	if want := []Found{{3, 8, 5, 2}, {11, 12, 12, 4}}; !slices.Equal(w.Found, want) || w.Steps != 12 || w.Outside != 6 {
		t.Errorf("found %v of %d steps, %d outside; want %v", w.Found, w.Steps, w.Outside, want)
	}
}

func TestFaults(t *testing.T) {
	key := rng.NewKey(2, rng.PurposeTarget, 0, 0)
	for _, kind := range Kinds() {
		x := make([]float64, 100)
		for k := range x {
			x[k] = float64(k % 10)
		}
		clean := slices.Clone(x)
		f, err := Put(x, kind, 50, 12, 3, key, 7)
		if err != nil || f.First < 50 || f.Last-f.First != 11 || f.Last >= 100 {
			t.Fatalf("%s: %+v, %v", kind, f, err)
		}
		for k := range x {
			if in := k >= f.First && k <= f.Last; !in && x[k] != clean[k] {
				t.Errorf("%s changed step %d outside %d to %d", kind, k, f.First, f.Last)
			}
		}
		if slices.Equal(x, clean) {
			t.Errorf("%s changed nothing", kind)
		}
		y := slices.Clone(clean)
		if g, _ := Put(y, kind, 50, 12, 3, key, 7); g != f || !slices.Equal(x, y) {
			t.Errorf("%s is another one the second time", kind)
		}
		if _, err := Put(y[:60], kind, 50, 12, 3, key, 7); err == nil {
			t.Errorf("%s fits nowhere and is put in", kind)
		}
	}
	var c Tally
	c.Add([]Found{{First: 9, Last: 12, Raised: 10}, {First: 40, Raised: 41}, {First: 80, Raised: 81}},
		&Fault{First: 8, Last: 14}, 2, 30, 100)
	c.Add([]Found{{First: 5, Raised: 6}}, nil, 2, 30, 100)
	want := Tally{Faults: 1, Hits: 1, Alarms: 4, True: 2, Delay: 2, Steps: 200}
	if c != want || c.Recall() != 1 || c.Precision() != .5 {
		t.Errorf("%+v", c)
	}
	if s := Spread([]float64{0, 1, 2, 0, 2, 1}, 3, 6); math.Abs(s-1/math.Sqrt2) > 1e-12 { // changes 0, 1, −1
		t.Errorf("spread %g", s)
	}
}
