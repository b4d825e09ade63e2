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
	d := json.NewDecoder(bytes.NewReader(b))
	var data model.Data
	if err := d.Decode(&data); err != nil {
		var s *json.SyntaxError
		var u *json.UnmarshalTypeError
		switch {
		case errors.As(err, &s):
			return nil, where(name, b, s.Offset-1, s.Error())
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

func where(name string, b []byte, offset int64, detail string) *Error {
	before := b[:min(int(offset), len(b))]
	return &Error{name, 1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n'), detail}
}

// CSV reads a table of numbers, separated by commas, semicolons, tabs or blanks. Every column is a vector under
// its name in the header, or c1, c2, … where there is none; rows is the whole table. An empty cell, NA and NaN
// are missing values. Columns of text are refused.
func CSV(name string, b []byte) (model.Data, error) {
	lines := strings.Split(strings.TrimPrefix(string(b), "\ufeff"), "\n")
	var (
		names []string
		rows  model.Array
		split func(string) []string
		first = true
	)
	for at, line := range lines {
		if line = strings.TrimRight(line, "\r"); strings.TrimSpace(line) == "" {
			continue
		}
		if split == nil {
			split = splitter(line)
		}
		cells := split(line)
		if first {
			first = false
			names = make([]string, len(cells))
			header := false
			for i, c := range cells {
				names[i] = fmt.Sprintf("c%d", i+1)
				if _, err := number(c); err != nil {
					header = true
				}
			}
			if header {
				for i, c := range cells {
					if c != "" {
						names[i] = c
					}
				}
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
	n := len(rows.X) / k
	rows.Shape = []int{n, k}
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
func splitter(line string) func(string) []string {
	for _, sep := range []string{",", ";", "\t"} {
		if strings.Contains(line, sep) {
			return func(s string) []string {
				cells := strings.Split(s, sep)
				for i, c := range cells {
					cells[i] = strings.Trim(strings.TrimSpace(c), `"`)
				}
				return cells
			}
		}
	}
	return strings.Fields
}

func number(s string) (float64, error) {
	switch s {
	case "", "NA", "NaN", "nan":
		return math.NaN(), nil
	}
	return strconv.ParseFloat(s, 64)
}
