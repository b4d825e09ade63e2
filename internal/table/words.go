package table

import (
	"fmt"
	"strconv"
	"strings"
)

// Number writes a number in four digits.
func Number(x float64) string { return strconv.FormatFloat(x, 'g', 4, 64) }

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
