package model_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/target/model"
)

// overflows says where a family has no better value than −∞: (x−μ)/σ, or its square in a normal, is beyond the
// largest number.
func overflows(family string, a []float64) bool {
	switch family {
	case "cauchy":
		return math.IsInf((a[0]-a[1])/a[2], 0)
	case "half_cauchy":
		return math.IsInf(a[0]/a[1], 0)
	case "student_t":
		return math.IsInf((a[0]-a[2])/a[3]/math.Sqrt(a[1]), 0)
	}
	return false
}

// Every family of numbers over 1e-300 … 1e300 and where large terms cancel is mpmath's value to 1e-10, or to what
// the rounding of its arguments and of their logarithms changes (testdata/extreme.py), as data and as traced
// values.
func TestExtremeArguments(t *testing.T) {
	b, err := os.ReadFile("testdata/extreme.json")
	if err != nil {
		t.Fatal(err)
	}
	var table map[string][][]any
	if err := json.Unmarshal(b, &table); err != nil {
		t.Fatal(err)
	}
	for family, rows := range table {
		k := len(rows[0]) - 2
		columns := make([][]float64, k+2)
		for _, r := range rows {
			for i := range columns {
				v, ok := r[i].(float64)
				if !ok {
					v = math.Inf(-1)
				}
				columns[i] = append(columns[i], v)
			}
		}
		data := model.Data{}
		var args []string
		for i := range k {
			data[fmt.Sprint("c", i)] = columns[i]
			if i > 0 {
				args = append(args, fmt.Sprintf("data['c%d']", i))
			}
		}
		for kind, z := range map[string]string{"data": "", "traced": " + z"} {
			list := strings.Join(args, z+", ") + z
			if kind == "traced" && strings.HasPrefix(family, "binomial") { // the trials are data
				list = args[0] + ", " + strings.Join(args[1:], z+", ") + z
			}
			m, err := model.Compile("m.star", fmt.Sprintf("a = param('a', prior = normal(0, 1)); z = 0 * a; "+
				"generated('g', %s(%s).log(data['c0']))", family, list), data, model.CompileOptions{})
			if err != nil {
				t.Errorf("%s of %s: %v", family, kind, err)
				continue
			}
			draw := ito.NewStates(1, m.Width(), 0)
			if err := m.Draw(t.Context(), draw, ito.NewStates(1, 1, 0), 0, 0); err != nil {
				t.Fatal(err)
			}
			hard := 0
			for i, got := range draw.X[1:] {
				row := make([]float64, k+2)
				for j := range row {
					row[j] = columns[j][i]
				}
				want, rounding := row[k], row[k+1]
				if overflows(family, row) {
					want = math.Inf(-1)
				}
				if rounding > 1e-10*math.Abs(want) {
					hard++
				}
				if got != want && !(math.Abs(got-want) <= max(1e-10*math.Abs(want), rounding)) {
					t.Errorf("%s(%v) of %s is %.16g, want %.16g (± %.1g by rounding)", family, row[:k], kind, got, want,
						rounding)
				}
			}
			if hard > len(rows)*2/3 {
				t.Errorf("%s: %d of %d rows say nothing: their arguments' rounding is more than 1e-10", family, hard,
					len(rows))
			}
		}
	}
}
