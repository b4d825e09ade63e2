package diffusion

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
)

// frame is how a window becomes numbers: Context steps before an origin and Horizon from it, scaled by the context.
type frame struct {
	Context int      `json:"context"`
	Horizon int      `json:"horizon"`
	Scale   string   `json:"scale"`
	Given   bool     `json:"given,omitempty"` // the context is read as a condition
	Known   []column `json:"known,omitempty"` // covariates
	Past    []column `json:"past,omitempty"`
}

// column is a covariate with the moments that it has in the training set.
type column struct {
	Name string  `json:"name"`
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
}

// limit bounds a scaled value: beyond, a series is so unlike its context that what is learnt of it says nothing of
// others.
const limit = 10

// newFrame measures the covariates of a set.
func newFrame(d *forecast.Set, context, horizon int, scale string, given bool) frame {
	f := frame{Context: context, Horizon: horizon, Scale: scale, Given: given}
	known, past := d.Names()
	for i, name := range known {
		f.Known = append(f.Known, measure(d, name, func(s *forecast.Series) []float64 { return s.Known[i].X }))
	}
	for i, name := range past {
		f.Past = append(f.Past, measure(d, name, func(s *forecast.Series) []float64 { return s.Past[i].X }))
	}
	return f
}

func measure(d *forecast.Set, name string, of func(s *forecast.Series) []float64) column {
	n, mean, square := 0., 0., 0.
	for _, s := range d.Series {
		for _, v := range of(s) {
			if !math.IsNaN(v) {
				n++
				δ := v - mean
				mean += δ / n
				square += float64(δ * (v - mean))
			}
		}
	}
	c := column{name, mean, 1}
	if n > 0 && square > 0 {
		c.SD = math.Sqrt(square / n)
	}
	return c
}

// length is the number of steps.
func (f frame) length() int { return f.Context + f.Horizon }

// beside is the number of conditions of a step: a value and a flag for what is given, and for each covariate.
func (f frame) beside() int {
	n := 2 * (len(f.Known) + len(f.Past))
	if f.Given {
		n += 2
	}
	return n
}

// values writes the scaled values about an origin into x [length], NaN where there are none, and returns the scale.
// What came after the origin has no part in the scale.
func (f frame) values(x []float64, s *forecast.Series, origin int) (forecast.Scale, error) {
	return f.scaled(x, s, origin, f.Context)
}

// scaled is values with the scale of the first so many steps: of all, where a window is filled in.
func (f frame) scaled(x []float64, s *forecast.Series, origin, by int) (forecast.Scale, error) {
	first := origin - f.Context
	for i := range x {
		x[i] = s.At(first + i)
	}
	scale, err := forecast.NewScale(f.Scale, x[:by])
	if err != nil {
		return scale, err
	}
	for i, v := range x {
		if !math.IsNaN(v) {
			x[i] = math.Max(-limit, math.Min(limit, scale.Apply(v)))
		}
	}
	return scale, nil
}

// conditions writes what stands beside each step, [length,beside]: of the values x those of the context where they are
// given, and the covariates; a value and 1, or zeros where there is none.
func (f frame) conditions(cond, x []float64, s *forecast.Series, origin int) {
	first, width := origin-f.Context, f.beside()
	for i := range f.length() {
		row := cond[i*width : (i+1)*width]
		put := func(v float64) {
			row[0], row[1] = 0, 0
			if !math.IsNaN(v) {
				row[0], row[1] = v, 1
			}
			row = row[2:]
		}
		if f.Given {
			v := math.NaN()
			if i < f.Context {
				v = x[i]
			}
			put(v)
		}
		for k, c := range f.Known {
			put((s.Known[k].At(first+i) - c.Mean) / c.SD)
		}
		for k, c := range f.Past {
			v := math.NaN()
			if i < f.Context {
				v = (s.Past[k].At(first+i) - c.Mean) / c.SD
			}
			put(v)
		}
	}
}

// fits reports a window that the frame was not made for.
func (f frame) fits(w forecast.Window) error {
	bad := func(what, do string) error { return &ito.InputError{Where: "series " + w.ID, What: what, Do: do} }
	switch {
	case w.Horizon < 1 || w.Horizon > f.Horizon:
		return bad(fmt.Sprintf("a horizon of %d steps, and the model was trained for %d", w.Horizon, f.Horizon),
			"ask for no more, or train for it")
	case len(w.Known) != len(f.Known) || len(w.Past) != len(f.Past):
		return bad(fmt.Sprintf("%d known and %d past covariates, the model has %d and %d", len(w.Known), len(w.Past),
			len(f.Known), len(f.Past)), "declare those that it was trained with")
	}
	for k := w.Origin() - f.Context; k < w.Origin(); k++ {
		if !math.IsNaN(w.At(k)) {
			return nil
		}
	}
	return bad(fmt.Sprintf("none of the %d values before the origin was observed", f.Context), "leave it out, or give "+
		"what was observed")
}
