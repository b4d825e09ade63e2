package extsort_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/seed9a7962a8/ito/internal/extsort"
)

// memory is a Scratch that grows.
type memory []uint64

func (m *memory) ReadWords(dst []uint64, at int64) error {
	copy(dst, (*m)[at:])
	return nil
}

func (m *memory) WriteWords(src []uint64, at int64) error {
	if most := int(at) + len(src); most > len(*m) {
		*m = append(*m, make([]uint64, most-len(*m))...)
	}
	copy((*m)[at:], src)
	return nil
}

// A column in memory or in runs, with equal numbers, infinities and NaN, is in the order of slices.Sort; its places
// bring every number back to where it was, by a cursor in each direction and through Scatter.
func TestSorter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, 1, -1, math.Inf(1), math.NaN(),
			math.Copysign(0, -1)})), 1, 300).Draw(t, "x")
		s := &extsort.Sorter{Held: rapid.IntRange(1, 320).Draw(t, "held"), Scratch: &memory{}}
		s.Reset(len(x))
		for i, v := range x {
			if err := s.Add(v, i); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Finish(); err != nil {
			t.Fatal(err)
		}
		want := slices.Clone(x)
		slices.Sort(want)
		equal := func(a, b float64) bool { return a == b || a != a && b != b }
		for i, v := range want {
			if got, err := s.At(i); err != nil || !equal(got, v) {
				t.Fatalf("number %d is %g, not %g (%v)", i, got, v, err)
			}
		}
		middle := rapid.IntRange(0, len(x)-1).Draw(t, "middle")
		for _, down := range []bool{false, true} {
			c, err := s.From(middle, down)
			at := middle
			for ; err == nil && c.More(); err = c.Next() {
				if p := c.Place(); !equal(c.Value(), want[at]) || !equal(x[p], want[at]) {
					t.Fatalf("record %d is %g from %d, not %g", at, c.Value(), p, want[at])
				}
				if down {
					at--
				} else {
					at++
				}
			}
			if end := len(x); err != nil || !down && at != end || down && at != -1 {
				t.Fatalf("the cursor ends at %d of %d (%v)", at, end, err)
			}
		}
		if len(x) <= s.Held {
			return
		}
		scattered(t, s, x)
	})
}

func scattered(t *rapid.T, s *extsort.Sorter, x []float64) {
	at, err := s.Scatter(len(x), func(put func(place, word uint64) error) error {
		c, err := s.From(0, false)
		for ; err == nil && c.More(); err = c.Next() {
			if err := put(c.Place(), math.Float64bits(x[c.Place()])); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	words := make([]uint64, len(x))
	if err := s.Scratch.ReadWords(words, at); err != nil {
		t.Fatal(err)
	}
	for i, v := range x {
		if words[i] != math.Float64bits(v) {
			t.Fatalf("place %d has %g, not %g", i, math.Float64frombits(words[i]), v)
		}
	}
}
