package data

import (
	"errors"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// FuzzParseWhere: a request is refused as input or is a row of finite numbers of the width of the conditions.
func FuzzParseWhere(f *testing.F) {
	for _, s := range []string{"k=a,size=2", `k="x,y",size=1`, "size=NaN", "k=a", "k=,size=1", `k="`, "size=1e999,k=a",
		"k=a,k=a", " ", ",", "="} {
		f.Add(s)
	}
	conditions, err := FitConditions([]Column{{Name: "k", Text: []string{"a", "x,y", `"`}},
		{Name: "size", Numbers: []float64{.5, 1.5, 4}}})
	if err != nil {
		f.Fatal(err)
	}
	n := width(conditions)
	f.Fuzz(func(t *testing.T, where string) {
		row, err := ParseWhere(conditions, where)
		if err != nil {
			if !errors.Is(err, ito.ErrInput) {
				t.Fatal(err)
			}
			return
		}
		if len(row) != n {
			t.Fatalf("%q: %d numbers, not %d", where, len(row), n)
		}
		for _, v := range row {
			if v-v != 0 {
				t.Fatalf("%q: %v", where, row)
			}
		}
	})
}
