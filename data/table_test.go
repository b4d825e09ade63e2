package data

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seed9a7962a8/ito"
)

func sample() *Table {
	return &Table{Name: "f.csv", Columns: []string{"a", "b", "c"}, Rows: 2, Cols: 3, X: []float64{1, 2, 3, 4, 5, 6},
		Text: []Column{{Name: "kind", Text: []string{"cat", "dog"}}}}
}

func TestTake(t *testing.T) {
	rest, taken, err := sample().Take([]string{"kind", "b"})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(&Table{Name: "f.csv", Columns: []string{"a", "c"}, Rows: 2, Cols: 2, X: []float64{1, 3, 4, 6}},
		rest); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]Column{{Name: "kind", Text: []string{"cat", "dog"}}, {Name: "b", Numbers: []float64{2, 5}}},
		taken); d != "" {
		t.Error(d)
	}
	for _, names := range [][]string{{"kin"}, {"b", "b"}} {
		if _, _, err := sample().Take(names); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%v: %v", names, err)
		}
	}
}

func TestScale(t *testing.T) {
	x := sample()
	if err := x.Scale([]float64{1, 8, -.5}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]float64{1, 16, -1.5, 4, 40, -3}, x.X); d != "" {
		t.Error(d)
	}
	for _, f := range [][]float64{{1, 8}, {1, 0, 1}, {1, 1, 1e308}} {
		if err := sample().Scale(f); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%v: %v", f, err)
		}
	}
	err := sample().Scale([]float64{1, 8})
	if want := "`scale`: 2 factors for the 3 columns of f.csv; give one factor for each column, such as 1,1,1"; err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestDigest(t *testing.T) {
	a, b := sample(), sample()
	b.Name, b.Columns = "other", []string{"u", "v", "w"}
	if a.Digest() != b.Digest() || len(a.Digest()) != 64 {
		t.Error("the digest is of the numbers alone")
	}
	b.X[5] = 7
	if a.Digest() == b.Digest() {
		t.Error("another number, the same digest")
	}
	c := sample()
	c.Rows, c.Cols = 3, 2
	if a.Digest() == c.Digest() {
		t.Error("another shape, the same digest")
	}
}

func TestNames(t *testing.T) {
	if d := cmp.Diff("x y z", strings.Join(DefaultColumns(3), " ")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff("x0 x1 x2 x3", strings.Join(DefaultColumns(4), " ")); d != "" {
		t.Error(d)
	}
}
