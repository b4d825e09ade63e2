package table

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Number writes a number in four digits.
func Number(x float64) string { return strconv.FormatFloat(x, 'g', 4, 64) }

// Plain writes the control characters of a name as they are written in Go, save line ends and tabs: nothing that a file
// names itself by reaches a terminal as a command.
func Plain(s string) string {
	hidden := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
	if !strings.ContainsFunc(s, hidden) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if hidden(r) {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Numbers writes the first few of a list.
func Numbers(x []float64) string {
	var parts []string
	for i, v := range x {
		if i == 8 && len(x) > 9 {
			parts = append(parts, fmt.Sprintf("… (%d)", len(x)))
			break
		}
		parts = append(parts, fmt.Sprintf("%.4g", v))
	}
	return strings.Join(parts, ", ")
}

// Few names the first few of a list of columns.
func Few(columns []string) string {
	if len(columns) > 6 {
		return strings.Join(columns[:5], ", ") + ", …"
	}
	return strings.Join(columns, ", ")
}
