package data

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/lines"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// OpenOptions says how a set is opened. The zero value is ready.
type OpenOptions struct {
	Stdin io.Reader // what "-" reads; nil: "-" is an error
	Rows  int       // rows of a built-in set; 0 means DefaultRows
	Seed  uint64    // of a built-in set
	Text  []string  // columns of a CSV that may hold words (see ReadCSV): those to condition on
	Words []string  // others that may, where there are columns of these names: their cells may be empty

	Header string // whether the first line of a CSV names its columns: yes, no; "" and auto: as its cells say
}

// Open reads the rows called name: a built-in set (see [Names]), "-" for standard input, or a file, CSV
// or npy by its content, gzipped or not. A file with the name of a built-in set is reached as ./name.
func Open(name string, o OpenOptions) (*Table, error) {
	if find(Names(), name) >= 0 {
		rows := o.Rows
		if rows == 0 {
			rows = DefaultRows
		}
		t, err := Builtin(name, rows, o.Seed)
		if err != nil {
			return nil, err
		}
		for _, column := range o.Text {
			if find(t.Columns, column) < 0 {
				return nil, UnknownColumn(name, column, t.Columns)
			}
		}
		return t, nil
	}
	if name == "-" {
		if o.Stdin == nil {
			return nil, &ito.InputError{Where: "-", What: "there is no standard input here", Do: "name a file"}
		}
		return read(o.Stdin, "standard input", o)
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &ito.InputError{Where: name, What: "there is no such file, and no built-in set of that name",
			Do: suggest.Among(name, Names())}
	}
	if err != nil {
		return nil, unreadable(name, err)
	}
	defer f.Close()
	return read(f, name, o)
}

// Read reads CSV or npy rows, gzipped or not, as the first bytes say. See [ReadCSV] and [ReadNPY].
func Read(r io.Reader, name string, text ...string) (*Table, error) {
	return read(r, name, OpenOptions{Text: text})
}

func read(r io.Reader, name string, o OpenOptions) (*Table, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	head, err := b.Peek(len(npyMagic))
	if err != nil && err != io.EOF {
		return nil, unreadable(name, err)
	}
	if bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		z, err := lines.Unpack(b)
		if err != nil {
			return nil, unreadable(name, err)
		}
		defer z.Close()
		b = bufio.NewReaderSize(z, 1<<16)
		if head, err = b.Peek(len(npyMagic)); err != nil && err != io.EOF {
			return nil, unreadable(name, err)
		}
	}
	if string(head) != npyMagic {
		if what := neither(name, head); what != "" {
			return nil, &ito.InputError{Where: name, What: what, Do: "give a CSV file in UTF-8, or an npy file"}
		}
		return readCSV(b, name, o)
	}
	a, err := ReadNPY(b, name)
	if err != nil {
		return nil, err
	}
	t, err := a.Table(name)
	if err != nil {
		return nil, err
	}
	for _, column := range o.Text {
		if find(t.Columns, column) < 0 {
			return nil, UnknownColumn(name, column, t.Columns)
		}
	}
	return t, nil
}

// neither says what a file is that is neither npy nor CSV, by its first bytes; "" where nothing tells.
func neither(name string, head []byte) string {
	for _, k := range []struct{ magic, what string }{
		{"PK\x03\x04", "it is a zip archive, such as npz or a spreadsheet"}, {"PAR1", "it is a Parquet file"},
		{"\xff\xfe", "it is text in UTF-16"}, {"\xfe\xff", "it is text in UTF-16"},
	} {
		if bytes.HasPrefix(head, []byte(k.magic)) {
			return k.what
		}
	}
	if strings.HasSuffix(strings.TrimSuffix(name, ".gz"), ".npy") {
		return "it is named .npy and does not begin like one"
	}
	return ""
}

// unreadable is an error of the file system or of decompression.
func unreadable(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // the name is said already
	}
	if errors.Is(err, lines.ErrBomb) {
		return &ito.InputError{Where: name, What: err.Error(), Do: "unpack it and look at what it holds"}
	}
	return &ito.InputError{Where: name, What: "it cannot be read: " + err.Error(),
		Do: "name a readable CSV or npy file"}
}
