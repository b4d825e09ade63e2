package data

import "slices"

// Without is the table without the columns of those names that it has; t is not changed.
func (t *Table) Without(names []string) (*Table, error) {
	all := t.AllColumns()
	present := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !slices.Contains(all, n) })
	if len(present) == 0 {
		return t, nil
	}
	rest, _, err := t.Take(present)
	return rest, err
}
