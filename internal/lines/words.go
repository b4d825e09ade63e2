package lines

import (
	"fmt"
	"strconv"
	"strings"
)

// Brief quotes a cell for a message, its first 40 letters.
func Brief(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return strconv.Quote(s)
}

// Count is n things in words: 1 row, 2 rows.
func Count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	if strings.HasSuffix(thing, "series") {
		return fmt.Sprintf("%d %s", n, thing)
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// DefaultNames are those of d columns that came without: x; x, y; x, y, z; or x0, x1, …
func DefaultNames(d int) []string {
	if d <= 3 {
		return []string{"x", "y", "z"}[:d:d]
	}
	names := make([]string, d)
	for k := range names {
		names[k] = "x" + strconv.Itoa(k)
	}
	return names
}
