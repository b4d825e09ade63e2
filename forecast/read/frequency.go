package read

import (
	"cmp"
	"slices"
	"time"

	"github.com/seed9a7962a8/ito/forecast"
)

const day = 24 * 3600

// inferFreq is the frequency of times, sorted series by series: the most common step, and of steps of days and more the
// calendar's unit that all of them keep to. false: there are no two times in any series.
func inferFreq(series [][]int64, zone *time.Location) (forecast.Freq, bool) {
	count := map[int64]int{}
	for _, t := range series {
		for i := 1; i < len(t); i++ {
			if d := t[i] - t[i-1]; d > 0 {
				count[d]++
			}
		}
	}
	if len(count) == 0 {
		return forecast.Freq{}, false
	}
	var steps []int64
	for d := range count {
		steps = append(steps, d)
	}
	slices.SortFunc(steps, func(a, b int64) int { return cmp.Or(count[b]-count[a], cmp.Compare(a, b)) })
	mode := steps[0]
	if mode >= day-3600 {
		if f, ok := calendarFreq(series, mode, zone); ok {
			return f, true
		}
	}
	for _, u := range []struct {
		seconds int64
		unit    forecast.Unit
	}{{3600, forecast.Hour}, {60, forecast.Minute}, {1, forecast.Second}} {
		if mode%u.seconds == 0 {
			return forecast.Freq{N: int(mode / u.seconds), Unit: u.unit}, true
		}
	}
	return forecast.Freq{}, false
}

// calendarFreq is a frequency of the calendar, where the times are those of days at one hour.
func calendarFreq(series [][]int64, mode int64, zone *time.Location) (forecast.Freq, bool) {
	sameClock, sameDay, lastDay, weekend := true, true, true, false
	var clock, dayOf, months int
	first, days := true, 0
	for _, s := range series {
		before := 0
		for i, v := range s {
			t := time.Unix(v, 0).In(zone)
			c, month := t.Hour()*3600+t.Minute()*60+t.Second(), t.Year()*12+int(t.Month())
			if first {
				clock, dayOf, first = c, t.Day(), false
			}
			sameClock = sameClock && c == clock
			sameDay = sameDay && t.Day() == dayOf
			lastDay = lastDay && t.AddDate(0, 0, 1).Day() == 1
			weekend = weekend || t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
			if i > 0 {
				months = gcd(months, month-before)
			}
			before = month
			days++
		}
	}
	if !sameClock {
		return forecast.Freq{}, false
	}
	n := int((mode + day/2) / day)
	switch {
	case n >= 28 && lastDay && months > 0:
		return forecast.Freq{N: months, Unit: forecast.MonthEnd}, true
	case n >= 28 && sameDay && months > 0 && months%12 == 0:
		return forecast.Freq{N: months / 12, Unit: forecast.Year}, true
	case n >= 28 && sameDay && months > 0:
		return forecast.Freq{N: months, Unit: forecast.Month}, true
	case n == 1 && !weekend && days >= 6:
		return forecast.Freq{N: 1, Unit: forecast.Business}, true
	case n%7 == 0:
		return forecast.Freq{N: n / 7, Unit: forecast.Week}, true
	}
	return forecast.Freq{N: n, Unit: forecast.Day}, true
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
