package cli

import (
	"fmt"
	"io"

	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/task/evaluate"
)

// writeComparison writes a comparison for people.
func writeComparison(w io.Writer, r *evaluate.Report) error {
	if r.Tokens != nil {
		return writeTokens(w, r.Tokens)
	}
	if r.Likelihood != nil {
		return writeLikelihood(w, r)
	}
	how := ""
	if r.Solver != "" {
		how = fmt.Sprintf(" by %s at %d network calls", r.Solver, r.NFE)
	}
	if _, err := fmt.Fprintf(w, "%d samples of %s%s against %d rows of %s\n\n", r.SampleRows, r.Samples, how,
		r.DataRows, r.Data); err != nil {
		return err
	}
	rows := [][]string{{"", "value", "± sd", "floor", "± sd", "normal", "draws"}}
	for _, d := range []struct {
		name string
		evaluate.Distance
	}{{"W2", r.W2}, {"standardised W2", r.Standard}, {"sliced W2", r.Sliced}, {"MMD²", r.MMD2}} {
		draws := fmt.Sprintf("%d × %d", d.Draws, d.N)
		if d.FloorN != d.N {
			draws += fmt.Sprintf(" (floor %d)", d.FloorN)
		}
		rows = append(rows, []string{d.name, table.Number(d.Value), table.Number(d.SD), table.Number(d.Floor),
			table.Number(d.FloorSD), table.Number(d.Baseline), draws})
	}
	if err := table.Write(w, rows); err != nil {
		return err
	}
	fmt.Fprintln(w)
	rows = [][]string{{"of ranks", "value", "mixed", "limit", "p", "rows"}}
	for _, d := range []struct {
		name string
		evaluate.Permuted
	}{{"energy", r.Energy}, {"neighbours", r.Neighbours}} {
		rows = append(rows, []string{d.name, table.Number(d.Value), table.Number(d.Mixed), table.Number(d.Limit),
			table.Number(d.P), fmt.Sprintf("%d + %d, %d mixings", d.Rows, d.Rows, d.Mixing)})
	}
	if err := table.Write(w, rows); err != nil {
		return err
	}
	fmt.Fprintln(w)
	rows = [][]string{{"column", "mean", "data", "floor", "sd", "data", "floor", "KS", "limit"}}
	for i, x := range r.Axes {
		if i == 20 && len(r.Axes) > 24 {
			rows = append(rows, []string{fmt.Sprintf("… %d more; all are in --json", len(r.Axes)-i)})
			break
		}
		rows = append(rows, []string{x.Column, table.Number(x.Mean), table.Number(x.DataMean),
			table.Number(x.MeanFloor), table.Number(x.SD), table.Number(x.DataSD), table.Number(x.SDFloor),
			table.Number(x.KS), table.Number(x.KSLimit)})
	}
	if err := table.Write(w, rows); err != nil {
		return err
	}
	if s := r.Straightness; s != nil {
		fmt.Fprintln(w)
		rows = [][]string{{"straightness", "mean |x″|", "RF", "floor"}}
		for i, name := range s.Columns {
			if i == 20 && len(s.Columns) > 24 {
				rows = append(rows, []string{fmt.Sprintf("… %d more", len(s.Columns)-i)})
				break
			}
			rows = append(rows, []string{name, table.Number(s.Smooth[i]), table.Number(s.RelRF[i]), "0"})
		}
		if err := table.Write(w, rows); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\n%s\n", r.Verdict)
	return err
}

// writeTokens writes a comparison of text for people.
func writeTokens(w io.Writer, r *evaluate.TokenReport) error {
	how := ""
	if r.Solver != "" {
		how = fmt.Sprintf(" by %s at %d network calls", r.Solver, r.NFE)
	}
	if _, err := fmt.Fprintf(w, "%d samples of %s%s, of %d tokens each, against %d tokens of %s\n\n", r.SampleTexts,
		r.Samples, how, r.Length, r.DataTokens, r.Data); err != nil {
		return err
	}
	rows := [][]string{{"total variation", "value", "± sd", "floor", "± sd", "frequencies", "draws"}}
	for _, g := range r.Ngrams {
		rows = append(rows, []string{fmt.Sprintf("%d-grams", g.N), table.Number(g.Value), table.Number(g.SD),
			table.Number(g.Floor), table.Number(g.FloorSD), table.Number(g.Baseline),
			fmt.Sprintf("%d × %d", g.Draws, g.Score.N)})
	}
	if err := table.Write(w, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n", r.Verdict)
	return err
}
