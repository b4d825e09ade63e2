package frame

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// Different cells beyond 65,536 are estimated within 3/√1024, three standard deviations, in bounded memory.
func TestSketchCounts(t *testing.T) {
	for _, n := range []int{10, 1023, 1025, 70000, 400000} {
		var s sketch
		for i := range n {
			word := fmt.Sprint("word ", i)
			s.add(word)
			if i%3 == 0 {
				s.add(word)
			}
		}
		got := s.count()
		if math.Abs(got/float64(n)-1) > 3/math.Sqrt(sketchSize) || n < sketchSize && got != float64(n) {
			t.Errorf("%d words are counted as %g", n, got)
		}
		if len(s.least) > sketchSize {
			t.Errorf("%d hashes are kept", len(s.least))
		}
	}
}

// A column of more words than are counted is text, and no category where it is declared one; what to do is said.
func TestTooManyLevels(t *testing.T) {
	var b strings.Builder
	b.WriteString("word,x\n")
	for i := range 2 * 66000 {
		fmt.Fprintf(&b, "the word %d and no code %c,%d\n", i%66000, 'a'+i%7, i%5)
	}
	f := mustRead(t, b.String(), ReadOptions{})
	if c := f.Schema.Columns[0]; c.Kind != Text ||
		!strings.Contains(c.Reason, "different words, more than 65536: not learnt") {
		t.Errorf("%+v", c)
	}
	_, err := readText(b.String(), ReadOptions{Types: []string{"word=category"}})
	if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), "column word: it has about ") ||
		!strings.Contains(err.Error(), "and a category has at most 65536; declare it text or identifier") {
		t.Error(err)
	}
}

// The same of 2³¹ words in 2³² rows, of which a tally holds no more: the hashes of so many are even in (0,1).
func TestBillionsOfLevels(t *testing.T) {
	full := func() *tally {
		c := newTally("word")
		c.add(2, "the first of them", &Input{na: map[string]bool{}, point: '.'})
		c.rows, c.levels, c.tried = 1<<32, nil, nil
		c.sketch.least = make([]uint64, sketchSize)
		for k := range c.sketch.least {
			c.sketch.least[k] = uint64(k+1) * (1 << 33)
		}
		return c
	}
	var bad problems
	c := full().decide(declared{}, &bad)
	if math.Abs(c.Distinct/(1<<31)-1) > .01 || c.Kind != Text || bad.err("t.csv") != nil ||
		!strings.Contains(c.Reason, "more than 65536: not learnt") {
		t.Errorf("%+v, %v", c, bad.err("t.csv"))
	}
	full().decide(declared{kind: Category}, &bad)
	if err := bad.err("t.csv"); err == nil || !strings.Contains(err.Error(), "and a category has at most 65536") {
		t.Error(err)
	}
}
