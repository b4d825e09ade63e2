package encode

import (
	"math"
	"time"
)

// moment is a time on the wall in parts: week 0 begins on Monday 29 December 1969.
type moment struct {
	week    float64
	weekday int     // 0: Monday
	second  float64 // of the day
	month   float64 // since January 1970, of its first day; only where first
	first   bool    // it is a first of a month
}

// split takes seconds since 1970 apart.
func split(v float64) moment {
	day := math.Floor(v / 86400)
	t := moment{second: v - day*86400}
	t.week = math.Floor((day + 3) / 7)
	t.weekday = int(day + 3 - 7*t.week)
	d := time.Unix(int64(day)*86400, 0).UTC()
	t.month = float64(12*(d.Year()-1970) + int(d.Month()) - 1)
	t.first = d.Day() == 1
	return t
}

// ofMonth is the first of a month.
func ofMonth(month float64) moment {
	d := time.Date(1970, time.January+time.Month(int(month)), 1, 0, 0, 0, 0, time.UTC)
	return split(float64(d.Unix()))
}

// join is the inverse of split.
func (t moment) join() float64 { return (7*t.week+float64(t.weekday)-3)*86400 + t.second }
