package read

import (
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// Names by which columns are found, in lower case.
var (
	timeNames  = []string{"ds", "time", "timestamp", "date", "datetime", "ts", "_time"}
	idNames    = []string{"unique_id", "id", "item_id", "series", "series_id"}
	valueNames = []string{"y", "value", "target"}
)

// columns are the places of the columns of a table, −1 where there is none.
type columns struct {
	time, id, value int
	cov             []int // known ones, then past ones
	series          []int // of a wide table
	clock           *clock
}

func column(rows [][]string, k int) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r[k])
	}
	return out
}

// numbers reports a column of a sample that holds numbers, or nothing.
func numbers(in *frame.Input, rows [][]string, k int) bool {
	for _, r := range rows {
		if _, ok := in.Number(r[k]); !ok && !in.Missing(r[k]) {
			return false
		}
	}
	return true
}

// roles finds out what the columns are.
func (r *reader) roles(in *frame.Input, sample [][]string, format string) (*columns, error) {
	c := &columns{time: -1, id: -1, value: -1}
	find := func(setting, given string, names []string) (int, error) {
		if given != "" {
			if k := slices.Index(in.Columns, given); k >= 0 {
				return k, nil
			}
			if r.appending && setting == "value" {
				return -1, nil // a file of what is known ahead has no values
			}
			return -1, r.bad(suggest.Among(given, in.Columns), "`%s`: no column is named %q", setting, given)
		}
		for _, n := range names {
			if k := slices.IndexFunc(in.Columns, func(s string) bool { return strings.EqualFold(s, n) }); k >= 0 {
				return k, nil
			}
		}
		return -1, nil
	}
	var err error
	if r.appending { // the columns of the first file
		r.o.Time, r.o.ID, r.o.Value = r.columns[0], r.columns[1], r.columns[2]
	}
	if c.time, err = find("time", r.o.Time, timeNames); err != nil {
		return nil, err
	}
	if c.time < 0 {
		c.time = slices.IndexFunc(in.Columns, func(s string) bool {
			return len(timeLayouts(present(in, column(sample, slices.Index(in.Columns, s))))) > 0
		})
	}
	if c.time < 0 && (format == "" || format == Auto || format == M4) && r.o.Value == "" {
		rest := true
		for k := 1; k < len(in.Columns); k++ {
			rest = rest && numbers(in, sample, k)
		}
		if rest && len(in.Columns) > 2 && !numbers(in, sample, 0) || format == M4 {
			r.format = M4
			return c, nil
		}
	}
	if c.time < 0 {
		return nil, r.bad("name it by `time`", "no column of it holds times: %s", strings.Join(in.Columns, ", "))
	}
	if c.id, err = find("id", r.o.ID, idNames); err != nil {
		return nil, err
	}
	if c.value, err = find("value", r.o.Value, valueNames); err != nil {
		return nil, err
	}
	if err := r.covariates(in, sample, c); err != nil {
		return nil, err
	}
	taken := append([]int{c.time, c.id, c.value}, c.cov...)
	var free, other []int
	for k := range in.Columns {
		switch {
		case slices.Contains(taken, k):
		case numbers(in, sample, k):
			free = append(free, k)
		default:
			other = append(other, k)
		}
	}
	// one column of words beside one of numbers: names of series, and their values
	pair := len(other) == 1 && len(free) == 1 && c.id < 0 && c.value < 0
	switch {
	case r.appending:
	case format == Wide || c.value < 0 && c.id < 0 && format != Long && !pair:
		r.format, c.value = Wide, -1
		if len(r.o.Known)+len(r.o.Past) > 0 && len(free) != 1 {
			return nil, r.bad("name the series by `value`", "with covariates a table has one column of values, and "+
				"%d are left", len(free))
		}
	default:
		r.format = Long
		if c.value < 0 && len(free) == 1 {
			c.value, free = free[0], nil
		}
		if c.value < 0 {
			return nil, r.bad("name it by `value`", "it is not clear which column holds the values: %s",
				named(in, free))
		}
		if c.id < 0 && len(other) == 1 && r.o.ID == "" {
			c.id, other = other[0], nil
		}
	}
	if r.format == Wide {
		c.series, free = free, nil
		if len(c.series) == 0 {
			return nil, r.bad("give a column of numbers a series", "it has no column of numbers beside its times")
		}
	}
	if ignored := append(free, other...); len(ignored) > 0 && !r.appending {
		slices.Sort(ignored)
		r.found.add("ignored", len(ignored), named(in, ignored), "column",
			"not read: declare them as `known` or `past` to use them")
	}
	if !r.appending {
		r.columns = [3]string{in.Columns[c.time]}
		for k, at := range []int{c.id, c.value} {
			if at >= 0 {
				r.columns[1+k] = in.Columns[at]
			}
		}
	}
	if r.appending && r.format == Long && c.value < 0 && len(c.cov) == 0 {
		return nil, r.bad("give the columns of the first file", "it has neither values nor covariates")
	}
	return c, nil
}

func named(in *frame.Input, at []int) string {
	var names []string
	for _, k := range at {
		names = append(names, in.Columns[k])
	}
	return strings.Join(names, ", ")
}

func present(in *frame.Input, cells []string) []string {
	var out []string
	for _, c := range cells {
		if !in.Missing(c) {
			out = append(out, c)
		}
	}
	return out
}

// covariates finds the columns that are declared.
func (r *reader) covariates(in *frame.Input, sample [][]string, c *columns) error {
	r.known, r.past = r.o.Known, r.o.Past
	for _, list := range []struct {
		setting string
		names   []string
	}{{"known", r.known}, {"past", r.past}} {
		for _, n := range list.names {
			k := slices.Index(in.Columns, n)
			switch {
			case k < 0 && r.appending && list.setting == "past":
			case k < 0:
				return r.bad(suggest.Among(n, in.Columns), "`%s`: no column is named %q", list.setting, n)
			case k == c.time || k == c.id || k == c.value || slices.Contains(c.cov, k):
				return r.bad("name each column once", "`%s`: column %s is something else already", list.setting, n)
			case !numbers(in, sample, k):
				return r.bad("write its levels as numbers, 0 and 1", "`%s`: column %s does not hold numbers",
					list.setting, n)
			}
			c.cov = append(c.cov, k)
		}
	}
	return nil
}
