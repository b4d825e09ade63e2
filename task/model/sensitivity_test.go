package model

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/task"
)

// cjsOf is the distance of two distribution functions by a fine sum, the larger of both directions.
func cjsOf(p, q func(x float64) float64, lo, hi float64) float64 {
	one := func(p, q func(x float64) float64) float64 {
		const n = 20000
		sum, bound := 0., 0.
		for i := range n {
			x := lo + (hi-lo)*(float64(i)+.5)/n
			a, b := p(x), q(x)
			m := (a + b) / 2
			if a > 0 {
				sum += a * math.Log2(a/m)
			}
			if b > 0 {
				sum += b * math.Log2(b/m)
			}
			bound += a + b
		}
		return math.Sqrt(max(sum, 0) / bound)
	}
	up := func(f func(x float64) float64) func(x float64) float64 {
		return func(x float64) float64 { return 1 - f(lo+hi-x) }
	}
	return max(one(p, q), one(up(p), up(q)))
}

// Of a normal mean with a normal prior everything is known: prior N(m, s²) to the power α is N(m, s²/α), and the
// posterior of each power is normal. Sensitivity of exact draws is the distance of the two laws a doubling, and the
// derivative of the mean is ln 2 · dE/dα.
func TestSensitivityOfConjugateModel(t *testing.T) {
	const n, y, m, s2, draws, α = 4., 1.5, -1., .5, 40000, 1.01
	law := func(a, b float64) (mean, sd float64) { // of the prior to the power a and the likelihood to b
		v := 1 / (a/s2 + b*n)
		return v * (a*m/s2 + b*n*y), math.Sqrt(v)
	}
	cdf := func(a, b float64) func(x float64) float64 {
		mean, sd := law(a, b)
		return func(x float64) float64 { return .5 * math.Erfc((mean-x)/sd/math.Sqrt2) }
	}
	mean, sd := law(1, 1)
	x := make([]float64, draws)
	rng.NewKey(3, rng.PurposeUser, 0, 0).Normals64(x, draws, []uint64{0})
	lo, hi := math.Inf(1), math.Inf(-1)
	prior, likelihood := make([]float64, draws), make([]float64, draws)
	for i := range x {
		x[i] = mean + sd*x[i]
		lo, hi = min(lo, x[i]), max(hi, x[i])
		prior[i] = -(x[i] - m) * (x[i] - m) / 2 / s2
		likelihood[i] = -n * (x[i] - y) * (x[i] - y) / 2
	}
	for k, l := range [][]float64{prior, likelihood} {
		power := func(a float64) func(x float64) float64 {
			if k == 0 {
				return cdf(a, 1)
			}
			return cdf(1, a)
		}
		want := (cjsOf(power(1), power(α), lo, hi) + cjsOf(power(1), power(1/α), lo, hi)) / 2 / math.Log2(α)
		got, khat := scaled([][]float64{x}, l, α, 1)
		if math.Abs(got[0].distance/want-1) > .03 || khat > .5 {
			t.Errorf("term %d: distance %.4f, want %.4f, k̂ %v", k, got[0].distance, want, khat)
		}
		const h = 1e-5
		a, _ := law(1+h*float64(1-k), 1+h*float64(k))
		b, _ := law(1-h*float64(1-k), 1-h*float64(k))
		if slope := math.Ln2 * (a - b) / (2 * h) / sd; math.Abs(got[0].mean/slope-1) > .03 {
			t.Errorf("term %d: the mean moves by %.4f, want %.4f", k, got[0].mean, slope)
		}
	}
}

// The distance is 0 for equal weights, does not depend on units or on the order of the draws, and is 1 for the far end.
func TestCJS(t *testing.T) {
	x, w := []float64{3, 1, 2, 5}, []float64{.25, .25, .25, .25}
	if d := metric.CJS(x, w); d != 0 {
		t.Errorf("equal weights: %v", d)
	}
	w = []float64{.1, .2, .3, .4}
	d := metric.CJS(x, w)
	if e := metric.CJS([]float64{1, 2, 3, 5}, []float64{.2, .3, .1, .4}); math.Abs(d-e) > 1e-15 {
		t.Errorf("another order: %v, %v", d, e)
	}
	if e := metric.CJS([]float64{-30, -10, -20, -50}, w); math.Abs(d-e) > 1e-12 {
		t.Errorf("other units and sign: %v, %v", d, e)
	}
	if !(d > 0 && d < 1) {
		t.Errorf("distance %v", d)
	}
}

// Reports are compared by their kind; what cannot be compared is refused.
func TestCompare(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	a := write("a.json", `{"model": "a", "elpd_loo": -6, "se": 1, "pointwise": [-1, -2, -3]}`)
	b := write("b.json", `{"model": "b", "elpd_loo": -9, "se": 1, "pointwise": [-2, -2, -5]}`)
	r, err := Compare(t.Context(), CompareConfig{Reports: []string{b, a}}, task.Env{})
	// differences −1, 0, −2: standard error √3 · sd 1
	if err != nil || r.Models[0].Model != "a" || r.Models[1].Difference != -3 ||
		math.Abs(*r.Models[1].DifferenceSE-math.Sqrt(3)) > 1e-12 {
		t.Errorf("%+v, %v", r, err)
	}
	y := write("y.json", `{"target": "y", "log_z": -10, "log_z_sd": 0.2, "summary": {"chains": 4}}`)
	z := write("z.json", `{"target": "z", "log_z": -11, "log_z_sd": 0.4, "summary": {"chains": 4}}`)
	r, err = Compare(t.Context(), CompareConfig{Reports: []string{y, z}}, task.Env{})
	if err != nil || math.Abs(*r.Models[1].DifferenceSE-math.Sqrt(.05)) > 1e-12 ||
		math.Abs(*r.Models[0].Weight-1/(1+math.Exp(-1))) > 1e-12 {
		t.Errorf("%+v, %v", r, err)
	}
	short := write("s.json", `{"model": "s", "elpd_loo": -6, "se": 1, "pointwise": [-1, -2]}`)
	none, empty := filepath.Join(dir, "none.json"), write("e.json", "{}")
	for _, bad := range [][]string{{a}, {a, y}, {a, short}, {a, none}, {a, empty}} {
		if _, err := Compare(t.Context(), CompareConfig{Reports: bad}, task.Env{}); err == nil {
			t.Errorf("%v were compared", bad)
		}
	}
}
