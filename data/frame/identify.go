package frame

import (
	"maps"
	"slices"
	"strings"
)

// named reports a column that is called an identifier.
func named(name string) bool {
	l := strings.ToLower(name)
	if l == "id" || l == "key" || l == "index" || strings.HasPrefix(l, "unnamed:") || strings.Contains(l, "uuid") ||
		strings.Contains(l, "guid") {
		return true
	}
	for _, end := range []string{"Id", "ID", "_id", "-id", " id", "_ID", ".id", "_key"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// hex reports cells of hexadecimal digits and dashes of one length.
func (t *tally) hex() bool {
	if t.levels == nil {
		return false
	}
	length := -1
	for l := range t.levels {
		if strings.Trim(l, "0123456789abcdefABCDEF-") != "" || length >= 0 && len(l) != length {
			return false
		}
		length = len(l)
	}
	return length >= 8
}

// asIdentifier says how fresh ones are made.
func (t *tally) asIdentifier(c *Column, reason string) {
	c.Kind, c.Next = Identifier, t.next
	switch {
	case t.hex() && t.numbers < t.cells():
		c.Hex = true
		c.Prefix = pattern(slices.Sorted(maps.Keys(t.levels)))
		c.Next, reason = 0, reason+"; fresh ones are random"
	case t.digits >= 0 && len(t.prefix) < 64:
		c.Prefix, c.Width, c.Padded = t.prefix, t.digits, t.zeros && t.digits > 0
		reason += "; fresh ones count on from " + c.identifier(0, 0)
	default:
		c.Prefix, c.Next = t.name+"-", 1
		reason += "; fresh ones are " + c.identifier(0, 0) + " and on"
	}
	c.Reason = reason
}

// pattern is that of hexadecimal words: the first with x for its digits, X where a letter of any is large.
func pattern(words []string) string {
	x := 'x'
	if slices.ContainsFunc(words, func(w string) bool { return w != strings.ToLower(w) }) {
		x = 'X'
	}
	return strings.Map(func(r rune) rune {
		if r == '-' {
			return r
		}
		return x
	}, words[0])
}
