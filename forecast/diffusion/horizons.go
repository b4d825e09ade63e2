package diffusion

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/path"
)

// source finds the training windows of a set, and measures them.
func (m VSDM) source(data *forecast.Set, horizon int) (*horizons, error) {
	known, past := data.Names()
	if n := len(known) + len(past); n > 0 {
		return nil, &ito.UnsupportedError{What: "a vsdm with covariates",
			Why:     "it reads the history of the values alone",
			Nearest: "csdi, or tsdiff"}
	}
	for _, s := range data.Series {
		for k, v := range s.Values {
			if math.IsNaN(v) {
				return nil, &ito.InputError{Where: "series " + s.ID,
					What: fmt.Sprintf("nothing was observed at %s, and a "+
						"vsdm learns whole horizons", s.Time(k).Format("2006-01-02T15:04")),
					Do: "take csdi or tsdiff, or fill the gaps"}
			}
		}
	}
	context := m.Context
	if context == 0 {
		context = max(min(3*horizon, 96), 4)
	}
	h := &horizons{data: data, coder: historyCoder{frame{Context: context, Horizon: horizon, Scale: m.Scale}, 1}}
	var err error
	if m.Joint {
		if h.joint, err = panel(data); err != nil {
			return nil, err
		}
		h.coder.series = len(h.joint)
	}
	if h.windows, err = forecast.NewWindows(leader(data, h.joint), context, horizon); err != nil {
		return nil, err
	}
	p, err := m.path(h.Space().Dim())
	if err != nil {
		return nil, err
	}
	_, moving := p.(path.Hybrid)
	d, n := h.Space().Dim(), min(h.Len(), momentWindows)
	x := ito.NewStates(n, d, 0)
	cond := make([]float64, h.CondWidth())
	for i := range n {
		if err := h.encode(h.windows.At(int(int64(i)*int64(h.Len())/int64(n))), x.Row(i), cond); err != nil {
			return nil, err
		}
		for k, v := range x.Row(i) {
			x.Row(i)[k] = math.Max(-momentLimit, math.Min(momentLimit, v))
		}
	}
	if d > ito.DefaultFull || n <= 2*d || moving {
		h.moments, err = metric.Variances(x)
	} else if h.moments, err = metric.Moments(x); err == nil {
		for i := range d {
			h.moments.Cov[i*(d+1)] *= 1.001
		}
	}
	return h, err
}

// Len implements ito.Source.
func (h *horizons) Len() int { return h.windows.Len() }

// Space implements ito.Source.
func (h *horizons) Space() ito.Space { return ito.FlatSpace(h.coder.series * h.coder.Horizon) }

// CondWidth implements ito.Source.
func (h *horizons) CondWidth() int { return 2 * h.coder.series * h.coder.Context }

// Digest implements ito.Source.
func (h *horizons) Digest() string { return h.data.Digest() }

// Moments is what networks are scaled by.
func (h *horizons) Moments() (ito.Gaussian, error) { return h.moments, nil }

// Read implements ito.Source.
func (h *horizons) Read(dst ito.States, cond []float64, from int) error {
	return h.each(dst, cond, func(i int) forecast.Place { return h.windows.At(from + i) })
}

// Fill implements ito.Source.
func (h *horizons) Fill(dst ito.States, cond []float64, seed uint64, step uint32) error {
	return h.each(dst, cond, func(i int) forecast.Place { return h.windows.Draw(seed, step, dst.ID[i]) })
}

func (h *horizons) each(dst ito.States, cond []float64, place func(i int) forecast.Place) error {
	w := h.CondWidth()
	for i := range dst.N {
		if err := h.encode(place(i), dst.Row(i), cond[i*w:(i+1)*w]); err != nil {
			return err
		}
	}
	return nil
}

func (h *horizons) encode(p forecast.Place, x, cond []float64) error {
	n := h.coder.Horizon
	for k, s := range members(h.data, h.joint, p) {
		if _, err := h.coder.encode(x[k*n:(k+1)*n], cond, k, s, p.Origin); err != nil {
			return err
		}
	}
	return nil
}

// conditions are those of n windows for the paths that a stage simulates.
func (h *horizons) conditions(n int, seed uint64, stage int) (ito.Cond, error) {
	c := ito.Cond{C: h.CondWidth(), X: make([]float64, n*h.CondWidth())}
	x := ito.NewStates(n, h.Space().Dim(), 0)
	return c, h.Fill(x, c.X, seed, math.MaxUint32-uint32(stage))
}
