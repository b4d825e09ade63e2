package read

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/seed9a7962a8/ito/forecast"
)

// mostSteps bounds the length of a series, gaps included.
const mostSteps = 50_000_000

// result makes the series of what was read.
func (r *reader) result() (*Result, error) {
	for _, b := range r.order {
		if b.t != nil {
			if err := r.sort(b); err != nil {
				return nil, err
			}
		}
	}
	out := &Result{Format: r.format}
	if r.freq.N == 0 {
		var times [][]int64
		for _, b := range r.order[:min(len(r.order), 2000)] {
			times = append(times, b.t)
		}
		var ok bool
		if r.freq, ok = inferFreq(times, r.zone); !ok {
			return nil, r.bad("give `freq`, such as 1h", "no series has two times, so that the frequency is not known")
		}
		out.Inferred = true
	}
	set := &forecast.Set{Name: r.name, Freq: r.freq}
	left := r.o.MostSteps
	for _, b := range r.order {
		if err := r.bounded(b, &left); err != nil {
			return nil, err
		}
		s, err := r.regular(b, out.Inferred)
		if err != nil {
			return nil, err
		}
		set.Series = append(set.Series, s)
	}
	if err := r.o.Calendar.add(set, r.o.Ahead); err != nil {
		return nil, err
	}
	if err := set.Check(); err != nil {
		return nil, err
	}
	r.describe(set)
	out.Set, out.Findings = set, r.found.all()
	for _, f := range out.Findings {
		set.Notes = append(set.Notes, f.Text)
	}
	return out, nil
}

// bounded takes the steps of a series from what is left, where that is bounded.
func (r *reader) bounded(b *builder, left *int) error {
	if r.o.MostSteps == 0 {
		return nil
	}
	n := len(b.x)
	if len(b.t) > 0 {
		last, _ := r.freq.Index(time.Unix(b.t[0], 0).In(r.zone), time.Unix(b.t[len(b.t)-1], 0).In(r.zone))
		n = last + 1
	}
	if *left -= n; *left < 0 {
		return r.bad("look at its times, give a coarser `freq`, or fewer series",
			"with series %s it would have more than %d steps", b.id, r.o.MostSteps)
	}
	return nil
}

// sort puts rows in order of their times and merges those of one time.
func (r *reader) sort(b *builder) error {
	order := make([]int, len(b.t))
	for i := range order {
		order[i] = i
	}
	if !slices.IsSorted(b.t) {
		r.found.add("unsorted", 1, b.id, "series", "with rows that are not in the order of time, which were sorted")
		slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(b.t[x], b.t[y]) })
	}
	c := &builder{id: b.id, static: b.static, cov: make([][]float64, len(b.cov))}
	for _, i := range order {
		n := len(c.t)
		if n > 0 && c.t[n-1] == b.t[i] {
			if err := r.merge(c, b, i); err != nil {
				return err
			}
			continue
		}
		c.t, c.line, c.x = append(c.t, b.t[i]), append(c.line, b.line[i]), append(c.x, b.x[i])
		for k := range b.cov {
			c.cov[k] = append(c.cov[k], b.cov[k][i])
		}
	}
	*b = *c
	return nil
}

// where is the place of row i for a person.
func (b *builder) where(i int) string {
	switch line := b.line[i]; {
	case line > 0:
		return fmt.Sprintf("line %d", line)
	case line < 0:
		return fmt.Sprintf("line %d of the appended file", -line)
	}
	return b.id
}

// merge takes row i of b into the last of c, which has the same time: what one of them does not have is the other's,
// and two numbers must be one.
func (r *reader) merge(c, b *builder, i int) error {
	n := len(c.t) - 1
	if r.format == Wide {
		return r.at(int(b.line[i]), "", "name the column that tells series apart by `id`, and that of the values by "+
			"`value`; or keep one row a time", "the time %s stands there before, and the table is taken to have a "+
			"column a series", r.show(b.t[i]))
	}
	one := func(x *float64, y float64, what string) error {
		switch {
		case math.IsNaN(*x):
			*x = y
		case !math.IsNaN(y) && *x != y:
			return r.at(int(b.line[i]), what, "keep one of them, or add them up first",
				"series %s has the time %s twice, with %g and %g", b.id, r.show(b.t[i]), *x, y)
		}
		return nil
	}
	if err := one(&c.x[n], b.x[i], ""); err != nil {
		return err
	}
	names := append(slices.Clone(r.known), r.past...)
	for k := range b.cov {
		if err := one(&c.cov[k][n], b.cov[k][i], names[k]); err != nil {
			return err
		}
	}
	where := b.where(i)
	r.found.add("duplicate", 1, where, "row", "of a time that stands there before, which agree and were merged")
	return nil
}

func (r *reader) show(t int64) string {
	return time.Unix(t, 0).In(r.zone).Format("2006-01-02 15:04:05 -07:00")
}

// regular puts the rows of a series on the grid of the frequency.
func (r *reader) regular(b *builder, inferred bool) (*forecast.Series, error) {
	s := &forecast.Series{ID: b.id, Freq: r.freq, Static: b.static, Start: b.start}
	x, cov := b.x, b.cov
	if b.t != nil {
		s.Start = time.Unix(b.t[0], 0).In(r.zone)
		var err error
		if x, cov, err = r.grid(s, b, inferred); err != nil {
			return nil, err
		}
	}
	if len(x) > mostSteps {
		return nil, r.bad("look at its times, or give a coarser `freq`", "series %s would have %d steps", b.id, len(x))
	}
	end := len(x)
	if len(r.known) > 0 {
		// rows at the end that have covariates and no value are ahead
		for end > 0 && math.IsNaN(x[end-1]) {
			end--
		}
		if end == 0 {
			end = len(x)
		}
	}
	s.Values = x[:end:end]
	for k, n := range r.known {
		s.Known = append(s.Known, forecast.Covariate{Name: n, X: cov[k]})
	}
	for k, n := range r.past {
		c := cov[len(r.known)+k]
		for len(c) < end {
			c = append(c, math.NaN())
		}
		s.Past = append(s.Past, forecast.Covariate{Name: n, X: c[:end:end]})
	}
	return s, nil
}

// grid writes rows to their steps.
func (r *reader) grid(s *forecast.Series, b *builder, inferred bool) (x []float64, cov [][]float64, err error) {
	last := time.Unix(b.t[len(b.t)-1], 0).In(r.zone)
	end, _ := r.freq.Index(s.Start, last)
	if end >= mostSteps {
		return nil, nil, r.bad("look at its times, or give a coarser `freq`",
			"series %s reaches from %s to %s, which are %d steps of %s", b.id, r.show(b.t[0]), r.show(b.t[len(b.t)-1]),
			end+1, r.freq)
	}
	x = missing(end + 1)
	cov = make([][]float64, len(b.cov))
	for k := range cov {
		cov[k] = missing(end + 1)
	}
	before := -1
	for i, t := range b.t {
		k, exact := r.freq.Index(s.Start, time.Unix(t, 0).In(r.zone))
		where := b.where(i)
		if !exact {
			if inferred {
				return nil, nil, r.at(int(b.line[i]), "", "give `freq`: each time is then taken to the step that it "+
					"lies in", "series %s: %s does not lie on the steps of %s from %s", b.id, r.show(t), r.freq,
					r.show(b.t[0]))
			}
			r.found.add("off-grid", 1, where, "time", "between two steps, taken to the one before")
		}
		if k == before {
			return nil, nil, r.at(int(b.line[i]), "", "add them up first, or give a finer `freq`",
				"series %s has a second row in the step from %s", b.id, r.freq.At(s.Start, k).Format(time.RFC3339))
		}
		if gap := k - before - 1; gap > 0 {
			r.found.add("absent", gap, fmt.Sprintf("%s, before %s", b.id, r.show(t)), "step",
				"without a row, taken as missing")
		}
		x[k] = b.x[i]
		for c := range cov {
			cov[c][k] = b.cov[c][i]
		}
		before = k
	}
	return x, cov, nil
}

func missing(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = math.NaN()
	}
	return x
}

// describe finds out what is odd about the values.
func (r *reader) describe(d *forecast.Set) {
	for _, s := range d.Series {
		seen, low, high := 0, math.Inf(1), math.Inf(-1)
		for _, v := range s.Values {
			if !math.IsNaN(v) {
				seen++
				low, high = min(low, v), max(high, v)
			}
		}
		switch {
		case seen == 0:
			r.found.add("empty", 1, s.ID, "series", "without any value, which cannot be forecast")
		case low == high:
			r.found.add("constant", 1, s.ID, "series",
				"of one number, which have no scale: they are in no scaled score")
		}
		r.found.add("missing", s.Len()-seen, s.ID, "value", "missing, in no score; models see them as masked")
		if low < 0 {
			r.found.add("negative", 1, s.ID, "series", "with values below 0")
		}
	}
}
