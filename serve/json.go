package serve

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/sample"
)

// jsonWriter writes samples as one JSON object, or as one a line. Numbers are the shortest that read back equal; what
// is no finite number is null. Of a table with types numbers are numbers, missing cells null, and all else is text as
// the data have it.
type jsonWriter struct {
	w     io.Writer
	lines bool
	table *frame.Schema // nil: rows are numbers
	keys  [][]byte      // of the columns, as they stand in a line, the id's first
	at    []int         // places of the columns among the model's; nil: all
	head  jsonHead
	begun bool
	b     []byte

	report *sample.Report // set before Close
}

// jsonHead is what stands before the rows.
type jsonHead struct {
	Model   string   `json:"model"`
	File    string   `json:"model_digest"`
	Digest  string   `json:"digest"` // of model, settings, format and program: the ETag
	Seed    uint64   `json:"seed"`
	First   uint64   `json:"first"`
	N       int      `json:"n"`
	Columns []string `json:"columns"`
	Shape   []int    `json:"shape,omitempty"`
	Notes   []string `json:"notes,omitempty"`
}

func newJSONWriter(w io.Writer, lines bool, m *served, c *sample.Config, etag string) (*jsonWriter, error) {
	at, err := c.Written(m.model)
	if err != nil {
		return nil, err
	}
	columns := sample.Pick(task.Columns(m.model, task.Width(m.model)), at)
	j := &jsonWriter{
		w:     w,
		lines: lines,
		at:    at,
		head: jsonHead{Model: m.name, File: m.digest, Digest: strings.Trim(etag, `"`), Seed: c.Seed,
			First: c.First, N: c.N, Columns: columns, Shape: task.Shape(m.model)},
	}
	if t, ok := m.model.Encoding.(*encode.Table); ok {
		s := t.Schema
		s.Columns = sample.Pick(s.Columns, at)
		j.table = &s
	}
	id := "id"
	if slices.Contains(columns, id) {
		id = ".id"
	}
	for i, name := range append([]string{id}, columns...) {
		b, _ := json.Marshal(name) // text always can
		if i == 0 {
			b = append([]byte("{"), b...)
		} else {
			b = append([]byte(","), b...)
		}
		j.keys = append(j.keys, append(b, ':'))
	}
	return j, nil
}

func (j *jsonWriter) begin() error {
	if j.begun {
		return nil
	}
	j.begun = true
	if j.lines {
		return nil
	}
	b, err := json.Marshal(j.head)
	if err != nil {
		return err
	}
	b = append(bytes.TrimSuffix(b, []byte("}")), `,"rows":[`...)
	_, err = j.w.Write(b)
	return err
}

// WriteRows implements sample.Writer.
func (j *jsonWriter) WriteRows(x ito.States) error {
	x = sample.PickRows(x, j.at)
	if err := j.begin(); err != nil {
		return err
	}
	j.b = j.b[:0]
	for i := range x.N {
		switch {
		case j.lines:
			j.b = append(j.b, j.keys[0]...)
			j.b = strconv.AppendUint(j.b, x.ID[i], 10)
		case x.ID[i] == j.head.First:
			j.b = append(j.b, '[')
		default:
			j.b = append(j.b, ",["...)
		}
		for k, v := range x.Row(i) {
			switch {
			case j.lines:
				j.b = append(j.b, j.keys[k+1]...)
			case k > 0:
				j.b = append(j.b, ',')
			}
			j.b = j.cell(j.b, k, v, x.ID[i])
		}
		if j.lines {
			j.b = append(j.b, "}\n"...)
		} else {
			j.b = append(j.b, ']')
		}
		if len(j.b) >= 1<<15 || i == x.N-1 {
			if _, err := j.w.Write(j.b); err != nil {
				return err
			}
			j.b = j.b[:0]
		}
	}
	return nil
}

// cell appends the value of column k.
func (j *jsonWriter) cell(b []byte, k int, v float64, id uint64) []byte {
	if j.table != nil {
		c := &j.table.Columns[k]
		missing := c.Kind == frame.Text || c.Kind == frame.Constant && c.Missing > 0 || c.Kind.Learnt() && math.IsNaN(v)
		if !missing && !c.Kind.Numeric() {
			text, _ := json.Marshal(string(c.Append(nil, v, id))) // text always can
			return append(b, text...)
		}
		if missing {
			v = math.NaN()
		}
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

// Close implements sample.Writer.
func (j *jsonWriter) Close() error {
	if err := j.begin(); err != nil || j.lines {
		return err
	}
	end := []byte("]")
	if r := j.report; r != nil {
		b, err := json.Marshal(struct {
			Solver   string `json:"solver"`
			Steps    int    `json:"steps"`
			NFE      int    `json:"nfe"`
			Schedule string `json:"schedule,omitempty"`
		}{r.Solver, r.Steps, r.NFE, r.Schedule})
		if err != nil {
			return err
		}
		end = append(append(end, ','), b[1:len(b)-1]...)
	}
	_, err := j.w.Write(append(end, "}\n"...))
	return err
}
