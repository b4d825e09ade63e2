package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/seed9a7962a8/ito/draws"
	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/task/infer"
)

// writeInference writes the result for people.
func writeInference(w io.Writer, o *infer.Report) error {
	cost := fmt.Sprintf("%.4g gradients", o.Gradients)
	if o.Training > 0 {
		cost += fmt.Sprintf(" and %.4g of the training", o.Training)
	}
	if o.Evaluations > 0 {
		cost += fmt.Sprintf(", %.4g evaluations", o.Evaluations)
	}
	rows := [][2]string{
		{"files", strings.Join(firstAndLast(o.Files), ", ")},
		{"plots", strings.Join(firstAndLast(o.Plots), ", ")},
		{"cost", cost + ", " + seconds(o.Seconds)},
		{"log Z", evidenceOf(o)},
	}
	if o.ELBO != nil {
		rows = append(rows, [2]string{"bound", fmt.Sprintf("log Z is above %.3f in expectation", *o.ELBO)})
	}
	if s := o.Swaps; s != nil {
		rows = append(rows, [2]string{"swaps", fmt.Sprintf("with probability %.2f to %.2f; %d round trips", s.Least,
			s.Most, s.RoundTrips)})
	}
	if err := facts(w, rows); err != nil {
		return err
	}
	if err := writeBasins(w, o); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return draws.Text{}.Write(w, &o.Summary)
}

// evidenceOf is log Z with its spread.
func evidenceOf(o *infer.Report) string {
	switch {
	case o.LogZ == nil:
		return ""
	case o.LogZSD == nil:
		return fmt.Sprintf("%.3f (one run)", *o.LogZ)
	}
	return fmt.Sprintf("%.3f ± %.2g (sd over %d runs)", *o.LogZ, *o.LogZSD, o.Summary.Chains)
}

// writeBasins writes the table of modes that particles were found in, twenty at most.
func writeBasins(w io.Writer, o *infer.Report) error {
	if o.Occupancy == nil || len(o.Occupancy.Basins) == 0 {
		return nil
	}
	rows := [][]string{{"basin", "share", "estimated", "log Z", "at"}}
	for i, b := range o.Occupancy.Basins {
		if i == 20 {
			rows = append(rows, []string{fmt.Sprintf("… %d more", len(o.Occupancy.Basins)-i)})
			break
		}
		rows = append(rows, []string{fmt.Sprint(i + 1), fmt.Sprintf("%.3f", b.Share), thousandths(b.Weight),
			thousandths(b.LogZ), table.Numbers(b.Mean)})
	}
	fmt.Fprintln(w)
	if err := table.Write(w, rows); err != nil {
		return err
	}
	if o.Occupancy.TV != nil {
		fmt.Fprintf(w, "total variation between share and estimate %.3f; exact draws %.3f\n", *o.Occupancy.TV,
			*o.Occupancy.Floor)
	}
	return nil
}

// thousandths is a number that may not be known.
func thousandths(x *float64) string {
	if x == nil {
		return "–"
	}
	return fmt.Sprintf("%.3f", *x)
}

// firstAndLast is a list of files without its middle.
func firstAndLast(files []string) []string {
	if len(files) > 4 {
		return []string{files[0], "…", files[len(files)-1]}
	}
	return files
}
