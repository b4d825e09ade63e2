package relate

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
)

// rows reads the parent, and where the rows with each of some keys are.
func (s *inferred) rows(keys [][]string) (*frame.Frame, []map[string]int32, error) {
	type look struct {
		at, in         []int
		row            map[string]int32
		missing, twice lines
	}
	looks := make([]look, len(keys))
	out := make([]map[string]int32, len(keys))
	for i, k := range keys {
		looks[i] = look{at: s.places(k), row: map[string]int32{}}
		for _, name := range k {
			looks[i].in = append(looks[i].in, s.schema.Find(name))
		}
		out[i] = looks[i].row
	}
	n := 0
	f, err := frame.Build(s.in.Name, s.schema, s.held, func(add func([]float64) error) error {
		return s.in.ScanCells(s.schema, func(line int, row []float64, cells []string) error {
			if n == math.MaxInt32 {
				return &ito.InputError{Where: s.in.Name, What: "more than 2³¹ rows", Do: "give fewer"}
			}
			for i := range looks {
				l := &looks[i]
				key := keyOf(cells, l.at, row, l.in)
				if key == "" {
					l.missing.add(line, "")
				} else if _, twice := l.row[key]; twice {
					l.twice.add(line, shown(key))
				} else {
					l.row[strings.Clone(key)] = int32(n)
				}
			}
			n++
			return add(row)
		})
	})
	if err != nil {
		return nil, nil, err
	}
	bad := &frame.Faults{Name: s.in.Name}
	for i, l := range looks {
		column := strings.Join(keys[i], ",")
		if l.missing.count > 0 {
			bad.List = append(bad.List, frame.Fault{Column: column, Lines: l.missing.at, Count: l.missing.count,
				What: "the key is missing", Do: "give every row one, or leave those rows out"})
		}
		if l.twice.count > 0 {
			bad.List = append(bad.List, frame.Fault{Column: column, Lines: l.twice.at, Count: l.twice.count,
				What: fmt.Sprintf("the key stands twice, as %s", l.twice.first),
				Do:   "name columns that together are another in every row, as `key=shop,number`"})
		}
	}
	if len(bad.List) > 0 {
		return nil, nil, errors.Join(bad, f.Close())
	}
	return f, out, nil
}

func shown(key string) string {
	return fmt.Sprintf("%q", strings.ReplaceAll(strings.TrimSuffix(key, "\x00"), "\x00", ","))
}

// lines are those of rows that are wrong in one way.
type lines struct {
	at    []int
	first string
	count int
}

func (l *lines) add(line int, first string) {
	if l.count++; l.count == 1 {
		l.first = strings.Clone(first)
	}
	if len(l.at) < 5 {
		l.at = append(l.at, line)
	}
}
