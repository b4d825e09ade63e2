package frame

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// Fresh codes of one width never come twice and never grow.
func TestFresh(t *testing.T) {
	c := Column{Name: "id", Kind: Identifier, Prefix: "xx-x", Hex: true}
	seen := map[string]bool{}
	for id := range uint64(16 * 16 * 16) {
		cell := c.identifier(0, id)
		if len(cell) != 4 || cell[2] != '-' || seen[cell] {
			t.Fatalf("id %d: %q, again %v", id, cell, seen[cell])
		}
		seen[cell] = true
	}
	for _, test := range []struct {
		c    Column
		last uint64
		ok   bool
	}{
		{c, 4095, true}, {c, 4096, false},
		{Column{Kind: Identifier, Prefix: "C", Width: 5, Next: 11001}, 88998, true},
		{Column{Kind: Identifier, Prefix: "C", Width: 5, Next: 11001}, 88999, false},
		{Column{Kind: Identifier, Prefix: "", Width: 0, Next: 7}, 1 << 60, true},
		{Column{Kind: Identifier, Width: 3, Next: 412}, 1 << 40, true}, // 412 and on need no zeros
		{Column{Kind: Identifier, Width: 3, Next: 43}, 957, false},     // 043 and on do
		{Column{Kind: Identifier, Prefix: "xxxxxxxx-xxxx-xxxx", Hex: true}, 1 << 60, true},
		{Column{Kind: Category}, 1 << 60, true},
	} {
		err := Schema{Columns: []Column{test.c}}.Fresh(test.last)
		var in *ito.InputError
		if test.ok != (err == nil) || !test.ok && !errors.As(err, &in) {
			t.Errorf("%+v up to %d: %v", test.c, test.last, err)
		}
		if test.ok && test.c.Prefix == "C" {
			if cell := test.c.identifier(0, test.last); len(cell) != 6 || !strings.HasPrefix(cell, "C") {
				t.Errorf("the last code is %q", cell)
			}
		}
	}
}
