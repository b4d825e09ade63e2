package tabular

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/seed9a7962a8/ito/rng"
)

// titanic is the table of boost's tests: numbers, levels and gaps.
func titanic(t testing.TB) Table {
	t.Helper()
	f, err := os.Open("../boost/testdata/titanic.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	levels := map[string]int{"Survived": 2, "Pclass": 4, "Sex": 2, "Embarked": 3}
	steps := map[string]float64{"SibSp": 1, "Parch": 1}
	out := Table{Rows: len(rows) - 1}
	for j, name := range rows[0] {
		c := Column{Name: name, Levels: levels[name], Step: steps[name], X: make([]float64, out.Rows)}
		for i, r := range rows[1:] {
			c.X[i] = math.NaN()
			if r[j] != "" {
				if c.X[i], err = strconv.ParseFloat(r[j], 64); err != nil {
					t.Fatal(err)
				}
			}
		}
		out.Columns = append(out.Columns, c)
	}
	return out
}

// law draws n rows of a law: dependent numbers, one with a heavy tail, a level that depends on them, gaps that depend
// on the level; d columns in all.
func law(n, d int, seed uint64) Table {
	t := Table{Rows: n}
	key := rng.NewKey(seed, rng.PurposeUser, 0, 0)
	z := make([]float64, d+1)
	for j := range d {
		c := Column{Name: "c" + strconv.Itoa(j), X: make([]float64, n)}
		if j%4 == 2 {
			c.Levels = 5
		}
		t.Columns = append(t.Columns, c)
	}
	for i := range n {
		key.Normals64(z, d+1, []uint64{uint64(i)})
		for j := range d {
			v := (z[j] + z[d]) / math.Sqrt2
			switch {
			case j%4 == 1:
				v = math.Exp(v)
			case j%4 == 2:
				v = min(max(math.Floor(v+2.5), 0), 4)
			case j%4 == 3 && z[d] > .8:
				v = math.NaN()
			}
			t.Columns[j].X[i] = v
		}
	}
	return t
}

// halved are two random halves of a table.
func halved(t Table, seed uint64) (a, b Table) {
	rows := pick(seed, 7, subHalves, t.Rows, t.Rows)
	return t.Take(rows[:t.Rows/2]), t.Take(rows[t.Rows/2:])
}
