package spec

import (
	"slices"
	"testing"
)

type searching struct {
	Select string  `default:"best"`
	Width  int     `default:"4" select:"beam"`
	Levels int     `default:"25" select:"beam,smc"`
	T      float64 `default:"1" select:"smc"`
	Centre bool    `default:"true" select:"smc"`
}

func TestUnused(t *testing.T) {
	for _, test := range []struct {
		set   func(*searching)
		given []string
		kind  string
		want  string
		has   []string
	}{
		{func(*searching) {}, nil, "best", "", nil},
		{func(c *searching) { c.Width = 5 }, nil, "best", "width", []string{"beam"}},
		{func(c *searching) { c.Width = 5 }, nil, "beam", "", nil},
		{func(c *searching) { c.Levels = 5 }, nil, "best", "levels", []string{"beam", "smc"}},
		{func(c *searching) { c.Levels = 5 }, nil, "smc", "", nil},
		{func(*searching) {}, []string{"t"}, "beam", "t", []string{"smc"}}, // given, at its default
		{func(c *searching) { c.Centre = false }, nil, "best", "", nil},    // zero, and nobody is known to have set it
		{func(c *searching) { c.Centre = false }, []string{"centre"}, "best", "centre", []string{"smc"}},
		{func(*searching) {}, []string{"width", "other"}, "beam", "", nil},
	} {
		c := New[searching]()
		test.set(&c)
		if got, has := Unused(&c, "select", test.kind, test.given); got != test.want || got != "" &&
			!slices.Equal(has, test.has) {
			t.Errorf("%s %v of %+v: %q of %v, want %q of %v", test.kind, test.given, c, got, has, test.want, test.has)
		}
	}
}
