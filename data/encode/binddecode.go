package encode

import (
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/data/frame"
)

// drawing is a row that is being decoded.
type drawing struct {
	t       *Table
	row     []float64
	state   []float64
	given   []bool // of columns
	missing []bool // of those that are not decoded yet, as the state has it
	high    []float64
}

// decodeBound decodes a state with some cells given: row has them, and given says which.
func (t *Table) decodeBound(row, state []float64, given []bool) {
	n := len(t.Schema.Columns)
	d := drawing{t: t, row: row, state: state, given: given, missing: make([]bool, n), high: make([]float64, n)}
	for k := range n {
		i := t.bound.part[k]
		switch {
		case given[k]:
			d.missing[k] = row[k] != row[k]
		case i < 0:
			row[k] = t.alone(k)
		case t.bound.combo[k] >= 0:
		case t.bound.slot[k] >= 0:
			d.missing[k] = t.Slots[t.bound.slot[k]].missing(d.values(i))
		default:
			row[k] = t.Parts[i].decode(d.values(i), &t.Schema.Columns[k])
			d.missing[k] = row[k] != row[k]
		}
		for _, r := range t.bound.columns[k].then {
			d.missing[k] = d.missing[k] && !r.Then.Present
		}
	}
	for i := n - 1; i >= 0; i-- { // the most that leaves room for what is above
		k := t.bound.order[i]
		if d.high[k] = t.Schema.Columns[k].High; given[k] && row[k] == row[k] {
			d.high[k] = row[k]
		}
		for _, j := range t.bound.columns[k].above {
			if !d.missing[j] && t.bound.slot[j] >= 0 {
				d.high[k] = min(d.high[k], d.high[j]-t.Slots[t.bound.slot[j]].Least)
			}
		}
	}
	for i := range t.Combos {
		d.combination(&t.Combos[i])
	}
	for _, k := range t.bound.order {
		if !given[k] && t.bound.part[k] >= 0 && t.bound.combo[k] < 0 {
			row[k] = d.cell(k)
			d.missing[k] = row[k] != row[k]
		}
	}
}

// values is the state of a part.
func (d *drawing) values(i int) []float64 {
	return d.state[d.t.starts[i] : d.t.starts[i]+d.t.widths[i]]
}

// combination decodes columns together: the nearest combination that has the cells that are given.
func (d *drawing) combination(c *Combos) {
	k := c.Levels.among(d.values(d.t.bound.part[c.Columns[0]]), func(code int) bool {
		for i, at := range c.Columns {
			if d.given[at] && exact(d.row[at]) != c.Rows[code][i] {
				return false
			}
		}
		return true
	})
	for i, at := range c.Columns {
		if !d.given[at] {
			d.row[at] = c.Cells[k][i]
		}
	}
}

// allowed reports a cell that no constraint of an implication speaks against, given what is decoded and given.
func (d *drawing) allowed(k int, v float64) bool {
	b := &d.t.bound.columns[k]
	for _, r := range b.then {
		if r.If.Holds(d.row[r.Columns[0]]) && !r.Then.Allows(v) {
			return false
		}
	}
	for _, r := range b.ifs {
		if j := r.Columns[1]; d.given[j] && r.If.Holds(v) && !r.Then.Allows(d.row[j]) {
			return false
		}
	}
	return true
}

// cell decodes one column.
func (d *drawing) cell(k int) float64 {
	t := d.t
	c, b, i := &t.Schema.Columns[k], &t.bound.columns[k], t.bound.part[k]
	p, x := &t.Parts[i], d.values(i)
	at := t.bound.slot[k]
	if at < 0 && p.Levels != nil {
		code := p.Levels.among(x, func(code int) bool { return d.allowed(k, p.cell(code)) })
		return d.total(k, p.cell(code))
	}
	missing := d.missing[k]
	for _, r := range b.then {
		if r.If.Holds(d.row[r.Columns[0]]) {
			if r.Then.Missing {
				return math.NaN()
			}
			missing = missing && !r.Then.Present
		}
	}
	if missing && d.allowed(k, math.NaN()) {
		return math.NaN()
	}
	if at < 0 {
		v := p.present(x, c)
		v = d.within(c, v, math.Inf(-1), d.high[k], p.Weeks != nil)
		return d.outside(k, d.total(k, v))
	}
	return d.outside(k, d.slotted(k, &t.Slots[at], x))
}

// within brings a number or time onto the lattice of its column between two ends; weekly: by whole weeks.
func (d *drawing) within(c *frame.Column, v, low, high float64, weekly bool) float64 {
	const week = 7 * 86400
	low, high = max(low, c.Low), min(high, c.High)
	if weekly && high-low >= week {
		if v > high {
			v -= week * math.Ceil((v-high)/week)
		}
		if v < low {
			v += week * math.Ceil((low-v)/week)
		}
	}
	low, high = low-c.Step*slightly, high+c.Step*slightly
	if v = c.Snap(v); v > high {
		v = downTo(c, high)
	}
	if v < low {
		v = upTo(c, low)
	}
	return v
}

// outside moves a number that an implication with a given other side speaks against.
func (d *drawing) outside(k int, v float64) float64 {
	c := &d.t.Schema.Columns[k]
	for _, r := range d.t.bound.columns[k].ifs {
		if j := r.Columns[1]; !d.given[j] || v != v || !r.If.Holds(v) || r.Then.Allows(d.row[j]) || r.If.Set != nil ||
			r.If.Missing {
			continue
		}
		step := max(c.Step, 0)
		below, above := c.Snap(math.Nextafter(r.If.Low-step, math.Inf(-1))), c.Snap(math.Nextafter(r.If.High+step,
			math.Inf(1)))
		switch {
		case !r.If.Holds(below) && (r.If.Holds(above) || v-below < above-v):
			v = below
		case !r.If.Holds(above):
			v = above
		case d.t.Slots != nil && d.t.bound.slot[k] >= 0 && d.t.Slots[d.t.bound.slot[k]].Gap != nil,
			d.t.Parts[d.t.bound.part[k]].Gap != nil:
			return math.NaN()
		}
	}
	return v
}

// nearest is the number of a sorted set that is nearest.
func nearest(set []float64, v float64) float64 {
	k, _ := slices.BinarySearch(set, v)
	if k == len(set) || k > 0 && v-set[k-1] <= set[k]-v {
		k--
	}
	return set[k]
}
