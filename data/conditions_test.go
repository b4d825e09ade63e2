package data

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seed9a7962a8/ito"
)

func TestFitConditions(t *testing.T) {
	many := make([]float64, 101)
	for i := range many {
		many[i] = float64(i)
	}
	got, err := FitConditions([]Column{
		{Name: "label", Numbers: []float64{10, 9, math.Copysign(0, -1), -1, 0, 9}},
		{Name: "kind", Text: []string{"dog", "cat", "dog"}},
		{Name: "size", Numbers: []float64{.5, 2.5}},
		{Name: "year", Numbers: many},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []ito.Condition{
		{Column: "label", Levels: []string{"-1", "0", "9", "10"}, Shares: []float64{1. / 6, 2. / 6, 2. / 6, 1. / 6}},
		{Column: "kind", Levels: []string{"cat", "dog"}, Shares: []float64{1. / 3, 2. / 3}},
		{Column: "size", Mean: 1.5, SD: 1},
		{Column: "year", Mean: 50, SD: math.Sqrt(850)},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	words := make([]string, MaxTextLevels+1)
	for i := range words {
		words[i] = fmt.Sprint("word", i)
	}
	for _, c := range []Column{{Name: "c", Text: words}, {Name: "c", Numbers: []float64{.5, .5}}, {Name: "c"}} {
		if _, err := FitConditions([]Column{c}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%d cells: %v", c.Len(), err)
		}
	}
}

func TestEncodeConditions(t *testing.T) {
	columns := []Column{{Name: "kind", Text: []string{"dog", "cat"}}, {Name: "size", Numbers: []float64{.5, 2.5}},
		{Name: "label", Numbers: []float64{3, 3}}}
	conditions, err := FitConditions(columns)
	if err != nil {
		t.Fatal(err)
	}
	got, err := EncodeConditions(conditions, columns)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(ito.Cond{C: 5, X: []float64{0, 1, -1, 1, 1, 1, 0, 1, 1, 1}}, got); d != "" {
		t.Error(d)
	}
	// A request for the same gives the same row.
	row, err := ParseWhere(conditions, "size=2.5, label=3.0,kind=cat")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(got.Row(1), row); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(ito.Cond{C: 5, X: append(append([]float64(nil), row...), row...)},
		RepeatCondition(row, 2)); d != "" {
		t.Error(d)
	}
	for where, want := range map[string][]float64{"": {0, 0, 0, 0, 0}, " ": {0, 0, 0, 0, 0},
		"kind=dog,label=3,size=1.5": {0, 1, 0, 1, 1}} {
		row, err := ParseWhere(conditions, where)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, row); d != "" {
			t.Errorf("%q: %s", where, d)
		}
	}
	if c, err := EncodeConditions(nil, nil); err != nil || !c.None() || !RepeatCondition(nil, 3).None() {
		t.Errorf("no conditions: %+v, %v", c, err)
	}
	columns[0].Text[1] = "cow"
	if _, err := EncodeConditions(conditions, columns); !errors.Is(err, ito.ErrInput) {
		t.Errorf("an unknown level: %v", err)
	}
	if _, err := EncodeConditions(conditions, columns[:2]); err == nil {
		t.Error("a column is missing: no error")
	}
	columns[0], columns[1] = columns[1], columns[0]
	if _, err := EncodeConditions(conditions, columns); err == nil {
		t.Error("columns in another order: no error")
	}
}
