package relate

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
)

// Child is a table whose rows belong to the rows of the parent.
type Child struct {
	Name string
	Key  Key
	// Frame has the rows of the file that belong to a row. The columns of the key are identifiers, and not learnt.
	Frame   *frame.Frame
	Count   string  // the column of the parent's frame that has the number of rows
	Of      []int32 // the row of the parent, of each row
	Place   []int32 // how many rows before it, in the order of the file, belong to the same
	Before  []int32 // the last of these; −1: there is none
	Most    int     // the largest number of rows of one of the parent
	Without int     // rows of the parent that none belongs to
	Orphans int     // rows of the file that belong to none, and were left out
}

// read reads the rows of a child.
func (c *Child) read(s *inferred, parent *frame.Frame, places map[string]int32, drop bool) error {
	at := s.places(c.Key.Child)
	var in []int
	for _, name := range c.Key.Child {
		in = append(in, s.schema.Find(name))
	}
	counts, last := make([]int32, parent.Rows), make([]int32, parent.Rows)
	for i := range last {
		last[i] = -1
	}
	var orphans lines
	var err error
	c.Frame, err = frame.Build(s.in.Name, s.schema, s.held, func(add func([]float64) error) error {
		return s.in.ScanCells(s.schema, func(line int, row []float64, cells []string) error {
			key := keyOf(cells, at, row, in)
			p, ok := places[key]
			if key == "" || !ok {
				orphans.add(line, shown(key))
				return nil
			}
			if len(c.Of) == math.MaxInt32 {
				return &ito.InputError{Where: s.in.Name, What: "more than 2³¹ rows", Do: "give fewer"}
			}
			c.Of, c.Place, c.Before = append(c.Of, p), append(c.Place, counts[p]), append(c.Before, last[p])
			last[p] = int32(len(c.Of) - 1)
			counts[p]++
			return add(row)
		})
	})
	if err != nil {
		return err
	}
	if c.Orphans = orphans.count; c.Orphans > 0 && !drop {
		err := &frame.Faults{Name: s.in.Name, List: []frame.Fault{{Column: strings.Join(c.Key.Child, ","),
			Lines: orphans.at, Count: orphans.count, What: fmt.Sprintf("%s of %d to no row of %s; the first has the "+
				"key %s",
				belong(orphans.count), orphans.count+c.Frame.Rows, parent.Name, orphans.first),
			Do: "mend them, or leave them out by `orphans=drop`"}}}
		return errors.Join(err, c.Frame.Close())
	}
	if c.Frame.Rows == 0 {
		return errors.Join(&ito.InputError{Where: s.in.Name, What: "no row of it belongs to a row of " + parent.Name,
			Do: "name the columns that say so in `key`"}, c.Frame.Close())
	}
	for _, n := range counts {
		c.Most = max(c.Most, int(n))
		if n == 0 {
			c.Without++
		}
	}
	return nil
}

func belong(n int) string {
	if n == 1 {
		return "1 row belongs"
	}
	return fmt.Sprintf("%d rows belong", n)
}

// CountName is the name of the column with the number of rows of a child, beside these of its parent.
func CountName(child string, columns []string) string {
	name := child + ".rows"
	for slices.Contains(columns, name) {
		name += "_"
	}
	return name
}

// count makes the frame of the parent: its own columns, and the numbers of rows of each child.
func (t *Tables) count(own *frame.Frame) error {
	s := own.Schema
	s.Columns = slices.Clone(s.Columns)
	counts := make([][]int32, len(t.Children))
	for i := range t.Children {
		c := &t.Children[i]
		c.Count = CountName(c.Name, s.Names())
		counts[i] = make([]int32, own.Rows)
		for _, p := range c.Of {
			counts[i][p]++
		}
		different := map[int32]bool{}
		for _, n := range counts[i] {
			different[n] = true
		}
		s.Columns = append(s.Columns, frame.Column{Name: c.Count, Kind: frame.Integer, Rows: own.Rows,
			Reason: fmt.Sprintf("rows of %s for each, from %d to %d", c.Name, slices.Min(counts[i]), c.Most),
			Low:    float64(slices.Min(counts[i])), High: float64(c.Most), Step: 1, Distinct: float64(len(different))})
	}
	row := make([]float64, len(s.Columns))
	var err error
	t.Parent, err = frame.Build(own.Name, s, heldOf(own), func(add func([]float64) error) error {
		return own.Each(func(i int, cells []float64) error {
			copy(row, cells)
			for j := range counts {
				row[t.Own+j] = float64(counts[j][i])
			}
			return add(row)
		})
	})
	return err
}

// heldOf has a frame in memory where another is.
func heldOf(f *frame.Frame) int {
	if f.Held() {
		return 0
	}
	return 1
}
