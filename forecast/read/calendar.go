package read

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/us"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// countries are those whose holidays are known.
var countries = map[string][]*cal.Holiday{"AT": at.Holidays, "AU": au.HolidaysNSW, "BE": be.Holidays, "BR": br.Holidays,
	"CA": ca.Holidays, "CH": ch.Holidays, "CZ": cz.Holidays, "DE": de.Holidays, "DK": dk.Holidays, "ES": es.Holidays,
	"FR": fr.Holidays, "GB": gb.Holidays, "IE": ie.Holidays, "IT": it.Holidays, "JP": jp.Holidays,
	"NL": nl.Holidays, "NO": no.Holidays, "NZ": nz.Holidays, "PL": pl.Holidays, "SE": se.Holidays,
	"US": us.Holidays}

// Calendar makes covariates that are known ahead. The zero value makes none.
type Calendar struct {
	Holidays string // a country, such as DE: a covariate "holiday" is 1 on its days in the zone of the series
	Events   string // a CSV file of events: see [ReadEvents]
}

// Occasion is an interval in which something happens: from Start up to and without End. Profile are its heights, spread
// evenly over the interval; none is 1 throughout.
type Occasion struct {
	Name       string
	Start, End time.Time
	Profile    []float64
}

// At is the height of the event at a time, 0 outside.
func (e Occasion) At(t time.Time) float64 {
	if t.Before(e.Start) || !t.Before(e.End) {
		return 0
	}
	if len(e.Profile) == 0 {
		return 1
	}
	part := float64(t.Sub(e.Start)) / float64(e.End.Sub(e.Start))
	return e.Profile[min(int(part*float64(len(e.Profile))), len(e.Profile)-1)]
}

// ReadEvents reads lines of name,start,end,profile behind a header: times without an offset are those of the zone, a
// profile is heights with spaces between them, or empty. An end that is a day is the end of that day.
func ReadEvents(file string, zone *time.Location) ([]Occasion, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, &ito.InputError{Where: "`events` " + file, What: "it cannot be read", Do: "name a readable file"}
	}
	defer f.Close()
	c := csv.NewReader(f)
	c.FieldsPerRecord = -1
	rows, err := c.ReadAll()
	if err != nil {
		return nil, &ito.InputError{Where: "`events`", What: err.Error(), Do: "write name,start,end,profile"}
	}
	var out []Occasion
	for i, row := range rows {
		bad := func(what string) ([]Occasion, error) {
			return nil, &ito.InputError{Where: fmt.Sprintf("%s:%d", file, i+1), What: what,
				Do: "write name,start,end,profile: sale,2026-11-27,2026-11-30,1 2 1"}
		}
		if i == 0 {
			if len(row) < 3 || row[0] != "name" || row[1] != "start" || row[2] != "end" {
				return bad("the first line is not name,start,end,profile")
			}
			continue
		}
		if len(row) < 3 || row[0] == "" {
			return bad("there are fewer than three cells, or no name")
		}
		e := Occasion{Name: row[0]}
		var days bool
		if e.Start, _, err = eventTime(row[1], zone); err != nil {
			return bad(err.Error())
		}
		if e.End, days, err = eventTime(row[2], zone); err != nil {
			return bad(err.Error())
		}
		if days {
			e.End = e.End.AddDate(0, 0, 1)
		}
		if !e.End.After(e.Start) {
			return bad("the event ends before it begins")
		}
		if len(row) > 3 {
			for _, w := range strings.Fields(row[3]) {
				v, err := strconv.ParseFloat(w, 64)
				if err != nil || math.IsNaN(v) || math.Abs(v) > 1e6 {
					return bad(fmt.Sprintf("%q is no height", w))
				}
				e.Profile = append(e.Profile, v)
			}
		}
		out = append(out, e)
	}
	return out, nil
}

// eventTime reads a time; days reports one without an hour.
func eventTime(cell string, zone *time.Location) (t time.Time, days bool, err error) {
	l := frame.Layouts([]string{cell})
	if len(l) == 0 {
		return t, false, fmt.Errorf("%q is no time", cell)
	}
	t, _ = frame.ParseTime(l[0], cell)
	if !frame.Zoned(l[0]) {
		y, m, d := t.Date()
		t = time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, zone)
	}
	return t, !strings.Contains(l[0], "15") && !strings.Contains(l[0], "3:04"), nil
}

// add gives each series the covariates of the calendar, ahead steps beyond its end.
func (c Calendar) add(d *forecast.Set, ahead int) error {
	if c.Holidays == "" && c.Events == "" {
		return nil
	}
	var calendar *cal.Calendar
	if c.Holidays != "" {
		days, ok := countries[strings.ToUpper(c.Holidays)]
		if !ok {
			var names []string
			for n := range countries {
				names = append(names, n)
			}
			slices.Sort(names)
			return &ito.InputError{Where: "`holidays`", What: fmt.Sprintf("the holidays of %q are not known",
				c.Holidays), Do: suggest.Among(strings.ToUpper(c.Holidays), names)}
		}
		calendar = &cal.Calendar{Cacheable: true}
		calendar.AddHoliday(days...)
	}
	for _, s := range d.Series {
		n := s.Len() + ahead
		if calendar != nil {
			x := make([]float64, n)
			for k := range x {
				// the library looks at a time's date in the zone that it has
				if actual, observed, _ := calendar.IsHoliday(s.Time(k)); actual || observed {
					x[k] = 1
				}
			}
			s.Known = append(s.Known, forecast.Covariate{Name: "holiday", X: x})
		}
		if c.Events == "" {
			continue
		}
		events, err := ReadEvents(c.Events, s.Start.Location())
		if err != nil {
			return err
		}
		at := map[string]int{}
		for _, e := range events {
			i, ok := at[e.Name]
			if !ok {
				i = len(s.Known)
				at[e.Name] = i
				s.Known = append(s.Known, forecast.Covariate{Name: e.Name, X: make([]float64, n)})
			}
			for k := range n {
				s.Known[i].X[k] = max(s.Known[i].X[k], e.At(s.Time(k)))
			}
		}
	}
	return nil
}
