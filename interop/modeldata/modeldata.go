// Package modeldata reads the data of model files from JSON and from CSV.
package modeldata

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/target/model"
)

// Error is a file that cannot be read; Line counts from 1 and is 0 where it is not known.
type Error struct {
	Name      string
	Line, Col int
	Detail    string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Name + ": " + e.Detail
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.Name, e.Line, e.Col, e.Detail)
}

// Is matches ito.ErrInput.
func (e *Error) Is(target error) bool { return target == ito.ErrInput }

// Read reads a file by the ending of its name: .json, or anything else as a table of numbers.
func Read(name string, b []byte) (model.Data, error) {
	if strings.EqualFold(path.Ext(name), ".json") {
		return JSON(name, b)
	}
	return CSV(name, b)
}

// JSON reads one object: numbers, strings, and arrays of numbers of any depth, as Stan's JSON. null is a
// missing value.
func JSON(name string, b []byte) (model.Data, error) {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	d := json.NewDecoder(bytes.NewReader(b))
	var data model.Data
	if err := d.Decode(&data); err != nil {
		var s *json.SyntaxError
		var u *json.UnmarshalTypeError
		switch {
		case errors.As(err, &s):
			return nil, where(name, b, s.Offset-1, s.Error()+instead(b, s.Offset-1))
		case errors.As(err, &u) && strings.HasPrefix(u.Value, "number "):
			number := strings.TrimPrefix(u.Value, "number ")
			at := bytes.LastIndex(b[:min(int(u.Offset), len(b))], []byte(number))
			return nil, where(name, b, max(int64(at), 0), number+" is too large for a number")
		case errors.As(err, &u):
			return nil, where(name, b, max(u.Offset-1, 0), "the file is not one object")
		}
		return nil, &Error{Name: name, Detail: err.Error()}
	}
	if d.More() {
		return nil, where(name, b, d.InputOffset(), "something stands after the object")
	}
	if data == nil {
		return nil, &Error{Name: name, Detail: "the file is not one object"}
	}
	return data, nil
}

// instead says what JSON has for what other programs write there: NaN, Infinity.
func instead(b []byte, offset int64) string {
	rest := b[min(max(int(offset), 0), len(b)):]
	if bytes.HasPrefix(rest, []byte("NaN")) || bytes.HasPrefix(rest, []byte("Infinity")) {
		return "; JSON has no such number: a missing value is null"
	}
	return ""
}

func where(name string, b []byte, offset int64, detail string) *Error {
	before := b[:min(int(offset), len(b))]
	return &Error{name, 1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n'), detail}
}

// CSV reads a table of numbers, separated by commas, semicolons, tabs or blanks. Every column is a vector under
// its name in the header, or c1, c2, … where there is none; rows is the whole table. An empty cell, NA and NaN
// are missing values. Columns of text are refused.
func CSV(name string, b []byte) (model.Data, error) {
	var (
		names []string
		rows  model.Array
		split func(string) ([]string, error)
	)
	for at, line := range strings.Split(strings.TrimPrefix(string(b), "\ufeff"), "\n") {
		if line = strings.TrimRight(line, "\r"); strings.TrimSpace(line) == "" {
			continue
		}
		if split == nil {
			split = splitter(line)
		}
		cells, err := split(line)
		if err != nil {
			return nil, &Error{name, at + 1, 1, err.Error()}
		}
		if names == nil {
			var header bool
			if names, header = columns(cells); header {
				continue
			}
		}
		if len(cells) != len(names) {
			return nil, &Error{name, at + 1, 1, fmt.Sprintf("%d cells in a table of %d columns", len(cells), len(names))}
		}
		for i, c := range cells {
			v, err := number(c)
			if err != nil {
				return nil, &Error{name, at + 1, i + 1, fmt.Sprintf("%q in column %s is not a number", c, names[i])}
			}
			rows.X = append(rows.X, v)
		}
	}
	if len(rows.X) == 0 {
		return nil, &Error{Name: name, Detail: "the table has no rows"}
	}
	k := len(names)
	rows.Shape = []int{len(rows.X) / k, k}
	return byColumn(name, names, rows)
}

// columns are the names that the first line gives, c1, c2, … where it gives none; it is a header unless every cell is a
// number.
func columns(cells []string) (names []string, header bool) {
	for _, c := range cells {
		if _, err := number(c); err != nil {
			header = true
		}
	}
	for i, c := range cells {
		if !header || c == "" {
			c = fmt.Sprintf("c%d", i+1)
		}
		names = append(names, c)
	}
	return names, header
}

// byColumn is the table and every column of it.
func byColumn(name string, names []string, rows model.Array) (model.Data, error) {
	n, k := rows.Shape[0], rows.Shape[1]
	data := model.Data{"rows": rows}
	for i, c := range names {
		if _, twice := data[c]; twice {
			return nil, &Error{name, 1, i + 1, fmt.Sprintf("the column name %q is taken", c)}
		}
		col := make([]float64, n)
		for r := range col {
			col[r] = rows.X[r*k+i]
		}
		data[c] = model.Array{Shape: []int{n}, X: col}
	}
	return data, nil
}

// splitter chooses the separator by the first line.
func splitter(line string) func(string) ([]string, error) {
	for _, sep := range []string{",", ";", "\t"} {
		if strings.Contains(line, sep) {
			return func(s string) ([]string, error) {
				cells := strings.Split(s, sep)
				for i, c := range cells {
					c, err := unquoted(c)
					if err != nil {
						return nil, err
					}
					cells[i] = c
				}
				return cells, nil
			}
		}
	}
	return func(s string) ([]string, error) { return strings.Fields(s), nil }
}

// unquoted is a cell without the quotes and blanks around it.
func unquoted(c string) (string, error) {
	c = strings.TrimSpace(c)
	inner := strings.TrimSuffix(strings.TrimPrefix(c, `"`), `"`)
	if strings.Contains(inner, `"`) || len(c) != len(inner) && len(c) != len(inner)+2 {
		return "", fmt.Errorf("the quotes of %q do not match", c)
	}
	return strings.TrimSpace(inner), nil
}

func number(s string) (float64, error) {
	switch s {
	case "", "NA", "NaN", "nan":
		return math.NaN(), nil
	}
	return strconv.ParseFloat(s, 64)
}
