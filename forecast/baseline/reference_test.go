package baseline

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/forecast"
)

// reference is what statsmodels and statsforecast say: testdata/make_reference.py.
type reference struct {
	Name string
	M    int
	Y    []float64
	ETS  []struct {
		Form            string
		Params          map[string]float64
		LLF, SSE        float64
		Sigma2          float64
		Mean, Low, High []float64
	}
	ARIMA []struct {
		Order, Seasonal []int
		Sigma2          float64
		Coef            map[string]float64
		Mean, SD        []float64 // SD of errors of variance 1
	}
	Theta                       struct{ B0, Alpha float64 }
	KPSS                        float64
	Naive, Drift, SeasonalNaive struct{ Mean, Low, High []float64 }
}

func references(t *testing.T) []reference {
	t.Helper()
	text, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.ReplaceAll(string(text), `"seasonal_naive"`, `"SeasonalNaive"`))
	var all struct{ Series []reference }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all.Series
}

func near(a, b, relative float64) bool {
	return math.Abs(a-b) <= relative*max(math.Abs(a), math.Abs(b), 1e-9)
}

// TestETSAgainstStatsmodels runs each form at statsmodels' parameters, whose errors and forecasts it must have, and
// then fits it: since the initial states are exact, its likelihood is at least theirs.
func TestETSAgainstStatsmodels(t *testing.T) {
	for _, s := range references(t) {
		for _, want := range s.ETS {
			f := newETS(want.Form, s.M)
			p := want.Params
			f.alpha, f.beta, f.gamma = p["smoothing_level"], p["smoothing_trend"], p["smoothing_seasonal"]
			if f.damped {
				f.phi = p["damping_trend"]
			}
			initial := []float64{p["initial_level"]}
			if f.trend {
				initial = append(initial, p["initial_trend"])
			}
			mean := 0.
			if f.season {
				// statsmodels' seasons need not sum to 0: their mean goes to the level. They are counted backwards
				// from the step before the first
				for k := range s.M {
					mean += p[seasonName(s.M-1-k)] / float64(s.M)
				}
				for k := range s.M - 1 {
					initial = append(initial, p[seasonName(s.M-1-k)]-mean)
				}
				initial[0] += mean
			}
			e, season := make([]float64, len(s.Y)), make([]float64, f.m)
			f.l, f.b = f.run(s.Y, initial, e, season)
			f.s, f.sse, f.n = season, dot(e, e), len(s.Y)
			if !near(f.sse, want.SSE, 1e-6) {
				t.Errorf("%s %s: Σe² at their parameters is %.9g, theirs %.9g", s.Name, want.Form, f.sse, want.SSE)
				continue
			}
			f.params = 1 // so that the variance is Σe²/n, as theirs
			w := forecast.NewWindow(hourly("a", s.Y...), len(s.Y), len(want.Mean))
			got := f.forecast(w, forecast.Request{Levels: []float64{.05, .95}})
			for h := range want.Mean {
				if !near(got.Mean[h], want.Mean[h], 1e-6) || !near(got.Q[h], want.Low[h], 1e-6) ||
					!near(got.Quantile(1)[h], want.High[h], 1e-6) {
					t.Errorf("%s %s step %d: %g (%g, %g), theirs %g (%g, %g)", s.Name, want.Form, h+1,
						got.Mean[h], got.Q[h],
						got.Quantile(1)[h], want.Mean[h], want.Low[h], want.High[h])
					break
				}
			}
			own := newETS(want.Form, s.M)
			if !own.fit(s.Y) || own.loglik < want.LLF-.02 {
				t.Errorf("%s %s: the likelihood is %.4f, theirs %.4f", s.Name, want.Form, own.loglik, want.LLF)
			}
		}
	}
}

func seasonName(k int) string { return "initial_seasonal." + itoa(k) }

func itoa(k int) string {
	if k < 10 {
		return string(rune('0' + k))
	}
	return string(rune('0'+k/10)) + string(rune('0'+k%10))
}

// TestARIMAAgainstStatsforecast has R's conditional sums of squares: at their parameters the same variance and
// forecasts, and fitted a variance that is not above theirs.
func TestARIMAAgainstStatsforecast(t *testing.T) {
	for _, s := range references(t) {
		for _, want := range s.ARIMA {
			o := orders{p: want.Order[0], d: want.Order[1], q: want.Order[2], sp: want.Seasonal[0],
				sd: want.Seasonal[1],
				sq: want.Seasonal[2], m: s.M}
			mean, constant := want.Coef["intercept"]
			o.constant = constant
			coefficients := func(name string, n int) []float64 {
				var out []float64
				for k := range n {
					out = append(out, want.Coef[name+itoa(k+1)])
				}
				return out
			}
			f := &arimaFit{orders: o, filled: append([]float64(nil), s.Y...), e: make([]float64, len(s.Y))}
			f.set(coefficients("ar", o.p), coefficients("ma", o.q), coefficients("sar", o.sp),
				coefficients("sma", o.sq), mean)
			f.from = o.d + o.m*o.sd + o.p + o.m*o.sp
			f.sse = f.filter(s.Y)
			// statsforecast divides by the differences less the parameters, whatever it conditions on
			n := len(s.Y) - o.d - o.m*o.sd - o.free()
			if got := f.sse / float64(n); !near(got, want.Sigma2, 1e-6) {
				t.Errorf("%s %v%v: the variance at their parameters is %.9g, theirs %.9g", s.Name, want.Order,
					want.Seasonal,
					got, want.Sigma2)
				continue
			}
			w := forecast.NewWindow(hourly("a", s.Y...), len(s.Y), len(want.Mean))
			f.sse = float64(f.n - f.free()) // σ² = 1
			got := f.forecast(w, forecast.Request{Levels: []float64{.5, .8413447460685429}})
			f.sse = 0
			for h := range want.Mean {
				// an exact filter begins otherwise, which is forgotten
				if sd := got.Quantile(1)[h] - got.Mean[h]; !near(got.Mean[h], want.Mean[h], 3e-3) ||
					!near(sd, want.SD[h], 1e-3) {
					t.Errorf("%s %v%v step %d: %g ± %g, theirs %g ± %g", s.Name, want.Order, want.Seasonal, h+1,
						got.Mean[h],
						sd, want.Mean[h], want.SD[h])
					break
				}
			}
			f.sse = f.filter(s.Y)
			own := fitARIMA(s.Y, s.Y, o, f.from)
			if own == nil || own.sse > f.sse*1.001 {
				t.Errorf("%s %v%v: fitted to %g, theirs %g", s.Name, want.Order, want.Seasonal, own.sse, f.sse)
			}
		}
		if got := kpss(s.Y); !near(got, s.KPSS, 1e-9) {
			t.Errorf("%s: KPSS %g, theirs %g", s.Name, got, s.KPSS)
		}
	}
}

func TestPlainOnesAgainstStatsforecast(t *testing.T) {
	for _, s := range references(t) {
		for _, c := range []struct {
			word            string
			mean, low, high []float64
			shrink          float64
		}{{"naive", s.Naive.Mean, s.Naive.Low, s.Naive.High, 1},
			// theirs divides Σe² by the steps, the textbook by one less
			{"drift", s.Drift.Mean, s.Drift.Low, s.Drift.High, math.Sqrt(float64(len(s.Y)-2) / float64(len(s.Y)-1))},
			{"seasonal-naive:season=" + itoa(s.M), s.SeasonalNaive.Mean, nil, nil, 1}} {
			f, err := predict(t, c.word, hourly("a", s.Y...), len(c.mean),
				forecast.Request{Levels: []float64{.05, .95}})
			if err != nil {
				t.Fatal(err)
			}
			for h := range c.mean {
				if !near(f.Mean[h], c.mean[h], 1e-9) || c.low != nil && (!near((f.Mean[h]-f.Q[h])*c.shrink,
					c.mean[h]-c.low[h], 1e-5) ||
					!near((f.Quantile(1)[h]-f.Mean[h])*c.shrink, c.high[h]-c.mean[h], 1e-5)) {
					t.Errorf("%s %s step %d: %g (%g, %g), theirs %g (%v)", s.Name, c.word, h+1, f.Mean[h], f.Q[h],
						f.Quantile(1)[h], c.mean[h], c.low)
					break
				}
			}
		}
	}
}

// TestThetaAgainstStatsmodels compares the slope and the smoothing of the series without its season.
func TestThetaAgainstStatsmodels(t *testing.T) {
	for _, s := range references(t) {
		x := s.Y
		if s.M == 12 {
			x = make([]float64, len(s.Y))
			for i, v := range s.Y {
				x[i] = math.Exp(v)
			}
		}
		a := adjust(x, s.M)
		if got := lineSlope(a.x); !near(got, s.Theta.B0, 1e-6) {
			t.Errorf("%s: slope %g, theirs %g", s.Name, got, s.Theta.B0)
		}
		if got := fitAlpha(a.x); math.Abs(got-s.Theta.Alpha) > .03 {
			t.Errorf("%s: α %g, theirs %g", s.Name, got, s.Theta.Alpha)
		}
	}
}
