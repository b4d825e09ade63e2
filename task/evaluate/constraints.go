package evaluate

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito/data/frame"
)

// Kept is how a constraint is kept.
type Kept struct {
	Constraint string `json:"constraint"`
	Samples    int    `json:"samples"` // rows that break it
	Of         int    `json:"of"`
	Data       int    `json:"data"` // rows of the data that do
	OfData     int    `json:"of_data"`
}

// kept counts the rows of samples x and data y that break the constraints of the schema of y. Combinations are fixed
// as the data have them.
func kept(s frame.Schema, y, x *frame.Frame) ([]Kept, error) {
	rules, err := s.Compile()
	if err != nil || len(rules) == 0 {
		return nil, err
	}
	out := make([]Kept, len(rules))
	seen := make([]map[string]bool, len(rules))
	for side, f := range []*frame.Frame{y, x} {
		row := recode(&s, f)
		for i := range f.Rows {
			cells := row(f.Row(i))
			for k := range rules {
				r := &rules[k]
				met := r.Met(cells)
				if r.Kind == frame.Fixed {
					if seen[k] == nil {
						seen[k] = map[string]bool{}
					}
					var b strings.Builder
					for _, at := range r.Columns {
						b.WriteString(strconv.FormatFloat(cells[at], 'g', -1, 64) + " ")
					}
					if side == 0 {
						seen[k][b.String()] = true
					}
					met = seen[k][b.String()]
				}
				if !met && side == 0 {
					out[k].Data++
				} else if !met {
					out[k].Samples++
				}
			}
		}
	}
	for k := range out {
		out[k].Constraint, out[k].Of, out[k].OfData = rules[k].Text, x.Rows, y.Rows
	}
	return out, nil
}

// recode gives the rows of a frame in the columns and codes of a schema: levels that it does not have are −2.
func recode(s *frame.Schema, f *frame.Frame) func(row []float64) []float64 {
	out := make([]float64, len(s.Columns))
	at := make([]int, len(s.Columns))
	codes := make([][]float64, len(s.Columns))
	for k := range s.Columns {
		c := &s.Columns[k]
		if at[k] = f.Schema.Find(c.Name); at[k] < 0 {
			continue
		}
		if from := &f.Schema.Columns[at[k]]; from.Kind == frame.Constant && c.Kind != frame.Constant {
			v, err := c.Parse(from.Value)
			if from.Missing > 0 {
				v, err = math.NaN(), nil
			}
			if err != nil {
				v = -2
			}
			at[k], out[k] = -1, v
			continue
		}
		if !c.Kind.Levelled() {
			continue
		}
		place := map[string]float64{}
		for l, w := range c.Levels {
			place[w], place[plainNumber(w)] = float64(l), float64(l)
		}
		for _, w := range f.Schema.Columns[at[k]].Levels {
			v, ok := place[w]
			if !ok {
				v, ok = place[plainNumber(w)]
			}
			if !ok {
				v = -2
			}
			codes[k] = append(codes[k], v)
		}
	}
	return func(row []float64) []float64 {
		for k := range out {
			if at[k] < 0 {
				continue
			}
			out[k] = row[at[k]]
			if codes[k] != nil && out[k] == out[k] {
				out[k] = codes[k][int(out[k])]
			}
		}
		return out
	}
}

// KeptRows is the table of constraints; nil where there is none.
func (t *TableReport) KeptRows() [][]string {
	if len(t.Constraints) == 0 {
		return nil
	}
	out := [][]string{{"constraint", "samples that break it", "rows of the data that do"}}
	for _, k := range t.Constraints {
		out = append(out, []string{k.Constraint, fmt.Sprintf("%d of %d", k.Samples, k.Of),
			fmt.Sprintf("%d of %d", k.Data, k.OfData)})
	}
	return out
}
