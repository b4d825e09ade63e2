package task

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/draws"
)

// IsDraws reports that a file holds draws of ito infer, or of CmdStan, which [Env.Rows] reads as rows of parameters.
func (e *Env) IsDraws(name string) bool { return e.Open == nil && name != "-" && draws.Known(name) }

// drawn reads the draws of a file as a table of the parameters: all chains, without the sampler's statistics, and of
// weighted particles as many of equal weight. It has whatever is drawn or derived, under the names that tables show.
func (e *Env) drawn(name string) (*data.Table, error) {
	s, err := draws.Read(name)
	if err != nil {
		return nil, err
	}
	s = s.Resampled(s.Chains * s.Draws)
	t := &data.Table{Name: name, Columns: s.Parameters(), Rows: s.Chains * s.Draws}
	t.Columns = append([]string(nil), t.Columns...)
	for k, c := range t.Columns {
		t.Columns[k] = draws.Label(c)
	}
	t.Cols = len(t.Columns)
	t.X = make([]float64, 0, t.Rows*t.Cols)
	for c := range s.Chains {
		for i := range s.Draws {
			for k := range t.Cols {
				v := s.Chain(s.Stats+k, c)[i]
				if v-v != 0 {
					return nil, &ito.InputError{Where: name, What: fmt.Sprintf("%s is %v at draw %d of chain %d",
						t.Columns[k], v, i+1, c+1), Do: "leave the column out with `ignore`, or draw again"}
				}
				t.X = append(t.X, v)
			}
		}
	}
	return t, nil
}
