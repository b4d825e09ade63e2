package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/task/compare"
)

// The table of a comparison marks the best solver of a column, says why the others were not possible, and ends with
// the verdict.
func TestWriteRecommendation(t *testing.T) {
	cell := func(w2 float64) compare.Cell { return compare.Cell{Grid: "logsnr", W2: w2, SD: .01} }
	none := compare.Cell{Reason: "one step takes 2 network calls"}
	r := &compare.Report{Model: "m", Data: "d", NFE: []int{1, 10}, Rows: 1000, Draws: 4, Floor: .1, FloorSD: .01,
		Baseline: 2, Verdict: "Take it.",
		Solvers: []compare.Attempt{{Solver: "heun", Cells: []compare.Cell{none, cell(.5)}},
			{Solver: "ddim", Cells: []compare.Cell{cell(.9), cell(.6)}}}}
	var b strings.Builder
	if err := writeRecommendation(&b, r); err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(b.String()) {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	want := []string{
		"W2 of m to 4 draws of 1000 rows of d, on the best grid", "", "solver 1 calls grid 10 calls grid",
		"heun - * 0.5 logsnr",
		"ddim * 0.9 logsnr 0.6 logsnr", "floor 0.1 ± 0.01", "normal 2", "",
		"not heun at 1 calls: one step takes 2 network calls", "Take it.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}
