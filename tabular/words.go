package tabular

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Caution stands below every figure on privacy.
const Caution = "Distances alone prove no privacy: a row can be betrayed by what no distance sees."

// mostNamed is the number of columns that the verdict names.
const mostNamed = 4

// text is the verdict in words.
func (r *Report) text(g Grade, trees, linear bool, leaks string) string {
	var s strings.Builder
	switch g {
	case Alike:
		fmt.Fprintf(&s, "No test tells the samples from the data: not a column, not a pair of columns, not a "+
			"classifier on %d rows of each. Rows of the data's own law pass 99 times in 100.", r.Measured)
		if r.Measured < 300 {
			s.WriteString(" So few rows see little: compare more.")
		}
	case Close:
		s.WriteString("The samples are close to the data, and can be told from it" + r.culprits() + ".")
	default:
		s.WriteString("The samples differ from the data" + r.culprits() + ".")
	}
	if trees || linear {
		name, a, b := "Boosted trees", r.Samples.Trees, r.Floor.Trees
		if !trees || linear && r.Samples.Linear.AUC > a.AUC {
			name, a, b = "Logistic regression", r.Samples.Linear, r.Floor.Linear
		}
		verb := "tell"
		if name != "Boosted trees" {
			verb = "tells"
		}
		fmt.Fprintf(&s, " %s %s them from the data with an AUC of %s; two halves of the data have %s.", name, verb,
			short(a.AUC), short(b.AUC))
		if m := r.Controls; g == Differs && len(m) > 0 && a.AUC >= m[0].Trees.AUC && name == "Boosted trees" {
			fmt.Fprintf(&s, " Columns mixed independently have %s: the samples are no better.", short(m[0].Trees.AUC))
		}
	}
	if leaks != "" {
		s.WriteString(" The samples give away rows of the data: " + leaks + ".")
	}
	return s.String()
}

// culprits names the columns that are off, the worst first.
func (r *Report) culprits() string {
	var off []ColumnReport
	for _, c := range r.Columns {
		if c.Grade != Alike {
			off = append(off, c)
		}
	}
	slices.SortStableFunc(off, func(a, b ColumnReport) int {
		if (a.Grade == Differs) != (b.Grade == Differs) {
			if a.Grade == Differs {
				return -1
			}
			return 1
		}
		return compare(a.Score, b.Score)
	})
	if len(off) == 0 {
		return ", although no column and no pair of columns alone shows it"
	}
	var parts []string
	for i, c := range off {
		if i == mostNamed {
			parts = append(parts, fmt.Sprintf("And %d more of %d columns", len(off)-i, len(r.Columns)))
			break
		}
		parts = append(parts, c.Name+": "+c.Reason)
	}
	return ". " + strings.Join(parts, ". ")
}

func rows(n int) string {
	if n == 1 {
		return "1 row is"
	}
	return fmt.Sprintf("%d rows are", n)
}

func short(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }

// percent writes a share.
func percent(v float64) string { return strconv.FormatFloat(100*v, 'g', 3, 64) + " %" }
