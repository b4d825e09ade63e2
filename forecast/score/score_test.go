package score

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/forecast"
)

var nan = math.NaN()

// TestEqualToGluonts compares with gluonts' Evaluator on five series, of which one has steps that were not observed:
// testdata/make_evaluator.py made the numbers.
func TestEqualToGluonts(t *testing.T) {
	text, err := os.ReadFile("testdata/evaluator.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Items []struct {
			Past  []float64
			Truth []*float64
			Paths [][]float64
		}
		Want map[string]map[string]float64
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	var s Scores
	for _, it := range golden.Items {
		f := &forecast.Forecast{ID: "a", Freq: forecast.Freq{N: 1, Unit: forecast.Hour},
			Paths: slices.Concat(it.Paths...)}
		f.Fill(len(it.Truth), Levels())
		truth := make([]float64, len(it.Truth))
		for i, v := range it.Truth {
			if truth[i] = nan; v != nil {
				truth[i] = *v
			}
		}
		if err := s.Add(Item{Forecast: f, Truth: truth, Past: it.Past}); err != nil {
			t.Fatal(err)
		}
	}
	got := s.Values()
	nine := golden.Want["nine"]
	// gluonts 0.17 takes the coverage of the last level for all of them here: by its own definition of it
	cover := 0.
	for _, q := range Nine {
		cover += math.Abs(nine[fmt.Sprintf("Coverage[%.1f]", q)]-q) / 9
	}
	for name, want := range map[string]float64{
		"wql_gluonts9": nine["mean_wQuantileLoss"], "wql_19": golden.Want["nineteen"]["mean_wQuantileLoss"],
		"mase_m24": nine["MASE"], "msis_m24": nine["MSIS"], "mae_coverage9": cover, "nd": nine["ND"],
		"nrmse": nine["NRMSE"], "smape_m4": 100 * nine["sMAPE"],
	} {
		if g := Get(got, name); !(math.Abs(g-want) <= 1e-6*max(1, math.Abs(want))) {
			t.Errorf("%s is %.9g, gluonts' %.9g", name, g, want)
		}
	}
}

// TestScoresByHand has one series of two steps, of which one was observed.
func TestScoresByHand(t *testing.T) {
	f := &forecast.Forecast{ID: "a", Mean: []float64{4, 9}, Levels: Levels(),
		Freq: forecast.Freq{N: 1, Unit: forecast.Day}}
	for range f.Levels {
		f.Q = append(f.Q, 3, 9)
	}
	var s Scores
	if err := s.Add(Item{Forecast: f, Truth: []float64{5, nan}, Past: []float64{1, nan, 2, 4}}); err != nil {
		t.Fatal(err)
	}
	// wql: 2·2·q/5 over q, whose mean is .5; seasonal error: the one pair (2,4)
	for name, want := range map[string]float64{"wql_gluonts9": .4, "wql_19": .4, "mase_m1": 1, "msis_m1": 40 * 2. / 2,
		"coverage90": 0, "nd": .4, "nrmse": .2, "smape_m4": 50} {
		if g := Get(s.Values(), name); !(math.Abs(g-want) < 1e-12) {
			t.Errorf("%s is %g, want %g", name, g, want)
		}
	}
	if err := s.Add(Item{Forecast: f, Truth: []float64{nan, nan}}); err != nil || s.items != 1 {
		t.Errorf("an item without truth counts: %d, %v", s.items, err)
	}
	if err := s.Add(Item{Forecast: f, Truth: []float64{5}, Past: []float64{2, 2, 2}}); err != nil {
		t.Fatal(err)
	}
	for _, v := range s.Values() {
		if want := map[bool]int{true: 1, false: 2}[v.Name == "mase_m1" || v.Name == "msis_m1"]; v.Items != want {
			t.Errorf("%s is of %d items, want %d: a constant past has no scale", v.Name, v.Items, want)
		}
	}
	f.Levels = f.Levels[:2]
	f.Q = f.Q[:4]
	if err := s.Add(Item{Forecast: f, Truth: []float64{5}}); err == nil {
		t.Error("a forecast without the median is scored")
	}
	if v := (&Scores{}).Values(); v != nil {
		t.Errorf("scores of nothing: %v", v)
	}
}

// TestCRPSSum has two series whose errors cancel in the sum.
func TestCRPSSum(t *testing.T) {
	a := forecast.Forecast{ID: "a", Mean: []float64{0, 0}, Paths: []float64{1, 7, -1, 7}}
	b := forecast.Forecast{ID: "b", Mean: []float64{0, 0}, Paths: []float64{-1, 7, 1, 7}}
	var s Sum
	if err := s.Add([]forecast.Forecast{a, b}, [][]float64{{3, nan}, {1, 8}}); err != nil {
		t.Fatal(err)
	}
	// the sum is 0 on both paths, 4 came: 2·4·q/4, mean 1
	if v := s.Value(); math.Abs(v.Value-1) > 1e-12 || v.Items != 1 {
		t.Errorf("got %v, want 1", v)
	}
	b.Paths = b.Paths[:2]
	if err := s.Add([]forecast.Forecast{a, b}, [][]float64{{3, nan}, {1, 8}}); err == nil {
		t.Error("other numbers of paths are added")
	}
}

func TestGeometricMean(t *testing.T) {
	if g, n := GeometricMean([]float64{2, 8, math.Inf(1), nan, 0}); math.Abs(g-4) > 1e-12 || n != 2 {
		t.Errorf("got %g of %d", g, n)
	}
	if owa := OWA(9, 1, 18, 2); owa != .5 {
		t.Errorf("OWA %g", owa)
	}
}
