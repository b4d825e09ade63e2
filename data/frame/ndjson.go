package frame

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
)

// ndjson finds the columns of lines of JSON objects: all keys, in the order in which they come first.
func (in *Input) ndjson(src source) error {
	in.Format = "ndjson"
	seen := map[string]int{}
	var bad problems
	err := in.objects(src, &bad, func(_ int, keys []string, _ []string) error {
		for _, k := range keys {
			if _, ok := seen[k]; !ok {
				if len(seen) == mostColumns {
					return &ito.InputError{Where: in.Name, What: fmt.Sprintf("it has more than %d columns",
						mostColumns),
						Do: "give fewer"}
				}
				seen[k] = len(in.Columns)
				in.Columns = append(in.Columns, k)
			}
		}
		return nil
	})
	if err == nil && len(in.Columns) == 0 && len(bad.list) == 0 {
		return &ito.InputError{Where: in.Name, What: "its objects are empty", Do: "give one object a line"}
	}
	if err != nil {
		return err
	}
	if err := bad.err(in.Name); err != nil {
		return err
	}
	in.each = func(row func(int, []string) error, bad *problems) error {
		cells := make([]string, len(in.Columns))
		return in.objects(src, bad, func(line int, keys, values []string) error {
			clear(cells)
			for i, k := range keys {
				cells[seen[k]] = values[i]
			}
			return row(line, cells)
		})
	}
	return nil
}

// objects reads lines of JSON objects: keys and values as cells.
func (in *Input) objects(src source, bad *problems, take func(line int, keys, values []string) error) error {
	b, done, err := src.letters()
	if err != nil {
		return unreadable(in.Name, err)
	}
	defer done()
	wrong := map[string]*offenders{}
	var keys, values []string
	for line := 1; ; line++ {
		text, err := b.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return unreadable(in.Name, err)
		}
		if trimmed := bytes.TrimSpace(text); len(trimmed) > 0 {
			var what string
			if keys, values, what = object(trimmed, keys[:0], values[:0]); what != "" {
				if wrong[what] == nil {
					wrong[what] = &offenders{}
				}
				wrong[what].add(line, "")
			} else if err := take(line, keys, values); err != nil {
				return err
			}
		}
		if err == io.EOF {
			break
		}
	}
	for _, what := range slices.Sorted(maps.Keys(wrong)) {
		bad.add(Fault{Lines: wrong[what].lines, Count: wrong[what].count, What: what,
			Do: "give one object of numbers, words, true, false and null a line"})
	}
	return nil
}

// object takes an object apart; what is what is wrong with it.
func object(text []byte, keys, values []string) (k, v []string, what string) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return keys, values, "a line is no JSON object"
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return keys, values, "a line is no JSON object"
		}
		name := key.(string)
		value, err := d.Token()
		if err != nil {
			return keys, values, "a line is no JSON object"
		}
		cell := ""
		switch x := value.(type) {
		case json.Number:
			cell = x.String()
		case bool:
			cell = fmt.Sprint(x)
		case string:
			cell = strings.TrimSpace(x)
		case json.Delim:
			return keys, values, "the value of " + name + " is an object or a list"
		}
		if slices.Contains(keys, name) {
			return keys, values, "the key " + name + " stands twice"
		}
		keys, values = append(keys, name), append(values, cell)
	}
	if _, err := d.Token(); err != nil {
		return keys, values, "a line is no JSON object"
	}
	if _, err := d.Token(); err != io.EOF {
		return keys, values, "something stands behind the object"
	}
	return keys, values, ""
}
