package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/task/evaluate"
)

// errAgainst is a verdict against samples, where the exit code is to say so.
var errAgainst = errors.New("the verdict is against the samples")

// tellTables prints the report on tables.
func (a *app) tellTables(c *evalCmd, r *evaluate.Report) error {
	var err error
	if c.JSON {
		err = a.printJSON(r)
	} else {
		err = writeTables(a.stdout, r.Table)
	}
	if err == nil && c.Typed.Report != "" {
		fmt.Fprintln(a.stderr, "wrote "+filepath.Join(c.Typed.Report, "report.html")+" and report.json")
	}
	if err == nil && c.Verdict && r.Table.Verdict.Against() {
		err = errAgainst
	}
	return err
}

// shownColumns are printed, at most.
const shownColumns = 40

// writeTables writes a report on tables for people.
func writeTables(w io.Writer, t *evaluate.TableReport) error {
	held := ""
	if t.HoldoutName != "" {
		held = fmt.Sprintf(", and %d held-out rows of %s", t.HoldoutRows, t.HoldoutName)
	}
	fmt.Fprintf(w, "%d samples of %s against %d rows of %s%s\n\n", t.Rows, t.SamplesName, t.RealRows, t.DataName, held)
	for _, rows := range [][][]string{t.FigureRows(), t.ColumnRows(shownColumns), t.PrivacyRows(), t.KeptRows()} {
		if rows == nil {
			continue
		}
		if err := table.Write(w, rows); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "C2ST on %d rows of each. The floor and real–real are halves of the data; pair trends are of all "+
		"pairs.\n%s\n", t.Measured, t.Caution)
	if len(t.LeftOut) > 0 {
		var parts []string
		for _, l := range t.LeftOut {
			parts = append(parts, l.Column+" ("+l.Why+")")
		}
		fmt.Fprintf(w, "Not compared: %s.\n", strings.Join(parts, ", "))
	}
	if len(t.Extra) > 0 {
		fmt.Fprintf(w, "Only in the samples, and not compared: %s.\n", table.Few(t.Extra))
	}
	_, err := fmt.Fprintf(w, "\n%s\n", t.Verdict.Text)
	return err
}
