// Package read turns files as people have them into sets of series: long tables (a row a time of a series), wide ones
// (a column a series), in CSV, Parquet or lines of JSON; lines of JSON as gluonts has them; the ragged rows of the M4
// competition; the answer of Prometheus to query_range. The frequency is inferred and told; a time that is not there
// is a missing value; what was found and what was done about it are [Finding]s.
package read

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/internal/lines"
)

// The formats.
const (
	Auto       = "auto"
	Long       = "long"       // a row is a time of a series; Nixtla's unique_id,ds,y is one
	Wide       = "wide"       // a row is a time, a column a series
	M4         = "m4"         // a row is a series: its name, then its values
	Gluonts    = "gluonts"    // a line is {"start": …, "target": […]}
	Prometheus = "prometheus" // answers of query_range
)

// SeriesOptions says how a file is read. The zero value finds everything out.
type SeriesOptions struct {
	Stdin  io.Reader // what "-" reads
	Format string    // one of the constants; "": auto

	ID, Time, Value string   // columns of a table; "": found by their names and cells
	Known, Past     []string // columns that are covariates: known ahead, or up to the present
	Freq            string   // frequency; "": inferred from the times
	Zone            string   // name of the time zone of times without one, and of the calendar; "": UTC

	// Append is a file of the same format and columns whose rows follow: what came later, or what is known ahead.
	Append string
	// Calendar makes known covariates, for Ahead steps beyond the end of a series.
	Calendar Calendar
	Ahead    int
	// MostSteps bounds the steps of all series together, gaps included; 0: 50,000,000 each.
	MostSteps int
}

// Finding is something that was found in a file.
type Finding struct {
	What  string `json:"what"`            // missing, duplicate, unsorted, dst, constant, short, …
	Count int    `json:"count"`           // of rows, values or series, as Text says
	First string `json:"first,omitempty"` // where it is seen first
	Text  string `json:"text"`            // for people, with what was done about it
}

// Result is what a file held.
type Result struct {
	Set      *forecast.Set
	Format   string
	Inferred bool // the frequency was not given
	Findings []Finding
}

// Open reads a file, or "-" for standard input. Bad input is an error that matches ito.ErrInput.
func Open(name string, o SeriesOptions) (*Result, error) {
	zone, err := location(o.Zone)
	if err != nil {
		return nil, err
	}
	r := &reader{o: o, name: name, zone: zone, series: map[string]*builder{}}
	if o.Freq != "" {
		if r.freq, err = forecast.ParseFreq(o.Freq); err != nil {
			return nil, inSetting("freq", err)
		}
	}
	if err := r.file(name); err != nil {
		return nil, err
	}
	if o.Append != "" {
		if o.Append == "-" {
			return nil, &ito.InputError{Where: "`append`", What: "it cannot be standard input", Do: "name a file"}
		}
		for _, b := range r.order {
			b.parts = len(b.x)
		}
		r.name, r.appending = o.Append, true
		if err := r.file(o.Append); err != nil {
			return nil, err
		}
	}
	r.name = name
	return r.result()
}

func inSetting(name string, err error) error {
	var e *ito.InputError
	if errors.As(err, &e) && e.Where == "" {
		c := *e
		c.Where = "`" + name + "`"
		return &c
	}
	return err
}

func location(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, &ito.InputError{Where: "`zone`", What: fmt.Sprintf("there is no time zone %q", name),
			Do: "give a name such as Europe/Berlin or UTC"}
	}
	return zone, nil
}

// reader gathers the rows of series.
type reader struct {
	o         SeriesOptions
	name      string // of the file that is read
	format    string
	zone      *time.Location
	freq      forecast.Freq // 0: not known
	appending bool

	series      map[string]*builder
	order       []*builder
	known, past []string
	columns     [3]string // of the time, the name and the value, as the first file calls them
	found       findings
}

// builder gathers the rows of one series.
type builder struct {
	id     string
	static []forecast.Label
	t      []int64 // seconds of each row since 1970; nil: rows follow each other from start on
	line   []int32 // of each row; below 0 in the appended file; 0: it has no lines
	x      []float64
	cov    [][]float64 // known ones, then past ones
	start  time.Time
	parts  int // rows before the appended ones
}

func (r *reader) get(id string) *builder {
	b := r.series[id]
	if b == nil {
		b = &builder{id: id, cov: make([][]float64, len(r.known)+len(r.past))}
		r.series[id] = b
		r.order = append(r.order, b)
	}
	return b
}

// bad is bad input in the file.
func (r *reader) bad(do, format string, args ...any) error {
	return &ito.InputError{Where: r.name, What: fmt.Sprintf(format, args...), Do: do}
}

// at is bad input in a line of the file, in a column where it has one.
func (r *reader) at(line int, column, do, format string, args ...any) error {
	where := fmt.Sprintf("%s:%d", r.name, line)
	if line < 0 {
		where = fmt.Sprintf("%s:%d", r.o.Append, -line)
	}
	if column != "" {
		where += ": column " + column
	}
	return &ito.InputError{Where: where, What: fmt.Sprintf(format, args...), Do: do}
}

// file reads one file.
func (r *reader) file(name string) error {
	var src io.Reader = r.o.Stdin
	if name == "-" {
		r.name = "standard input"
		if src == nil {
			return r.bad("name a file", "there is no standard input here")
		}
	} else {
		f, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			return r.bad("name one that there is", "there is no such file")
		}
		if err != nil {
			return r.bad("name a readable file", "it cannot be read: %v", errors.Unwrap(err))
		}
		defer f.Close()
		src = f
	}
	b := bufio.NewReaderSize(src, 1<<16)
	raw := b
	if head, _ := b.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b && r.jsonFormat() {
		z, err := lines.Unpack(b)
		if err != nil {
			return r.bad("name a readable file", "it cannot be unpacked: %v", err)
		}
		b = bufio.NewReaderSize(z, 1<<16)
	}
	head, err := b.Peek(4096)
	if len(head) == 0 {
		if err != nil && err != io.EOF {
			return r.bad("name a readable file", "it cannot be read: %v", err)
		}
		return r.bad("give series", "there is nothing in it")
	}
	format := r.o.Format
	if r.appending {
		format = r.format
	}
	if format == "" || format == Auto {
		format = jsonKind(head)
	}
	switch format {
	case Prometheus:
		r.format = format
		return r.prometheus(b)
	case Gluonts:
		r.format = format
		return r.gluonts(b)
	}
	return r.table(name, raw, format)
}

// jsonFormat reports that a packed file may be JSON: that of tables is unpacked by their own reader.
func (r *reader) jsonFormat() bool {
	return r.o.Format == Prometheus || r.o.Format == Gluonts || r.format == Prometheus || r.format == Gluonts
}

// jsonKind is the format of JSON by its beginning, "" of all else.
func jsonKind(head []byte) string {
	head = bytes.TrimLeft(head, " \t\r\n\ufeff")
	if len(head) == 0 || head[0] != '{' && head[0] != '[' {
		return ""
	}
	d := json.NewDecoder(bytes.NewReader(head))
	for depth := 0; ; {
		t, err := d.Token()
		if err != nil {
			return ""
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		case "resultType", "metric", "status":
			return Prometheus
		case "target", "start":
			if depth == 1 {
				return Gluonts
			}
		}
	}
}
