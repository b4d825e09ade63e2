package read

import (
	"errors"
	"strconv"
	"time"

	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/internal/lines"
)

// Layouts of times that are numbers: seconds and milliseconds since 1970.
const (
	unixSeconds = "unix"
	unixMillis  = "unix ms"
)

// monthLayouts are ways of writing months and years, which are no times of tables.
var monthLayouts = []string{"2006-01", "2006/01", "Jan 2006", "January 2006", "2006"}

// timeLayouts are the layouts that all cells fit.
func timeLayouts(cells []string) []string {
	out := frame.Layouts(cells)
	for _, l := range monthLayouts {
		fits := len(cells) > 0
		for _, c := range cells {
			if t, ok := frame.ParseTime(l, c); !ok || l == "2006" && (t.Year() < 1700 || t.Year() > 2200) {
				fits = false
				break
			}
		}
		if fits {
			out = append(out, l)
		}
	}
	return out
}

// clock reads the times of a column.
type clock struct {
	column  string
	layouts []string // that fit so far, the first in use
	zones   map[int]bool
}

// errNextLayout: another way of writing the times fits better, and the file is to be read again.
var errNextLayout = errors.New("next layout")

// newClock finds how the times of a column are written.
func (r *reader) newClock(name string, cells []string, at []int) (*clock, error) {
	c := &clock{column: name, zones: map[int]bool{}}
	if digits(cells, 10) {
		c.layouts = []string{unixSeconds}
		return c, nil
	}
	if digits(cells, 13) {
		c.layouts = []string{unixMillis}
		return c, nil
	}
	if c.layouts = timeLayouts(cells); len(c.layouts) > 0 {
		return c, nil
	}
	first := timeLayouts(cells[:1])
	for i, cell := range cells {
		if len(timeLayouts([]string{cell})) == 0 {
			return nil, r.at(at[i], name, "write times like 2026-01-31 12:00:00", "%s is no time that can be read",
				lines.Brief(cell))
		}
		fits := false
		for _, l := range first {
			_, ok := frame.ParseTime(l, cell)
			fits = fits || ok
		}
		if !fits {
			return nil, r.at(at[i], name, "write all times in one way", "%s is not written like %s, the first time",
				lines.Brief(cell), lines.Brief(cells[0]))
		}
	}
	return nil, r.at(at[0], name, "write all times in one way", "the times are written in several ways")
}

func digits(cells []string, n int) bool {
	for _, c := range cells {
		if _, err := strconv.ParseUint(c, 10, 64); err != nil || len(c) != n {
			return false
		}
	}
	return len(cells) > 0
}

// read is a time in seconds since 1970.
func (c *clock) read(r *reader, line int, cell string) (int64, error) {
	layout := c.layouts[0]
	if layout == unixSeconds || layout == unixMillis {
		v, err := strconv.ParseInt(cell, 10, 64)
		if err != nil {
			return 0, r.at(line, c.column, "write all times in one way", "%s is no number of seconds since 1970",
				lines.Brief(cell))
		}
		if layout == unixMillis {
			v /= 1000
		}
		return v, nil
	}
	t, ok := frame.ParseTime(layout, cell)
	if !ok {
		if len(c.layouts) > 1 {
			c.layouts = c.layouts[1:]
			return 0, errNextLayout
		}
		return 0, r.at(line, c.column, "write all times in one way, and mend what is none",
			"%s is no time written like the others", lines.Brief(cell))
	}
	if frame.Zoned(layout) {
		_, offset := t.Zone()
		if c.zones[offset] = true; len(c.zones) == 2 && r.o.Zone == "" {
			return 0, r.at(line, c.column, "name the `zone` of the calendar, such as Europe/Berlin or UTC",
				"%s has another offset from UTC than the times before", lines.Brief(cell))
		}
		if r.o.Zone == "" && len(c.zones) == 1 && offset != 0 {
			r.zone = t.Location()
		}
		return t.Unix(), nil
	}
	y, m, d := t.Date()
	local := time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, r.zone)
	if local.Hour() != t.Hour() || local.Minute() != t.Minute() {
		if t.Hour() == 0 && t.Minute() == 0 { // a day that begins later than midnight
			return local.Unix(), nil
		}
		return 0, r.at(line, c.column, "give the `zone` that the clock was in, or times with an offset",
			"%s does not exist in %s, where the clocks went forward", lines.Brief(cell), r.zone)
	}
	return local.Unix(), nil
}

// later is t, or, of the two hours that are called the same when clocks go back, the first that has not passed in b.
func (c *clock) later(r *reader, line int, t int64, b *builder) int64 {
	layout := c.layouts[0]
	if r.zone == time.UTC || layout == unixSeconds || layout == unixMillis || frame.Zoned(layout) {
		return t
	}
	const format = "2006-01-02 15:04:05"
	same := func(u int64) bool {
		return time.Unix(t, 0).In(r.zone).Format(format) == time.Unix(u, 0).In(r.zone).Format(format)
	}
	if same(t - 3600) {
		t -= 3600
	}
	if len(b.t) > 0 && t <= b.t[len(b.t)-1] && same(t+3600) {
		r.found.add("dst", 1, "line "+strconv.Itoa(line), "time",
			"stands twice because the clocks go back; the second is taken an hour later")
		return t + 3600
	}
	return t
}
