package data

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/metric"
)

// mixed has correlated columns, one of them constant.
func mixed(t *testing.T) *Table {
	s := builtin(t, "spiral", 400, 1)
	x := &Table{Name: "mixed", Columns: []string{"a", "c", "b"}, Rows: 400, Cols: 3}
	for i := range s.Rows {
		r := s.Row(i)
		x.X = append(x.X, 3*r[0]+100, .1, r[0]+2*r[1])
	}
	return x
}

func TestTransformMoments(t *testing.T) {
	x := mixed(t)
	for kind, check := range map[string]func(g ito.Gaussian) bool{
		"none": func(g ito.Gaussian) bool { return g.Mean[0] > 90 },
		"standardise": func(g ito.Gaussian) bool {
			return math.Abs(g.Mean[0]) < 1e-13 && math.Abs(g.Cov[0]-1) < 1e-12 && math.Abs(g.Cov[3]-1) < 1e-12 &&
				math.Abs(g.Cov[1]) > .01
		},
		"whiten": func(g ito.Gaussian) bool {
			return math.Abs(g.Mean[1]) < 1e-13 && math.Abs(g.Cov[0]-1) < 1e-12 && math.Abs(g.Cov[3]-1) < 1e-12 &&
				math.Abs(g.Cov[1]) < 1e-12
		},
	} {
		tr, err := FitTransform(kind, x)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]int{0, 2}, tr.Keep); d != "" || tr.Kind != kind {
			t.Errorf("%s: %+v", kind, tr)
		}
		s, err := Apply(tr, x)
		if err != nil {
			t.Fatal(err)
		}
		g, err := metric.Moments(s)
		if err != nil {
			t.Fatal(err)
		}
		if !check(g) {
			t.Errorf("%s: moments of the states %+v", kind, g)
		}
		row := make([]float64, 3)
		for i := range s.N {
			if err := tr.Inverse(row, s.Row(i)); err != nil {
				t.Fatal(err)
			}
			for k, v := range row {
				if math.Abs(v-x.Row(i)[k]) > 1e-12*(1+math.Abs(v)) || k == 1 && v != .1 {
					t.Fatalf("%s: row %d came back as %v from %v", kind, i, row, x.Row(i))
				}
			}
		}
	}
}

// Without constant columns "none" is the identity to the bit.
func TestTransformNone(t *testing.T) {
	x := builtin(t, "moons", 20, 1)
	tr, err := FitTransform("none", x)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(ito.Transform{Kind: "none"}, tr); d != "" {
		t.Error(d)
	}
	s, err := Apply(tr, x)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(x.X, s.X); d != "" {
		t.Error(d)
	}
}

func TestTransformRefuses(t *testing.T) {
	line := &Table{Name: "line", Columns: []string{"a", "b"}, Rows: 5, Cols: 2, X: []float64{1, 2, 2, 4, 3, 6, 4, 8, 5,
		10}}
	same := &Table{Name: "same", Columns: []string{"a"}, Rows: 3, Cols: 1, X: []float64{7, 7, 7}}
	huge := &Table{Name: "huge", Columns: []string{"a"}, Rows: 2, Cols: 1, X: []float64{-1e200, 1e200}}
	tiny := &Table{Name: "tiny", Columns: []string{"a"}, Rows: 2, Cols: 1, X: []float64{0, 1e-200}}
	for name, c := range map[string]struct {
		kind string
		t    *Table
		want string
	}{
		"singular": {"whiten", line, "`transform=whiten`: the covariance is singular: column 2 (b) follows from " +
			"the columns before it; use `transform=standardise`"},
		"constant": {"none", same, "same: no column varies over 3 rows"},
		"one row": {"standardise", &Table{Name: "one", Columns: []string{"a"}, Rows: 1, Cols: 1, X: []float64{1}},
			"one: no column varies over 1 row;"},
		"no rows":  {"none", &Table{Name: "none"}, "none: there are no numbers"},
		"unknown":  {"standardize", line, `no transform is named "standardize"; did you mean "standardise"?`},
		"overflow": {"standardise", huge, "huge: column 1 (a) varies by too little or too much: variance +Inf"},
		"underflow": {"standardise", tiny, "tiny: column 1 (a) varies by too little or too much: variance 0; use " +
			"another unit for it, or give `types=a=real`, which learns it by its ranks"},
		"not whiten":  {"whiten", huge, "varies by too little or too much"},
		"whiten tiny": {"whiten", tiny, "varies by too little or too much"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := FitTransform(c.kind, c.t)
			if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	tr, err := FitTransform("standardise", mixed(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Apply(tr, line); !errors.Is(err, ito.ErrInput) {
		t.Errorf("two columns for three: %v", err)
	}
}
