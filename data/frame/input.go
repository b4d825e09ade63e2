package frame

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/lines"
)

// ReadOptions says how a table is read. The zero value finds everything out.
type ReadOptions struct {
	Stdin io.Reader // what "-" reads

	Header    string   // whether the first line names the columns: yes, no; "" and auto: as its cells say
	Delimiter string   // between cells; "": found. tab and \t are words for it
	Decimal   string   // point of numbers, "." or ","; "": found
	NA        []string // cells that are missing; nil: [DefaultNA]. An empty cell always is

	Types       []string // NAME=KIND, with levels in their order behind a colon: size=ordered:S<M<L
	Columns     []string // read only these; nil: all
	Ignore      []string // and not these
	DropMissing bool     // leave out rows with a missing cell
	Schema      *Schema  // kinds, levels, bounds and layouts that are given; Types win
	Held        int      // cells of a frame that are held in memory; more are in a file; 0: any number
	Rules       []string // constraints between columns, beside those of Schema
}

// DefaultNA are cells that are missing where nothing else is said: those that pandas takes for missing.
func DefaultNA() []string {
	return []string{"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>",
		"N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}
}

// Input is a table that can be read more than once.
type Input struct {
	Name    string
	Columns []string // their names, in order
	Notes   []string // what was found and may be wrong, for people
	Format  string   // csv, parquet, ndjson; npy and zip, which are no tables

	// Usual reports a text in UTF-8 with commas between cells and points in numbers.
	Usual bool

	opts  ReadOptions
	src   source
	point byte // of numbers
	na    map[string]bool
	// each reads the rows; line is that of the first cell, as an editor counts. cells are only good during the
	// call. Ragged rows go to bad and are left out.
	each  func(row func(line int, cells []string) error, bad *problems) error
	close func() error
	other error // of what is no table
}

// Close gives up what reading needs.
func (in *Input) Close() error {
	if in.close == nil {
		return nil
	}
	return in.close()
}

// Open opens a file, or "-" for standard input, which is kept in a temporary file where it is large: CSV with any
// delimiter in UTF-8 or UTF-16, Parquet, or lines of JSON, gzipped or not, by its content. Whatever is wrong is an
// error that matches ito.ErrInput.
func Open(name string, o ReadOptions) (*Input, error) {
	in := &Input{Name: name, opts: o, na: map[string]bool{}, point: '.'}
	na := o.NA
	if na == nil {
		na = DefaultNA()
	}
	for _, s := range append([]string{""}, na...) {
		in.na[strings.TrimSpace(s)] = true
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	src := source{open: func() (io.ReadCloser, error) { return os.Open(name) }, name: name}
	if name == "-" {
		in.Name = "standard input"
		if o.Stdin == nil {
			return nil, &ito.InputError{Where: "-", What: "there is no standard input here", Do: "name a file"}
		}
		var err error
		if src, err = spool(o.Stdin); err != nil {
			return nil, err
		}
		in.close = src.remove
	}
	in.src = src
	if err := in.begin(src); err != nil {
		_ = in.Close()
		return nil, err
	}
	return in, nil
}

// begin finds the format and the columns.
func (in *Input) begin(src source) error {
	head, err := src.head()
	if err != nil {
		return unreadable(in.Name, err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("PAR1")):
		return in.parquet(src)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		in.Format, in.other = "zip", &ito.InputError{Where: in.Name,
			What: "it is a zip archive, such as a spreadsheet or npz", Do: "save it as CSV"}
		return nil
	case bytes.HasPrefix(head, []byte("\x93NUMPY")):
		in.Format, in.other = "npy", &ito.InputError{Where: in.Name, What: "it is an npy file, which has no columns",
			Do: "give a table"}
		return nil
	case len(bytes.TrimLeft(head, " \t\r\n")) == 0:
		return &ito.InputError{Where: in.Name, What: "there is nothing in it", Do: "give one row a line"}
	case bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n\ufeff"), []byte("{")):
		return in.ndjson(src)
	}
	return in.csv(src, head)
}

func (o ReadOptions) check() error {
	switch {
	case o.Decimal != "" && o.Decimal != "." && o.Decimal != ",":
		return &ito.InputError{Where: "`decimal`", What: lines.Brief(o.Decimal) + " is no point of a number",
			Do: "give . or ,"}
	case len(o.delimiter()) > 1:
		return &ito.InputError{Where: "`delimiter`", What: lines.Brief(o.Delimiter) + " is more than one character",
			Do: "give one, such as ; or tab"}
	case o.delimiter() == `"` || o.delimiter() == "\n" || o.delimiter() == "\r":
		return &ito.InputError{Where: "`delimiter`", What: lines.Brief(o.Delimiter) +
			" has another meaning in such a file",
			Do: "give another, such as ; or tab"}
	case o.Decimal == "," && o.delimiter() == ",":
		return &ito.InputError{Where: "`decimal`", What: "a comma is the point of numbers and the delimiter",
			Do: "give another `delimiter`, such as ;"}
	}
	return nil
}

func (o ReadOptions) delimiter() string {
	switch o.Delimiter {
	case "tab", `\t`:
		return "\t"
	case "space":
		return " "
	}
	return o.Delimiter
}

// notThere is a name that no file has. It matches fs.ErrNotExist.
type notThere struct{ ito.InputError }

func (e *notThere) Is(target error) bool { return target == fs.ErrNotExist || e.InputError.Is(target) }

// unreadable is an error of the file system or of decompression.
func unreadable(name string, err error) error {
	var in *ito.InputError
	if errors.As(err, &in) {
		return err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return &notThere{ito.InputError{Where: name, What: "there is no such file", Do: "name one that there is"}}
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // the name is said already
	}
	if errors.Is(err, lines.ErrBomb) {
		return &ito.InputError{Where: name, What: err.Error(), Do: "unpack it and look at what it holds"}
	}
	return &ito.InputError{Where: name, What: "it cannot be read: " + err.Error(), Do: "name a readable table"}
}

// Decimal is the point of numbers, as [ReadOptions] has it.
func (in *Input) Decimal() string { return string(in.point) }

// Again is the text of the table, in UTF-8 and unpacked, from its beginning.
func (in *Input) Again() (io.Reader, error) {
	b, _, err := in.src.text()
	if err != nil {
		return nil, unreadable(in.Name, err)
	}
	return b, nil
}

// Rows reads the cells of all columns as they are written, row by row. cells are only good during the call.
func (in *Input) Rows(take func(cells []string) error) error {
	if in.other != nil {
		return in.other
	}
	var bad problems
	if err := in.each(func(_ int, cells []string) error { return take(cells) }, &bad); err != nil {
		return err
	}
	return bad.err(in.Name)
}

// Stream is a table whose rows, cells as they are written, are made one after the other by each, which is called once
// for every reading.
func Stream(name string, columns []string, each func(take func(cells []string) error) error, o ReadOptions) (*Input,
	error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	in := &Input{Name: name, Columns: columns, Format: "stream", opts: o, point: '.', na: map[string]bool{}}
	if o.Decimal != "" {
		in.point = o.Decimal[0]
	}
	na := o.NA
	if na == nil {
		na = DefaultNA()
	}
	for _, s := range append([]string{""}, na...) {
		in.na[strings.TrimSpace(s)] = true
	}
	in.each = func(row func(int, []string) error, _ *problems) error {
		line := 0
		return each(func(cells []string) error {
			line++
			return row(line, cells)
		})
	}
	return in, nil
}
