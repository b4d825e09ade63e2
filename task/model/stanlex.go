package model

import (
	"fmt"
	"strings"

	"github.com/seed9a7962a8/ito"
)

// FromStanConfig sets which program is translated.
type FromStanConfig struct {
	File string `arg:"" where:"local" help:"A Stan program"`
	Out  string `where:"local" placeholder:"FILE" help:"Where the model file goes; without it, to the screen"`
}

// FromStanReport is a translation.
type FromStanReport struct {
	Out  string `json:"out,omitempty"` // where it was written
	Text string `json:"text"`          // of the model file
}

// StanError is a place of a Stan program that has no translation.
type StanError struct {
	File      string
	Line, Col int
	Msg       string
}

func (e *StanError) Error() string { return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.Msg) }

// Is matches ito.ErrInput.
func (e *StanError) Is(target error) bool { return target == ito.ErrInput }

// stanToken is a word, a number, a string or an operator.
type stanToken struct {
	text      string
	kind      byte // 'w' word, 'n' number, 's' string, 'o' operator, 0 the end
	line, col int
}

var stanOperators = []string{"%/%", "+=", "-=", "*=", "/=", ".*", "./", ".^", "<=", ">=", "==", "!=", "&&", "||"}

// stanTokens cuts a program.
func stanTokens(file, src string) ([]stanToken, error) {
	var out []stanToken
	line, col := 1, 1
	step := func(n int) {
		for _, c := range src[:n] {
			if col++; c == '\n' {
				line, col = line+1, 1
			}
		}
		src = src[n:]
	}
	for len(src) > 0 {
		c := src[0]
		switch {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			step(1)
			continue
		case strings.HasPrefix(src, "//"):
			step(max(0, strings.IndexByte(src+"\n", '\n')))
			continue
		case strings.HasPrefix(src, "/*"):
			end := strings.Index(src, "*/")
			if end < 0 {
				return nil, &StanError{file, line, col, "a comment without an end"}
			}
			step(end + 2)
			continue
		case c == '#':
			return nil, &StanError{file, line, col, "#include and comments with # are not translated"}
		}
		t := stanToken{line: line, col: col}
		n := 1
		digit := func(c byte) bool { return c >= '0' && c <= '9' }
		switch {
		case c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			for n < len(src) && (isWordByte(src[n])) {
				n++
			}
			t.kind = 'w'
		case digit(c) || c == '.' && len(src) > 1 && digit(src[1]):
			for n < len(src) && (digit(src[n]) || src[n] == '.' && !(len(src) > n+1 &&
				strings.IndexByte("*/^", src[n+1]) >= 0) ||
				src[n] == 'e' || src[n] == 'E' || (src[n] == '-' || src[n] == '+') &&
				(src[n-1] == 'e' || src[n-1] == 'E')) {
				n++
			}
			t.kind = 'n'
		case c == '"':
			for n < len(src) && src[n] != '"' {
				n++
			}
			n++
			t.kind = 's'
		default:
			t.kind = 'o'
			for _, o := range stanOperators {
				if strings.HasPrefix(src, o) {
					n = len(o)
					break
				}
			}
			if strings.IndexByte("+-*/%^'<>=!&|?:;,.(){}[]~\\", c) < 0 {
				return nil, &StanError{file, line, col, fmt.Sprintf("%q is not translated", string(c))}
			}
		}
		t.text = src[:min(n, len(src))]
		out = append(out, t)
		step(min(n, len(src)))
	}
	return append(out, stanToken{line: line, col: col}), nil
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
