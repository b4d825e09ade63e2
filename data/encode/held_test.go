package encode

import (
	"testing"

	"github.com/seed9a7962a8/ito/rng"
)

// Held-out rows and the others are all rows once, and draws of either meet only its own.
func TestSplitIsAPartition(t *testing.T) {
	f := read(t, "a,b\n"+func() (s string) {
		for i := range 40 {
			s += string(rune('0'+i%7)) + "," + string(rune('a'+i%3)) + "\n"
		}
		return s
	}())
	table, err := Fit(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	train, out := NewSource(table, f).Split(3, 9)
	if train.Len() != 31 || out.Len() != 9 {
		t.Fatalf("%d and %d rows", train.Len(), out.Len())
	}
	of := map[int]*Source{}
	for _, s := range []*Source{train, out} {
		for i := range s.Len() {
			r := s.held.row(i)
			if of[r] != nil || r < 0 || r >= 40 {
				t.Errorf("row %d comes twice", r)
			}
			of[r] = s
		}
		for id := range uint64(200) {
			if r := s.Example(1, 2, id); of[r] != s {
				t.Errorf("row %d is drawn by the wrong source", r)
			}
		}
	}
	var all *held
	if all.row(5) != 5 || all.draw(rng.NewKey(1, 1, 1, 1), 0, 40) >= 40 {
		t.Error("a source that holds nothing out")
	}
}
