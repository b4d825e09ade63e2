package baseline

import (
	"errors"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
)

var nan = math.NaN()

// hourly is a series of hours from 2026-01-01.
func hourly(id string, x ...float64) *forecast.Series {
	return &forecast.Series{ID: id, Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		Freq: forecast.Freq{N: 1, Unit: forecast.Hour}, Values: x}
}

// predict is the forecast of a word for the end of a series.
func predict(t *testing.T, word string, s *forecast.Series, horizon int, r forecast.Request) (forecast.Forecast,
	error) {
	t.Helper()
	m, err := forecast.Parse(word)
	if err != nil {
		t.Fatal(err)
	}
	f, err := m.Fit(t.Context(), &forecast.Set{Freq: s.Freq, Series: []*forecast.Series{s}},
		forecast.FitOptions{Horizon: horizon})
	if err != nil {
		return forecast.Forecast{}, err
	}
	out, err := f.Predict(t.Context(), []forecast.Window{forecast.NewWindow(s, s.Len(), horizon)}, r)
	if err != nil {
		return forecast.Forecast{}, err
	}
	return out[0], out[0].Check()
}

func TestSeasonalNaive(t *testing.T) {
	f, err := predict(t, "seasonal-naive:season=3", hourly("a", 1, 2, 3, 4, nan, 6), 5,
		forecast.Request{Levels: []float64{.1, .9}, Paths: 2})
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{4, 2, 6, 4, 2}
	for _, got := range [][]float64{f.Mean, f.Quantile(0), f.Quantile(1), f.Path(0), f.Path(1)} {
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	if got, want := f.Start.Format(time.RFC3339), "2026-01-01T06:00:00Z"; got != want || f.Spread != forecast.FromNone {
		t.Errorf("starts at %s, want %s; spread %q", got, want, f.Spread)
	}
	if f, err = predict(t, "seasonal-naive", hourly("short", 5, 7), 3, forecast.Request{}); err != nil ||
		!slices.Equal(f.Mean, []float64{7, 7, 7}) {
		t.Errorf("shorter than a season: %v, %v", f.Mean, err)
	}
	if _, err = predict(t, "seasonal-naive", hourly("none", nan, nan), 3, forecast.Request{}); !errors.Is(err,
		ito.ErrInput) {
		t.Errorf("a series without values: %v", err)
	}
	if _, err = predict(t, "seasonal-naive", hourly("a", 1), 0, forecast.Request{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("horizon 0: %v", err)
	}
	if _, err = forecast.Parse("sesonal-naive"); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a wrong word: %v", err)
	}
}

func TestAFileHoldsAModel(t *testing.T) {
	m, err := forecast.Parse("seasonal-naive:season=3")
	if err != nil {
		t.Fatal(err)
	}
	s := hourly("a", 1, 2, 3, 4)
	d := &forecast.Set{Name: "data", Freq: s.Freq, Series: []*forecast.Series{s}}
	o := forecast.FitOptions{Horizon: 2, Seed: 7}
	f, err := m.Fit(t.Context(), d, o)
	if err != nil {
		t.Fatal(err)
	}
	h, err := forecast.NewHeader(m, d, o)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "m.safetensors")
	if err := forecast.Save(file, h, f); err != nil {
		t.Fatal(err)
	}
	got, again, err := forecast.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.Horizon != 2 || got.Freq != s.Freq || got.Digest != d.Digest() || got.Series != 1 {
		t.Errorf("the header is %+v", got)
	}
	w := []forecast.Window{forecast.NewWindow(s, 4, 2)}
	x, err := again.Predict(t.Context(), w, forecast.Request{})
	if err != nil || !slices.Equal(x[0].Mean, []float64{2, 3}) {
		t.Errorf("it forecasts %v, %v", x, err)
	}
	if err := got.Fits(d); err != nil {
		t.Error(err)
	}
	other := *d
	other.Freq.N = 2
	if err := got.Fits(&other); !errors.Is(err, ito.ErrInput) {
		t.Errorf("another frequency: %v", err)
	}
	s.Past = []forecast.Covariate{{Name: "p", X: make([]float64, 4)}}
	if err := got.Fits(d); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a covariate more: %v", err)
	}
}
