package frame

import (
	"errors"
	"fmt"
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
		{Column{Kind: Identifier, Width: 3, Next: 300, Padded: true}, 699, true},
		{Column{Kind: Identifier, Width: 3, Next: 300, Padded: true}, 700, false}, // of 000 to 299
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

// Codes 000 to 299 end at 999; numbers 100 to 399 go on to 1000.
func TestFreshOfPadded(t *testing.T) {
	for from, padded := range map[int]bool{0: true, 100: false} {
		in := stringInput(t, from)
		s, err := in.Infer()
		if err != nil {
			t.Fatal(err)
		}
		c := s.Columns[0]
		if c.Kind != Identifier || c.Padded != padded {
			t.Errorf("from %d: %+v", from, c)
		}
		last := uint64(1000 - 300 - from)
		if err := s.Fresh(last - 1); err != nil {
			t.Errorf("from %d: %v", from, err)
		}
		if err := s.Fresh(last); (err != nil) != padded {
			t.Errorf("from %d: %v", from, err)
		}
	}
}

// stringInput is a table of 300 identifiers of three digits, from a number on, and another column.
func stringInput(t *testing.T, from int) *Input {
	in, err := Stream("t", []string{"id", "x"}, func(row func([]string) error) error {
		for i := range 300 {
			if err := row([]string{fmt.Sprintf("%03d", from+i), fmt.Sprint(i % 7)}); err != nil {
				return err
			}
		}
		return nil
	}, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return in
}
