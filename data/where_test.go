package data

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"pgregory.net/rapid"
)

func TestParseWhereSaysWhatIsWrong(t *testing.T) {
	conditions := []ito.Condition{{Column: "kind", Levels: []string{"cat", "dog"}}, {Column: "size", Mean: 1.5, SD: 1}}
	for where, want := range map[string]string{
		"kind":              "`where`: \"kind\" is not COLUMN=VALUE; write it like label=3,size=2.5",
		"kind=":             "`where`: \"kind=\" is not COLUMN=VALUE",
		"knid=cat":          "`where`: the model has no condition \"knid\"; did you mean \"kind\"? There are",
		"zzzzz=1":           "`where`: the model has no condition \"zzzzz\"; choose one of kind, size",
		"kind=dgo":          `kind: "dgo" is not one of its levels; did you mean "dog"? There are cat, dog`,
		"kind=3":            `kind: "3" is not one of its levels; choose one of cat, dog`,
		"size=big":          `size: "big" is not a finite number; give a number; the data has mean 1.5 and sd 1`,
		"size=inf":          `size: "inf" is not a finite number`,
		"kind=cat,kind=dog": "`where`: kind is given twice; give it once",
		"kind=cat": "`where`: nothing is said of size, and the model learnt its 2 conditions only all " +
			"together; add a value, as size=1.5,",
		"size=1": "`where`: nothing is said of kind, and the model learnt its 2 conditions only all " +
			"together; add a value, as kind=cat,",
		"kind=cat,":          "`where`: \"\" is not COLUMN=VALUE",
		`kind="cat`:          `is not COLUMN=VALUE`,
		`kind="cat"x,size=1`: `is not COLUMN=VALUE`,
		"=cat":               `is not COLUMN=VALUE`,
	} {
		_, err := ParseWhere(conditions, where)
		if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := ParseWhere(nil, "label=3"); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(),
		"train with `condition` label") {
		t.Errorf("no conditions: %v", err)
	}
}

// An optional condition may be left out: it is absent, zeros; the others may not.
func TestOptionalConditions(t *testing.T) {
	conditions := []ito.Condition{{Column: "a", SD: 1, Optional: true}, {Column: "b", SD: 2, Optional: true},
		{Column: "kind", Levels: []string{"cat", "dog"}}}
	row, err := ParseWhere(conditions, "b=3,kind=dog")
	if want := []float64{0, 0, 1.5, 1, 0, 1}; err != nil || !slices.Equal(row, want) {
		t.Errorf("%v, %v, want %v", row, err, want)
	}
	if _, err := ParseWhere(conditions, "a=1"); !errors.Is(err, ito.ErrInput) ||
		!strings.Contains(err.Error(), "nothing is said of kind") {
		t.Errorf("%v", err)
	}
}

// Of several conditions a request names none or all: every other subset is refused, with the ones that it lacks.
func TestEverySubsetOfConditions(t *testing.T) {
	conditions := []ito.Condition{{Column: "kind", Levels: []string{"cat", "dog"}}, {Column: "size", Mean: 1.5, SD: 1},
		{Column: "a,b", Levels: []string{"0", "1"}}}
	for n := 1; n <= len(conditions); n++ {
		for subset := range 1 << n {
			var asked []ito.Condition
			var lacking []string
			for k, c := range conditions[:n] {
				if subset>>k&1 == 1 {
					asked = append(asked, c)
				} else {
					lacking = append(lacking, c.Column)
				}
			}
			row, err := ParseWhere(conditions[:n], ExampleWhere(asked))
			if got := bits.OnesCount(uint(subset)); got == 0 || got == n {
				present := 0
				for _, v := range row {
					if v != 0 {
						present++
					}
				}
				if err != nil || present != got {
					t.Errorf("%d of %d: %v, %v", got, n, row, err)
				}
				continue
			}
			if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), "nothing is said of "+strings.Join(
				lacking, ", ")+",") {
				t.Errorf("%d of %d conditions: %v", len(asked), n, err)
			}
		}
	}
}

// Any column and any level can be asked for.
func TestAnyLevelCanBeSelected(t *testing.T) {
	word := rapid.StringMatching(`[a-c0-9=," .]{0,4}[a-c0-9=,".]`)
	rapid.Check(t, func(t *rapid.T) {
		levels := rapid.SliceOfNDistinct(word, 1, 4, rapid.ID).Draw(t, "levels")
		columns := rapid.SliceOfNDistinct(word, 2, 2, rapid.ID).Draw(t, "columns")
		conditions := []ito.Condition{{Column: columns[0], Levels: levels}, {Column: columns[1], Levels: []string{"0"}}}
		for k, l := range levels {
			where := fmt.Sprintf("%s = %s , %s=0", frame.QuoteWhere(columns[0], `,"=`), frame.QuoteWhere(l, `,"`),
				frame.QuoteWhere(columns[1], `,"=`))
			row, err := ParseWhere(conditions, where)
			if err != nil {
				t.Fatalf("%s: %v", where, err)
			}
			want := make([]float64, len(levels)+1)
			want[k], want[len(levels)] = 1, 1
			if d := cmp.Diff(want, row); d != "" {
				t.Fatalf("%s: %s", where, d)
			}
		}
	})
}

// A number asks for a level in another spelling only where the levels are numbers: 01 is not 1.
func TestSpellingsOfLevels(t *testing.T) {
	for _, c := range []struct {
		levels []string
		word   string
		at     int // -1: refused
	}{
		{[]string{"1", "2"}, "2.0", 1}, {[]string{"1", "2"}, "01", 0},
		{[]string{"01", "1"}, "01", 0}, {[]string{"01", "1"}, "1", 1}, {[]string{"01", "1"}, "001", -1},
		{[]string{"01", "1"}, "1.0", -1},
		{[]string{"740245381351497730", "740245381351497731"}, "740245381351497731", 1},
		{[]string{"740245381351497730", "740245381351497731"}, "740245381351497732", -1},
	} {
		row, err := ParseWhere([]ito.Condition{{Column: "k", Levels: c.levels}}, "k="+c.word)
		if c.at < 0 && !errors.Is(err, ito.ErrInput) || c.at >= 0 && (err != nil || row[c.at] != 1) {
			t.Errorf("%q among %q: %v, %v", c.word, c.levels, row, err)
		}
	}
}
