package diffusion

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/metric"
)

// source are the training windows of a frame, states [L]. Where the context is given, only the horizon is learnt.
type source struct {
	forecast.Source
	frame   frame
	moments ito.Gaussian
}

// holed is a source whose states have holes.
type holed struct{ *source }

// Partial implements learn.Partial.
func (holed) Partial() {}

// Moments is what networks are scaled by: see measure.
func (s *source) Moments() (ito.Gaussian, error) { return s.moments, nil }

// newSource measures the windows: their covariance in full where no value is missing, all is learnt and a window has
// at most 256 steps, so that the network has only to learn in what windows are not Gaussian; otherwise one variance.
func newSource(w *forecast.Windows, f frame) (ito.Source, error) {
	s := &source{frame: f}
	s.Source = forecast.Source{Windows: w, Width: f.length() * f.beside(),
		States: ito.Space{Parts: []ito.Part{{Name: "x", Shape: []int{f.length(), 1}}}}, Encode: s.encode}
	whole, err := s.measure()
	if err != nil {
		return nil, err
	}
	if !whole {
		return holed{s}, nil
	}
	return s, nil
}

func (s *source) encode(p forecast.Place, x, cond []float64) error {
	if _, err := s.frame.values(x, p.Series, p.Origin); err != nil {
		return err
	}
	s.frame.conditions(cond, x, p.Series, p.Origin)
	if s.frame.Given {
		for i := range s.frame.Context {
			x[i] = math.NaN()
		}
	}
	return nil
}

// momentWindows are the windows that moments are taken of, and momentLimit bounds values there: a covariance is of
// squares, of which a few large ones would be all.
const momentWindows, momentLimit = 20000, 5

func (s *source) measure() (whole bool, err error) {
	l, n := s.frame.length(), min(s.Len(), momentWindows)
	x := ito.NewStates(n, l, 0)
	whole = !s.frame.Given && l <= ito.DefaultFull && n > 2*l
	one, scratch := ito.NewStates(1, l, 0), make([]float64, s.Width)
	square, count := 0., 0.
	for i := range n {
		one.X = x.Row(i)
		if err := s.Read(one, scratch, int(int64(i)*int64(s.Len())/int64(n))); err != nil {
			return false, err
		}
		for k, v := range one.X {
			if math.IsNaN(v) {
				whole = false
				continue
			}
			one.X[k] = math.Max(-momentLimit, math.Min(momentLimit, v))
			square, count = square+float64(one.X[k]*one.X[k]), count+1
		}
	}
	if whole {
		s.moments, err = metric.Moments(x)
		for i := range l {
			s.moments.Cov[i*(l+1)] += 1e-3 * square / count
		}
		return true, err
	}
	s.moments = ito.Gaussian{Mean: make([]float64, l), Cov: make([]float64, l)}
	for i := range l {
		s.moments.Cov[i] = 1
		if count > 0 && square > 0 {
			s.moments.Cov[i] = square / count
		}
	}
	return false, nil
}
