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
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"pgregory.net/rapid"
)

func read(t rapid.TB, text string, types ...string) *frame.Frame {
	t.Helper()
	f, err := frame.Read("-", frame.ReadOptions{Stdin: strings.NewReader(text), Types: types})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The state of a row is decoded to the row, for every kind of column, whatever the jitter.
func TestDecodeEncodeIsTheRow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(30, 300).Draw(t, "n")
		seed := rapid.Uint64().Draw(t, "seed")
		zone := rapid.SampledFrom([]string{"Z", "+02:00", "-11:30"}).Draw(t, "zone")
		span := rapid.SampledFrom([]int{3, 40, 4000}).Draw(t, "days")
		levels := rapid.SampledFrom([]int{2, 5, 33, 300}).Draw(t, "levels")
		gaps := rapid.Float64Range(0, .9).Draw(t, "gaps")
		key := rng.NewKey(seed, rng.PurposeUser, 0, 0)
		u := make([]float64, 16)
		var b strings.Builder
		b.WriteString("real,heavy,count,five,level,day,at,month,clock,fine,id,yes\n")
		for i := range n {
			key.Uniforms64(u, len(u), []uint64{uint64(i)})
			z := quantile(u[0], 1<<30)
			cells := []string{fmt.Sprintf("%.3f", z), fmt.Sprintf("%.2f", math.Exp(3*z)),
				fmt.Sprint(int(u[1] * u[1] * 90)),
				fmt.Sprint(5 * int(20*u[2])), fmt.Sprintf("L%d", int(float64(levels)*u[3]*u[3])),
				time.Unix(1.7e9+86400*int64(float64(span)*u[4]), 0).UTC().Format("02.01.2006"),
				time.Unix(1.7e9+900*int64(96*float64(span)*u[5]), 0).UTC().Format("2006-01-02T15:04:05") + zone,
				fmt.Sprintf("20%02d-%02d-01", 10+int(9*u[6]), 1+int(12*u[7])), fmt.Sprintf("%02d:%02d", 8+int(10*u[8]),
					5*int(12*u[9])), fmt.Sprint(z * math.Pi), fmt.Sprintf("A%06d", 77+i), []string{"yes",
					"no"}[int(2*u[10])]}
			for k := range cells {
				if k != 10 && i >= 10 && u[11] < gaps && int(u[12]*10) == k {
					cells[k] = ""
				}
			}
			b.WriteString(strings.Join(cells, ",") + "\n")
		}
		f := read(t, b.String(), "level=category")
		table, err := Fit(f, nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(table)
		if err != nil {
			t.Fatal(err)
		}
		var stored Table
		if err := json.Unmarshal(text, &stored); err != nil {
			t.Fatal(err)
		}
		state, row, jitter := make([]float64, table.Dim()), make([]float64, len(f.Schema.Columns)), make([]float64,
			table.Dim())
		for i := range f.Rows {
			rng.NewKey(seed, rng.PurposeUser, 1, 0).Uniforms64(jitter, len(jitter), []uint64{uint64(i)})
			stored.Encode(state, f.Row(i), jitter)
			if err := stored.Decode(row, state); err != nil {
				t.Fatal(err)
			}
			for k, want := range f.Row(i) {
				near := stored.Schema.Columns[k].Step == 0 && math.Abs(row[k]-want) < 1e-9*(1+math.Abs(want))
				if row[k] != want && !near && !(math.IsNaN(want) && math.IsNaN(row[k])) {
					t.Fatalf("row %d, column %s: %v, not %v", i, f.Schema.Columns[k].Name, row[k], want)
				}
			}
		}
	})
}

// Any state at all is decoded to cells that the data could have: on the lattice, within the bounds, of a known level.
func TestEveryStateIsLegal(t *testing.T) {
	var b strings.Builder
	b.WriteString("age,price,day,word\n")
	for i := range 200 {
		fmt.Fprintf(&b, "%d,%.2f,2024-0%d-%02d,%s\n", 18+i%60, 9.99+float64(i*i)*.05, 1+i%5, 1+i%28, []string{"a", "b",
			""}[i%3])
	}
	f := read(t, b.String())
	table, err := Fit(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	x := ito.NewStates(2000, table.Dim(), 0)
	ito.Seed(1).Normal(x, rng.PurposeUser, 0, 0)
	row := make([]float64, 4)
	for i := range x.N {
		for k := range x.Row(i) {
			x.Row(i)[k] *= 5
		}
		if err := table.Decode(row, x.Row(i)); err != nil {
			t.Fatal(err)
		}
		for k, v := range row {
			c := &f.Schema.Columns[k]
			cell := string(c.Append(nil, v, 0))
			back, err := c.Parse(cell)
			if err != nil && !math.IsNaN(v) || back != v && !math.IsNaN(v) || k < 3 && (v < c.Low || v > c.High) {
				t.Fatalf("%s: %v is written %q and read %v: %v", c.Name, v, cell, back, err)
			}
		}
	}
}

// Columns of numbers are N(0,1) in the states, whatever they were, but for those of few numbers, which stand at points;
// levels have a variance of one a dimension.
func TestStatesAreNormal(t *testing.T) {
	var b strings.Builder
	b.WriteString("skew,count,zero,level\n")
	key := rng.NewKey(3, rng.PurposeUser, 0, 0)
	u := make([]float64, 4)
	const n = 4000
	for i := range n {
		key.Uniforms64(u, 4, []uint64{uint64(i)})
		zero := 0.
		if u[2] > .6 {
			zero = math.Exp(5 * u[2])
		}
		fmt.Fprintf(&b, "%.4f,%d,%.2f,%d\n", math.Pow(u[0], -2), int(16*u[1]*u[1]), zero, int(5*u[3]))
	}
	f := read(t, b.String(), "level=category")
	table, err := Fit(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	x := ito.NewStates(n, table.Dim(), 0)
	if err := NewSource(table, f).Read(x, nil, 0); err != nil {
		t.Fatal(err)
	}
	for k := range x.D {
		var v []float64
		mean, square := 0., 0.
		for i := range n {
			z := x.X[i*x.D+k]
			v, mean, square = append(v, z), mean+z/n, square+z*z/n
		}
		if k > 2 {
			if s := square - mean*mean; s < .5 || s > 1.6 {
				t.Errorf("a corner's value has variance %g", s)
			}
			continue
		}
		slices.Sort(v)
		ks := 0.
		for i, z := range v {
			ks = max(ks, math.Abs((float64(i)+.5)/n-math.Erfc(-z/math.Sqrt2)/2))
		}
		bound := 1.95 / math.Sqrt(n)
		if m := table.Parts[k].Number; m.Points { // half of the largest place
			most := 0.
			for i := 0; i < len(m.Z); i += 2 {
				most = max(most, normal(m.Z[i+1])-normal(m.Z[i]))
			}
			bound += most / 2
		}
		if ks > bound { // beyond it by chance once in a thousand
			t.Errorf("column %d is %g from normal", k, ks)
		}
	}
}

// Ten thousand levels take few dimensions, and come back.
func TestManyLevels(t *testing.T) {
	codes, counts := make([]int, 10000), make([]int, 10000)
	for k := range codes {
		codes[k], counts[k] = k, 1
	}
	l := fitLevels(codes, counts)
	if l.dim() > 60 {
		t.Errorf("%d dimensions", l.dim())
	}
	if what := l.check(10000); what != "" {
		t.Fatal(what)
	}
	x := make([]float64, l.dim())
	for k := range codes {
		if l.encode(x, k); l.decode(x) != k {
			t.Fatalf("%d comes back as %d", k, l.decode(x))
		}
	}
	key := rng.NewKey(1, rng.PurposeUser, 0, 0)
	for i := range 200 {
		key.Normals64(x, len(x), []uint64{uint64(i)})
		if k := l.decode(x); k < 0 || k >= 10000 {
			t.Errorf("level %d", k)
		}
	}
}

// The corners are equally far from each other, and the nearest is found.
func TestCorners(t *testing.T) {
	for m := 2; m <= mostCorners; m++ {
		c := make([][]float64, m)
		for k := range c {
			c[k] = make([]float64, m-1)
			path.Corner(c[k], k, 3)
			s := make([]float64, m)
			path.CornerScores(s, c[k])
			if argmax(s) != k {
				t.Errorf("corner %d of %d: %v", k, m, s)
			}
			for j := range k {
				d := 0.
				for i := range c[k] {
					d += (c[k][i] - c[j][i]) * (c[k][i] - c[j][i])
				}
				if math.Abs(d-18) > 1e-12 {
					t.Errorf("corners %d and %d of %d are √%g apart", j, k, m, d)
				}
			}
		}
	}
}

// Rows of a step depend on its address alone, and the subsets of given columns are what is promised.
func TestFill(t *testing.T) {
	f := read(t, "a,b,c\n1,x,.5\n2,y,.25\n3,x,.75\n1,y,.5\n2,x,.5\n3,y,.25\n")
	table, err := Fit(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := NewSource(table, f)
	const n = 20000
	x, cond := ito.NewStates(n, table.Dim(), 0), make([]float64, n*table.CondWidth())
	if err := s.Fill(x, cond, 1, 7); err != nil {
		t.Fatal(err)
	}
	part, some := ito.NewStates(5, table.Dim(), 100), make([]float64, 5*table.CondWidth())
	if err := s.Fill(part, some, 1, 7); err != nil {
		t.Fatal(err)
	}
	if w := table.CondWidth(); !slices.Equal(part.X, x.X[100*x.D:105*x.D]) || !slices.Equal(some, cond[100*w:105*w]) {
		t.Error("rows depend on their neighbours")
	}
	patterns := map[string]int{}
	for i := range n {
		var p []byte
		for k := range table.Given {
			p = append(p, '0'+byte(cond[i*table.width+table.condAt[k]+table.Parts[k].dim()]))
		}
		patterns[string(p)]++
	}
	for p, share := range map[string]float64{"000": .4, "100": .2 / 3, "010": .2 / 3, "001": .2 / 3, "110": .2 / 3,
		"011": .2 / 3, "101": .2 / 3, "111": .2} {
		if got := float64(patterns[p]) / n; math.Abs(got-share) > 4*math.Sqrt(share/n) {
			t.Errorf("%s: %g of the rows, not %g", p, got, share)
		}
	}
}

// Tables of which nothing can be learnt are refused.
func TestNothingToLearn(t *testing.T) {
	for text, want := range map[string]string{
		"a,b\n1.5,x\n":               "1 row",
		"a,b\n1.5,x\n1.5,x\n":        "all of its rows are equal",
		"name\nA B\nC D\nE F\nG H\n": "none of its columns",
	} {
		_, err := Fit(read(t, text), nil)
		if err == nil || !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	f := read(t, "a,b\n1.5,x\n2.5,x\n")
	for _, name := range []string{"b", "c"} {
		if _, err := Fit(f, []string{name}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
