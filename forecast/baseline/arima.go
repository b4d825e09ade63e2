package baseline

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito/forecast"
)

// ARIMA is a seasonal ARIMA(p,d,q)(P,D,Q)m whose orders are those of least AICc in the stepwise search of Hyndman and
// Khandakar (2008): D by the strength of the season, d by the KPSS test, p, q ≤ 3 and P, Q ≤ 1. Parameters are those of
// conditional least squares, inside the stationary and invertible ones (Monahan 1984). A season of more than 24
// steps is left out. A missing value stands at its prediction.
type ARIMA struct {
	// steps of a season; 0: the shortest natural one of the frequency, 24 of hours
	Season int `json:"season,omitempty" min:"0" max:"24" help:"Steps of a season, of which longer ones are for mstl; 0: the shortest natural one, 24 of hours."`
}

func init() {
	forecast.RegisterBaseline("Seasonal ARIMA, its orders by AICc.", func() forecast.Model { return ARIMA{} })
}

// Kind implements forecast.Model.
func (ARIMA) Kind() string { return "arima" }

// Fit implements forecast.Model.
func (m ARIMA) Fit(context.Context, *forecast.Set, forecast.FitOptions) (forecast.Fitted, error) {
	return m.Restore(forecast.State{})
}

// Restore implements forecast.Model.
func (m ARIMA) Restore(forecast.State) (forecast.Fitted, error) { return &fitted{one: m.one}, nil }

func (m ARIMA) one(w forecast.Window, r forecast.Request) (forecast.Forecast, error) {
	if w.Observed() == 0 {
		return forecast.Forecast{}, errNothing(w)
	}
	period := season(m.Season, w.Freq)
	best := searchARIMA(w.Values, period)
	if best == nil {
		s, err := seasonal(w, period, byLead)
		if err != nil {
			return forecast.Forecast{}, err
		}
		f := s.Forecast(w, r)
		f.Fallback = fmt.Sprintf("seasonal-errors stands in: %d values are too few for ARIMA", w.Observed())
		return f, nil
	}
	f := best.forecast(w, r)
	f.Fallback = unseen(w, m.Season, 4)
	return f, nil
}

// orders are p, d, q, P, D, Q, the steps of a season, and whether there is a constant.
type orders struct {
	p, d, q, sp, sd, sq, m int
	constant               bool
}

// free is the number of parameters without the variance.
func (o orders) free() int {
	k := o.p + o.q + o.sp + o.sq
	if o.constant {
		k++
	}
	return k
}

// arimaFit is one that is fitted: x_t = c + Σ a_i x_{t−i} + e_t + Σ b_j e_{t−j}.
type arimaFit struct {
	orders
	a, b       []float64 // [i] of lag i; [0] is not used
	mean, c    float64   // mean of the differences, and the constant that it makes
	from, n    int       // errors of the steps from on count; how many there are
	sse, aicc  float64
	filled, e  []float64
	parameters []float64 // φ, θ, Φ, Θ, for tests
}

// polynomial multiplies 1 − Σ φ_i Bⁱ of lag step into a, whose [0] is 1.
func polynomial(a, phi []float64, step int) []float64 {
	out := make([]float64, len(a)+len(phi)*step)
	copy(out, a)
	for i, v := range phi {
		for j, w := range a {
			out[j+(i+1)*step] -= v * w
		}
	}
	return out
}

// set makes the polynomials of parameters φ, θ, Φ, Θ and the mean of the differences.
func (f *arimaFit) set(phi, theta, sphi, stheta []float64, mean float64) {
	ar := polynomial(polynomial([]float64{1}, phi, 1), sphi, f.m)
	sum := 0.
	for _, v := range ar {
		sum += v
	}
	f.mean, f.c = mean, mean*sum
	for range f.d {
		ar = polynomial(ar, []float64{1}, 1)
	}
	for range f.sd {
		ar = polynomial(ar, []float64{1}, f.m)
	}
	minus := func(x []float64) []float64 {
		out := make([]float64, len(x))
		for i, v := range x {
			out[i] = -v
		}
		return out
	}
	f.a = minus(ar)
	f.b = polynomial(polynomial([]float64{1}, minus(theta), 1), minus(stheta), f.m)
}

// filter runs over x and returns Σe² of the steps from f.from.
func (f *arimaFit) filter(x []float64) float64 {
	sse := 0.
	f.n = 0
	var lagA, lagB []int // of coefficients that are not 0
	for i := 1; i < len(f.a); i++ {
		if f.a[i] != 0 {
			lagA = append(lagA, i)
		}
	}
	for j := 1; j < len(f.b); j++ {
		if f.b[j] != 0 {
			lagB = append(lagB, j)
		}
	}
	clear(f.e)
	for t := len(f.a) - 1; t < len(x); t++ {
		y := f.c
		for _, i := range lagA {
			y += f.a[i] * f.filled[t-i]
		}
		for _, j := range lagB {
			if t >= j {
				y += f.b[j] * f.e[t-j]
			}
		}
		if v := x[t]; v == v {
			f.filled[t], f.e[t] = v, v-y
			if t >= f.from {
				sse, f.n = sse+f.e[t]*f.e[t], f.n+1
			}
		} else {
			f.filled[t], f.e[t] = y, 0
		}
	}
	return sse
}

// stationary turns unbounded numbers into coefficients of a stationary autoregression, by partial autocorrelations.
func stationary(u []float64) []float64 {
	phi := make([]float64, 0, len(u))
	for _, v := range u {
		r := .999 * math.Tanh(v)
		next := make([]float64, len(phi)+1)
		for i, w := range phi {
			next[i] = w - r*phi[len(phi)-1-i]
		}
		next[len(phi)] = r
		phi = next
	}
	return phi
}

// take cuts unbounded numbers into parameters.
func (f *arimaFit) take(u []float64, scale float64) {
	cut := func(n int) []float64 { p := u[:n]; u = u[n:]; return stationary(p) }
	phi, sphi := cut(f.p), cut(f.sp)
	theta, stheta := cut(f.q), cut(f.sq)
	for _, t := range [][]float64{theta, stheta} {
		for i := range t {
			t[i] = -t[i] // 1 + θB is invertible where 1 − (−θ)B is stationary
		}
	}
	mean := 0.
	if f.constant {
		mean = u[0] * scale
	}
	f.parameters = append(append(append(append(f.parameters[:0], phi...), theta...), sphi...), stheta...)
	f.set(phi, theta, sphi, stheta, mean)
}

// fitARIMA estimates given orders; errors count from the step from, at least the lags of the polynomial. nil: there are
// too few values.
func fitARIMA(x, filled []float64, o orders, from int) *arimaFit {
	f := &arimaFit{orders: o, filled: append([]float64(nil), filled...), e: make([]float64, len(x))}
	f.from = max(from, o.p+o.d+o.m*(o.sp+o.sd))
	f.set(make([]float64, o.p), make([]float64, o.q), make([]float64, o.sp), make([]float64, o.sq), 0)
	if len(x)-f.from < o.free()+10 {
		return nil
	}
	start := make([]float64, o.free())
	for i := range start {
		start[i] = .1
	}
	if o.p > 0 {
		w := filled
		for range o.d {
			w = difference(w, 1)
		}
		for range o.sd {
			w = difference(w, o.m)
		}
		for i, r := range partial(w, o.p) {
			start[i] = math.Atanh(max(-.99, min(.99, r)))
		}
	}
	scale := 1.
	if o.constant {
		scale = math.Sqrt(f.filter(x)/float64(max(f.n, 1))) + 1e-300
		sum, n := 0., 0
		for t := f.from; t < len(x); t++ {
			if f.e[t] != 0 {
				sum, n = sum+f.e[t], n+1
			}
		}
		start[len(start)-1] = sum / float64(max(n, 1)) / scale
	}
	if len(start) > 0 {
		objective := func(u []float64) float64 {
			f.take(u, scale)
			copy(f.filled, filled)
			return math.Log(f.filter(x) + 1e-300)
		}
		u, ok := minimise(objective, start)
		if !ok {
			return nil
		}
		f.take(u, scale)
	}
	copy(f.filled, filled)
	f.sse = f.filter(x)
	n, k := float64(f.n), float64(o.free()+1)
	if math.IsNaN(f.sse) || math.IsInf(f.sse, 0) || n-k-1 < 1 {
		return nil
	}
	f.aicc = n*(math.Log(2*math.Pi*(f.sse+1e-300)/n)+1) + 2*k + 2*k*(k+1)/(n-k-1)
	return f
}

// forecast is that of the fitted one behind a window's end.
func (f *arimaFit) forecast(w forecast.Window, r forecast.Request) forecast.Forecast {
	out := forecast.Forecast{Spread: forecast.FromNormal}
	n := len(f.filled)
	x, e := append([]float64(nil), f.filled...), append([]float64(nil), f.e...)
	mean, sd, psi := make([]float64, w.Horizon), make([]float64, w.Horizon), make([]float64, w.Horizon)
	sigma := math.Sqrt(f.sse / float64(f.n-f.free()))
	variance := 0.
	for h := range mean {
		y, p := f.c, 0.
		for i := 1; i < len(f.a); i++ {
			y += f.a[i] * x[n+h-i]
			if i <= h {
				p += f.a[i] * psi[h-i]
			}
		}
		for j := 1; j < len(f.b) && j <= n+h; j++ {
			y += f.b[j] * e[n+h-j]
		}
		if h == 0 {
			p = 1
		} else if h < len(f.b) {
			p += f.b[h]
		}
		x, e = append(x, y), append(e, 0)
		mean[h], psi[h] = y, p
		variance += p * p
		sd[h] = sigma * math.Sqrt(variance)
	}
	normalQuantiles(&out, mean, sd, r.Levels)
	out.Paths = normalPaths(w, r, func(z, path []float64) {
		for h := range path {
			path[h] = mean[h]
			for j := range h + 1 {
				path[h] += psi[h-j] * sigma * z[j]
			}
		}
	})
	return out
}
