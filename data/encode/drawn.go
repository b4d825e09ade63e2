package encode

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/rng"
)

// Drawn is how often the levels of the conditions of a table stand together in the data. Samples of which nothing is
// asked have conditions by that law: combination k with probability Counts[k]/Σ Counts.
type Drawn struct {
	Given  []int   `json:"given"`  // places in Table.Given; none: the one Number is drawn
	Codes  [][]int `json:"codes"`  // of each combination, in the order of the parts' levels
	Counts []int   `json:"counts"` // rows of each
	// Number is the place in Table.Given of a number that is drawn by its own law, where no condition has levels; −1:
	// none is.
	Number int `json:"number"`
}

// mostDrawn combinations are kept; beyond, the columns of most levels are left to the model.
const mostDrawn = 1 << 14

// fitDrawn counts the combinations of the conditions that have levels. Columns whose combinations would be too many,
// and numbers beside levels, are drawn by the model given the others.
func (t *Table) fitDrawn(f *frame.Frame) error {
	d := &Drawn{Number: -1}
	for k, g := range t.Given {
		if t.Parts[g].Levels != nil {
			d.Given = append(d.Given, k)
		}
	}
	for len(d.Given) > 0 {
		ok, err := t.count(d, f)
		if err != nil {
			return err
		}
		if ok {
			t.Drawn = d
			return nil
		}
		most := slices.MaxFunc(d.Given, func(a, b int) int {
			return len(t.Parts[t.Given[a]].Levels.Codes) - len(t.Parts[t.Given[b]].Levels.Codes)
		})
		d.Given = slices.DeleteFunc(d.Given, func(k int) bool { return k == most })
	}
	for k, g := range t.Given {
		if p := &t.Parts[g]; p.Number != nil && p.Number.dim() == 1 && p.Gap == nil && !t.isBound(p.Column) {
			d.Number = k
			t.Drawn = d
			return nil
		}
	}
	return nil
}

// count counts the combinations of d.Given; false where there are too many.
func (t *Table) count(d *Drawn, f *frame.Frame) (bool, error) {
	places := make([]map[float64]int, len(d.Given))
	for i, k := range d.Given {
		p := &t.Parts[t.Given[k]]
		places[i] = map[float64]int{}
		for at, code := range p.Levels.Codes {
			if code >= 0 {
				places[i][p.cell(code)] = at
			}
		}
	}
	counts, key := map[string]int{}, make([]byte, 4*len(d.Given))
	err := f.Each(func(_ int, row []float64) error {
		if len(counts) > mostDrawn {
			return nil
		}
		for i, k := range d.Given {
			p := &t.Parts[t.Given[k]]
			v := row[p.Column]
			at, ok := places[i][v]
			if math.IsNaN(v) {
				at = slices.Index(p.Levels.Codes, -1)
				ok = at >= 0
			}
			if !ok {
				return fmt.Errorf("encode: column %s has no level for %g", t.column(t.Given[k]).Name, v)
			}
			binary.BigEndian.PutUint32(key[4*i:], uint32(at))
		}
		counts[string(key)]++
		return nil
	})
	if err != nil || len(counts) > mostDrawn {
		return false, err
	}
	var keys []string
	for k := range counts {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	d.Codes, d.Counts = nil, nil
	for _, k := range keys {
		codes := make([]int, len(d.Given))
		for i := range codes {
			codes[i] = int(binary.BigEndian.Uint32([]byte(k[4*i:])))
		}
		d.Codes, d.Counts = append(d.Codes, codes), append(d.Counts, counts[k])
	}
	return true, nil
}

// check reports what is no such law.
func (d *Drawn) check(t *Table) string {
	if d == nil {
		return ""
	}
	if len(d.Codes) != len(d.Counts) || (len(d.Given) == 0) != (len(d.Codes) == 0) ||
		len(d.Given) == 0 && d.Number < 0 ||
		d.Number >= len(t.Given) || d.Number >= 0 && t.Parts[t.Given[d.Number]].Number == nil {
		return "a law of conditions that is none"
	}
	total := 0
	for i, codes := range d.Codes {
		if len(codes) != len(d.Given) || d.Counts[i] < 1 || total > math.MaxInt-d.Counts[i] {
			return "a combination of conditions that is none"
		}
		total += d.Counts[i]
		for j, at := range codes {
			k := d.Given[j]
			if k < 0 || k >= len(t.Given) || t.Parts[t.Given[k]].Levels == nil || at < 0 ||
				at >= len(t.Parts[t.Given[k]].Levels.Codes) {
				return "a combination of conditions that there are not"
			}
		}
	}
	return ""
}

// AsData asks for conditions as the data have them, sample by sample; nil where the table keeps no law of them.
func (t *Table) AsData() *Request {
	if t.Drawn == nil {
		return nil
	}
	q := &Request{table: t, rows: []wanted{t.nothing()}, asData: true}
	total := 0
	for _, n := range t.Drawn.Counts {
		total += n
		q.upTo = append(q.upTo, float64(total))
	}
	return q
}

// DrawnColumns are the conditions that [Table.AsData] draws.
func (t *Table) DrawnColumns() []string {
	var out []string
	if d := t.Drawn; d != nil {
		for _, k := range d.Given {
			out = append(out, t.column(t.Given[k]).Name)
		}
		if d.Number >= 0 {
			out = append(out, t.column(t.Given[d.Number]).Name)
		}
	}
	return out
}

// ofData are the conditions of a sample: those of the combination in which the uniform number of its id falls.
func (q *Request) ofData(id, seed uint64) wanted {
	t, d := q.table, q.table.Drawn
	w := t.nothing()
	var u [1]float64
	rng.NewKey(seed, purposeRange, 0, 1).Uniforms64(u[:], 1, []uint64{id})
	if d.Number >= 0 {
		if v, ok := t.marginal(test{given: d.Number, low: math.Inf(-1), high: math.Inf(1)}, u[0]); ok {
			w.cells[d.Number], w.there[d.Number] = v, true
		}
		return w
	}
	last := len(q.upTo) - 1
	at, exact := slices.BinarySearch(q.upTo, u[0]*q.upTo[last])
	if exact { // of a combination that begins there
		at++
	}
	at = min(at, last)
	for j, k := range d.Given {
		p := &t.Parts[t.Given[k]]
		w.cells[k], w.there[k] = p.cell(p.Levels.Codes[d.Codes[at][j]]), true
	}
	return w
}
