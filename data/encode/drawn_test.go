package encode

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/data/frame"
)

// drawnTable is a table of 600 rows whose levels a and b hang together, a with gaps, and a number.
func drawnTable(t *testing.T, given ...string) (*Table, *frame.Frame) {
	t.Helper()
	var b strings.Builder
	b.WriteString("a,b,x\n")
	for i := range 600 {
		a, c := []string{"u", "v", ""}[i%3], "k"
		if i%3 == 1 || i%12 == 0 {
			c = "l"
		}
		fmt.Fprintf(&b, "%s,%s,%d.25\n", a, c, i*i%97)
	}
	f, err := frame.Read("-", frame.ReadOptions{Stdin: strings.NewReader(b.String())})
	if err != nil {
		t.Fatal(err)
	}
	m, err := Fit(f, given)
	if err != nil {
		t.Fatal(err)
	}
	return m, f
}

// Conditions that nobody asks for stand together as often as in the data, gaps too, and read back the same.
func TestDrawnIsTheLawOfTheData(t *testing.T) {
	m, f := drawnTable(t, "a", "b")
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var again Table
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	want := map[[2]float64]float64{}
	key := func(a, b float64) [2]float64 {
		if a != a {
			a = -1
		}
		return [2]float64{a, b}
	}
	for i := range f.Rows {
		want[key(f.Row(i)[0], f.Row(i)[1])] += 1 / float64(f.Rows)
	}
	q := again.AsData()
	if q == nil || q.Nothing() || q.Tested() {
		t.Fatalf("%+v", q)
	}
	const n = 40000
	got := map[[2]float64]float64{}
	row, state := make([]float64, 3), make([]float64, m.Dim())
	for id := range uint64(n) {
		if err := q.Decode(row, state, id, 7); err != nil {
			t.Fatal(err)
		}
		got[key(row[0], row[1])] += 1. / n
	}
	tv := 0.
	for k := range want {
		tv += math.Abs(want[k]-got[k]) / 2
	}
	if len(got) != len(want) || tv > .015 { // five classes: .004 on average
		t.Errorf("total variation %.4f of %d combinations, %d in the data", tv, len(got), len(want))
	}
	ids := []uint64{5, 9}
	one, two := q.Cond(ids, 7), q.Cond(ids[1:], 7) // whatever the batch
	if one.C != m.CondWidth() || fmt.Sprint(one.Row(1)) != fmt.Sprint(two.Row(0)) {
		t.Error("the conditions of a sample depend on the others")
	}
}

// A number alone is drawn by its own law; where all columns may be asked for, or the law of several is not known,
// nothing is drawn.
func TestDrawnOfOthers(t *testing.T) {
	m, f := drawnTable(t, "x")
	q := m.AsData()
	if q == nil || len(m.Drawn.Codes) != 0 || fmt.Sprint(m.DrawnColumns()) != "[x]" {
		t.Fatalf("%+v", m.Drawn)
	}
	row, state, mean, real := make([]float64, 3), make([]float64, m.Dim()), 0., 0.
	for id := range uint64(5000) {
		if err := q.Decode(row, state, id, 1); err != nil {
			t.Fatal(err)
		}
		mean += row[2] / 5000
	}
	for i := range f.Rows {
		real += f.Row(i)[2] / float64(f.Rows)
	}
	if math.Abs(mean-real) > 2.5 { // six standard errors of 29/√5000
		t.Errorf("mean %g, of the data %g", mean, real)
	}
	if all, _ := drawnTable(t); all.Drawn != nil || all.AsData() != nil || all.DrawnColumns() != nil {
		t.Errorf("%+v", all.Drawn)
	}
	for _, bad := range []string{`{"given":[9],"codes":[[0]],"counts":[1],"number":-1}`,
		`{"given":[0],"codes":[[0]],"counts":[],"number":-1}`, `{"given":[],"codes":[],"counts":[],"number":-1}`,
		`{"given":[0],"codes":[[99]],"counts":[1],"number":-1}`, `{"given":[0],"codes":[[0]],"counts":[0],"number":-1}`} {
		text, _ := json.Marshal(m)
		broken := strings.Replace(string(text), `"drawn":{`, `"drawn":`+bad+`,"was":{`, 1)
		if err := json.Unmarshal([]byte(broken), &Table{}); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}
