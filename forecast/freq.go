package forecast

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito"
)

// Unit is what the steps of a frequency are multiples of.
type Unit string

// The units. Seconds, minutes and hours are of elapsed time; days and longer ones are of the calendar in the zone of
// the series, so that a daily series keeps its hour when the clocks change.
const (
	Second   Unit = "s"
	Minute   Unit = "min"
	Hour     Unit = "h"
	Day      Unit = "D"
	Business Unit = "B" // Monday to Friday
	Week     Unit = "W"
	Month    Unit = "M"  // the same day of the month, or its last where it is shorter
	MonthEnd Unit = "ME" // the last day of the month
	Year     Unit = "Y"
)

// Freq is the step of a series: N units.
type Freq struct {
	N    int
	Unit Unit
}

// unitWords are the ways of writing units, pandas' old and new ones among them.
var unitWords = map[string]Freq{
	"s": {1, Second}, "S": {1, Second}, "sec": {1, Second}, "min": {1, Minute}, "T": {1, Minute}, "m": {1, Minute},
	"h": {1, Hour}, "H": {1, Hour}, "d": {1, Day}, "D": {1, Day}, "b": {1, Business}, "B": {1, Business},
	"w": {1, Week}, "W": {1, Week}, "M": {1, Month}, "MS": {1, Month}, "ME": {1, MonthEnd}, "mo": {1, Month},
	"Q": {3, Month}, "QS": {3, Month}, "QE": {3, MonthEnd}, "Y": {1, Year}, "A": {1, Year}, "YS": {1, Year},
	"YE": {1, Year}, "y": {1, Year},
}

// maxFreq bounds N.
const maxFreq = 1_000_000

// ParseFreq reads a frequency: 1h, 15min, D, B, W, MS, ME, 3M. A word that is none is an *ito.InputError.
func ParseFreq(word string) (Freq, error) {
	at := strings.IndexFunc(word, func(r rune) bool { return r < '0' || r > '9' })
	n := 1
	if at > 0 {
		var err error
		if n, err = strconv.Atoi(word[:at]); err != nil || n < 1 || n > maxFreq {
			at = -1
		}
	}
	if at >= 0 {
		unit, _, _ := strings.Cut(word[at:], "-") // W-SUN is weekly
		if f, ok := unitWords[unit]; ok && n*f.N <= maxFreq {
			return Freq{n * f.N, f.Unit}, nil
		}
	}
	return Freq{}, &ito.InputError{What: fmt.Sprintf("%q is no frequency", word),
		Do: "give a number of s, min, h, D, B (business days), W, M or ME (month ends), Y: 15min, 1h, D"}
}

// String is the frequency as ParseFreq reads it: 1h.
func (f Freq) String() string {
	if f == (Freq{}) {
		return ""
	}
	return strconv.Itoa(f.N) + string(f.Unit)
}

// MarshalText implements encoding.TextMarshaler.
func (f Freq) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (f *Freq) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*f = Freq{}
		return nil
	}
	var err error
	*f, err = ParseFreq(string(b))
	return err
}

// duration is the length of a step of elapsed time; 0 of one of the calendar.
func (f Freq) duration() time.Duration {
	switch f.Unit {
	case Second:
		return time.Duration(f.N) * time.Second
	case Minute:
		return time.Duration(f.N) * time.Minute
	case Hour:
		return time.Duration(f.N) * time.Hour
	}
	return 0
}

// At is the time of step k of a series that starts at start, in its zone.
func (f Freq) At(start time.Time, k int) time.Time {
	if d := f.duration(); d > 0 {
		return time.Unix(start.Unix()+int64(k)*int64(d/time.Second), int64(start.Nanosecond())).In(start.Location())
	}
	n := k * f.N
	switch f.Unit {
	case Day:
		return start.AddDate(0, 0, n)
	case Week:
		return start.AddDate(0, 0, 7*n)
	case Business:
		return start.AddDate(0, 0, businessDays(start, n))
	case Month, MonthEnd:
		return f.month(start, n)
	case Year:
		return f.month(start, 12*n)
	}
	return start
}

// businessDays is how many days n business days from start are; a start on a weekend counts as the Friday before it.
func businessDays(start time.Time, n int) int {
	day := (int(start.Weekday()) + 6) % 7 // Monday 0
	shift := 0
	if day > 4 {
		shift, day = 4-day, 4
	}
	weeks, rest := floorDiv(day+n, 5), 0
	rest = day + n - 5*weeks
	return shift + 7*weeks + rest - day
}

// month is n months after start: the same day of the month, or the last that there is.
func (f Freq) month(start time.Time, n int) time.Time {
	y, m, d := start.Date()
	first := time.Date(y, m+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := time.Date(first.Year(), first.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	if d > last || f.Unit == MonthEnd {
		d = last
	}
	return time.Date(first.Year(), first.Month(), d, start.Hour(), start.Minute(), start.Second(), start.Nanosecond(),
		start.Location())
}

// Index is the last step of a series from start that is not after t, and whether it is exactly then.
func (f Freq) Index(start, t time.Time) (k int, exact bool) {
	t = t.In(start.Location())
	// seconds by the calendar: a Duration reaches 292 years
	seconds := t.Unix() - start.Unix()
	if d := f.duration(); d > 0 {
		k = int(floorDiv64(seconds, int64(d/time.Second)))
	} else {
		per := map[Unit]float64{Day: 1, Week: 7, Business: 1.4, Month: 30.436875, MonthEnd: 30.436875,
			Year: 365.2425}[f.Unit]
		k = int(float64(seconds) / 86400 / (per * float64(f.N)))
	}
	for f.At(start, k).After(t) {
		k--
	}
	for !f.At(start, k+1).After(t) {
		k++
	}
	return k, f.At(start, k).Equal(t)
}

// Seasons are the natural seasons in steps, the shortest first, of at least 2 steps: 24 and 168 of hours, 7 of days.
func (f Freq) Seasons() []int {
	var out []int
	add := func(units int) {
		if units%f.N == 0 && units/f.N > 1 {
			out = append(out, units/f.N)
		}
	}
	switch f.Unit {
	case Second:
		add(3600)
		add(86400)
	case Minute:
		add(1440)
		add(7 * 1440)
	case Hour:
		add(24)
		add(168)
	case Day:
		add(7)
	case Business:
		add(5)
	case Week:
		add(52)
	case Month, MonthEnd:
		add(12)
	}
	return out
}

// Season is the shortest natural season, 1 where there is none.
func (f Freq) Season() int {
	if s := f.Seasons(); len(s) > 0 {
		return s[0]
	}
	return 1
}

// MetricSeason is the season m of gluonts' seasonal error: 24 of hours, 1 of days and weeks, 12 of months, 5 of
// business days, 1440 of minutes, 3600 of seconds, divided by N, and 1 where that leaves a remainder.
func (f Freq) MetricSeason() int {
	m := map[Unit]int{Second: 3600, Minute: 1440, Hour: 24, Day: 1, Business: 5, Week: 1, Month: 12, MonthEnd: 12,
		Year: 1}[f.Unit]
	if f.N < 1 || m%f.N != 0 {
		return 1
	}
	return m / f.N
}

func floorDiv(a, b int) int { return int(floorDiv64(int64(a), int64(b))) }

func floorDiv64(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
