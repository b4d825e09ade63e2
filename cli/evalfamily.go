package cli

import (
	"fmt"

	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/task/evaluate"
)

// tellFamily prints the report on tables that belong together.
func (a *app) tellFamily(c *evalCmd, r *evaluate.Report) error {
	f := r.Family
	if c.JSON {
		if err := a.printJSON(r); err != nil {
			return err
		}
	} else if err := a.writeFamily(f); err != nil {
		return err
	}
	if c.Typed.Report != "" {
		fmt.Fprintln(a.stderr, "wrote a folder for each table into "+c.Typed.Report)
	}
	if c.Verdict && f.Against {
		return errAgainst
	}
	return nil
}

func (a *app) writeFamily(f *evaluate.FamilyReport) error {
	rows := [][]string{{"rows of a parent", "key", "orphans", "keys twice", "mean", "data", "without", "data",
		"1 − KS", "trends with parent", "floor"}}
	three := func(v float64) string { return fmt.Sprintf("%.3f", v) }
	for i, t := range f.Tables {
		fmt.Fprintf(a.stdout, "table %s: %d rows of samples, %d of data\n", t.Name, t.Rows, t.Real)
		if j := t.Joins; j != nil {
			rows = append(rows, []string{t.Name, j.Key, fmt.Sprint(j.Orphans), fmt.Sprint(j.Twice), three(j.Mean),
				three(j.Real), three(j.Without), three(j.RealOut), three(j.Score), three(j.Cross), three(j.Floor)})
			if t.TooFew != "" {
				last := rows[len(rows)-1]
				last[9], last[10] = "–", "–"
			}
			fmt.Fprintf(a.stdout, "one row of each of %s that has some, beside it:\n", f.Tables[0].Name)
		}
		if t.TooFew != "" {
			fmt.Fprintln(a.stdout, t.TooFew)
		} else {
			fmt.Fprintln(a.stdout)
			if err := writeTables(a.stdout, f.Tables[i].TableReport); err != nil {
				return err
			}
		}
		fmt.Fprintln(a.stdout)
	}
	if err := table.Write(a.stdout, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.stdout, "\n%s\n", f.Verdict)
	return err
}
