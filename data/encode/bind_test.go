package encode

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/rng"
	"pgregory.net/rapid"
)

// every is a constraint of each kind on the table of [shop].
var every = []string{"ordered <= sent <= came", "begin < end", "net + tax + fee = gross", "p + q + r = 1",
	"fixed city, zip", "if kind = gift then price in 1..20", `if kind = none then note missing`,
	"if kind = sale then note in x|y", "0 <= age < 120", "if gross >= 40 then vip = yes", "lap in 1|2|4|8|16"}

// shop writes n rows of a table that meets them all, with gaps in the part that is given.
func shop(n int, seed uint64, gaps float64) string {
	var b strings.Builder
	b.WriteString("ordered,sent,came,begin,end,net,tax,fee,gross,p,q,r,city,zip,kind,price,note,age,vip,lap\n")
	key := rng.NewKey(seed, rng.PurposeUser, 0, 0)
	u := make([]float64, 40)
	date := func(d int) string { return time.Unix(1.7e9+86400*int64(d), 0).UTC().Format("02.01.2006") }
	clock := func(s int) string { return time.Unix(1.7e9+int64(s), 0).UTC().Format("2006-01-02 15:04:05") }
	for i := range n {
		key.Uniforms64(u, len(u), []uint64{uint64(i)})
		day := int(900 * u[0])
		sent := day + int(9*u[1]*u[1])
		begin := 60 * int(20000*u[3])
		net, tax, fee := int(3000*u[5]*u[5])+1, int(400*u[6]), int(900*u[7])-300
		p := int(1001 * u[8])
		q := int(float64(1001-p) * u[9])
		city := int(4 * u[10])
		kind := []string{"gift", "none", "sale", "full"}[int(4*u[11])]
		price := fmt.Sprintf("%.2f", math.Exp(5*u[12]))
		note := []string{"x", "y", "z"}[int(3*u[13])]
		switch kind {
		case "gift":
			price = fmt.Sprintf("%.2f", 1+19*u[12])
		case "none":
			note = ""
		case "sale":
			note = []string{"x", "y"}[int(2*u[13])]
		}
		vip := "yes"
		if net+tax+fee < 4000 && u[14] < .5 {
			vip = "no"
		}
		cells := []string{date(day), date(sent), date(sent + int(30*u[2])), clock(begin),
			clock(begin + 1 + int(9000*u[4]*u[4])), fmt.Sprintf("%.2f", float64(net)/100),
			fmt.Sprintf("%.2f", float64(tax)/100), fmt.Sprintf("%.2f", float64(fee)/100),
			fmt.Sprintf("%.2f", float64(net+tax+fee)/100), fmt.Sprintf("%.3f", float64(p)/1000),
			fmt.Sprintf("%.3f", float64(q)/1000), fmt.Sprintf("%.3f", float64(1000-p-q)/1000),
			fmt.Sprintf("town%d", city), fmt.Sprintf("0%d%d", city, 100+int(3*u[15])), kind, price, note,
			fmt.Sprint(18 + int(70*u[16])), vip, fmt.Sprint(1 << int(5*u[17]*u[18]))}
		if i > 20 {
			for k := range cells {
				if u[20+k] < gaps && k != 14 && k != 16 && k != 18 {
					cells[k] = ""
				}
			}
		}
		b.WriteString(strings.Join(cells, ",") + "\n")
	}
	return b.String()
}

func constrained(t rapid.TB, text string, rules ...string) (*frame.Frame, *Table) {
	t.Helper()
	f, err := frame.Read("-", frame.ReadOptions{Stdin: strings.NewReader(text), Rules: rules})
	if err != nil {
		t.Fatal(err)
	}
	table, err := Fit(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(table)
	if err != nil {
		t.Fatal(err)
	}
	stored := &Table{}
	if err := json.Unmarshal(b, stored); err != nil {
		t.Fatal(err)
	}
	return f, stored
}

// Rows under constraints of every kind come back as they were, and any state at all is a row that meets them, on its
// lattices and within its bounds, whatever cells are given.
func TestConstraintsByConstruction(t *testing.T) {
	tables := uint64(16)
	if testing.Short() {
		tables = 3
	}
	for seed := range tables {
		gaps, n := []float64{0, .1, .5}[seed%3], 40+int(20*seed)
		f, table := constrained(t, shop(n, seed, gaps), every...)
		state, u, row := make([]float64, table.Dim()), make([]float64, table.Dim()), make([]float64,
			len(f.Schema.Columns))
		for i := range f.Rows {
			rng.NewKey(seed, rng.PurposeUser, 1, 0).Uniforms64(u, len(u), []uint64{uint64(i)})
			table.Encode(state, f.Row(i), u)
			if err := table.Decode(row, state); err != nil {
				t.Fatal(err)
			}
			same(t, table, f.Row(i), row, i)
		}
		key := rng.NewKey(seed, rng.PurposeUser, 2, 0)
		cells := ito.NewStates(100, len(row), 0)
		for i := range cells.N {
			key.Normals64(state, len(state), []uint64{uint64(i)})
			for k := range state {
				state[k] *= 3
			}
			// given: a random subset of the cells of a row of the data, none for the first half
			from := f.Row(int(key.Intn(uint64(i), 9, f.Rows)))
			w := table.nothing()
			for k, g := range table.Given {
				if i >= 50 && key.Intn(uint64(i), uint32(10+k), 6) == 0 {
					w.cells[k], w.there[k] = from[table.Parts[g].Column], true
				}
			}
			q := &Request{table: table, rows: []wanted{w}}
			if err := table.feasible(&w); err != nil {
				t.Fatalf("cells of a row of the data: %v", err)
			}
			if err := q.Decode(cells.Row(i), state, 0, 0); err != nil {
				t.Fatal(err)
			}
			legal(t, table, cells.Row(i))
			for k, g := range table.Given {
				if v := cells.Row(i)[table.Parts[g].Column]; w.there[k] && v != w.cells[k] && v == v {
					t.Fatalf("%s was given as %v and is %v", table.column(g).Name, w.cells[k], v)
				}
			}
		}
		broken, err := table.Check(cells)
		if err != nil || len(broken) < len(every) {
			t.Fatal(err)
		}
		for _, b := range broken {
			if b.Rows > 0 {
				t.Errorf("seed %d: %d rows break %s", seed, b.Rows, b.Rule)
			}
		}
	}
}

func same(t rapid.TB, table *Table, want, got []float64, i int) {
	t.Helper()
	for k, w := range want {
		c := &table.Schema.Columns[k]
		near := math.Abs(got[k]-w) <= 1e-9*(1+math.Abs(w)) && (c.Step == 0 || c.Kind.Numeric())
		if got[k] != w && !near && !(w != w && got[k] != got[k]) {
			t.Fatalf("row %d, %s: %s, not %s", i, c.Name, c.Append(nil, got[k], 0), c.Append(nil, w, 0))
		}
	}
}

func legal(t rapid.TB, table *Table, row []float64) {
	t.Helper()
	for k, v := range row {
		c := &table.Schema.Columns[k]
		if v != v {
			if c.Missing == 0 {
				t.Fatalf("%s is missing", c.Name)
			}
			continue
		}
		text := string(c.Append(nil, v, 0))
		back, err := c.Parse(text)
		if err != nil || math.Abs(back-v) > 1e-9*(1+math.Abs(v)) {
			t.Fatalf("%s: %v is written %q and read %v: %v", c.Name, v, text, back, err)
		}
		if c.Kind.Numeric() || c.Kind == frame.Time {
			if slack := 1e-9 * (1 + math.Abs(v)); v < c.Low-slack || v > c.High+slack {
				t.Fatalf("%s: %s is beyond %s and %s", c.Name, text, c.Append(nil, c.Low, 0), c.Append(nil, c.High, 0))
			}
		}
	}
}

// Days of the week of the later date of an order are those of the data.
func TestOrderKeepsWeekdays(t *testing.T) {
	var b strings.Builder
	b.WriteString("a,b\n")
	for i := range 200 {
		d := time.Date(2024, 1, 1+i, 0, 0, 0, 0, time.UTC)
		e := d.AddDate(0, 0, i%9)
		for e.Weekday() == time.Sunday || e.Weekday() == time.Saturday {
			e = e.AddDate(0, 0, 1)
		}
		fmt.Fprintf(&b, "%s,%s\n", d.Format("2006-01-02"), e.Format("2006-01-02"))
	}
	_, table := constrained(t, b.String(), "a <= b")
	state, row := make([]float64, table.Dim()), make([]float64, 2)
	for i := range 500 {
		rng.NewKey(1, rng.PurposeUser, 0, 0).Normals64(state, len(state), []uint64{uint64(i)})
		if err := table.Decode(row, state); err != nil {
			t.Fatal(err)
		}
		if day := time.Unix(int64(row[1]), 0).UTC().Weekday(); day == time.Sunday || day == time.Saturday ||
			row[0] > row[1] {
			t.Fatalf("%v and %v", row, day)
		}
	}
}

// What a constraint cannot be is said, with lines and counts where rows break it.
func TestConstraintsThatCannotBe(t *testing.T) {
	text := "a,b,c,k,d,s\n1,2,3,x,2024-01-01,w1 w\n2,3,5,y,2024-01-02,w2 w\n4,3,7,x,2024-01-03,w3 w\n" +
		"5,1,6,x,2024-01-04,w4 w\n1,7,8,y,2024-01-05,w5 w\n"
	for rule, want := range map[string]string{
		"a < b":                                "2 rows break the constraint \"a < b\" (lines 4, 5)",
		"a + b = c + 1":                        "a sum is written",
		"a + b = 4":                            "rows break",
		"if k = x then b in 1..2":              "1 row breaks the constraint",
		"if k = z then b in 1..2":              `"z" is none of its levels`,
		"if k = x then b missing":              "no cell of b is missing",
		"a < d":                                "no order",
		"a < k":                                "has no size",
		"a < q":                                `"q" is neither a column nor a value of a`,
		"q < a":                                "is neither",
		"a < b > c":                            "all of < and <=",
		"fixed k":                              "two columns",
		"a <= c | a":                           "stands where all of < and <=",
		"a in 5..1":                            "wrong way round",
		"s < a":                                "not learnt",
		"":                                     "it is empty",
		"if k = x b missing":                   "it is not",
		"a <= c; c <= a":                       "leads in a circle",
		"a in 0..9; a in 20..30":               "contradict",
		"if k=x then b=1|2; if k=x then b=3":   "contradict",
		"a + b = 1; b + a = 2":                 "contradict",
		"a + b = c; a <= c":                    "bound by a sum already",
		"fixed a, k; a + b = c":                "bound by fixed combinations already",
		"a + a = c":                            "stands twice",
		`"a" <= c; if a >= 1 then c >= "x"`:    "neither",
		"a <= c; if k = x then c in 1..7":      "bound by an order already",
		"c <= 8; if c >= 3 then k = x; k = y?": "a sum is written",
	} {
		f, err := frame.Read("-", frame.ReadOptions{Stdin: strings.NewReader(text), Rules: strings.Split(rule, "; ")})
		if err == nil {
			_, err = Fit(f, nil)
		}
		var unsupported *ito.UnsupportedError
		if err == nil || !errors.Is(err, ito.ErrInput) && !errors.As(err, &unsupported) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", rule, err)
		}
	}
}

// A request that the constraints leave no room for is refused, and one that they do is met.
func TestRequestsUnderConstraints(t *testing.T) {
	_, table := constrained(t, shop(300, 1, 0), every...)
	for where, want := range map[string]string{
		"ordered=15.11.2023,came=14.11.2023": "",
		"net=30,gross=20":                    "",
		"city=town1,zip=02100":               "",
		"p=0.9,q=0.2":                        "",
		"kind=gift,price=100":                "",
		"kind=none,note=x":                   "",
		"p=0.5,q=0.2":                        "ok",
		"city=town1,kind=gift":               "ok",
		"gross=" + string(table.Schema.Columns[8].Append(nil, table.Schema.Columns[8].High, 0)): "ok",
	} {
		q, err := table.ParseWhere(where)
		switch {
		case want == "" && (err == nil || !errors.Is(err, ito.ErrInput)):
			t.Errorf("%s: %v", where, err)
		case want != "" && err != nil && !strings.Contains(err.Error(), "nearest"):
			t.Errorf("%s: %v", where, err)
		case err == nil:
			row, state := make([]float64, len(table.Schema.Columns)), make([]float64, table.Dim())
			if err := q.Decode(row, state, 0, 0); err != nil {
				t.Errorf("%s: %v", where, err)
			}
		}
	}
	if !slices.Equal(table.Constraints(), every) {
		t.Error(table.Constraints())
	}
}
