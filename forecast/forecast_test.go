package forecast

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
)

func TestFreq(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		word  string
		start time.Time
		k     int
		want  string
	}{
		{"1h", time.Date(2026, 3, 29, 1, 0, 0, 0, berlin), 1, "2026-03-29T03:00:00+02:00"},
		{"D", time.Date(2026, 3, 28, 12, 0, 0, 0, berlin), 1, "2026-03-29T12:00:00+02:00"},
		{"15min", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), 5, "2026-01-01T01:15:00Z"},
		{"M", time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), 1, "2026-02-28T00:00:00Z"},
		{"M", time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), 2, "2026-03-31T00:00:00Z"},
		{"M", time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC), 1, "2026-03-28T00:00:00Z"},
		{"ME", time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC), 1, "2026-03-31T00:00:00Z"},
		{"QE", time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC), -1, "2025-12-31T00:00:00Z"},
		{"B", time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), 1, "2026-01-05T00:00:00Z"},
		{"B", time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), -6, "2025-12-26T00:00:00Z"},
		{"W-SUN", time.Date(2026, 1, 4, 0, 0, 0, 0, time.UTC), 2, "2026-01-18T00:00:00Z"},
		{"Y", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), 1, "2025-02-28T00:00:00Z"},
	} {
		f, err := ParseFreq(c.word)
		if err != nil {
			t.Fatal(err)
		}
		at := f.At(c.start, c.k)
		if got := at.Format(time.RFC3339); got != c.want {
			t.Errorf("%s: step %d of %s is %s, want %s", c.word, c.k, c.start, got, c.want)
		}
		if k, exact := f.Index(c.start, at); k != c.k || !exact {
			t.Errorf("%s: the index of step %d is %d, %v", c.word, c.k, k, exact)
		}
		if k, exact := f.Index(c.start, at.Add(time.Minute)); k != c.k || exact {
			t.Errorf("%s: a minute after step %d is %d, %v", c.word, c.k, k, exact)
		}
	}
	for _, word := range []string{"", "0h", "h1", "3 h", "fortnight", "99999999999h"} {
		if f, err := ParseFreq(word); err == nil {
			t.Errorf("%q is %s", word, f)
		}
	}
	for word, want := range map[string][2]int{"1h": {24, 24}, "30min": {48, 48}, "D": {7, 1}, "B": {5, 5},
		"M": {12, 12}, "5h": {1, 1}, "5min": {288, 288}, "W": {52, 1}, "3M": {4, 4}, "s": {3600, 3600}} {
		f, _ := ParseFreq(word)
		if got := [2]int{f.Season(), f.MetricSeason()}; got != want {
			t.Errorf("%s: seasons %v, want %v", word, got, want)
		}
	}
}

// TestAWindowHoldsNothingLater looks beyond the origin of a window.
func TestAWindowHoldsNothingLater(t *testing.T) {
	s := &Series{ID: "a", Freq: Freq{1, Hour}, Values: []float64{1, 2, 3, 4, 5}, Past: []Covariate{{"p",
		[]float64{1, 2, 3, 4, 5}}}, Known: []Covariate{{"k", []float64{1, 2, 3, 4, 5, 6, 7}}}}
	w := NewWindow(s, 3, 2)
	if w.Origin() != 3 || cap(w.Values) != 3 || cap(w.Past[0].X) != 3 || len(w.Known[0].X) != 5 ||
		cap(w.Known[0].X) != 5 {
		t.Errorf("origin %d, values %v, past %v, known %v", w.Origin(), w.Values, w.Past, w.Known)
	}
	got := make([]float64, 4)
	w.Context(got)
	if !math.IsNaN(got[0]) || !slices.Equal(got[1:], []float64{1, 2, 3}) {
		t.Errorf("the context is %v", got)
	}
	if w.Address == NewWindow(s, 4, 2).Address || w.Address != NewWindow(s, 3, 1).Address {
		t.Error("the address is not that of series and origin")
	}
	a, b := Window{Address: 1}, Window{Address: 2}
	if PanelAddress([]Window{a, b}) != PanelAddress([]Window{b, a}) || PanelAddress([]Window{a, b}) ==
		PanelAddress([]Window{a}) {
		t.Error("the address of a panel is not that of its windows in any order")
	}
}

func TestWindowsAreCountedByAddress(t *testing.T) {
	d := &Set{Freq: Freq{1, Hour}}
	for _, n := range []int{10, 3, 6, 4} { // of 4+3 steps: 4 windows, none, one and one whose context begins early
		d.Series = append(d.Series, &Series{ID: string(rune('a' + n)), Freq: d.Freq, Values: make([]float64, n)})
	}
	w, err := NewWindows(d, 4, 3)
	if err != nil {
		t.Fatal(err)
	}
	type place struct{ series, origin int }
	var got []place
	for i := range w.Len() {
		p := w.At(i)
		got = append(got, place{p.Len(), p.Origin})
	}
	want := []place{{10, 4}, {10, 5}, {10, 6}, {10, 7}, {6, 3}, {4, 1}}
	if !slices.Equal(got, want) {
		t.Errorf("windows %v, want %v", got, want)
	}
	count := map[place]int{}
	for id := range uint64(6000) {
		p := w.Draw(1, 7, id)
		count[place{p.Len(), p.Origin}]++
	}
	// a third of the rows a series, within 6 sd of 37 (false alarm 1e-8)
	for p, k := range count {
		want := 2000
		if p.series == 10 {
			want = 500
		}
		if !slices.Contains(got, p) || k < want-220 || k > want+220 {
			t.Errorf("window %v is drawn %d times, want about %d", p, k, want)
		}
	}
	if _, err := NewWindows(d, 4, 10); err == nil {
		t.Error("windows longer than every series")
	}
	src := &Source{Windows: w, States: ito.FlatSpace(1), Width: 1, Encode: func(p Place, x, cond []float64) error {
		x[0], cond[0] = float64(p.Len()), float64(p.Origin)
		return nil
	}}
	all, cond := ito.NewStates(3, 1, 0), make([]float64, 3)
	if err := src.Read(all, cond, 3); err != nil || !slices.Equal(all.X, []float64{10, 6, 4}) || !slices.Equal(cond,
		[]float64{7, 3, 1}) {
		t.Errorf("rows 3…5 are %v %v, %v", all.X, cond, err)
	}
}

func TestScale(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		kind string
		x    []float64
		want Scale
	}{{ScaleMean, []float64{-1, nan, 3}, Scale{0, 2}}, {ScaleStandard, []float64{1, 3, nan}, Scale{2, 1}},
		{ScaleMean, []float64{0, 0}, Scale{0, 1}}, {ScaleStandard, []float64{5, 5}, Scale{5, 1}},
		{ScaleMean, []float64{nan}, Scale{0, 1}}, {ScaleNone, []float64{7}, Scale{0, 1}}} {
		got, err := NewScale(c.kind, c.x)
		if err != nil || got != c.want || got.Undo(got.Apply(7)) != 7 {
			t.Errorf("%s of %v is %v, %v, want %v", c.kind, c.x, got, err, c.want)
		}
	}
	if _, err := NewScale("other", nil); err == nil {
		t.Error("another scaler")
	}
}

func TestQuantilesOfPaths(t *testing.T) {
	f := Forecast{ID: "a", Paths: []float64{3, 30, 1, 10, 2, 20, 4, 40}}
	f.Fill(2, []float64{.1, .5, .9})
	// round(3·.1)=0, round(1.5)=2 (to the even), round(2.7)=3
	if !slices.Equal(f.Q, []float64{1, 10, 3, 30, 4, 40}) || !slices.Equal(f.Mean, []float64{2.5, 25}) ||
		f.Check() != nil {
		t.Errorf("quantiles %v, mean %v, %v", f.Q, f.Mean, f.Check())
	}
	f.Q[0] = 5
	if f.Check() == nil {
		t.Error("crossing quantiles pass")
	}
	f.Sort()
	if err := f.Check(); err != nil || f.Q[0] != 3 || f.Q[2] != 4 {
		t.Errorf("sorted: %v, %v", f.Q, err)
	}
	f.Paths[0] = math.NaN()
	if f.Check() == nil {
		t.Error("NaN passes")
	}
	if (&Forecast{}).Check() == nil {
		t.Error("an empty forecast passes")
	}
}
