package table

import (
	"fmt"
	"strings"
)

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
