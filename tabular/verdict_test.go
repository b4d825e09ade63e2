package tabular

import (
	"encoding/json"
	"math"
	"runtime"
	"strings"
	"testing"
)

func compared(t *testing.T, x, y Table, holdout *Table) *Report {
	t.Helper()
	r, err := Compare(t.Context(), Config{Seed: 1, Rows: 400}, x, y, holdout)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// judged is the report without floors and controls.
func judged(t *testing.T, x, y Table, holdout *Table, seed uint64) *Report {
	t.Helper()
	r := &Report{Measured: min(x.Rows, y.Rows/2), Paired: 1e6, Seed: seed}
	if err := r.details(x, y, x, y); err != nil {
		t.Fatal(err)
	}
	var err error
	if r.Samples.Trees, err = C2ST(t.Context(), x, y, r.Measured, 1, Trees, seed); err != nil {
		t.Fatal(err)
	}
	if r.Samples.Linear, err = C2ST(t.Context(), x, y, r.Measured, 1, Logistic, seed); err != nil {
		t.Fatal(err)
	}
	r.Privacy = Private(x, y, holdout, seed)
	r.Judge()
	return r
}

// Tables that are bad in one way each lose, and the column is named; rows of the same law do not.
func TestVerdictCanLose(t *testing.T) {
	y, h := law(800, 6, 1), law(800, 6, 3)
	fresh := func() Table { return law(800, 6, 2) }
	cases := []struct {
		name, column, reason string
		make                 func() Table
	}{
		{"right moments, wrong shape", "c0", "its shape is not", func() Table {
			x := fresh()
			m, sd := moments(x.Columns[0].X)
			for i, v := range x.Columns[0].X { // two points with the same mean and spread, and a little width
				s := 1.0
				if v < m {
					s = -1
				}
				x.Columns[0].X[i] = m + sd*(s*.87+(v-m)/sd*.2)
			}
			return x
		}},
		{"independent marginals", "", "its dependence on", func() Table { return Marginals(fresh(), 800, 1) }},
		{"a permuted column", "c4", "its dependence on", func() Table {
			x := fresh()
			x.Columns[4] = Marginals(x, 800, 5).Columns[4]
			return x
		}},
		{"below the least", "c1", "below the least of the data", func() Table {
			x := fresh()
			for i := range 30 {
				x.Columns[1].X[i*7] = -x.Columns[1].X[i*7] / 10
			}
			return x
		}},
		{"lost gaps", "c3", "missing in 0 % of the rows", func() Table {
			x := fresh()
			for i, v := range x.Columns[3].X {
				if v != v {
					x.Columns[3].X[i] = x.Columns[3].X[(i+1)%800]
				}
				if x.Columns[3].X[i] != x.Columns[3].X[i] {
					x.Columns[3].X[i] = .9
				}
			}
			return x
		}},
		{"levels", "c2", "is in ", func() Table {
			x := fresh()
			for i, v := range x.Columns[2].X {
				x.Columns[2].X[i] = max(v-1, 0)
			}
			return x
		}},
	}
	for _, c := range cases {
		r := judged(t, c.make(), y, &h, 1)
		if r.Verdict.Grade != Differs || !r.Verdict.Against() {
			t.Errorf("%s: %+v", c.name, r.Verdict)
		}
		if !strings.Contains(r.Verdict.Text, c.reason) {
			t.Errorf("%s: %s", c.name, r.Verdict.Text)
		}
		for _, k := range r.Columns {
			if c.column != "" && (k.Name == c.column) != (k.Grade == Differs) {
				t.Errorf("%s: column %s is graded %s (%s)", c.name, k.Name, k.Grade, k.Reason)
			}
		}
	}
	same := compared(t, fresh(), y, &h)
	if v := same.Verdict; v.Grade != Alike || v.Leaks || v.Against() {
		t.Errorf("one law: %+v", v)
	}
	if v := judged(t, y, y, &h, 1).Verdict; !v.Leaks || !v.Against() || !strings.Contains(v.Text, "cell by cell") {
		t.Errorf("copies: %+v", v)
	}
	// the controls stand where they must: trees tell mixed columns and not the halves of the data
	f := same.Floor.Trees.AUC
	if same.Controls[0].Trees.AUC < .75 || f > .58 || same.Controls[0].Pairs > same.Floor.Pairs {
		t.Errorf("floor %g, mixed columns %+v", f, same.Controls[0])
	}
}

// The verdict is a function of the numbers: graded by the size of what is off, not only by its certainty.
func TestJudge(t *testing.T) {
	one := func() *Report {
		c := ColumnReport{Name: "a", Measure: "KS", Score: .99, P: .5, MissingP: 1, BelowP: 1, AboveP: 1, BetweenP: 1,
			RealSD: 1, SD: 1}
		d := c
		d.Name = "b"
		r := &Report{Columns: []ColumnReport{c, d}, Pairs: []Pair{{A: 0, B: 1, P: .5}}, Measured: 1000}
		r.Samples.Trees, r.Samples.Linear = Told{AUC: .5, P: .5}, Told{AUC: .5, P: .5}
		r.Floor.Trees, r.Floor.Linear = Told{AUC: .5}, Told{AUC: .5}
		r.Controls = []Figures{{Trees: Told{AUC: .9}}}
		r.Privacy.CopiesP, r.Privacy.NearerP = 1, 1
		return r
	}
	for _, c := range []struct {
		name  string
		set   func(*Report)
		grade Grade
		leaks bool
		words string
	}{
		{"nothing", func(*Report) {}, Alike, false, "No test tells the samples from the data"},
		{"certain and small", func(r *Report) { r.Columns[0].P, r.Columns[0].Score = 1e-9, .97 }, Close, false,
			"close to the data, and can be told from it. a: its mean and spread are about right, its shape is not (KS 0.03)"},
		{"certain and large", func(r *Report) { r.Columns[0].P, r.Columns[0].Score, r.Columns[0].Mean = 1e-9, .9, 2 },
			Differs, false, "differ from the data. a: its mean is 2, not 0 (KS 0.1)"},
		{"large and uncertain", func(r *Report) { r.Columns[0].Score = .8 }, Alike, false, ""},
		{"a pair", func(r *Report) { r.Pairs[0].P, r.Pairs[0].Effect = 1e-9, .3 }, Differs, false,
			"a: its dependence on b differs (w 0.3). b: its dependence on a differs"},
		{"a pair, a little", func(r *Report) { r.Pairs[0].P, r.Pairs[0].Effect = 1e-9, .05 }, Close, false, ""},
		{"trees alone", func(r *Report) { r.Samples.Trees = Told{AUC: .8, P: 1e-9} }, Differs, false,
			"although no column and no pair of columns alone shows it. Boosted trees tell them from the data with an " +
				"AUC of 0.8; two halves of the data have 0.5."},
		{"no better than mixed columns", func(r *Report) { r.Samples.Trees = Told{AUC: .95, P: 1e-9} }, Differs, false,
			"the samples are no better"},
		{"trees within the floor", func(r *Report) {
			r.Samples.Trees, r.Floor.Trees = Told{AUC: .57, P: 1e-9}, Told{AUC: .55}
		}, Close, false, ""},
		{"copies", func(r *Report) { r.Privacy.Copies, r.Privacy.CopiesP = .4, 1e-9 }, Alike, true,
			"40 % of them stand in the data cell by cell, where 0 % of the data stand there twice"},
		{"few copies", func(r *Report) { r.Privacy.Copies, r.Privacy.CopiesP = .004, 1e-9 }, Alike, false, ""},
		{"membership", func(r *Report) {
			r.Privacy.Holdout = &Holdout{Membership: .8, MembershipP: 1e-9, CloserP: 1}
		}, Alike, true, "a membership attack has an AUC of 0.8"},
	} {
		r := one()
		c.set(r)
		for range 2 { // judging again changes nothing
			r.Judge()
		}
		if r.Verdict.Grade != c.grade || r.Verdict.Leaks != c.leaks || !strings.Contains(r.Verdict.Text, c.words) {
			t.Errorf("%s: %+v", c.name, r.Verdict)
		}
	}
}

// Rows of the same law are told by any test in 1 % of comparisons at most: of 60, more than 3 have the probability .004
// where it is just that.
func TestFalseAlarms(t *testing.T) {
	y, alarms, runs := titanic(t), 0, 60
	if testing.Short() {
		runs = 20
	}
	for s := range uint64(runs) {
		a, b := halved(y, s)
		if s%2 == 1 {
			a, b = law(400, 8, 2*s), law(300, 8, 2*s+1)
		}
		x, rest := halved(b, s+1000)
		if r := judged(t, x, a, &rest, s); r.Verdict.Grade != Alike || r.Verdict.Leaks {
			alarms++
		}
	}
	if alarms > 3 {
		t.Errorf("%d alarms in %d tables of one law", alarms, runs)
	}
}

// The report has the same bytes on one processor and on many, and no number that JSON does not have.
func TestReportIsAddressed(t *testing.T) {
	y := titanic(t)
	a, b := halved(y, 1)
	x, h := halved(b, 2)
	for i := range x.Columns[3].X {
		x.Columns[3].X[i] = math.NaN() // a column without a number
	}
	var first string
	for _, procs := range []int{1, 7} {
		before := runtime.GOMAXPROCS(procs)
		r, err := Compare(t.Context(), Config{Seed: 3, Target: "Survived", Rows: 60}, x, a, &h)
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(text)
		}
		if string(text) != first {
			t.Errorf("another report on %d processors", procs)
		}
	}
}

// Small, odd and mismatched tables: an answer or an error, never a panic.
func TestOddTables(t *testing.T) {
	nan := math.NaN()
	table := func(n, levels int, f func(i int) float64) Table {
		c := Column{Name: "a", Levels: levels, X: make([]float64, n)}
		for i := range c.X {
			c.X[i] = f(i)
		}
		return Table{Rows: n, Columns: []Column{c}}
	}
	for name, f := range map[string]func(int) float64{"constant": func(int) float64 { return 2 },
		"empty": func(int) float64 { return nan }, "one value": func(i int) float64 {
			if i == 3 {
				return 1
			}
			return nan
		}, "large": func(i int) float64 { return 1e140 * float64(i%3-1) }} {
		r := compared(t, table(12, 0, f), table(12, 0, f), nil)
		if _, err := json.Marshal(r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if r.Verdict.Grade != Alike {
			t.Errorf("%s: %+v", name, r.Verdict)
		}
	}
	level := func(i int) float64 { return float64(i % 3) }
	if r := compared(t, table(40, 3, level), table(40, 3, level), nil); r.Verdict.Grade != Alike {
		t.Errorf("levels: %+v", r.Verdict)
	}
	for _, bad := range [][2]Table{{table(3, 0, level), table(40, 0, level)}, {table(40, 0, level), table(4, 0, level)},
		{table(40, 3, level), table(40, 0, level)}, {table(40, 2, level), table(40, 2, level)}, {{}, {}},
		{table(40, 0, func(int) float64 { return math.Inf(1) }), table(40, 0, level)},
		{table(40, 0, func(int) float64 { return 1e200 }), table(40, 0, level)}} {
		if _, err := Compare(t.Context(), Config{}, bad[0], bad[1], nil); err == nil {
			t.Errorf("%+v passes", bad[0])
		}
	}
	if _, err := Compare(t.Context(), Config{Target: "b"}, table(40, 0, level), table(40, 0, level), nil); err == nil {
		t.Error("a target that is not there")
	}
}

// What costs the square of the rows, or their number times that of columns, takes fewer rows of a wide table.
func TestSizesAreBounded(t *testing.T) {
	for _, d := range []int{1, 20, 200, 3000} {
		y := law(40, d, 1)
		for _, rows := range []int{40, 1e6} {
			y.Rows = rows // sizes look at no row
			r := &Report{Rows: rows, RealRows: rows}
			r.sizes(0, y)
			width := newEmbedding(y, nil, 1).d
			if r.Measured > rows/2 || r.Squared > r.Measured || r.Squared > squaredRows || r.Measured > defaultRows {
				t.Errorf("%d columns, %d rows: %+v", d, rows, r)
			}
			if d <= 200 && rows > 40 && (r.Measured != defaultRows || d <= 20 && r.Squared != squaredRows) {
				t.Errorf("%d columns: %d and %d rows", d, r.Measured, r.Squared)
			}
			if float64(r.Measured*d) > max(trainBudget, float64(leastTrained*d)) ||
				float64(r.Squared*r.Squared*width) > max(squareBudget, float64(leastSquared*leastSquared*width)) {
				t.Errorf("%d columns of %d: %d and %d rows cost too much", d, width, r.Measured, r.Squared)
			}
		}
	}
}
