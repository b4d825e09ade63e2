package recipe

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/rng"
)

// readFrame reads a table from text.
func readFrame(t *testing.T, text string) *frame.Frame {
	t.Helper()
	f, err := frame.Read("-", frame.ReadOptions{Stdin: strings.NewReader(text)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// mixedFrame is a small table with every kind of column and gaps.
func mixedFrame(t *testing.T) *frame.Frame {
	var b strings.Builder
	b.WriteString("id,age,income,city,when,member\n")
	key := rng.NewKey(1, rng.PurposeUser, 0, 0)
	u := make([]float64, 6)
	for i := range 200 {
		key.Uniforms64(u, 6, []uint64{uint64(i)})
		income := fmt.Sprintf("%.2f", 1000*math.Exp(2*u[1]))
		if u[5] < .2 {
			income = ""
		}
		fmt.Fprintf(&b, "C%05d,%d,%s,%s,2024-%02d-%02d,%s\n", i, 18+int(60*u[0]), income,
			[]string{"Bonn", "Köln", "Trier"}[int(3*u[2])], 1+int(12*u[3]), 1+int(28*u[3]), []string{"no",
				"yes"}[int(2*u[4])])
	}
	return readFrame(t, b.String())
}

func smallTyped() TrainConfig {
	c := DefaultTrain()
	c.Path, c.Steps, c.Batch, c.Width, c.Depth, c.Warmup = "edm", 60, 32, 16, 1, 10
	return c
}

func drawCells(t *testing.T, m *ito.Model, cfg SampleConfig, run RunOptions) ito.States {
	t.Helper()
	var out ito.States
	if _, err := Sample(context.Background(), m, cfg, run, func(x ito.States) error {
		out.N, out.D = out.N+x.N, x.D
		out.X, out.ID = append(out.X, x.X...), append(out.ID, x.ID...)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// same compares cells bit by bit, NaN included.
func same(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}

// A table trains to the same weights whatever the workers, and samples are the same whatever the chunks, workers,
// number and first; so are those that are drawn until they lie in ranges.
func TestFrameIsAddressed(t *testing.T) {
	f := mixedFrame(t)
	m, r, err := FitFrame(context.Background(), f, smallTyped(), RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Rows != 200 || len(m.Columns) != 6 || m.Encoding == nil {
		t.Errorf("%+v", r)
	}
	pool := ad.NewPool(3)
	defer pool.Close()
	again, _, err := FitFrame(context.Background(), f, smallTyped(), RunOptions{Pool: pool})
	if err != nil {
		t.Fatal(err)
	}
	for _, where := range []string{"", "city=Köln", "age=20..50,city=Bonn|Trier", "age=..40",
		"income=2000..,member=yes"} {
		cfg := DefaultSample()
		cfg.N, cfg.NFE, cfg.Where, cfg.Chunk = 40, 4, where, 40
		want := drawCells(t, m, cfg, RunOptions{Workers: 1})
		if got := drawCells(t, again, cfg, RunOptions{Workers: 1}); !same(got.X, want.X) {
			t.Errorf("%q: other weights", where)
		}
		cfg.Chunk = 7
		if got := drawCells(t, m, cfg, RunOptions{Workers: 3}); !same(got.X, want.X) {
			t.Errorf("%q: other samples in chunks", where)
		}
		cfg.First, cfg.N = 30, 10
		if got := drawCells(t, m, cfg, RunOptions{Workers: 1}); !same(got.X, want.X[30*want.D:]) {
			t.Errorf("%q: other samples from the middle", where)
		}
		age, income, city, member := f.Schema.Find("age"), f.Schema.Find("income"), f.Schema.Find("city"),
			f.Schema.Find("member")
		for i := range want.N {
			row := want.Row(i)
			ok := map[string]bool{"": true, "city=Köln": row[city] == 1,
				"age=20..50,city=Bonn|Trier": row[age] >= 20 && row[age] <= 50 && row[city] != 1,
				"age=..40":                   row[age] <= 40,
				"income=2000..,member=yes":   row[income] >= 2000 && row[member] == 1}[where]
			if !ok {
				t.Errorf("%q: %v", where, row)
			}
		}
	}
}

// Conditions that cannot be are refused, with the nearest that can.
func TestFrameRefuses(t *testing.T) {
	f := mixedFrame(t)
	c := smallTyped()
	c.Steps = 2
	m, _, err := FitFrame(context.Background(), f, c, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for where, want := range map[string]string{
		"citty=Bonn":            `did you mean "city"`,
		"city=Bon":              `did you mean "Bonn"`,
		"city=Bonn..Trier":      "no range",
		"age=150":               "beyond the data",
		"age=20.5":              "the nearest is",
		"age=old":               "is no number",
		"age=100..200":          "holds no value",
		"age=50..20":            "holds no value",
		"age=20,age=30":         "given twice",
		"id=C00001":             "identifier",
		"when=2024-02-30":       "no time written 2006-01-02",
		"age":                   "is not COLUMN=VALUE",
		"city=Bonn|Paris":       `"Paris" is none of its levels`,
		"income=1e9":            "beyond the data",
		"age=18..18,income=7e9": "beyond the data",
	} {
		cfg := DefaultSample()
		cfg.N, cfg.NFE, cfg.Where = 4, 4, where
		_, err := Sample(context.Background(), m, cfg, RunOptions{}, func(ito.States) error { return nil })
		if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", where, err)
		}
	}
	c.Transform = "whiten"
	if _, _, err := FitFrame(context.Background(), f, c, RunOptions{}); !errors.Is(err, ito.ErrInput) {
		t.Error(err)
	}
}

// Of a table with a known law, samples under every subset of three conditions follow the exact conditional: what is
// not given is integrated out. The total variation of 500 samples, averaged over the values of a subset, is at most
// twice that of as many draws from the exact law.
func TestPartialConditionsAreExact(t *testing.T) {
	if testing.Short() {
		t.Skip("a training of some seconds")
	}
	law := threeConditions()
	m, _, err := FitFrame(context.Background(), law.table(t, 20000), lawTraining(), RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	const n = 500
	table := m.Encoding.(*encode.Table)
	for subset := range 8 {
		tv, floor, patterns := 0., 0., 0.
		for values := range 24 {
			given := [3]int{values % 2, values / 2 % 3, values / 6}
			var where []string
			first := true
			for k, v := range given {
				if subset>>k&1 == 1 {
					where = append(where, law.names[k]+"="+law.levels[k][v])
				} else if v > 0 {
					first = false // the same request as that of 0
				}
			}
			if !first {
				continue
			}
			cfg := DefaultSample()
			cfg.N, cfg.Where, cfg.Seed = n, strings.Join(where, ","), uint64(1+values)
			x := drawCells(t, m, cfg, RunOptions{})
			p := law.given(subset, given)
			count := make([]float64, len(p))
			for i := range n {
				k := law.cell(t, table, x.Row(i))
				if count[k]++; p[k] == 0 {
					t.Fatalf("%s: %v", cfg.Where, x.Row(i))
				}
			}
			tv += cellVariation(count, p, n)
			for r := range 8 {
				floor += cellVariation(law.draw(p, n, uint64(100*values+r)), p, n) / 8
			}
			patterns++
		}
		t.Logf("subset %03b: variation %.3f, of exact draws %.3f", subset, tv/patterns, floor/patterns)
		if tv > 2*floor {
			t.Errorf("subset %03b: variation %.3f, of exact draws %.3f", subset, tv/patterns, floor/patterns)
		}
	}
}

func lawTraining() TrainConfig {
	c := DefaultTrain()
	c.Path, c.Steps, c.Width, c.LR, c.Condition = "edm", 4000, 128, .004, []string{"a", "b", "c"}
	return c
}

// law is that of four columns of levels.
type law struct {
	names  []string
	levels [4][]string
	p      []float64 // of cell ((a·3+b)·4+c)·3+d
}

func threeConditions() law {
	l := law{names: []string{"a", "b", "c", "d"}, levels: [4][]string{{"no", "yes"}, {"x", "y", "z"}, {"1", "2", "3",
		"4"},
		{"p", "q", "r"}}}
	sum := 0.
	for k := range 72 {
		a, b, c, d := float64(k/36), float64(k/12%3), float64(k/3%4), k%3
		e := .9*(a-.5)*(b-1) + .7*(b-1)*(c-1.5) + .8*float64(d-1)*(c-1.5)
		if d == 1 {
			e += 1.8 * (a - .5)
		}
		if d == 2 && b == 0 {
			e += .5
		}
		l.p = append(l.p, math.Exp(e))
		sum += l.p[k]
	}
	for k := range l.p {
		l.p[k] /= sum
	}
	return l
}

func (l law) draw(p []float64, n int, seed uint64) []float64 {
	key, u := rng.NewKey(seed, rng.PurposeUser, 0, 0), make([]float64, 1)
	count := make([]float64, len(p))
	for i := range n {
		key.Uniforms64(u, 1, []uint64{uint64(i)})
		k := 0
		for u[0] -= p[0]; u[0] > 0 && k < len(p)-1; u[0] -= p[k] {
			k++
		}
		count[k]++
	}
	return count
}

func (l law) table(t *testing.T, n int) *frame.Frame {
	var b strings.Builder
	b.WriteString(strings.Join(l.names, ",") + "\n")
	for k, c := range l.draw(l.p, n, 7) {
		for range int(c) {
			fmt.Fprintf(&b, "%s,%s,%s,%s\n", l.levels[0][k/36], l.levels[1][k/12%3], l.levels[2][k/3%4],
				l.levels[3][k%3])
		}
	}
	return readFrame(t, b.String())
}

// given is the exact law under conditions.
func (l law) given(subset int, v [3]int) []float64 {
	out, sum := make([]float64, len(l.p)), 0.
	for k, p := range l.p {
		own := [3]int{k / 36, k / 12 % 3, k / 3 % 4}
		ok := true
		for j := range own {
			ok = ok && (subset>>j&1 == 0 || own[j] == v[j])
		}
		if ok {
			out[k] = p
			sum += p
		}
	}
	for k := range out {
		out[k] /= sum
	}
	return out
}

// cell is the place of a row in the law.
func (l law) cell(t *testing.T, table *encode.Table, row []float64) int {
	t.Helper()
	k := 0
	for j, v := range row {
		word := string(table.Schema.Columns[j].Append(nil, v, 0))
		at := slices.Index(l.levels[j], word)
		if at < 0 {
			t.Fatalf("column %d has %q", j, word)
		}
		k = k*len(l.levels[j]) + at
	}
	return k
}

func cellVariation(count, p []float64, n float64) float64 {
	tv := 0.
	for k := range p {
		tv += math.Abs(count[k]/n-p[k]) / 2
	}
	return tv
}
