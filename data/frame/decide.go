package frame

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito/internal/lines"
)

// leastShare of cells of one type makes the others offenders, of so many cells at least; with fewer they are words.
const leastShare, leastCells = .9, 10

// unknowns are words for a missing number where all cells that are none are one of them.
var unknowns = []string{"?", "-", "--", ".", "*", "x", "unknown", "missing", "nil", "none", "not available"}

// pairs are the two levels of a boolean, that for no first.
var pairs = [][2]string{{"false", "true"}, {"no", "yes"}, {"n", "y"}, {"f", "t"}, {"off", "on"}, {"0", "1"}}

// decide is what a column is.
func (t *tally) decide(d declared, bad *problems) Column {
	c := Column{Name: t.name, Rows: t.rows, Missing: t.missing, Gap: mostOf(t.gaps), Distinct: t.different()}
	if t.rows == 0 {
		c.Kind = Text
		return c
	}
	if d.kind != "" {
		c.Kind, c.Reason = d.kind, "declared"
		t.declared(&c, d, bad)
	} else {
		t.infer(&c, bad)
	}
	if g := d.given; g != nil {
		if g.Kind == c.Kind && (c.Kind.Numeric() || c.Kind == Time) && g.Low < g.High {
			if c.Low < g.Low || c.High > g.High {
				bad.add(Fault{Column: t.name,
					What: fmt.Sprintf("its cells go from %s to %s, beyond the bounds %s and %s "+
						"of the schema", c.Append(nil, c.Low, 0), c.Append(nil, c.High, 0), c.Append(nil, g.Low, 0),
						c.Append(nil, g.High, 0)), Do: "mend the cells, or the schema"})
			}
			c.Low, c.High = g.Low, g.High
		}
		if g.Gap != "" {
			c.Gap = g.Gap
		}
	}
	return c
}

// cells is the number of those that are not missing.
func (t *tally) cells() int { return t.rows - t.missing }

func (t *tally) infer(c *Column, bad *problems) {
	n := t.cells()
	most := n >= leastCells
	trial := t.bestTime()
	switch {
	case n == 0:
		c.Kind, c.Value, c.Reason = Constant, c.Gap, "every cell is missing, and stays so"
	case c.Distinct == 1 && t.missing == 0 && t.levels != nil:
		c.Kind, c.Value, c.Reason = Constant, t.sorted()[0], "the same in every row"
	case trial != nil && trial.fits == n:
		t.asTime(c, trial)
	case trial != nil && most && float64(trial.fits) >= leastShare*float64(n):
		t.asTime(c, trial)
		bad.add(Fault{Column: t.name, Lines: trial.not.lines, Count: trial.not.count, What: fmt.Sprintf(
			"%s no time like the others, written %s; the first is %s", are(trial.not.count, "cell"), trial.layout,
			lines.Brief(trial.not.first)), Do: t.mend(&trial.not, "category")})
	case t.numbers == n:
		t.inferNumber(c)
	case most && float64(t.numbers) >= leastShare*float64(n):
		if one := t.unknown(); one != "" {
			c.Missing, c.Gap = t.missing+t.words.count, one
			if t.levels != nil {
				delete(t.levels, one)
				c.Distinct--
			}
			t.inferNumber(c)
			c.Reason += fmt.Sprintf("; %s is missing", lines.Brief(one))
			return
		}
		c.Kind = Real
		bad.add(Fault{Column: t.name, Lines: t.words.lines, Count: t.words.count, What: fmt.Sprintf(
			"%s no number, and the other %d are; the first is %s", are(t.words.count, "cell"), t.numbers,
			lines.Brief(t.words.first)), Do: t.mend(&t.words, "category")})
	default:
		t.inferWord(c)
	}
}

// mend says what to do about a few cells that are unlike the others.
func (t *tally) mend(o *offenders, kind string) string {
	return fmt.Sprintf("mend them, or say `na=%s` if that is a missing one, or `types=%s=%s`, or `ignore=%s`",
		shorten(o.first), t.name, kind, t.name)
}

func shorten(s string) string {
	if len(s) > 20 || strings.ContainsAny(s, " `\"'") {
		return "…"
	}
	return s
}

// unknown is the one word that stands for a missing number, "" where there is none.
func (t *tally) unknown() string {
	if t.levels == nil {
		return ""
	}
	for level, n := range t.levels {
		if _, number := parseNumber(level, '.'); !number && n == t.words.count &&
			slices.Contains(unknowns, strings.ToLower(level)) {
			return level
		}
	}
	return ""
}

func (t *tally) inferNumber(c *Column) {
	n := t.rows - c.Missing
	pair := t.pair()
	switch {
	case t.codes.count > 0:
		c.Reason = fmt.Sprintf("codes such as %s, which are no amounts", t.codes.first)
		if c.Distinct >= float64(n)*.95 && n >= 20 {
			t.asIdentifier(c, c.Reason)
			return
		}
		t.levelled(c, c.Reason)
		return
	case pair != nil && t.whole == t.numbers:
		t.asLevels(c, Boolean, pair)
		c.Reason = "0 and 1"
		return
	case t.whole == t.numbers && t.counting && c.Missing == 0 && (n >= 20 || n > 2 && named(t.name)):
		t.asIdentifier(c, "it counts up by one")
		return
	case t.whole == t.numbers && named(t.name) && c.Missing == 0 && n >= 20 && t.allDiffer(c):
		t.asIdentifier(c, "no two cells are alike, and its name says so")
		return
	}
	switch {
	case t.whole == t.numbers:
		c.Kind, c.Reason = Integer, "whole numbers"
	case t.low >= 0 && t.high <= 1:
		c.Kind, c.Reason = Proportion, "numbers between 0 and 1"
	case t.low > 0:
		c.Kind, c.Reason = Positive, "numbers above 0"
	default:
		c.Kind, c.Reason = Real, "numbers"
	}
	t.asNumber(c)
	c.Reason += fmt.Sprintf(" from %s to %s", short(t.low), short(t.high))
	if c.Step > 0 && (c.Step > 1 || c.Kind != Integer && c.MostPlaces >= 0 && c.MostPlaces <= 6) {
		c.Reason += ", multiples of " + short(c.Step)
		if c.Origin != 0 {
			c.Reason += " and " + short(c.Origin)
		}
	}
}

// asNumber fills bounds, lattice and format.
func (t *tally) asNumber(c *Column) {
	c.Low, c.High = t.low, t.high
	c.Places, c.MostPlaces = t.places, t.most
	if t.exponents || t.most > mostPlaces {
		c.Places, c.MostPlaces = 0, -1
	} else {
		c.Step, c.Origin = t.lattice.found()
	}
	if c.Kind == Integer && c.Step == 0 {
		c.Step, c.Origin = 1, 0
	}
}

func (t *tally) inferWord(c *Column) {
	n := t.cells()
	if pair := t.pair(); pair != nil {
		t.asLevels(c, Boolean, pair)
		c.Reason = pair[0] + " and " + pair[1]
		return
	}
	differ := t.allDiffer(c)
	code := !t.spaces && (t.digits != -1 || t.longest == 36 /* that of a UUID */ || named(t.name))
	if differ && !t.spaces && (named(t.name) || n >= 20 && (code || t.hex())) {
		t.asIdentifier(c, "no two cells are alike")
		return
	}
	t.levelled(c, "")
}

// levelled is a category where levels come again, else text.
func (t *tally) levelled(c *Column, reason string) {
	n := float64(t.rows - c.Missing)
	switch {
	case t.levels != nil && (2*c.Distinct <= n || c.Distinct <= 20 && (c.Distinct < n || n <= 3)):
		t.asLevels(c, Category, nil)
		c.Reason = strings.TrimPrefix(reason+"; ", "; ") + lines.Count(len(c.Levels), "level")
		if reason != "" {
			c.Reason = reason + ", " + lines.Count(len(c.Levels), "level")
		}
	case t.levels == nil:
		c.Kind, c.Reason = Text, fmt.Sprintf("about %.0f different words, more than %d: not learnt", c.Distinct,
			mostLevels)
	default:
		c.Kind, c.Reason = Text, fmt.Sprintf("%.0f different of %.0f cells: not learnt", c.Distinct, n)
		c.Reason += t.dressed()
	}
}

// allDiffer reports that no two cells are alike, as far as that can be known.
func (t *tally) allDiffer(c *Column) bool {
	n := float64(t.cells())
	if t.levels != nil {
		return c.Distinct == n
	}
	return c.Distinct > .9*n
}

// pair is the pair of levels of a boolean as they are written, that for no first; nil for others.
func (t *tally) pair() []string {
	if len(t.levels) != 2 {
		return nil
	}
	for _, p := range pairs {
		var out [2]string
		found := 0
		for level := range t.levels {
			for k, word := range p {
				if strings.EqualFold(level, word) {
					out[k] = level
					found++
				}
			}
		}
		if found == 2 && out[0] != "" && out[1] != "" {
			return out[:]
		}
	}
	return nil
}

// asLevels fills levels and counts, in the given order or sorted.
func (t *tally) asLevels(c *Column, kind Kind, levels []string) {
	if levels == nil {
		levels = t.sorted()
	}
	c.Kind, c.Levels = kind, slices.Clone(levels)
	c.Counts = make([]int, len(levels))
	for k, l := range levels {
		c.Counts[k] = t.levels[l]
	}
}

// sorted are the levels: numbers by size, words by their bytes.
func (t *tally) sorted() []string {
	levels := slices.Collect(maps.Keys(t.levels))
	value := map[string]float64{}
	for _, l := range levels {
		if w, ok := parseNumber(l, '.'); ok {
			value[l] = w.value
		}
	}
	slices.SortFunc(levels, func(a, b string) int {
		x, isX := value[a]
		y, isY := value[b]
		switch {
		case isX && isY && x != y && x < y, isX && !isY:
			return -1
		case isX && isY && x != y, isY && !isX:
			return 1
		}
		return strings.Compare(a, b)
	})
	return levels
}

func mostOf(counts map[string]int) string {
	best, most := "", 0
	for s, n := range counts {
		if n > most || n == most && s < best {
			best, most = s, n
		}
	}
	return best
}

// short writes a number for people.
func short(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

// are begins a sentence about n things: 1 cell is, 2 cells are.
func are(n int, thing string) string {
	if n == 1 {
		return "1 " + thing + " is"
	}
	return fmt.Sprintf("%d %ss are", n, thing)
}
