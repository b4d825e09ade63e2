package frame

import "time"

// Lines reads the cells of all columns as they are written, row by row, with the line that a row begins in. cells are
// only good during the call.
func (in *Input) Lines(take func(line int, cells []string) error) error {
	if in.other != nil {
		return in.other
	}
	var bad problems
	if err := in.each(take, &bad); err != nil {
		return err
	}
	return bad.err(in.Name)
}

// Missing reports a cell that stands for a value that is not there.
func (in *Input) Missing(cell string) bool { return in.na[cell] }

// Number reads a cell as a number with the table's decimal point. Infinities and NaN are none.
func (in *Input) Number(cell string) (float64, bool) {
	w, ok := parseNumber(cell, in.point)
	return w.value, ok
}

// Layouts are the ways of writing a time with a day that all cells fit, those first that are meant where several fit.
func Layouts(cells []string) []string {
	var out []string
	for _, l := range layouts {
		fits := dated(l) && len(cells) > 0
		for _, c := range cells {
			if !fits {
				break
			}
			_, _, fits = parseTime(l, c)
		}
		if fits {
			out = append(out, l)
		}
	}
	return out
}

// ParseTime reads a cell that is written as the layout says: a time in UTC, or in the zone that it names.
func ParseTime(layout, cell string) (time.Time, bool) {
	t, _, ok := parseTime(layout, cell)
	return t, ok
}

// Zoned reports a layout whose times name their zone.
func Zoned(layout string) bool { return zoned(layout) }
