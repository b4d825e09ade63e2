package evaluate

import (
	"fmt"
	"strconv"

	"github.com/seed9a7962a8/ito/tabular"
)

// three writes a number in three places.
func three(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) }

func brief(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }

// share writes a share in percent.
func share(v float64) string { return strconv.FormatFloat(100*v, 'g', 3, 64) + " %" }

// FigureRows is the table of figures: samples, floor and controls side by side, with an arrow to what is better.
func (t *TableReport) FigureRows() [][]string {
	sets := append([]tabular.Figures{t.Samples, t.Floor}, t.Controls...)
	out := [][]string{{"figure"}}
	for _, f := range sets {
		out[0] = append(out[0], f.Name)
	}
	add := func(name string, write func(f *tabular.Figures) string) {
		row := []string{name}
		for i := range sets {
			row = append(row, write(&sets[i]))
		}
		out = append(out, row)
	}
	add("rows", func(f *tabular.Figures) string { return strconv.Itoa(f.Rows) })
	add("columns: 1 − KS, 1 − TV ↑", func(f *tabular.Figures) string { return three(f.Columns) })
	add("missing values ↑", func(f *tabular.Figures) string { return three(f.Gaps) })
	add("pair trends ↑", func(f *tabular.Figures) string { return three(f.Pairs) })
	add("W2, mixed distance ↓", func(f *tabular.Figures) string { return three(f.W2) })
	add("sliced W2 ↓", func(f *tabular.Figures) string { return brief(f.Sliced) })
	add("MMD² ↓", func(f *tabular.Figures) string { return brief(f.MMD2) })
	add("C2ST trees, AUC → ½", func(f *tabular.Figures) string { return three(f.Trees.AUC) })
	add("  95 % interval", func(f *tabular.Figures) string { return interval(f.Trees) })
	add("C2ST logistic, AUC → ½", func(f *tabular.Figures) string { return three(f.Linear.AUC) })
	add("  95 % interval", func(f *tabular.Figures) string { return interval(f.Linear) })
	add("α-precision ↑", func(f *tabular.Figures) string { return three(f.Support.Precision) })
	add("β-recall ↑", func(f *tabular.Figures) string { return three(f.Support.Recall) })
	add("authenticity → floor", func(f *tabular.Figures) string { return three(f.Support.Authenticity) })
	add("DCR, median", func(f *tabular.Figures) string { return brief(f.DCR) })
	add("copies of the data", func(f *tabular.Figures) string { return share(f.Copies) })
	if t.Target != "" {
		add(fmt.Sprintf("%s of %s ↑", t.Score, t.Target), func(f *tabular.Figures) string {
			if f.Efficiency == nil {
				return ""
			}
			return three(*f.Efficiency)
		})
	}
	return out
}

func interval(t tabular.Told) string { return fmt.Sprintf("%.2f–%.2f", t.Low, t.High) }

// PrivacyRows is the table on privacy.
func (t *TableReport) PrivacyRows() [][]string {
	p := &t.Privacy
	out := [][]string{{"privacy", "samples", "data's own", "ideal"},
		{"copies of rows of the data", share(p.Copies), share(p.RealCopies), "data's own"},
		{"DCR, 5 %", brief(p.DCR.Q05), brief(p.RealDCR.Q05), "data's own"},
		{"DCR, median", brief(p.DCR.Median), brief(p.RealDCR.Median), "data's own"},
		{"nearer than rows of the data are", three(p.Nearer), "", "0.5"},
		{"NNDR, 5 %", three(p.NNDR.Q05), three(p.RealNNDR.Q05), "data's own"},
		{"NNDR, median", three(p.NNDR.Median), three(p.RealNNDR.Median), "data's own"}}
	if h := p.Holdout; h != nil {
		out = append(out, [][]string{
			{"NNDR of the holdout, median", "", three(h.NNDR.Median), ""},
			{"nearer to the data than to the holdout", share(h.Closer), "", "50 %"},
			{"distance to the data / to the holdout, median", brief(h.Ratio), "", "1"},
			{"membership attack, AUC", three(h.Membership), "", "0.5"}}...)
	}
	return out
}

// ColumnRows is the table of columns, at most n of them.
func (t *TableReport) ColumnRows(n int) [][]string {
	out := [][]string{{"column", "type", "1 − KS, TV", "floor", "missing", "data", "verdict"}}
	for i, c := range t.Columns {
		if i == n && len(t.Columns) > n+4 {
			return append(out, []string{fmt.Sprintf("… and %d more", len(t.Columns)-i)})
		}
		out = append(out, []string{c.Name, string(t.Kinds[c.Name]), three(c.Score), three(c.Floor), share(c.Missing),
			share(c.RealMissing), string(c.Grade)})
	}
	return out
}
