package diffusion

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/forecast"
)

// gappy are waves with gaps of three steps, and which steps they are.
func gappy(n, l int) (*forecast.Set, []int) {
	d := waves(n, l)
	var at []int
	for k := 5; k+3 < l; k += 17 {
		at = append(at, k, k+1, k+2)
	}
	for _, s := range d.Series {
		for _, k := range at {
			s.Values[k] = math.NaN()
		}
	}
	return d, at
}

// A model that knows the covariance of windows fills gaps better than the line between neighbours and the last value,
// whatever stands beside a series and with any number of workers; CSDI fills the same gaps, and jointly.
func TestGapsAreFilled(t *testing.T) {
	whole := waves(3, 120)
	d, at := gappy(3, 120)
	r := asked
	r.Paths = 20
	for _, word := range small {
		f, ok := fitted(t, word, whole, forecast.FitOptions{Horizon: 5, Seed: 2}).(forecast.Imputer)
		if !ok {
			continue
		}
		gaps, err := f.Impute(t.Context(), d.Series, r)
		if strings.Contains(word, "condition=true") {
			if !errors.Is(err, ito.ErrInput) {
				t.Errorf("%s fills gaps: %v", word, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		pool := ad.NewPool(3)
		more := r
		more.Pool = pool
		again := must[[]forecast.Gaps](t)(f.Impute(t.Context(), d.Series, more))
		pool.Close()
		if !reflect.DeepEqual(again, gaps) {
			t.Errorf("%s: more workers fill in otherwise", word)
		}
		own, line, last := 0., 0., 0.
		for i, g := range gaps {
			if !reflect.DeepEqual(g.At, at) || g.NumPaths() != 20 {
				t.Fatalf("%s: gaps at %v, %d paths", word, g.At, g.NumPaths())
			}
			for j, k := range g.At {
				y, a, b := whole.Series[i].Values[k], whole.Series[i].Values[k-j%3-1], whole.Series[i].Values[k-j%3+3]
				own += math.Abs(g.Quantile(1)[j] - y)
				line += math.Abs(a + (b-a)*float64(j%3+1)/4 - y)
				last += math.Abs(a - y)
			}
		}
		if strings.HasPrefix(word, "tsdiff") && (own > .8*line || own > .8*last) {
			t.Errorf("%s: error %.4g, of the line between neighbours %.4g, of the last value %.4g", word, own, line,
				last)
		}
		full := must[[]forecast.Gaps](t)(f.Impute(t.Context(), whole.Series, r))
		if len(full[0].At) != 0 {
			t.Errorf("%s fills a series without gaps", word)
		}
		nothing := waves(3, 120)
		for k := range 120 {
			for _, s := range nothing.Series {
				s.Values[k] = math.NaN()
			}
		}
		if _, err := f.Impute(t.Context(), nothing.Series, r); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s fills series of which nothing is known: %v", word, err)
		}
	}
}

// Refining brings a bad forecast nearer to what comes, and a base without paths serves by its quantiles.
func TestRefiningABadForecast(t *testing.T) {
	d := waves(4, 200)
	f := fitted(t, small[0], d, forecast.FitOptions{Horizon: 7, Seed: 2}).(forecast.Refiner)
	ws := ends(d, 7)
	var base []forecast.Forecast
	before := 0.
	for i, w := range ws {
		b := forecast.Forecast{ID: w.ID, Start: w.Begins(), Freq: w.Freq, Levels: []float64{.1, .5, .9},
			Spread: "a guess"}
		for h := range 7 {
			b.Mean = append(b.Mean, w.At(w.Origin()-1))
			before += math.Abs(b.Mean[h]-d.Series[i].Values[193+h]) / d.Series[i].Values[193]
		}
		for _, q := range []float64{.98, 1, 1.02} {
			for h := range 7 {
				b.Q = append(b.Q, q*b.Mean[h])
			}
		}
		base = append(base, b)
	}
	r := asked
	r.Paths = 20
	after := 0.
	for i, g := range must[[]forecast.Forecast](t)(f.Refine(t.Context(), ws, base, r)) {
		for h := range 7 {
			after += math.Abs(g.Quantile(1)[h]-d.Series[i].Values[193+h]) / d.Series[i].Values[193]
		}
		if g.Spread != "refined a guess" {
			t.Error(g.Spread)
		}
	}
	if after > .9*before {
		t.Errorf("error %.4g, before %.4g", after, before)
	}
	if _, err := f.Refine(t.Context(), ws, base[:1], r); !errors.Is(err, ito.ErrInput) {
		t.Errorf("one base for four windows: %v", err)
	}
}

// What a model invents teaches a linear forecaster nearly as well as real windows do.
func TestInventedSeriesTeach(t *testing.T) {
	d := waves(4, 300)
	f := fitted(t, small[0], d, forecast.FitOptions{Horizon: 7, Seed: 2})
	invented := must[[][]float64](t)(f.(forecast.Synthesiser).Synthesise(t.Context(), 300, asked))
	windows := must[*forecast.Windows](t)(forecast.NewWindows(d, 14, 7))
	var train, test [][]float64
	fr := frame{Context: 14, Horizon: 7, Scale: forecast.ScaleStandard}
	for i := range windows.Len() {
		p, x := windows.At(i), make([]float64, 21)
		must[forecast.Scale](t)(fr.values(x, p.Series, p.Origin))
		if i%2 == 0 {
			train = append(train, x)
		} else {
			test = append(test, x)
		}
	}
	real := must[float64](t)(LinearScore(train, test, 7))
	own := must[float64](t)(LinearScore(invented, test, 7))
	if own > 1.25*real || real > .8 {
		t.Errorf("linear predictive score %.4f, of real windows %.4f", own, real)
	}
	if _, err := LinearScore(train, [][]float64{{1}}, 7); !errors.Is(err, ito.ErrInput) {
		t.Errorf("windows of two lengths: %v", err)
	}
}
