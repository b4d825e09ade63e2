package encode

import (
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/data/frame"
)

// Combos are the combinations of cells that some columns have in the data: levels of their own in the states.
type Combos struct {
	Columns []int       `json:"columns"`
	Cells   [][]float64 `json:"-"`
	Rows    [][]string  `json:"rows"` // the cells as they are written; JSON has no missing number
	Levels  *Levels     `json:"levels"`

	place map[string]int
}

// key names a combination of cells of a row.
func (c *Combos) key(row []float64, columns []int) string {
	b := make([]byte, 0, 8*len(columns))
	for _, k := range columns {
		v := math.Float64bits(row[k] + 0)
		if row[k] != row[k] {
			v = math.MaxUint64
		}
		for i := range 8 {
			b = append(b, byte(v>>(8*i)))
		}
	}
	return string(b)
}

// number is that of the combination of a row, −1 of one that the data do not have.
func (c *Combos) number(row []float64) int {
	if k, ok := c.place[c.key(row, c.Columns)]; ok {
		return k
	}
	return -1
}

// index makes combinations findable.
func (c *Combos) index() {
	all := make([]int, len(c.Columns))
	for i := range all {
		all[i] = i
	}
	c.place = make(map[string]int, len(c.Cells))
	for k, cells := range c.Cells {
		c.place[c.key(cells, all)] = k
	}
}

// upTo is the least number of the column's lattice at or above v.
func upTo(c *frame.Column, v float64) float64 {
	w := c.Snap(v)
	if c.Step > 0 {
		if w < v {
			w = c.Snap(w + c.Step)
		}
		return w
	}
	return max(w, v)
}

// downTo is the largest number of the column's lattice at or below v.
func downTo(c *frame.Column, v float64) float64 {
	w := c.Snap(v)
	if c.Step > 0 {
		if w > v {
			w = c.Snap(w - c.Step)
		}
		return w
	}
	return min(w, v)
}

func (t *Table) fitCombos(f rows, columns []int) (Combos, error) {
	c := Combos{Columns: columns, place: map[string]int{}}
	var counts []int
	err := f.each(func(row []float64) error {
		key := c.key(row, columns)
		k, ok := c.place[key]
		if !ok {
			k = len(c.Cells)
			c.place[key] = k
			cells := make([]float64, len(columns))
			for i, at := range columns {
				cells[i] = row[at]
			}
			c.Cells, counts = append(c.Cells, cells), append(counts, 0)
		}
		counts[k]++
		return nil
	})
	if err != nil {
		return c, err
	}
	order := make([]int, len(c.Cells))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return slices.Compare(c.Cells[a], c.Cells[b]) })
	cells, own, codes := make([][]float64, len(order)), make([]int, len(order)), make([]int, len(order))
	for to, from := range order {
		cells[to], own[to], codes[to] = c.Cells[from], counts[from], to
	}
	c.Cells = cells
	for _, cells := range c.Cells {
		words := make([]string, len(columns))
		for i, v := range cells {
			words[i] = exact(v)
		}
		c.Rows = append(c.Rows, words)
	}
	c.Levels = fitLevels(codes, own)
	c.index()
	return c, nil
}
