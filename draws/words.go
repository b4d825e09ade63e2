package draws

import (
	"fmt"
	"strings"
)

// counted is a number with its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// has says who has something.
func has(names []string) string {
	if len(names) == 1 {
		return names[0] + " has"
	}
	return first(names) + " have"
}

// namesOf says how many of all, and which the first are.
func namesOf(names []string, all int) string {
	return fmt.Sprintf("%d of %s (%s)", len(names), counted(all, "parameter", "parameters"), first(names))
}

// first lists five names and how many more there are.
func first(names []string) string {
	if len(names) <= 5 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:5], ", "), len(names)-5)
}
