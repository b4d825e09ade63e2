package recipe

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/path"
)

// mostCentres bounds the conditions among which the centre of a path is looked for.
const mostCentres = 1 << 14

// centreOf says which columns of the condition a path around a mean of each row, for states of dimension d, takes its
// means from; nil for another path.
func centreOf(p ito.Path, d int) ([]int, error) {
	r, ok := p.(ito.RowMean)
	if !ok {
		return nil, nil
	}
	c, μ := ito.Cond{C: mostCentres, X: make([]float64, mostCentres)}, ito.NewStates(1, d, 0)
	for i := range c.X {
		c.X[i] = float64(i)
	}
	if err := r.MeanOf(μ, c); err != nil {
		return nil, err
	}
	out := make([]int, d)
	for k, v := range μ.X {
		out[k] = int(v)
		if float64(out[k]) != v || v < 0 {
			return nil, &ito.UnsupportedError{What: "training on path " + p.Name() + " from a table",
				Why: "its means are no columns of the condition", Nearest: "path centred"}
		}
	}
	return out, nil
}

// fitConditions decides how the columns condition. Those that are the centre of the path are numbers in the
// coordinates of the states, as the means of rows are.
func (f *fit) fitConditions(taken []data.Column, d int) ([]ito.Condition, error) {
	centre, err := centreOf(f.cfg.probe(d, path.Settings{}), d)
	if err != nil {
		return nil, err
	}
	if centre == nil {
		return data.FitConditions(taken)
	}
	t := f.set.Transform
	if t.V != nil {
		return nil, &ito.UnsupportedError{What: "`transform=" + t.Kind + "` on a path with a centre of each row",
			Why: "it mixes the columns of which the condition has the means", Nearest: "`transform=standardise`"}
	}
	of := map[int]int{} // the state's column of a centre
	for k, at := range centre {
		of[at] = k
	}
	var out []ito.Condition
	at, found := 0, 0
	for _, c := range taken {
		k, ok := of[at]
		if !ok {
			one, err := data.FitConditions([]data.Column{c})
			if err != nil {
				return nil, err
			}
			out, at = append(out, one[0]), at+one[0].Width()
			continue
		}
		if c.Text != nil {
			return nil, &ito.InputError{Where: "`condition` " + c.Name, What: "it is text, and the centre of the path",
				Do: "give the columns of means in the order of the columns that are learnt"}
		}
		mean, sd := 0.0, 1.0
		if t.Shift != nil {
			mean = t.Shift[min(k, len(t.Shift)-1)]
		}
		if t.Scale != nil {
			sd = t.Scale[min(k, len(t.Scale)-1)]
		}
		out, at, found = append(out, ito.Condition{Column: c.Name, Mean: mean, SD: sd}), at+1, found+1
	}
	if found < len(centre) {
		return nil, &ito.InputError{Where: "`condition`",
			What: fmt.Sprintf("%d columns of the condition are the centre "+
				"of the path, which has %d columns", found, len(centre)),
			Do: "name a column of means for each column that is learnt, in their order"}
	}
	return out, nil
}
