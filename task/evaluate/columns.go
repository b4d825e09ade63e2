package evaluate

import (
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/internal/table"
)

// dropID removes the ids that ito sample --with-id writes, where the data has no column of that name.
func dropID(samples, truth *data.Table) (*data.Table, error) {
	if len(samples.Columns) > 1 && samples.Columns[0] == "id" && !slices.Contains(truth.Columns, "id") {
		return samples.Without([]string{"id"})
	}
	return samples, nil
}

// match brings the columns of t into the order of the wanted ones, by name where it has them all, else
// by their order where there are as many.
func match(t *data.Table, name string, wanted []string) (*data.Table, error) {
	if slices.Equal(t.Columns, wanted) {
		return t, nil
	}
	all := true
	for _, w := range wanted {
		all = all && slices.Contains(t.Columns, w)
	}
	if !all {
		if len(t.Columns) == len(wanted) {
			return t, nil
		}
		return nil, &ito.InputError{
			Where: t.Name,
			What: fmt.Sprintf("it has %d columns (%s) and %s has %d (%s)", len(t.Columns), table.Few(t.Columns), name,
				len(wanted), table.Few(wanted)),
			Do: "give data of the same columns, or name those to leave out with `ignore`",
		}
	}
	out := &data.Table{Name: t.Name, Columns: wanted, Rows: t.Rows, Cols: len(wanted),
		X: make([]float64, t.Rows*len(wanted))}
	for j, w := range wanted {
		from := slices.Index(t.Columns, w)
		for i := range t.Rows {
			out.X[i*out.Cols+j] = t.X[i*t.Cols+from]
		}
	}
	return out, nil
}

// meeting keeps the rows of t whose categorical conditions have the levels that where asks for.
func meeting(t *data.Table, conditions []ito.Condition, where string) (*data.Table, error) {
	row, err := data.ParseWhere(conditions, where)
	if err != nil || where == "" {
		return t, err
	}
	at := 0
	for _, k := range conditions {
		part := row[at : at+k.Width()]
		at += k.Width()
		if slices.Max(part) == 0 && slices.Min(part) == 0 {
			continue // not asked for
		}
		if len(k.Levels) == 0 {
			return nil, &ito.InputError{Where: "`where`", What: k.Column +
				" is a number, and rows of the data do not have exactly that value",
				Do: "evaluate conditions with levels, or samples of your own against rows of your own"}
		}
		rest, taken, err := t.Take([]string{k.Column})
		if err != nil {
			return nil, err
		}
		have, err := data.EncodeConditions([]ito.Condition{k}, taken)
		if err != nil {
			return nil, err
		}
		var keep []int
		for i := range t.Rows {
			if slices.Equal(have.Row(i), part) {
				keep = append(keep, i)
			}
		}
		if len(keep) == 0 {
			return nil, &ito.InputError{Where: t.Name, What: "no row meets `where` " + where,
				Do: "give data that has such rows"}
		}
		t = rowsOf(rest, keep)
	}
	return t, nil
}

// rowsOf makes a table of some rows of t.
func rowsOf(t *data.Table, rows []int) *data.Table {
	out := &data.Table{Name: t.Name, Columns: t.Columns, Rows: len(rows), Cols: t.Cols}
	for _, i := range rows {
		out.X = append(out.X, t.Row(i)...)
	}
	for _, c := range t.Text {
		picked := data.Column{Name: c.Name}
		for _, i := range rows {
			picked.Text = append(picked.Text, c.Text[i])
		}
		out.Text = append(out.Text, picked)
	}
	return out
}
