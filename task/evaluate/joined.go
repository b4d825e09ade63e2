package evaluate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/data/relate"
)

// joined is a table that is made of others.
type joined struct {
	columns []string
	rows    [][]string
	decimal string // point of its numbers
}

func (j *joined) open(name string, o frame.ReadOptions) (*frame.Input, error) {
	if o.Decimal, o.Delimiter = j.decimal, ""; o.Decimal == "" {
		o.Decimal = "."
	}
	if o.Decimal == "," {
		o.Delimiter = ";" // which stands nowhere
	}
	return frame.Stream(name, j.columns, func(take func([]string) error) error {
		for _, r := range j.rows {
			if err := take(r); err != nil {
				return err
			}
		}
		return nil
	}, o)
}

// besideName is what stands before the columns of a parent beside those of its children, of which none begins so.
func besideName(parent string, children []*joined) string {
	begins := func(mark string) bool {
		return slices.ContainsFunc(children, func(j *joined) bool {
			return slices.ContainsFunc(j.columns, func(c string) bool { return strings.HasPrefix(c, mark) })
		})
	}
	mark := parent
	for begins(mark + ".") {
		mark += "_"
	}
	return mark + "."
}

// readCells reads a table as it is written.
func readCells(name string, o frame.ReadOptions) (*joined, error) {
	in, err := frame.Open(name, frame.ReadOptions{Header: o.Header, Delimiter: o.Delimiter, Decimal: o.Decimal})
	if err != nil {
		return nil, err
	}
	defer in.Close()
	j := &joined{columns: in.Columns, decimal: in.Decimal()}
	return j, in.Rows(func(cells []string) error {
		row := make([]string, len(cells))
		for k, c := range cells {
			row[k] = strings.Clone(c)
		}
		j.rows = append(j.rows, row)
		return nil
	})
}

func (j *joined) places(names []string) ([]int, error) {
	var at []int
	for _, n := range names {
		k := slices.Index(j.columns, n)
		if k < 0 {
			return nil, &ito.InputError{Where: "`key`", What: fmt.Sprintf("no column is named %q among %s", n,
				strings.Join(j.columns, ", ")), Do: "name the columns that say which rows belong together"}
		}
		at = append(at, k)
	}
	return at, nil
}

func keyAt(row []string, at []int) (key string, ok bool) {
	var parts []string
	for _, k := range at {
		if row[k] == "" {
			return "", false
		}
		parts = append(parts, relate.Plain(row[k]))
	}
	return strings.Join(parts, "\x00"), true
}
