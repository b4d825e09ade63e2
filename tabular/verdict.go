package tabular

import (
	"fmt"
	"math"
	"strings"
)

// Grade is what a comparison comes to.
type Grade string

// The grades.
const (
	Alike   Grade = "alike"   // no test tells samples from data
	Close   Grade = "close"   // a test does, and by little
	Differs Grade = "differs" // a test does, and by much
)

// Verdict is what the numbers of a report say.
type Verdict struct {
	Grade Grade  `json:"grade"`
	Leaks bool   `json:"leaks"` // rows of the data are given away
	Text  string `json:"text"`
}

// Against reports a verdict against the samples.
func (v Verdict) Against() bool { return v.Grade == Differs || v.Leaks }

// FalseAlarms is the rate at which rows of the data's own law are told from it by any of the tests, which share it.
const FalseAlarms = .01

// Shares of the false alarms, divided by the number of tests of each.
const (
	alarmColumns  = .3
	alarmPairs    = .3
	alarmTrees    = .1
	alarmLogistic = .1
	alarmPrivacy  = .2
)

// What is told but by less than this is close.
const (
	SmallShape  = .05 // KS or TV
	SmallGaps   = .02 // difference of the shares of gaps
	SmallEffect = .1  // Cohen's w of a pair
	SmallAUC    = .05 // C2ST above its floor
	smallCopies = .01 // share of samples that stand in the data, above that of the data's own
	smallNearer = .05 // beyond ½
)

// columnLimit is the level of each test of a column.
func (r *Report) columnLimit() float64 {
	tests := 0
	for _, c := range r.Columns {
		if tests += 2; c.Measure == "KS" {
			tests += 3
		}
	}
	return FalseAlarms * alarmColumns / float64(max(tests, 1))
}

// offAlone are the columns that are off by themselves.
func (r *Report) offAlone() []bool {
	limit, out := r.columnLimit(), make([]bool, len(r.Columns))
	for j, c := range r.Columns {
		out[j] = min(c.P, c.MissingP, c.BelowP, c.AboveP, c.BetweenP) < limit
	}
	return out
}

// Judge fills the verdicts of columns and of the whole from the numbers of the report, and from nothing else. With
// FalseAlarms shared among all tests (Bonferroni), rows of the data's own law are Alike but for one comparison in a
// hundred.
func (r *Report) Judge() {
	for j := range r.Columns {
		r.Columns[j].judge(r.columnLimit())
	}
	r.judgePairs()
	trees := r.Samples.Trees.P < FalseAlarms*alarmTrees
	linear := r.Samples.Linear.P < FalseAlarms*alarmLogistic
	g := Alike
	for _, c := range r.Columns {
		g = worse(g, c.Grade)
	}
	for _, t := range []struct {
		told bool
		a, b Told
	}{{trees, r.Samples.Trees, r.Floor.Trees}, {linear, r.Samples.Linear, r.Floor.Linear}} {
		if t.told {
			g = worse(g, Close)
			if t.a.AUC-max(t.b.AUC, .5) >= SmallAUC {
				g = Differs
			}
		}
	}
	leaks := r.leaks()
	r.Verdict = Verdict{Grade: g, Leaks: leaks != "", Text: r.text(g, trees, linear, leaks)}
}

func worse(a, b Grade) Grade {
	if a == Differs || b == Differs {
		return Differs
	}
	if a == Close || b == Close {
		return Close
	}
	return Alike
}

// judge grades a column by itself.
func (c *ColumnReport) judge(limit float64) {
	c.Grade, c.Reason = Alike, ""
	var why []string
	add := func(g Grade, format string, args ...any) {
		c.Grade = worse(c.Grade, g)
		why = append(why, fmt.Sprintf(format, args...))
	}
	if c.BelowP < limit {
		add(Differs, "%s below the least of the data: down to %s, not %s", rows(c.Below), c.number(c.Low),
			c.number(c.RealLow))
	}
	if c.AboveP < limit {
		add(Differs, "%s above the largest of the data: up to %s, not %s", rows(c.Above), c.number(c.High),
			c.number(c.RealHigh))
	}
	if c.BetweenP < limit {
		add(Differs, "%s between the numbers that the data can have", rows(c.Between))
	}
	if c.MissingP < limit {
		g := Close
		if math.Abs(c.Missing-c.RealMissing) >= SmallGaps {
			g = Differs
		}
		add(g, "missing in %s of the rows, not %s", percent(c.Missing), percent(c.RealMissing))
	}
	if c.P < limit || c.Score == 0 {
		g := Close
		if 1-c.Score >= SmallShape {
			g = Differs
		}
		add(g, "%s", c.shape())
	}
	c.Reason = strings.Join(why, "; ")
}

// number writes a number of the column.
func (c *ColumnReport) number(v float64) string {
	if c.write != nil {
		return c.write(v)
	}
	return short(v)
}

// shape says how a distribution differs.
func (c *ColumnReport) shape() string {
	off := short(1 - c.Score)
	switch {
	case c.Measure == "TV" && c.Score == 0:
		return "none of its levels is one of the data's"
	case c.Measure == "TV":
		return fmt.Sprintf("%s is in %s of the rows, not %s (TV %s)", c.Level, percent(c.Share), percent(c.Real), off)
	case c.Missing == 1:
		return "there is no number in it"
	case c.RealSD == 0:
		return fmt.Sprintf("it varies, and the data does not (KS %s)", off)
	case math.Abs(c.Mean-c.RealMean) > c.RealSD/10:
		return fmt.Sprintf("its mean is %s, not %s (KS %s)", c.number(c.Mean), c.number(c.RealMean), off)
	case math.Abs(c.SD/c.RealSD-1) > .1:
		return fmt.Sprintf("its standard deviation is %s, not %s (KS %s)", short(c.SD), short(c.RealSD), off)
	}
	return fmt.Sprintf("its mean and spread are about right, its shape is not (KS %s)", off)
}

// judgePairs blames columns for pairs whose dependence differs: the one with most of the effect, then the one
// with most of what is left, until all pairs are explained. Two columns that are off only with each other are both to
// blame, unless one is off by itself.
func (r *Report) judgePairs() {
	limit := FalseAlarms * alarmPairs / float64(max(len(r.Pairs), 1))
	var off []Pair
	for j := range r.Columns {
		r.Columns[j].Partner, r.Columns[j].PartnerP, r.Columns[j].Off = "", 1, 0
	}
	for _, p := range r.Pairs {
		if p.P < limit {
			off = append(off, p)
		}
	}
	for len(off) > 0 {
		weight := make([]float64, len(r.Columns))
		for _, p := range off {
			weight[p.A] += p.Effect + 1e-9
			weight[p.B] += p.Effect + 1e-9
		}
		most := 0
		for j, w := range weight {
			if w > weight[most] || w == weight[most] && w > 0 && r.Columns[most].Grade == Alike {
				most = j
			}
		}
		var rest []Pair
		var mine []Pair
		for _, p := range off {
			if p.A == most || p.B == most {
				mine = append(mine, p)
			} else {
				rest = append(rest, p)
			}
		}
		if len(mine) == 1 {
			other := mine[0].A + mine[0].B - most
			if weight[other] == weight[most] && r.Columns[most].Grade == Alike {
				r.blame(other, mine)
			}
		}
		r.blame(most, mine)
		off = rest
	}
}

// blame writes into a column that its dependence on the others differs, the others of these pairs.
func (r *Report) blame(column int, pairs []Pair) {
	c := &r.Columns[column]
	worst := pairs[0]
	for _, p := range pairs {
		if p.Effect > worst.Effect {
			worst = p
		}
	}
	c.Partner, c.PartnerP, c.Off = r.Columns[worst.A+worst.B-column].Name, worst.P, len(pairs)
	g := Close
	if worst.Effect >= SmallEffect {
		g = Differs
	}
	c.Grade = worse(c.Grade, g)
	more := ""
	if len(pairs) > 1 {
		more = fmt.Sprintf(" and %d more", len(pairs)-1)
	}
	text := fmt.Sprintf("its dependence on %s%s differs (w %s)", c.Partner, more, short(worst.Effect))
	if c.Reason != "" {
		text = c.Reason + "; " + text
	}
	c.Reason = text
}

// leaks says how rows of the data are given away; "" where they do not.
func (r *Report) leaks() string {
	p, tests := &r.Privacy, 2.0
	if p.Holdout != nil {
		tests = 4
	}
	limit := FalseAlarms * alarmPrivacy / tests
	var why []string
	if p.CopiesP < limit && p.Copies-p.RealCopies >= smallCopies {
		why = append(why, fmt.Sprintf("%s of them stand in the data cell by cell, where %s of the data stand there "+
			"twice", percent(p.Copies), percent(p.RealCopies)))
	}
	if p.NearerP < limit && p.Nearer >= .5+smallNearer {
		why = append(why, fmt.Sprintf("they are nearer to rows of the data than those are to each other (%s, ½ is "+
			"ideal)", short(p.Nearer)))
	}
	if h := p.Holdout; h != nil {
		if h.CloserP < limit && h.Closer >= .5+smallNearer {
			why = append(why, fmt.Sprintf("%s of them are nearer to the data than to the holdout", percent(h.Closer)))
		}
		if h.MembershipP < limit && h.Membership >= .5+smallNearer {
			why = append(why, fmt.Sprintf("a membership attack has an AUC of %s", short(h.Membership)))
		}
	}
	return strings.Join(why, "; ")
}
