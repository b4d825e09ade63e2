package systems

import (
	"fmt"
	"math"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/rng"
)

// vectorSeries is a stationary vector autoregression x ← Φx + L e, e ~ N(0,I): of a forecast from its last value
// everything is known.
type vectorSeries struct {
	d        int
	phi, mix []float64 // Φ and L, [d,d]
}

// newVectorSeries has d series whose sizes go from 1 to 8, a damped rotation of each pair of neighbours, and noise that
// they share.
func newVectorSeries(d int) vectorSeries {
	v := vectorSeries{d: d, phi: make([]float64, d*d), mix: make([]float64, d*d)}
	for i := range d {
		size := math.Pow(8, float64(i)/float64(d-1))
		for j := range d {
			other := math.Pow(8, float64(j)/float64(d-1))
			switch j - i {
			case 0:
				v.phi[i*d+j], v.mix[i*d+j] = .8, .5*size
			case 1:
				v.phi[i*d+j] = .3 * size / other
			case -1:
				v.phi[i*d+j], v.mix[i*d+j] = -.3*size/other, .3*size
			}
		}
	}
	return v
}

// set is a panel of n steps, after as many as it takes to forget its beginning.
func (v vectorSeries) set(n int, seed uint64) *forecast.Set {
	const forget = 100
	e := ito.NewStates(n+forget, v.d, 0)
	ito.Seed(seed).Normal(e, rng.PurposeTarget, 0, 0)
	s := &forecast.Set{Name: "vector autoregression", Freq: forecast.Freq{N: 1, Unit: forecast.Day}}
	for i := range v.d {
		s.Series = append(s.Series, &forecast.Series{ID: fmt.Sprint("x", i), Freq: s.Freq,
			Start: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)})
	}
	x := make([]float64, v.d)
	for t := range n + forget {
		next := apply(v.phi, x)
		for i, y := range apply(v.mix, e.Row(t)) {
			next[i] += y
			if t >= forget {
				s.Series[i].Values = append(s.Series[i].Values, next[i])
			}
		}
		x = next
	}
	return s
}

// law is the mean [H,d] and the standard deviation [H,d] of what follows x.
func (v vectorSeries) law(x []float64, horizon int) (mean, sd []float64) {
	d := v.d
	cov := make([]float64, d*d)
	for range horizon {
		x = apply(v.phi, x)
		mean = append(mean, x...)
		next := make([]float64, d*d)
		for i := range d {
			for j := range d {
				for k := range d {
					next[i*d+j] += v.mix[i*d+k] * v.mix[j*d+k]
					for l := range d {
						next[i*d+j] += v.phi[i*d+k] * cov[k*d+l] * v.phi[j*d+l]
					}
				}
			}
		}
		cov = next
		for i := range d {
			sd = append(sd, math.Sqrt(cov[i*d+i]))
		}
	}
	return mean, sd
}

func apply(m, x []float64) []float64 {
	out := make([]float64, len(x))
	for i := range out {
		for j, v := range x {
			out[i] += float64(m[i*len(x)+j] * v)
		}
	}
	return out
}

// expectedCRPS is the expectation of the continuous ranked probability score of samples where the truth is N(m, s²),
// over that of N(m, s²) itself, s/√π; the spread of the samples is estimated without bias.
func expectedCRPS(samples []float64, m, s float64) float64 {
	far, pairs, n := 0., 0., float64(len(samples))
	for i, a := range samples {
		z := (a - m) / s
		far += s * (z*math.Erf(z/math.Sqrt2) + math.Sqrt(2/math.Pi)*math.Exp(-z*z/2))
		for _, b := range samples[:i] {
			pairs += math.Abs(a - b)
		}
	}
	crps := far / n
	if n > 1 {
		crps -= pairs / (n * (n - 1))
	}
	return crps * math.Sqrt(math.Pi) / s
}
