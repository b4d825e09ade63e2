package frame

import (
	"fmt"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/lines"
)

// QuoteWhere writes a name or a value as a request has it, in quotes where it holds special characters.
func QuoteWhere(s, special string) string {
	if s != "" && s == strings.TrimSpace(s) && !strings.ContainsAny(s, special) {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// NextWhere takes COLUMN=VALUE from the front of a request such as label=3,kind="x,y". more reports that a
// comma stands behind it.
func NextWhere(where string) (name, word, rest string, more bool, err error) {
	end := func(s string) int { return strings.IndexByte(s, '=') }
	name, rest, ok := whereWord(where, end)
	if ok && strings.HasPrefix(rest, "=") && name != "" {
		word, rest, ok = whereWord(rest[1:], func(s string) int {
			if i := strings.IndexByte(s, ','); i >= 0 {
				return i
			}
			return len(s)
		})
		if ok && word != "" && (rest == "" || rest[0] == ',') {
			return name, word, strings.TrimPrefix(rest, ","), rest != "", nil
		}
	}
	part, _, _ := strings.Cut(where, ",")
	return "", "", "", false, &ito.InputError{Where: "`where`", What: fmt.Sprintf("%s is not COLUMN=VALUE",
		lines.Brief(part)),
		Do: `write it like label=3,size=2.5, and what holds a comma in quotes, as kind="x,y"`}
}

// whereWord takes a word from the front of s: one in quotes, or what stands before end.
func whereWord(s string, end func(string) int) (word, rest string, ok bool) {
	s = strings.TrimLeft(s, " \t")
	if !strings.HasPrefix(s, `"`) {
		at := end(s)
		if at < 0 {
			return "", s, false
		}
		return strings.TrimSpace(s[:at]), s[at:], true
	}
	var b strings.Builder
	for s = s[1:]; ; {
		at := strings.IndexByte(s, '"')
		if at < 0 {
			return "", s, false
		}
		b.WriteString(s[:at])
		if s = s[at+1:]; !strings.HasPrefix(s, `"`) {
			return b.String(), strings.TrimLeft(s, " \t"), true
		}
		b.WriteByte('"')
		s = s[1:]
	}
}
