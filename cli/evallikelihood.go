package cli

import (
	"fmt"
	"io"

	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/task/evaluate"
)

// writeLikelihood writes the log-likelihood of rows for people.
func writeLikelihood(w io.Writer, r *evaluate.Report) error {
	l := r.Likelihood
	trace := "exact divergence"
	if !l.Exact {
		trace = fmt.Sprintf("divergence by %d probes", l.Probes)
	}
	if _, err := fmt.Fprintf(w, "%d of %d rows of %s under %s, %d columns\nprobability flow from t = %g to %g, "+
		"tolerance %g: %.0f network calls a row, %s\n", l.Rows, l.DataRows, l.Data, l.Model, l.Dim, l.Span[0],
		l.Span[1], l.Tolerance, l.Calls, trace); err != nil {
		return err
	}
	if l.Dequantised {
		fmt.Fprintln(w, "whole numbers are spread over ±½ first: the mean is a lower bound of theirs")
	}
	row := func(name string, s evaluate.LogScore) []string {
		return []string{name, table.Number(s.LogP), table.Number(s.SE), table.Number(s.Bits)}
	}
	rows := [][]string{{"", "nats a row", "± se", "bits per dim"}, row("model", l.Value)}
	if l.Normal != nil {
		name := "normal, variances alone"
		if l.Full {
			name = "normal, covariance"
		}
		rows = append(rows, row(name, *l.Normal),
			[]string{"difference", table.Number(l.Gain), table.Number(l.GainSE), ""})
	}
	fmt.Fprintln(w)
	if err := table.Write(w, rows); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nOf a row, solver and divergence err by %s nats. %s\n", table.Number(l.Numerical), r.Verdict)
	return nil
}
