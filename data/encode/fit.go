package encode

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// Fit makes the map between the rows of a table and states. given are the columns that a request may name; nil: all
// that are learnt. A table in which nothing varies is an *ito.InputError.
func Fit(f *frame.Frame, given []string) (*Table, error) {
	t := &Table{Schema: f.Schema}
	if f.Rows < 2 {
		return nil, &ito.InputError{Where: f.Name, What: fmt.Sprintf("it has %d row, of which nothing can be learnt",
			f.Rows), Do: "give a hundred or more"}
	}
	for k := range f.Schema.Columns {
		c := &f.Schema.Columns[k]
		if !c.Kind.Learnt() {
			continue
		}
		p, err := fitPart(f, k)
		if err != nil {
			return nil, err
		}
		if p.dim() > 0 {
			t.Parts = append(t.Parts, p)
			t.give(c.Name, given)
		}
	}
	if len(t.Parts) == 0 {
		why := "all of its rows are equal"
		for _, c := range f.Schema.Columns {
			if c.Kind == frame.Text || c.Kind == frame.Identifier {
				why = "none of its columns can be learnt: " + c.Name + " is " + string(c.Kind) +
					", and the others are " +
					"like that, or the same in every row"
			}
		}
		return nil, &ito.InputError{Where: f.Name, What: why,
			Do: "declare a column otherwise, as `types=zip=category`, " +
				"or give rows that differ"}
	}
	for _, name := range given {
		if f.Schema.Find(name) < 0 {
			return nil, &ito.InputError{Where: "`condition`", What: fmt.Sprintf("no column is named %q", name),
				Do: suggest.Among(name, f.Schema.Names())}
		}
		if !slices.ContainsFunc(t.Given, func(i int) bool { return t.column(i).Name == name }) {
			c := f.Schema.Columns[f.Schema.Find(name)]
			return nil, &ito.InputError{Where: "`condition` " + name,
				What: fmt.Sprintf("the column is %s, and not learnt: %s",
					c.Kind, c.Reason), Do: "declare it otherwise, as `types=" + name + "=category`, or leave it out"}
		}
	}
	t.order(f)
	if err := t.fitBound(frameRows{f}); err != nil {
		return nil, err
	}
	if err := t.ready(); err != nil || len(given) == 0 {
		return t, err
	}
	return t, t.fitDrawn(f)
}

// give lists the part just made, if it is one that a request may name.
func (t *Table) give(name string, given []string) {
	if given == nil || slices.Contains(given, name) {
		t.Given = append(t.Given, len(t.Parts)-1)
	}
}

func fitPart(f *frame.Frame, k int) (Part, error) {
	c := &f.Schema.Columns[k]
	switch {
	case c.Kind.Levelled():
		return fitLevelled(f, k)
	case c.Kind == frame.Time:
		return fitTimes(f, k)
	}
	p := Part{Column: k}
	there := gathered{few: fewPoints}
	few := map[float64]int{} // of each number, while there are few
	missing := 0
	if err := f.Each(func(_ int, row []float64) error {
		v := row[k]
		if math.IsNaN(v) {
			missing++
			return nil
		}
		if len(few) <= fewValues {
			few[v]++
		}
		return there.add(v)
	}); err != nil {
		return p, err
	}
	if p.fitFew(few, there.n, missing) {
		return p, there.close()
	}
	if there.n == 0 {
		return Part{Column: k}, nil
	}
	if math.IsInf(c.High-c.Low, 0) {
		return p, &ito.InputError{Where: f.Name + ": column " + c.Name,
			What: fmt.Sprintf("its numbers go from %g to %g, whose distance is no number", c.Low, c.High),
			Do:   "give them in another unit, or `ignore` it"}
	}
	p.gap(there.n, missing)
	var err error
	p.Number, err = there.number(c.Step)
	return p, err
}

// gap is whether a cell is there.
func (p *Part) gap(there, missing int) {
	if missing > 0 && there > 0 {
		p.Gap = fitLevels([]int{0, -1}, []int{there, missing})
	}
}

func fitLevelled(f *frame.Frame, k int) (Part, error) {
	counts := make([]int, len(f.Schema.Columns[k].Levels))
	missing := 0
	if err := f.Each(func(_ int, row []float64) error {
		if v := row[k]; math.IsNaN(v) {
			missing++
		} else {
			counts[int(v)]++
		}
		return nil
	}); err != nil {
		return Part{}, err
	}
	var codes, own []int
	for code, n := range counts {
		if n > 0 {
			codes, own = append(codes, code), append(own, n)
		}
	}
	if missing > 0 {
		codes, own = append(codes, -1), append(own, missing)
	}
	return Part{Column: k, Levels: fitLevels(codes, own)}, nil
}

// fewValues of a column of numbers are levels, where each comes often.
const fewValues = 10

// fitFew makes levels of few numbers.
func (p *Part) fitFew(counts map[float64]int, n, missing int) bool {
	if len(counts) > fewValues || n < often*len(counts) || len(counts) < 2 {
		return false
	}
	p.Values = slices.Sorted(maps.Keys(counts))
	var codes, own []int
	for k, x := range p.Values {
		codes, own = append(codes, k), append(own, counts[x])
	}
	if missing > 0 {
		codes, own = append(codes, -1), append(own, missing)
	}
	p.Levels = fitLevels(codes, own)
	return true
}

// fitTimes fills the maps of times.
func fitTimes(f *frame.Frame, k int) (Part, error) {
	c := &f.Schema.Columns[k]
	p := Part{Column: k}
	var weeks, months, clock gathered
	var days [7]int
	first, missing := true, 0
	step, whole, before := 0., true, math.NaN()
	if err := f.Each(func(_ int, row []float64) error {
		v := row[k]
		if math.IsNaN(v) {
			missing++
			return nil
		}
		t := split(c.Local(v))
		days[t.weekday]++
		first = first && t.first
		if before != before {
			before = t.second
		}
		d := math.Abs(t.second - before)
		if whole = whole && d == math.Trunc(d); whole {
			step = divisor(step, d)
		}
		return errors.Join(weeks.add(t.week), months.add(t.month), clock.add(t.second))
	}); err != nil {
		return p, err
	}
	if clock.n == 0 {
		return p, nil
	}
	p.gap(clock.n, missing)
	var err error
	if first && c.Dated() || !strings.ContainsAny(strings.ReplaceAll(c.Layout, "2006", ""), "2_") && !c.Clocked() {
		if p.Months, err = months.number(1); err != nil {
			return p, err
		}
		err = weeks.close()
	} else {
		var codes, counts []int
		for d, n := range days {
			if n > 0 {
				codes, counts = append(codes, d), append(counts, n)
			}
		}
		if p.Weeks, err = weeks.number(1); err != nil {
			return p, err
		}
		p.Days = fitLevels(codes, counts)
		err = months.close()
	}
	if err != nil {
		return p, err
	}
	if !whole {
		step = 0
	}
	p.Clock, err = clock.number(step)
	return p, err
}

// divisor is the greatest common divisor of whole numbers.
func divisor(a, b float64) float64 {
	for b != 0 {
		a, b = b, math.Mod(a, b)
	}
	return a
}

// order puts levels that have digits in the order of the mean of that column of numbers which they tell most about,
// so that levels with the same first digits are alike.
func (t *Table) order(f *frame.Frame) {
	for i := range t.Parts {
		l := t.Parts[i].Levels
		if l == nil || l.Base == 0 {
			continue
		}
		l.index()
		best, most := []float64(nil), 0.
		for j := range t.Parts {
			n := t.Parts[j].Number
			if n == nil || n.dim() == 0 {
				continue
			}
			sum, count := make([]float64, len(l.Codes)), make([]float64, len(l.Codes))
			_ = f.Each(func(_ int, row []float64) error { // the rows were read before
				x, k := row[t.Parts[j].Column], l.at(t.Parts[i].code(row[t.Parts[i].Column]))
				if !math.IsNaN(x) && k >= 0 {
					sum[k] += n.encode(x, .5)
					count[k]++
				}
				return nil
			})
			between := 0.
			for k := range sum {
				if count[k] > 0 {
					sum[k] /= count[k]
				}
				between += count[k] * sum[k] * sum[k]
			}
			if between > most {
				best, most = sum, between
			}
		}
		if best != nil {
			mean := map[int]float64{}
			for k, c := range l.Codes {
				mean[c] = best[k]
			}
			slices.SortStableFunc(l.Codes, func(a, b int) int {
				switch {
				case mean[a] < mean[b]:
					return -1
				case mean[a] > mean[b]:
					return 1
				}
				return a - b
			})
		}
	}
}
