package ito

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The units that text is cut into.
const (
	Characters = "character" // Unicode code points
	Words      = "word"      // between white space
	Bytes      = "byte"      // 256 of them, in every vocabulary
	IDs        = "id"        // numbers that another program gave to its tokens
)

// Vocabulary is the tokens of a text: level v of a state is Tokens[v]. Bytes and ids have no list: a level is the byte
// or the id.
type Vocabulary struct {
	Unit   string   `json:"unit"`
	Tokens []string `json:"tokens,omitempty"`
}

// Len is the number of tokens that are listed, 256 of bytes; 0 of ids, whose number the space has.
func (v Vocabulary) Len() int {
	if v.Unit == Bytes {
		return 256
	}
	return len(v.Tokens)
}

// Check reports a vocabulary that is none of so many levels: *InputError.
func (v Vocabulary) Check(levels int) error {
	bad := func(format string, args ...any) error {
		return &InputError{Where: "vocabulary", What: fmt.Sprintf(format, args...)}
	}
	switch v.Unit {
	case Characters, Words:
	case Bytes, IDs:
		if len(v.Tokens) > 0 {
			return bad("%ss have no list of tokens", v.Unit)
		}
	default:
		return bad("its unit is %q", v.Unit)
	}
	if n := v.Len(); v.Unit != IDs && n != levels {
		return bad("%d tokens for %d levels", n, levels)
	}
	seen := make(map[string]bool, len(v.Tokens))
	for _, t := range v.Tokens {
		switch {
		case seen[t]:
			return bad("%q is there twice", t)
		case v.Unit == Characters && utf8.RuneCountInString(t) != 1 || v.Unit == Words && (t == "" ||
			len(strings.Fields(t)) != 1 || strings.Fields(t)[0] != t):
			return bad("%q is no %s", t, v.Unit)
		}
		seen[t] = true
	}
	return nil
}

// Text writes tokens as text: characters and bytes one behind the other, words and ids with a space between.
func (v Vocabulary) Text(row []float64) string {
	var b strings.Builder
	for i, x := range row {
		if i > 0 && (v.Unit == Words || v.Unit == IDs) {
			b.WriteByte(' ')
		}
		switch v.Unit {
		case Bytes:
			b.WriteByte(byte(x))
		case IDs:
			fmt.Fprintf(&b, "%d", int(x))
		default:
			b.WriteString(v.Tokens[int(x)])
		}
	}
	return b.String()
}
