// Package modeldata reads the data of model files from JSON and from CSV.
package modeldata

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	if inner, ok := strings.CutSuffix(name, ".gz"); ok && strings.EqualFold(path.Ext(inner), ".json") {
		r, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, &Error{Name: name, Detail: "it is not gzipped: " + err.Error()}
		}
		text, err := io.ReadAll(io.LimitReader(r, mostText+1))
		switch {
		case err != nil:
			return nil, &Error{Name: name, Detail: "the compressed text is damaged: " + err.Error()}
		case len(text) > mostText:
			return nil, &Error{Name: name, Detail: "its text is longer than 1 GiB"}
		}
		return JSON(name, text)
	}
	if strings.EqualFold(path.Ext(name), ".json") {
		return JSON(name, b)
	}
	d, err := CSV(name, b)
	if err != nil {
		if t, ok := typed(name, b); ok {
			return t, nil
		}
	}
	return d, err
}

// mostText bounds what a compressed file may hold.
const mostText = 1 << 30

// JSON reads one object: numbers, strings, and arrays of numbers of any depth, as Stan's JSON. null is a missing
// value; NaN, Infinity and Inf, with a sign or without, are the numbers that CmdStan writes so, as words or in
// quotes. A name that stands twice is refused.
func JSON(name string, text []byte) (model.Data, error) {
	w := quoted(bytes.TrimPrefix(text, []byte("\ufeff")))
	b := w.b
	d := json.NewDecoder(bytes.NewReader(b))
	var data model.Data
	if err := d.Decode(&data); err != nil {
		var s *json.SyntaxError
		var u *json.UnmarshalTypeError
		switch {
		case errors.As(err, &s):
			return nil, w.where(name, s.Offset-1, s.Error())
		case errors.As(err, &u) && strings.HasPrefix(u.Value, "number "):
			number := strings.TrimPrefix(u.Value, "number ")
			at := bytes.LastIndex(b[:min(int(u.Offset), len(b))], []byte(number))
			return nil, w.where(name, max(int64(at), 0), number+" is too large for a number")
		case errors.As(err, &u):
			return nil, w.where(name, max(u.Offset-1, 0), "the file is not one object")
		}
		return nil, &Error{Name: name, Detail: err.Error()}
	}
	if d.More() {
		return nil, w.where(name, d.InputOffset(), "something stands after the object")
	}
	if data == nil {
		return nil, &Error{Name: name, Detail: "the file is not one object"}
	}
	if key, at, twice := repeats(b); twice {
		return nil, w.where(name, at, fmt.Sprintf("the name %q stands twice", key))
	}
	for key, v := range data {
		data[key] = numbers(v)
	}
	return data, nil
}

// CSV reads a table of numbers, separated by commas, semicolons, tabs or blanks, with quotes as in RFC 4180. Every
// column is a vector under its name in the header, or c1, c2, … where there is none; rows is the whole table. An
// empty cell, NA and NaN are missing values. Columns of text are refused.
func CSV(name string, b []byte) (model.Data, error) {
	var (
		names []string
		rows  model.Array
	)
	lines := records(bytes.TrimPrefix(b, []byte("\ufeff")))
	for {
		cells, line, err := lines()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, &Error{name, line, 1, err.Error()}
		}
		if names == nil {
			var header bool
			if names, header = columns(cells); header {
				continue
			}
		}
		if len(cells) != len(names) {
			return nil, &Error{name, line, 1, fmt.Sprintf("%d cells in a table of %d columns", len(cells), len(names))}
		}
		for i, c := range cells {
			v, err := number(c)
			if err != nil {
				return nil, &Error{name, line, i + 1, fmt.Sprintf("%q in column %s is not a number", c, names[i])}
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

// records reads line after line with its number from 1, and io.EOF at the end. Lines of blanks are left out.
func records(b []byte) func() (cells []string, line int, err error) {
	sep, ok := separator(b)
	if !ok {
		rest, at := strings.Split(string(b), "\n"), 0
		return func() ([]string, int, error) {
			for at < len(rest) {
				at++
				if cells := strings.Fields(rest[at-1]); len(cells) > 0 {
					return cells, at, nil
				}
			}
			return nil, at, io.EOF
		}
	}
	r := csv.NewReader(bytes.NewReader(b))
	r.Comma, r.FieldsPerRecord, r.TrimLeadingSpace = sep, -1, sep != '\t'
	return func() ([]string, int, error) {
		for {
			cells, err := r.Read()
			var bad *csv.ParseError
			if errors.As(err, &bad) {
				return nil, bad.StartLine, fmt.Errorf("the quotes of the line do not match: %w", bad.Err)
			}
			if err != nil {
				return nil, 0, err
			}
			line, _ := r.FieldPos(0)
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			if len(cells) > 1 || cells[0] != "" {
				return cells, line, nil
			}
		}
	}
}

// separator is the first of comma, semicolon and tab that stands outside of quotes in the first line that is not blank.
func separator(b []byte) (rune, bool) {
	line := strings.TrimLeft(string(b[:min(len(b), 1<<20)]), "\r\n ")
	line, _, _ = strings.Cut(line, "\n")
	outside := ""
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 0 {
			outside += part
		}
	}
	for _, sep := range ",;\t" {
		if strings.ContainsRune(outside, sep) {
			return sep, true
		}
	}
	return 0, false
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

func number(s string) (float64, error) {
	switch s {
	case "", "NA", "NaN", "nan":
		return math.NaN(), nil
	}
	return strconv.ParseFloat(s, 64)
}
