package model

import (
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/starlark"
)

// Starlark's grammar has x[a:b] and x[i, j] but not x[:, j]. So before it is parsed, every entry with a colon of a
// subscript with commas becomes a call of a builtin, X[__slice(None, None, None), k]; nothing else changes, and
// columns of
// errors are counted in the text as written.

// sliceWord is the builtin, which no other word begins like.
const sliceWord = "__slice"

// slicing is a:b:c within a subscript.
type slicing struct{ from, to, step starlark.Value }

func (s *slicing) String() string        { return fmt.Sprintf("%v:%v:%v", s.from, s.to, s.step) }
func (s *slicing) Type() string          { return "slice" }
func (s *slicing) Freeze()               {}
func (s *slicing) Truth() starlark.Bool  { return true }
func (s *slicing) Hash() (uint32, error) { return 0, fmt.Errorf("a slice cannot be a key") }

func sliceKey(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value,
	error) {
	return &slicing{args[0], args[1], args[2]}, nil
}

// bounds are Python's for an axis of n.
func (s *slicing) bounds(n int) (from, to, step int, err error) {
	step = 1
	at := func(v starlark.Value, none int) (int, error) {
		if v == starlark.None {
			return none, nil
		}
		i, err := starlark.AsInt32(v)
		if err != nil {
			return 0, fmt.Errorf("a slice goes between integers, not %s", v.Type())
		}
		return i, nil
	}
	if step, err = at(s.step, 1); err != nil {
		return 0, 0, 0, err
	}
	if step == 0 {
		return 0, 0, 0, fmt.Errorf("a slice with a step of 0")
	}
	least, most, first, last := 0, n, 0, n
	if step < 0 {
		least, most, first, last = -1, n-1, n-1, -1
	}
	clip := func(v starlark.Value, none int) (int, error) {
		i, err := at(v, none)
		if err != nil || v == starlark.None {
			return i, err
		}
		if i < 0 {
			i += n
		}
		return max(least, min(i, most)), nil
	}
	if from, err = clip(s.from, first); err != nil {
		return 0, 0, 0, err
	}
	to, err = clip(s.to, last)
	return from, to, step, err
}

// insertions are what subscripts adds to each line: at which column of the new text, and how long.
type insertions map[int][][2]int

func (m insertions) column(line, col int) int {
	out := col
	for _, at := range m[line] {
		if at[0] < col {
			out -= min(at[1], col-at[0])
		}
	}
	return out
}

// frame is an open bracket.
type bracket struct {
	open      byte
	subscript bool
	commas    bool
	colons    bool
	items     []item
}

// item is an entry of a subscript: where it begins and ends, and its colons.
type item struct {
	from, to int
	colons   []int
}

// subscripts rewrites a file.
func subscripts(src string) (string, insertions) {
	add := map[int]string{} // at offsets
	comma := map[int]bool{} // colons that become commas
	var stack []*bracket
	last := byte(0) // the last byte that counts, 'k' for a keyword
	for i := 0; i < len(src); i++ {
		c := src[i]
		switch {
		case c == '#':
			for i < len(src) && src[i] != '\n' {
				i++
			}
			continue
		case c == '"' || c == '\'':
			i = endOfString(src, i)
			last = 's'
			continue
		case c == '[' || c == '(' || c == '{':
			f := &bracket{open: c, subscript: c == '[' && strings.IndexByte("a)]s", last) >= 0}
			f.items = []item{{from: i + 1}}
			stack = append(stack, f)
		case c == ']' || c == ')' || c == '}':
			if len(stack) == 0 {
				return src, nil // the parser says so
			}
			f := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			f.items[len(f.items)-1].to = i
			if f.subscript && f.commas && f.colons {
				for _, it := range f.items {
					it.rewrite(src, add, comma)
				}
			}
		case c == ',' && len(stack) > 0:
			f := stack[len(stack)-1]
			f.commas = true
			f.items[len(f.items)-1].to = i
			f.items = append(f.items, item{from: i + 1})
		case c == ':' && len(stack) > 0:
			f := stack[len(stack)-1]
			f.colons = true
			it := &f.items[len(f.items)-1]
			it.colons = append(it.colons, i)
		case isWord(c):
			from := i
			for i+1 < len(src) && isWord(src[i+1]) {
				i++
			}
			last = 'a'
			if slices.Contains([]string{"in", "return", "and", "or", "not", "if", "else", "for", "lambda"},
				src[from:i+1]) {
				last = 'k'
			}
			continue
		}
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\\' {
			last = c
		}
	}
	if len(add) == 0 {
		return src, nil
	}
	var b strings.Builder
	moved := insertions{}
	line, col := 1, 1
	for i, r := range src {
		if text, ok := add[i]; ok {
			moved[line] = append(moved[line], [2]int{col, len(text)})
			b.WriteString(text)
			col += len(text)
		}
		if comma[i] {
			r = ','
		}
		b.WriteRune(r)
		if col++; r == '\n' {
			line, col = line+1, 1
		}
	}
	return b.String(), moved
}

// rewrite makes a:b:c a call, a:b with None for what is left out.
func (it item) rewrite(src string, add map[int]string, comma map[int]bool) {
	if len(it.colons) == 0 || len(it.colons) > 2 {
		return
	}
	edges := append(append([]int{it.from - 1}, it.colons...), it.to)
	at := it.from
	for at < it.to && (src[at] == ' ' || src[at] == '\t' || src[at] == '\n') {
		at++
	}
	for k := range len(edges) - 1 {
		if strings.TrimSpace(src[edges[k]+1:edges[k+1]]) == "" {
			add[edges[k+1]] += "None"
		}
	}
	for _, c := range it.colons {
		comma[c] = true
	}
	end := ")"
	if len(it.colons) == 1 {
		end = ", None)"
	}
	add[it.to] += end
	add[at] = sliceWord + "(" + add[at]
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// endOfString is the place of the last quote of a string that begins at i.
func endOfString(src string, i int) int {
	raw := i > 0 && (src[i-1] == 'r' || src[i-1] == 'R')
	q := src[i : i+1]
	if strings.HasPrefix(src[i:], strings.Repeat(q, 3)) {
		q = strings.Repeat(q, 3)
	}
	for j := i + len(q); j < len(src); j++ {
		switch {
		case src[j] == '\\' && !raw:
			j++
		case src[j] == '\n' && len(q) == 1:
			return j
		case strings.HasPrefix(src[j:], q):
			return j + len(q) - 1
		}
	}
	return len(src)
}
