package boost

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"os"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/rng"
)

// table reads a CSV of numbers, gaps as NaN, column by column.
func table(t *testing.T, name string) map[string][]float64 {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]float64{}
	for _, row := range rows[1:] {
		for j, v := range row {
			x := math.NaN()
			if v != "" {
				if x, err = strconv.ParseFloat(v, 64); err != nil {
					t.Fatal(err)
				}
			}
			out[rows[0][j]] = append(out[rows[0][j]], x)
		}
	}
	return out
}

// part is every fifth row, or the others.
func part(x []float64, fifth bool) (out []float64) {
	for i, v := range x {
		if (i%5 == 0) == fifth {
			out = append(out, v)
		}
	}
	return out
}

// At its defaults the model scores what LightGBM scores at its own, to .01, on held-out rows of two real tables with
// categories and gaps: see testdata/peer.py.
func TestScoresOfLightGBM(t *testing.T) {
	var want map[string]map[string]float64
	text, err := os.ReadFile("testdata/lightgbm.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	levels := map[string]int{"Sex": 3, "Embarked": 3, "Pclass": 4, "Survived": 2}
	for _, c := range []struct {
		name, file, target string
		classes            int
		numbers            string // a column whose whole numbers are numbers here
	}{
		{"rings", "abalone.csv", "Rings", 0, ""}, {"sex", "abalone.csv", "Sex", 3, ""},
		{"survived", "titanic.csv", "Survived", 2, ""}, {"fare", "titanic.csv", "Fare", 0, ""},
	} {
		data := table(t, c.file)
		var names []string
		for name := range data {
			if name != c.target {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		var train, test []Column
		for _, name := range names {
			train = append(train, Column{X: part(data[name], false), Levels: levels[name]})
			test = append(test, Column{X: part(data[name], true), Levels: levels[name]})
		}
		y := part(data[c.target], true)
		m, err := Fit(t.Context(), Config{}, train, part(data[c.target], false), c.classes)
		if err != nil {
			t.Fatal(err)
		}
		p, err := m.Predict(test)
		if err != nil {
			t.Fatal(err)
		}
		got := scores(y, p, c.classes)
		for key, w := range want[c.name] {
			t.Logf("%s: %s %.4f, LightGBM %.4f", c.name, key, got[key], w)
			better := got[key] >= w
			if key == "log_loss" {
				better = got[key] <= w
			}
			if !better && math.Abs(got[key]-w) > .01 {
				t.Errorf("%s: %s is %.4f where LightGBM has %.4f", c.name, key, got[key], w)
			}
		}
	}
}

func scores(y, p []float64, classes int) map[string]float64 {
	if classes == 0 {
		return map[string]float64{"r2": metric.R2(p, y)}
	}
	hits, loss, positive := 0.0, 0.0, []float64{}
	for i, v := range y {
		row := p[i*classes : (i+1)*classes]
		if row[int(v)] == slices.Max(row) {
			hits++
		}
		loss -= math.Log(row[int(v)])
		positive = append(positive, row[1])
	}
	n := float64(len(y))
	out := map[string]float64{"accuracy": hits / n, "log_loss": loss / n}
	if classes == 2 {
		out["auc"] = metric.AUC(positive, y)
	}
	return out
}

// stump is the best single cut of numbers by trying every one.
func stump(x, y []float64, least int) (threshold, gain float64) {
	sorted := slices.Clone(x)
	slices.Sort(sorted)
	mean := 0.0
	for _, v := range y {
		mean += v / float64(len(y))
	}
	for k := 1; k < len(sorted); k++ {
		if sorted[k] == sorted[k-1] {
			continue
		}
		c := (sorted[k] + sorted[k-1]) / 2
		var l, r, nl, nr float64
		for i, v := range x {
			if v <= c {
				l, nl = l+y[i]-mean, nl+1
			} else {
				r, nr = r+y[i]-mean, nr+1
			}
		}
		if int(nl) < least || int(nr) < least {
			continue
		}
		if g := l*l/nl + r*r/nr; g > gain {
			threshold, gain = c, g
		}
	}
	return threshold, gain
}

// The first tree of two leaves is the cut that lowers the squared error most.
func TestFirstCutIsTheBest(t *testing.T) {
	u := make([]float64, 3*200)
	rng.NewKey(1, rng.PurposePath, 0, 0).Uniforms64(u, 3, ids(200))
	var x, z, y []float64
	for i := range 200 {
		x, z = append(x, math.Round(u[3*i]*20)/20), append(z, u[3*i+1])
		y = append(y, math.Sin(6*x[i])+.2*u[3*i+2])
	}
	m, err := Fit(t.Context(), Config{Trees: 1, Leaves: 2, MinRows: 7, Rate: 1}, []Column{{X: z}, {X: x}}, y, 0)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := stump(x, y, 7)
	if n := m.trees[0].nodes[0]; n.column != 1 || math.Abs(n.threshold-want) > 1e-12 {
		t.Errorf("cut of column %d at %v, best is column 1 at %v", n.column, n.threshold, want)
	}
}

func ids(n int) []uint64 {
	out := make([]uint64, n)
	for i := range out {
		out[i] = uint64(i)
	}
	return out
}

// Missing values go to the side that suits them, categories are told apart whatever their numbers, and probabilities
// of classes without a rule are their frequencies.
func TestGapsLevelsAndNoise(t *testing.T) {
	n := 4000
	u := make([]float64, 2*n)
	rng.NewKey(2, rng.PurposePath, 0, 0).Uniforms64(u, 2, ids(n))
	gap, lvl, y, label := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		gap[i], lvl[i] = u[2*i], math.Floor(u[2*i+1]*40)
		if i%3 == 0 {
			gap[i] = math.NaN()
			y[i] += 5
		}
		if int(lvl[i])%2 == 1 {
			y[i] += 2
		}
		if i%4 == 0 {
			label[i] = 1
		}
	}
	columns := []Column{{X: gap}, {X: lvl, Levels: 40}}
	m, err := Fit(t.Context(), Config{}, columns, y, 0)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := m.Predict(columns)
	if r := metric.R2(p, y); r < .999 {
		t.Errorf("R² of a table with a rule is %v", r)
	}
	unseen, _ := m.Predict([]Column{{X: []float64{.5, math.NaN()}}, {X: []float64{77, math.NaN()}, Levels: 40}})
	if math.IsNaN(unseen[0] + unseen[1]) {
		t.Errorf("levels that were not seen give %v", unseen)
	}
	for _, classes := range []int{2, 3} {
		m, err = Fit(t.Context(), Config{}, nil, label, classes)
		if err != nil {
			t.Fatal(err)
		}
		p, _ = m.Predict(nil)
		if len(p) != 0 {
			t.Errorf("%d values of no rows", len(p))
		}
		m, err = Fit(t.Context(), Config{}, []Column{{X: make([]float64, n)}}, label, classes)
		if err != nil {
			t.Fatal(err)
		}
		p, _ = m.Predict([]Column{{X: []float64{3}}})
		if math.Abs(p[1]-.25) > 1e-6 || math.Abs(p[0]-.75) > 1e-6 {
			t.Errorf("%d classes: %v where the frequencies are .75 and .25", classes, p)
		}
	}
}

// Any number of workers gives the same trees.
func TestWorkersGiveTheSameTrees(t *testing.T) {
	data := table(t, "abalone.csv")
	var columns []Column
	for _, name := range []string{"Sex", "Length", "Height", "Shell_weight", "Whole_weight"} {
		columns = append(columns, Column{X: data[name], Levels: map[string]int{"Sex": 3}[name]})
	}
	var want *Model
	for workers := 1; workers < 5; workers++ {
		m, err := Fit(t.Context(), Config{Trees: 10, Workers: workers}, columns, data["Rings"], 0)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = m
		} else if !reflect.DeepEqual(m, want) {
			t.Errorf("%d workers give other trees", workers)
		}
	}
}

// What cannot be learnt is refused; one row, one value and columns of infinities are learnt.
func TestExtremes(t *testing.T) {
	one := []Column{{X: []float64{1}}}
	for name, f := range map[string]func() (*Model, error){
		"no rows":      func() (*Model, error) { return Fit(t.Context(), Config{}, nil, nil, 0) },
		"one class":    func() (*Model, error) { return Fit(t.Context(), Config{}, one, []float64{0}, 1) },
		"length":       func() (*Model, error) { return Fit(t.Context(), Config{}, one, []float64{0, 1}, 0) },
		"NaN":          func() (*Model, error) { return Fit(t.Context(), Config{}, one, []float64{math.NaN()}, 0) },
		"class":        func() (*Model, error) { return Fit(t.Context(), Config{}, one, []float64{2}, 2) },
		"leaves":       func() (*Model, error) { return Fit(t.Context(), Config{Leaves: 1}, one, []float64{2}, 0) },
		"rate":         func() (*Model, error) { return Fit(t.Context(), Config{Rate: -1}, one, []float64{2}, 0) },
		"half a class": func() (*Model, error) { return Fit(t.Context(), Config{}, one, []float64{.5}, 3) },
	} {
		if _, err := f(); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	inf := math.Inf(1)
	x := []Column{{X: []float64{inf, -inf, 0, math.NaN(), inf, 1e308, -1e308, 5}}}
	y := []float64{1, 2, 3, 4, 1, 1, 2, 3}
	m, err := Fit(t.Context(), Config{MinRows: 1, Trees: 200}, x, y, 0)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := m.Predict(x)
	for i := range p {
		if math.IsNaN(p[i]) {
			t.Errorf("row %d is %v", i, p[i])
		}
	}
	m, err = Fit(t.Context(), Config{}, one, []float64{7}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := m.Predict(one); p[0] != 7 {
		t.Errorf("one row of 7 is predicted as %v", p[0])
	}
}

func BenchmarkFit(b *testing.B) {
	n := 20000
	u := make([]float64, 10*n)
	rng.NewKey(2, rng.PurposePath, 0, 0).Uniforms64(u, 10, ids(n))
	var columns []Column
	y := make([]float64, n)
	for j := range 10 {
		x := make([]float64, n)
		for i := range n {
			x[i] = u[10*i+j]
			y[i] += math.Sin(6*x[i]) * float64(j)
		}
		columns = append(columns, Column{X: x})
	}
	for b.Loop() {
		if _, err := Fit(b.Context(), Config{Workers: 1}, columns, y, 0); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
}
