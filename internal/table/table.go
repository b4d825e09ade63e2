// Package table writes rows of text in columns for people.
package table

import (
	"fmt"
	"io"
	"strings"
)

// Write writes rows with aligned columns, two spaces apart: the first to the left, the others to the right. Nothing
// stands behind the last word of a line, and cells are written [Plain].
func Write(w io.Writer, rows [][]string) error {
	var widths []int
	for _, r := range rows {
		for i, c := range r {
			c = Plain(c)
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], width(c))
		}
	}
	for _, r := range rows {
		var b strings.Builder
		for i, c := range r {
			c = Plain(c)
			pad := strings.Repeat(" ", widths[i]-width(c))
			if i == 0 {
				b.WriteString(c + pad)
			} else {
				b.WriteString("  " + pad + c)
			}
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(b.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}

// width is the number of places that s takes: the circumflex of R̂ takes none.
func width(s string) int { return len([]rune(strings.ReplaceAll(s, "\u0302", ""))) }
