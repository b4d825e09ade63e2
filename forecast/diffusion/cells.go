package diffusion

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/rng"
)

// What of a window is hidden in training, and learnt given the rest.
const (
	HideHorizon = "horizon" // the horizon: forecasts
	HideRandom  = "random"  // a share of the values, which is itself drawn: gaps
	HideHistory = "history" // what is missing in another window: gaps as the data have them
	HideMix     = "mix"     // horizon and random, each in half of the rows
)

// cells are the training windows of a [CSDI]: states [R,L], a row for each series and covariate, of which what is
// hidden is learnt and everything else is a hole; and conditions [R,L,2], a value and 1 where a cell is given.
type cells struct {
	windows *forecast.Windows
	data    *forecast.Set
	frame   frame
	joint   []string
	hide    string
}

// rows is R.
func (c *cells) rows() int { return rowsOf(c.frame, c.joint) }

func rowsOf(f frame, joint []string) int {
	return max(len(joint), 1) * (1 + len(f.Known) + len(f.Past))
}

// Len implements ito.Source.
func (c *cells) Len() int { return c.windows.Len() }

// Space implements ito.Source.
func (c *cells) Space() ito.Space {
	return ito.Space{Parts: []ito.Part{{Name: "x", Shape: []int{c.rows(), c.frame.length()}}}}
}

// CondWidth implements ito.Source.
func (c *cells) CondWidth() int { return 2 * c.rows() * c.frame.length() }

// Digest implements ito.Source.
func (c *cells) Digest() string { return c.data.Digest() }

// Partial implements learn.Partial.
func (c *cells) Partial() {}

// Moments are those of scaled values.
func (c *cells) Moments() (ito.Gaussian, error) {
	return ito.StandardNormal(c.rows() * c.frame.length()), nil
}

// Read implements ito.Source: windows whose horizon is hidden.
func (c *cells) Read(dst ito.States, cond []float64, from int) error {
	for i := range dst.N {
		p := c.windows.At(from + i)
		if err := c.encode(p, dst.Row(i), cond[i*c.CondWidth():(i+1)*c.CondWidth()], c.horizon); err != nil {
			return err
		}
	}
	return nil
}

// Fill implements ito.Source.
func (c *cells) Fill(dst ito.States, cond []float64, seed uint64, step uint32) error {
	l, u := c.frame.length(), make([]float64, 1+c.rows()*c.frame.length())
	for i, id := range dst.ID {
		rng.NewKey(seed, rng.PurposeData, step, 1).Uniforms64(u, len(u), []uint64{id})
		how, share := c.hide, u[0]
		if how == HideMix {
			how, share = HideHorizon, 2*u[0]
			if u[0] >= .5 {
				how, share = HideRandom, 2*u[0]-1
			}
		}
		hidden := c.horizon
		switch how {
		case HideRandom:
			hidden = func(row, at int) bool { return u[1+row*l+at] < share }
		case HideHistory:
			other := c.windows.At(rng.NewKey(seed, rng.PurposeData, step, 2).Intn(id, 0, c.Len()))
			series := members(c.data, c.joint, other)
			hidden = func(row, at int) bool {
				s := series[row/(1+len(c.frame.Known)+len(c.frame.Past))]
				return math.IsNaN(s.At(other.Origin - c.frame.Context + at))
			}
		}
		p := c.windows.Draw(seed, step, id)
		if err := c.encode(p, dst.Row(i), cond[i*c.CondWidth():(i+1)*c.CondWidth()], hidden); err != nil {
			return err
		}
	}
	return nil
}

// horizon hides it.
func (c *cells) horizon(_, at int) bool { return at >= c.frame.Context }

// encode writes a window in which some values are hidden. Covariates that are known are given, those that are not
// known ahead are given before the origin, and neither is learnt.
func (c *cells) encode(p forecast.Place, x, cond []float64, hidden func(row, at int) bool) error {
	values := make([]float64, len(x))
	if _, err := c.frame.panel(values, members(c.data, c.joint, p), p.Origin,
		c.frame.Context); err != nil {
		return err
	}
	l, each := c.frame.length(), 1+len(c.frame.Known)+len(c.frame.Past)
	for i, v := range values {
		x[i], cond[2*i], cond[2*i+1] = math.NaN(), 0, 0
		switch row := i / l; {
		case math.IsNaN(v):
		case row%each == 0 && hidden(row, i%l):
			x[i] = v
		default:
			cond[2*i], cond[2*i+1] = v, 1
		}
	}
	return nil
}

// panel writes the scaled values of series about an origin, [R,L]: of each its values, its known and its past
// covariates, NaN where there are none. It returns the scale of each.
//
// by is the number of steps that a scale is of.
func (f frame) panel(x []float64, series []*forecast.Series, origin, by int) ([]forecast.Scale, error) {
	l := f.length()
	var scales []forecast.Scale
	next := func() []float64 {
		row := x[:l]
		x = x[l:]
		return row
	}
	for _, s := range series {
		scale, err := f.scaled(next(), s, origin, by)
		if err != nil {
			return nil, err
		}
		scales = append(scales, scale)
		for k, c := range f.Known {
			row := next()
			for i := range row {
				row[i] = (s.Known[k].At(origin-f.Context+i) - c.Mean) / c.SD
			}
		}
		for k, c := range f.Past {
			row := next()
			for i := range row {
				row[i] = math.NaN()
				if i < f.Context {
					row[i] = (s.Past[k].At(origin-f.Context+i) - c.Mean) / c.SD
				}
			}
		}
	}
	return scales, nil
}

// checkHide reports a word that is none.
func checkHide(word string) error {
	switch word {
	case HideHorizon, HideRandom, HideHistory, HideMix:
		return nil
	}
	return &ito.InputError{Where: "`hide`", What: fmt.Sprintf("%q", word),
		Do: "give horizon, random, history or mix"}
}
