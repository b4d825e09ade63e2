package read

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/forecast"
)

// number is a number of JSON, or NaN: null, "NaN", and the bare word that Python writes.
type number float64

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case "null", `"NaN"`, `"nan"`:
		*n = number(math.NaN())
		return nil
	}
	v, err := strconv.ParseFloat(string(b), 64)
	*n = number(v)
	if err != nil {
		return fmt.Errorf("%s is no number", b)
	}
	return nil
}

// entry is a line of gluonts' JSON.
type entry struct {
	ItemID *json.RawMessage  `json:"item_id"`
	Start  string            `json:"start"`
	Freq   string            `json:"freq"`
	Target []number          `json:"target"`
	Known  [][]number        `json:"feat_dynamic_real"`
	Past   [][]number        `json:"past_feat_dynamic_real"`
	Static []json.RawMessage `json:"feat_static_cat"`
}

// gluonts reads lines of JSON: item_id, start, target, and the dynamic features as covariates; with two keys, start and
// target, series are numbered by their lines. Such files do not say their frequency, except by a key freq.
func (r *reader) gluonts(b *bufio.Reader) error {
	for line := 1; ; line++ {
		text, err := b.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return r.bad("name a readable file", "it cannot be read: %v", err)
		}
		if blank(text) {
			if err == io.EOF {
				break
			}
			continue
		}
		var e entry
		if bad := json.Unmarshal(bareNaN(text), &e); bad != nil {
			return r.at(line, "", `write it as {"start": "2026-01-01", "target": [1, 2]}`, "%v", bad)
		}
		if bad := r.entry(line, e); bad != nil {
			return bad
		}
		if err == io.EOF {
			break
		}
	}
	if len(r.order) == 0 {
		return r.bad("give series", "there is no series in it")
	}
	return nil
}

func blank(b []byte) bool {
	for _, c := range b {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}

// bareNaN writes NaN outside strings, which Python writes and JSON does not have, as null.
func bareNaN(b []byte) []byte {
	var out []byte
	last, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '\\' && quoted:
			i++
		case b[i] == '"':
			quoted = !quoted
		case !quoted && b[i] == 'N' && i+3 <= len(b) && string(b[i:i+3]) == "NaN":
			out = append(append(out, b[last:i]...), "null"...)
			last = i + 3
		}
	}
	return append(out, b[last:]...)
}

func (r *reader) entry(line int, e entry) error {
	id := strconv.Itoa(line - 1)
	if e.ItemID != nil {
		if json.Unmarshal(*e.ItemID, &id) != nil {
			id = string(*e.ItemID)
		}
	}
	if e.Freq != "" && r.freq.N == 0 {
		f, err := forecast.ParseFreq(e.Freq)
		if err != nil {
			return r.at(line, "freq", "", "%v", err)
		}
		r.freq = f
	}
	if r.freq.N == 0 {
		return r.bad("give `freq`, such as 1h", "lines with start and target do not say their frequency")
	}
	var start time.Time
	if l := frame.Layouts([]string{e.Start}); len(l) > 0 {
		start, _ = frame.ParseTime(l[0], e.Start)
		if !frame.Zoned(l[0]) {
			y, m, d := start.Date()
			start = time.Date(y, m, d, start.Hour(), start.Minute(), start.Second(), start.Nanosecond(), r.zone)
		}
	} else {
		return r.at(line, "start", "write it as 2026-01-31 or 2026-01-31 12:00:00", "%q is no date", e.Start)
	}
	if len(r.order) == 0 {
		for k := range e.Known {
			r.known = append(r.known, fmt.Sprintf("feat_dynamic_real_%d", k))
		}
		for k := range e.Past {
			r.past = append(r.past, fmt.Sprintf("past_feat_dynamic_real_%d", k))
		}
	}
	if len(e.Known) != len(r.known) || len(e.Past) != len(r.past) {
		return r.at(line, "", "give all lines the same ones", "it has %d and %d features, the first line %d and %d",
			len(e.Known), len(e.Past), len(r.known), len(r.past))
	}
	if r.series[id] != nil && !r.appending {
		return r.at(line, "item_id", "give each series its own", "a second series is called %q", id)
	}
	b := r.get(id)
	if b.x == nil {
		b.start = start.In(r.zone)
	}
	for _, v := range e.Target {
		b.x = append(b.x, float64(v))
	}
	for k, f := range append(append([][]number{}, e.Known...), e.Past...) {
		for _, v := range f {
			b.cov[k] = append(b.cov[k], float64(v))
		}
	}
	for k, v := range e.Static {
		b.static = append(b.static, forecast.Label{Name: fmt.Sprintf("feat_static_cat_%d", k), Value: string(v)})
	}
	return nil
}
