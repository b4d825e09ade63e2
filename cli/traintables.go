package cli

import (
	"fmt"

	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/task/train"
)

// tellTables writes what a training of several tables did for people.
func (c *trainCmd) tellTables(a *app, r train.Report) error {
	if err := facts(a.stdout, [][2]string{{"model", c.Out}}); err != nil {
		return err
	}
	fmt.Fprintln(a.stdout)
	rows := [][]string{{"table", "rows", "of one parent", "steps", "loss", "time"}}
	var notes []string
	for _, t := range r.Tables {
		row := []string{t.Name, "", "", "", "", ""}
		if t.Count != "" {
			row[2] = fmt.Sprintf("up to %d, none of %d", t.Most, t.Without)
			if t.Orphans > 0 {
				notes = append(notes, fmt.Sprintf("%s: %d rows that belong to no row of %s were left out", t.Name,
					t.Orphans,
					c.Data))
			}
		}
		if t.TrainReport == nil {
			notes = append(notes, t.Name+": no column of it can be learnt, only how many rows there are")
		} else {
			row[1], row[3], row[5] = fmt.Sprint(t.Rows), fmt.Sprint(t.Steps), seconds(t.Seconds)
			if n := len(t.Losses); n > 0 {
				row[4] = fmt.Sprintf("%.4g", t.Losses[n-1].Loss)
			}
			for _, w := range t.Warnings {
				notes = append(notes, t.Name+": "+w)
			}
		}
		rows = append(rows, row)
	}
	if err := table.Write(a.stdout, rows); err != nil {
		return err
	}
	for _, n := range notes {
		fmt.Fprintln(a.stdout, n)
	}
	_, err := fmt.Fprintf(a.stdout, "\nnext: ito sample %s -n 1000 --out samples/\n", shellWord(c.Out))
	return err
}
