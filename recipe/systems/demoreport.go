package systems

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"text/tabwriter"

	"github.com/seed9a7962a8/ito/metric"
)

// DemoReport is report.json: numbers, seeds, budget, version, SIMD level. The verdict is made of nothing else.
type DemoReport struct {
	Version  string     `json:"version"`
	SIMD     string     `json:"simd"`
	Arch     string     `json:"arch"`
	Seed     uint64     `json:"seed"`
	Budget   string     `json:"budget"`
	Steps    int        `json:"steps"`
	Batch    int        `json:"batch"`
	Width    int        `json:"width"`
	Depth    int        `json:"depth"`
	Seconds  float64    `json:"seconds"`
	Columns  []string   `json:"columns"`  // E6, E10, E20, E50, H20, H50: solver and network calls
	Floor    float64    `json:"floor"`    // W2 of true samples among themselves
	FloorSD  float64    `json:"floor_sd"` // over its draws
	Baseline float64    `json:"baseline"` // W2 of normal variates with the moments of the data
	DataSD   [2]float64 `json:"data_sd"`
	Rows     []DemoRow  `json:"rows"`
	Notes    []string   `json:"notes,omitempty"`
	Verdict  string     `json:"verdict"`
}

// DemoRow is one line of the table.
type DemoRow struct {
	Name    string     `json:"name"`
	Control bool       `json:"control,omitempty"` // not a rival on raw data from its own prior
	W2      []float64  `json:"w2"`                // by column: mean over five draws of 1500
	W2SD    []float64  `json:"w2_sd"`             // over the draws
	Smooth  [2]float64 `json:"smooth"`            // mean |Δ²x|/h² of each axis on 100 Euler steps: 0 is straight
	RelRF   [2]float64 `json:"rel_rf"`            // the same question free of units
	SD      [2]float64 `json:"sd"`                // of the samples at H50
	Modes   []float64  `json:"modes,omitempty"`   // eigenvalues of A
}

func arch() string { return runtime.GOOS + "/" + runtime.GOARCH }

// Write writes the table and the verdict as text.
func (r *DemoReport) Write(w io.Writer) error {
	fmt.Fprintf(w, "Spiral 8:1, raw units, seed %d. %s. %.0f s, %s vector code.\n", r.Seed, r.Budget, r.Seconds, r.SIMD)
	fmt.Fprintf(w, "W2 by solver (E Euler, H Heun) and network calls; straightness is the mean |x''| of x and y, 0 "+
		"is straight.\n\n")
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\t%s\tstraight x\ty\tsd x\ty\t\n", strings.Join(r.Columns, "\t"))
	for _, row := range r.Rows {
		name := row.Name
		if row.Control {
			name = "control: " + name
		}
		fmt.Fprintf(t, "%s\t", name)
		for _, v := range row.W2 {
			fmt.Fprintf(t, "%.2f\t", v)
		}
		fmt.Fprintf(t, "%.1f\t%.1f\t%.2f\t%.2f\t\n", row.Smooth[0], row.Smooth[1], row.SD[0], row.SD[1])
	}
	fmt.Fprintf(t, "floor, true against true\t%s\t\t%.2f\t%.2f\t\n", strings.Repeat("\t", len(r.Columns)-1)+fmt.Sprintf(
		"%.2f ± %.2f\t", r.Floor, r.FloorSD), r.DataSD[0], r.DataSD[1])
	fmt.Fprintf(t, "baseline, normal variates\t%s\t\t\t\t\n", strings.Repeat("\t", len(r.Columns)-1)+fmt.Sprintf(
		"%.2f\t", r.Baseline))
	if err := t.Flush(); err != nil {
		return err
	}
	for _, n := range r.Notes {
		fmt.Fprintf(w, "\nnote: %s\n", n)
	}
	_, err := fmt.Fprintf(w, "\n%s\n", r.Verdict)
	return err
}

// verdict says in one sentence who won: the best row of all at the last column, and what became of VSDM on
// raw columns against the better of the VP networks there. It is a function of the report's numbers. Rows
// whose W2 differ by no more than two standard errors of their draws count as equal.
func (r *DemoReport) verdict() string {
	last := len(r.Columns) - 1
	best := r.best(last, func(DemoRow) bool { return true })
	vsdm := r.best(last, func(d DemoRow) bool { return isVSDM(d) })
	vp := r.best(last, func(d DemoRow) bool { return !d.Control && !isVSDM(d) })
	if last < 0 || best == nil || vsdm == nil || vp == nil {
		return "The report has no rows to compare."
	}
	column := r.Columns[last]
	text := fmt.Sprintf("On raw columns at %s %s beats %s, W2 %.2f against %.2f", column, vsdm.Name, vp.Name,
		vsdm.W2[last], vp.W2[last])
	switch {
	case tied(vsdm, vp, last):
		text = fmt.Sprintf("On raw columns at %s %s and %s are level, W2 %.2f and %.2f", column, vsdm.Name, vp.Name,
			vsdm.W2[last], vp.W2[last])
	case vsdm.W2[last] > vp.W2[last]:
		text = fmt.Sprintf("On raw columns at %s %s loses to %s, W2 %.2f against %.2f", column, vsdm.Name, vp.Name,
			vsdm.W2[last], vp.W2[last])
	}
	text += r.fewest()
	switch {
	case best.Name == vp.Name && tied(best, vsdm, last):
		text += fmt.Sprintf("; no control does better at %s, so nobody wins", column)
	case best.Name == vsdm.Name:
		text += fmt.Sprintf("; no control does better at %s, so %s wins", column, best.Name)
	case tied(best, vsdm, last):
		text += fmt.Sprintf("; %s is level with it at %.2f, so nobody wins", best.Name, best.W2[last])
	case best.Control:
		text += fmt.Sprintf("; but the control %s wins over all with %.2f: prefer it", best.Name, best.W2[last])
	default:
		text += fmt.Sprintf("; so %s wins over all", best.Name)
	}
	return text + fmt.Sprintf(" (floor %.2f).", r.Floor)
}

// fewest adds how the rivals compare at the fewest calls.
func (r *DemoReport) fewest() string {
	v := r.best(0, func(d DemoRow) bool { return isVSDM(d) })
	p := r.best(0, func(d DemoRow) bool { return !d.Control && !isVSDM(d) })
	if len(r.Columns) < 2 || v == nil || p == nil {
		return ""
	}
	return fmt.Sprintf(", and at %s %s has %.2f against %.2f of %s", r.Columns[0], v.Name, v.W2[0], p.W2[0], p.Name)
}

func isVSDM(d DemoRow) bool { return strings.HasPrefix(d.Name, "VSDM") }

// best is the row of a class with the least W2 in a column.
func (r *DemoReport) best(column int, of func(DemoRow) bool) *DemoRow {
	var best *DemoRow
	for i := range r.Rows {
		row := &r.Rows[i]
		if column >= 0 && column < len(row.W2) && of(*row) && (best == nil || row.W2[column] < best.W2[column]) {
			best = row
		}
	}
	return best
}

// tied reports whether two rows differ by no more than two standard errors of their means together.
func tied(a, b *DemoRow, column int) bool {
	if len(a.W2SD) <= column || len(b.W2SD) <= column {
		return a.W2[column] == b.W2[column]
	}
	return math.Abs(a.W2[column]-b.W2[column]) <= 2*math.Hypot(a.W2SD[column], b.W2SD[column])/math.Sqrt(metric.Draws)
}
