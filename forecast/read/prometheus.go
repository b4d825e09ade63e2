package read

import (
	"bufio"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito/forecast"
)

// answer is what Prometheus says to query_range.
type answer struct {
	Status    string `json:"status"`
	ErrorType string `json:"errorType"`
	Error     string `json:"error"`
	Data      *struct {
		ResultType string `json:"resultType"`
		Result     []struct {
			Metric map[string]string    `json:"metric"`
			Values [][2]json.RawMessage `json:"values"`
			Value  json.RawMessage      `json:"value"`
		} `json:"result"`
	} `json:"data"`
}

// prometheus reads answers to query_range, one or several behind each other or in an array: a server refuses more
// than 11,000 points a series, so that people fetch chunks. Series are joined by their labels. Values are strings;
// NaN and the infinities are missing values.
func (r *reader) prometheus(b *bufio.Reader) error {
	d := json.NewDecoder(b)
	for n := 1; ; n++ {
		var doc json.RawMessage
		err := d.Decode(&doc)
		if err == io.EOF {
			break
		}
		if err != nil {
			return r.bad("give whole answers of query_range", "it cannot be read as JSON, document %d: %v", n, err)
		}
		answers := []json.RawMessage{doc}
		if doc[0] == '[' {
			if err := json.Unmarshal(doc, &answers); err != nil {
				return r.bad("", "document %d: %v", n, err)
			}
		}
		for _, a := range answers {
			if err := r.answer(a); err != nil {
				return err
			}
		}
	}
	if len(r.order) == 0 {
		return r.bad("ask for a metric and a range that has points", "the answer holds no series")
	}
	return nil
}

func (r *reader) answer(doc json.RawMessage) error {
	var a answer
	if err := json.Unmarshal(doc, &a); err != nil {
		return r.bad("give the answer of query_range as it came", "it is no answer of Prometheus: %v", err)
	}
	switch {
	case a.Status == "error" || a.Error != "":
		return r.bad("ask again", "Prometheus answered with an error: %s: %s", a.ErrorType, a.Error)
	case a.Data == nil:
		return r.bad("give the answer of query_range as it came", "the answer has no data")
	case a.Data.ResultType != "matrix":
		return r.bad("ask query_range, not query", "the answer is a %s, not a matrix", a.Data.ResultType)
	}
	for _, m := range a.Data.Result {
		id, labels := metricName(m.Metric)
		s := r.get(id)
		s.static = labels
		for k, pair := range m.Values {
			var at float64
			var text string
			if json.Unmarshal(pair[0], &at) != nil || json.Unmarshal(pair[1], &text) != nil {
				return r.bad("give the answer as it came", "point %d of %s is not [seconds, \"value\"]", k+1, id)
			}
			v, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return r.bad("give the answer as it came", "point %d of %s has the value %q", k+1, id, text)
			}
			if math.IsInf(v, 0) {
				r.found.add("infinite", 1, id, "infinite value", "taken as missing")
				v = math.NaN()
			}
			s.t, s.line, s.x = append(s.t, int64(math.Round(at))), append(s.line, 0), append(s.x, v)
		}
	}
	return nil
}

// metricName writes labels as Prometheus does: up{instance="a",job="b"}.
func metricName(metric map[string]string) (id string, labels []forecast.Label) {
	var names []string
	for k := range metric {
		if k != "__name__" {
			names = append(names, k)
		}
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteString(metric["__name__"])
	for i, k := range names {
		b.WriteString(map[bool]string{true: "{", false: ","}[i == 0] + k + "=" + strconv.Quote(metric[k]))
		labels = append(labels, forecast.Label{Name: k, Value: metric[k]})
	}
	if len(names) > 0 {
		b.WriteString("}")
	}
	if b.Len() == 0 {
		return "{}", nil
	}
	return b.String(), labels
}
