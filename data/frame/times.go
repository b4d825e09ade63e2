package frame

import (
	"math"
	"strings"
	"time"
)

// layouts are how times are looked for, those first that are meant where several fit. A cell fits one that writes it
// back as it was.
var layouts = []string{
	"2006-01-02", "2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04",
	"2006-01-02T15:04", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05-0700", "2006-01-02T15:04:05-0700",
	"2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05-07:00", "2006-01-02T15:04:05-07:00", "2006-01-02 15:04:05 MST",
	"2006-01-02 15:04:05.000", "2006-01-02T15:04:05.000", "2006-01-02T15:04:05.000Z07:00",
	"2006-01-02 15:04:05.000000", "2006-01-02T15:04:05.000000", "2006-01-02T15:04:05.000000Z07:00",
	"2006-01-02 15:04:05.000000-07:00", "2006-01-02 15:04:05.000000000", "2006-01-02 15:04:05.999999",
	"2006-01-02T15:04:05.999999", "2006-01-02T15:04:05.999999999Z07:00",
	"2006/01/02", "2006/01/02 15:04:05", "2006/01/02 15:04", "2006-1-2", "2006/1/2", "2006.01.02",
	"02.01.2006", "2.1.2006", "02.01.2006 15:04", "02.01.2006 15:04:05", "02.01.06",
	"01/02/2006", "02/01/2006", "1/2/2006", "2/1/2006", "01/02/2006 15:04", "02/01/2006 15:04",
	"01/02/2006 15:04:05", "02/01/2006 15:04:05", "1/2/2006 15:04", "2/1/2006 15:04", "1/2/06", "2/1/06",
	"01/02/06", "02/01/06", "1/2/2006 3:04:05 PM", "1/2/2006 3:04 PM", "02-01-2006", "01-02-2006",
	"02 Jan 2006", "2 Jan 2006", "02-Jan-2006", "2-Jan-2006", "02-Jan-06", "Jan 2, 2006", "January 2, 2006",
	"2 January 2006", "Jan 2006", "2006-01", "Mon, 02 Jan 2006 15:04:05 MST", "Mon Jan _2 15:04:05 2006",
	"15:04:05", "15:04", "3:04 PM",
}

// parseTime reads a cell, which must be as the layout writes it. zone is what it says of its zone.
func parseTime(layout, s string) (t time.Time, zone string, ok bool) {
	t, err := time.ParseInLocation(layout, s, time.UTC) // whatever zone the machine is in
	if err != nil {
		return t, "", false
	}
	if b := t.AppendFormat(make([]byte, 0, 64), layout); string(b) != s {
		return t, "", false
	}
	if zoned(layout) {
		zone = t.Format("Z07:00")
		if strings.Contains(layout, "MST") {
			zone = t.Format("MST")
			if _, offset := t.Zone(); offset == 0 && zone != "UTC" && zone != "GMT" {
				return t, "", false // an abbreviation whose offset is not known
			}
		}
	}
	return t, zone, true
}

// zoned reports a layout with a zone.
func zoned(layout string) bool {
	return strings.Contains(layout, "07") || strings.Contains(layout, "MST")
}

// dated reports a layout with a day.
func dated(layout string) bool {
	return strings.Contains(layout, "06") && (strings.Contains(strings.ReplaceAll(layout, "2006", ""), "2") ||
		strings.Contains(layout, "02"))
}

// clocked reports a layout with an hour.
func clocked(layout string) bool {
	return strings.Contains(layout, "15") || strings.Contains(layout, "3:04")
}

// Dated reports times with a day; Clocked those with an hour.
func (c *Column) Dated() bool { return c.Kind == Time && dated(c.Layout) }

// Clocked reports times with an hour.
func (c *Column) Clocked() bool { return c.Kind == Time && clocked(c.Layout) }

// unix is a time as a cell's number: seconds since 1970, with what a float64 has room for behind the point.
func unix(t time.Time) float64 { return float64(t.Unix()) + float64(t.Nanosecond())/1e9 }

// location is the zone that the cells are written in.
func (c *Column) location() *time.Location {
	switch c.Zone {
	case "", "Z", "UTC":
		return time.UTC
	case "GMT":
		return time.FixedZone("GMT", 0)
	}
	t, err := time.ParseInLocation("Z07:00", c.Zone, time.UTC)
	if err != nil {
		return time.UTC
	}
	return t.Location()
}

// offset is what the zone of the cells is ahead of UTC, in seconds.
func (c *Column) offset() float64 {
	_, s := time.Unix(0, 0).In(c.location()).Zone()
	return float64(s)
}

// Local turns a cell's number into seconds of the clock on the wall, and Global back.
func (c *Column) Local(v float64) float64 { return v + c.offset() }

// Global is the inverse of [Column.Local].
func (c *Column) Global(v float64) float64 { return v - c.offset() }

// appendTime writes a time as the column has them.
func (c *Column) appendTime(b []byte, v float64) []byte {
	whole := math.Floor(v)
	return time.Unix(int64(whole), int64(math.Round((v-whole)*1e9))).In(c.location()).AppendFormat(b, c.Layout)
}
