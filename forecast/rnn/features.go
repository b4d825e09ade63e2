package rnn

import (
	"math"
	"time"

	"github.com/seed9a7962a8/ito/forecast"
)

// plain is the number of channels without covariates: the value and whether it is there, two seasons before, whether
// the step lies ahead and how far, and sines and cosines of the hour, the day of the week and of the year.
const plain = 6 + 6

// channels is the number of inputs of a step.
func (c *config) channels() int { return plain + 2*len(c.Mean) }

// most is the largest input; beyond it they grow as a logarithm.
const most = 5

func squash(v float64) float64 {
	if a := math.Abs(v); a > most {
		return math.Copysign(most+math.Log1p(a-most), v)
	}
	return v
}

// basis is the seasonal naive value of step t seen from an origin: that of the last season before it, NaN where no
// season has one.
func basis(s *forecast.Series, t, origin, m int) float64 {
	k := t - m
	if k >= origin {
		k = origin - m + (t-origin)%m
	}
	for ; k >= 0; k -= m {
		if v := s.At(k); v == v {
			return v
		}
	}
	return math.NaN()
}

// scale is that of a window: the mean is the centre of inputs, the seasonal error of the context and a season before it
// the size, a thousandth of the mean size of a value at the least, or 1. It is false where there is no seasonal error,
// whose unit the network's spread has.
func (c *config) scale(s *forecast.Series, origin int) (forecast.Scale, bool) {
	m := c.Seasons[0]
	from := max(0, origin-c.Context-m)
	sum, n, abs, seen, mean := 0., 0., 0., 0., 0.
	for t := from; t < origin; t++ {
		v := s.At(t)
		if v != v {
			continue
		}
		seen, abs, mean = seen+1, abs+math.Abs(v), mean+v
		if t-m >= 0 {
			if d := math.Abs(v - s.At(t-m)); d == d {
				sum, n = sum+d, n+1
			}
		}
	}
	out := forecast.Scale{Size: 1}
	if seen > 0 {
		out.Centre = mean / seen
		floor := 1e-3 * abs / seen
		switch {
		case n > 0 && sum/n > floor:
			out.Size = sum / n
		case floor > 1e-300:
			out.Size = floor
		}
	}
	return out, n > 0
}

// window is what the network reads of a place, [length, channels], and what it is about.
type window struct {
	scale    forecast.Scale
	seasonal bool      // there is a seasonal error
	naive    []float64 // [H] in scaled units
}

// encode writes the inputs of a place into x, which holds zeros.
func (c *config) encode(p forecast.Place, x []float32) window {
	w := window{naive: make([]float64, c.Horizon)}
	w.scale, w.seasonal = c.scale(p.Series, p.Origin)
	last := w.scale.Centre
	for t := p.Origin - 1; t >= 0 && t >= p.Origin-c.Context-c.Seasons[1]; t-- {
		if v := p.At(t); v == v {
			last = v
			break
		}
	}
	n := c.channels()
	for i := range c.length() {
		t := p.Origin - c.Context + i
		row := x[i*n : (i+1)*n]
		put := func(k int, v float64) { row[k] = float32(squash(w.scale.Apply(v))) }
		if t < p.Origin {
			if v := p.At(t); v == v {
				put(0, v)
				row[1] = 1
			}
		} else {
			row[4], row[5] = 1, float32(float64(t-p.Origin+1)/float64(c.Horizon))
		}
		for k, m := range c.Seasons {
			v := basis(p.Series, t, p.Origin, m)
			if v != v {
				v = last
			}
			put(2+k, v)
			if k == 0 && t >= p.Origin {
				w.naive[t-p.Origin] = w.scale.Apply(v)
			}
		}
		calendar(p.Time(t), row[6:12])
		for k := range c.Mean {
			v := covariate(p.Series, k).At(t)
			if k >= len(c.Known) && t >= p.Origin || v != v {
				continue
			}
			row[plain+2*k], row[plain+2*k+1] = float32(squash((v-c.Mean[k])/c.SD[k])), 1
		}
	}
	return w
}

// calendar writes a time's place in the day, the week and the year.
func calendar(t time.Time, dst []float32) {
	day := float64(t.Hour())/24 + float64(t.Minute())/1440 + float64(t.Second())/86400
	for k, part := range []float64{day, (float64(t.Weekday()) + day) / 7, (float64(t.YearDay()-1) + day) / 366} {
		sin, cos := math.Sincos(2 * math.Pi * part)
		dst[2*k], dst[2*k+1] = float32(sin), float32(cos)
	}
}
