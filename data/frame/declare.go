package frame

import (
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito/internal/lines"
)

// declared fills a column of a kind that somebody said, and reports cells that are not of it.
func (t *tally) declared(c *Column, d declared, bad *problems) {
	n := t.cells()
	wrong := func(o *offenders, what string) {
		bad.add(Fault{Column: t.name, Lines: o.lines, Count: o.count,
			What: fmt.Sprintf("it is declared %s, and %s %s; "+
				"the first is %s", c.Kind, are(o.count, "cell"), what, lines.Brief(o.first)),
			Do: fmt.Sprintf("mend them, say `na=%s` if that is a missing one, or declare another type",
				shorten(o.first))})
	}
	switch {
	case n == 0:
		c.Kind, c.Value, c.Reason = Constant, c.Gap, "every cell is missing, and stays so"
	case c.Kind.Numeric():
		o, what := &t.words, "no number"
		switch {
		case t.words.count > 0:
		case c.Kind == Integer:
			o, what = &t.fraction, "no whole number"
		case c.Kind == Positive:
			o, what = &t.notAbove, "not above 0"
		case c.Kind == Proportion:
			o, what = &t.beyond, "not between 0 and 1"
		}
		if o.count > 0 {
			wrong(o, what)
			return
		}
		t.asNumber(c)
		if c.Low == c.High && c.Missing == 0 {
			c.Kind, c.Value, c.Reason = Constant, t.sorted()[0], "declared, and the same in every row"
		}
	case c.Kind.Levelled():
		t.declaredLevels(c, d, bad)
	case c.Kind == Time:
		r := t.bestTime()
		if d.layout != "" {
			if len(t.tried) > 0 {
				r = &t.tried[0]
			}
			if r == nil || r.layout != d.layout { // hardly a cell had it, and it is no longer tried
				bad.add(Fault{Column: t.name,
					What: fmt.Sprintf("it is declared a time written %s, and hardly a cell is",
						d.layout), Do: "give the layout of " + lines.Brief(t.example) +
						", as Go's package time has it: 2006-01-02 15:04:05"})
				return
			}
		}
		switch {
		case r == nil:
			wrong(&t.words, "no time that is understood")
		case r.fits < n:
			wrong(&r.not, "no time written "+r.layout)
		default:
			t.asTime(c, r)
		}
	case c.Kind == Identifier:
		t.asIdentifier(c, "declared")
	case c.Kind == Constant:
		if c.Distinct != 1 || t.missing > 0 {
			bad.add(Fault{Column: t.name, What: fmt.Sprintf("it is declared constant and has %.0f different cells",
				c.Distinct), Do: "declare another type"})
			return
		}
		c.Value = t.sorted()[0]
	}
}

// declaredLevels are those that were said, in their order, or those that there are.
func (t *tally) declaredLevels(c *Column, d declared, bad *problems) {
	if t.levels == nil {
		bad.add(Fault{Column: t.name, What: fmt.Sprintf("it has about %.0f different cells, and a %s has at most %d",
			c.Distinct, c.Kind, mostLevels), Do: "declare it text or identifier, or make its levels coarser"})
		return
	}
	levels := d.levels
	if levels == nil && c.Kind == Boolean {
		levels = t.pair()
	}
	if levels == nil && c.Kind == Ordered && t.words.count > 0 {
		bad.add(Fault{Column: t.name, What: "it is declared ordered without its order",
			Do: fmt.Sprintf("say it, as `types=%s=ordered:%s`", t.name, joined(t.sorted()))})
		return
	}
	if levels != nil {
		var o offenders
		for _, l := range t.sorted() {
			if !slices.Contains(levels, l) {
				o.add(0, l)
			}
		}
		if o.count > 0 {
			bad.add(Fault{Column: t.name, What: fmt.Sprintf("%s not among those that are declared; the first is %s",
				are(o.count, "level"), lines.Brief(o.first)), Do: "declare all of them, or say `na` for a missing one"})
			return
		}
	}
	t.asLevels(c, c.Kind, levels)
	if len(c.Levels) == 1 && c.Missing == 0 {
		c.Kind, c.Value, c.Reason = Constant, c.Levels[0], "declared, and the same in every row"
		c.Levels, c.Counts = nil, nil
	} else if c.Kind == Boolean && len(c.Levels) > 2 {
		bad.add(Fault{Column: t.name, What: fmt.Sprintf("it is declared boolean and has %d levels: %s", len(c.Levels),
			few(c.Levels)), Do: "declare it a category"})
	}
}

func joined(levels []string) string {
	s := ""
	for k, l := range levels[:min(len(levels), 6)] {
		if k > 0 {
			s += "<"
		}
		s += l
	}
	if len(levels) > 6 {
		s += "<…"
	}
	return s
}
