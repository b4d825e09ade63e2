package frame

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
	"github.com/seed9a7962a8/ito"
)

// parquet finds the columns of a Parquet file. Its values become cells as a CSV would have them.
func (in *Input) parquet(src source) (err error) {
	in.Format = "parquet"
	defer in.damaged(&err)
	f, done, err := in.parquetFile(src)
	if err != nil {
		return err
	}
	defer done()
	var bad problems
	for _, c := range f.Root().Columns() {
		in.Columns = append(in.Columns, c.Name())
		if !c.Leaf() || c.Repeated() {
			bad.add(Fault{Column: c.Name(), What: "it holds lists or groups",
				Do: "leave it out of the file, or give a column for each part"})
		}
	}
	switch {
	case len(in.Columns) == 0:
		return &ito.InputError{Where: in.Name, What: "it has no columns", Do: "give a table"}
	case len(in.Columns) > mostColumns:
		return &ito.InputError{Where: in.Name, What: fmt.Sprintf("it has %d columns, more than %d", len(in.Columns),
			mostColumns), Do: "give fewer"}
	}
	in.each = func(row func(int, []string) error, _ *problems) error { return in.parquetRows(src, row) }
	return bad.err(in.Name)
}

// damaged turns a panic of the Parquet library, which trusts its files, into an error of input.
func (in *Input) damaged(err *error) {
	if r := recover(); r != nil {
		*err = &ito.InputError{Where: in.Name, What: fmt.Sprintf("it is a damaged Parquet file: %v", r),
			Do: "write it anew"}
	}
}

func (in *Input) parquetFile(src source) (*parquet.File, func() error, error) {
	r, err := src.open()
	if err != nil {
		return nil, nil, unreadable(in.Name, err)
	}
	var at io.ReaderAt
	size := int64(0)
	if file, ok := r.(*os.File); ok {
		info, err := file.Stat()
		if err != nil {
			return nil, nil, unreadable(in.Name, err)
		}
		at, size = file, info.Size()
	} else {
		b, err := io.ReadAll(r)
		if err != nil {
			return nil, nil, unreadable(in.Name, err)
		}
		at, size = bytes.NewReader(b), int64(len(b))
	}
	f, err := parquet.OpenFile(at, size)
	if err != nil {
		_ = r.Close()
		return nil, nil, &ito.InputError{Where: in.Name, What: "it is no Parquet file that can be read: " + err.Error(),
			Do: "write it anew"}
	}
	return f, r.Close, nil
}

// parquetRows reads the rows; their lines are their numbers.
func (in *Input) parquetRows(src source, row func(int, []string) error) (err error) {
	var own error // of row: its panics are its own
	defer func() {
		if own != nil {
			err = own
		}
	}()
	defer in.damaged(&err)
	f, done, err := in.parquetFile(src)
	if err != nil {
		return err
	}
	defer done()
	var text []func(parquet.Value) string
	for _, c := range f.Root().Columns() {
		text = append(text, cellOf(c.Type()))
	}
	cells, line := make([]string, len(text)), 0
	buffer := make([]parquet.Row, 128)
	for _, group := range f.RowGroups() {
		rows := group.Rows()
		for {
			n, err := rows.ReadRows(buffer)
			for _, r := range buffer[:n] {
				line++
				clear(cells)
				for _, v := range r {
					if k := v.Column(); !v.IsNull() && k < len(cells) {
						cells[k] = text[k](v)
					}
				}
				if own = row(line, cells); own != nil {
					return own
				}
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				return &ito.InputError{Where: in.Name, What: fmt.Sprintf("row %d cannot be read: %v", line+1, err),
					Do: "write it anew"}
			}
		}
		if err := rows.Close(); err != nil {
			return unreadable(in.Name, err)
		}
	}
	return nil
}

// cellOf writes values of a type as cells.
func cellOf(t parquet.Type) func(parquet.Value) string {
	if l := t.LogicalType(); l != nil {
		switch l := l.Value.(type) {
		case *format.DateType:
			return func(v parquet.Value) string {
				return time.Unix(86400*int64(v.Int32()), 0).UTC().Format("2006-01-02")
			}
		case *format.TimestampType:
			layout := "2006-01-02T15:04:05.999999"
			if l.IsAdjustedToUTC {
				layout += "Z07:00"
			}
			unit := int64(time.Nanosecond)
			switch l.Unit.Value.(type) {
			case *format.MilliSeconds:
				unit = int64(time.Millisecond)
			case *format.MicroSeconds:
				unit = int64(time.Microsecond)
			}
			per := int64(time.Second) / unit
			return func(v parquet.Value) string {
				n := v.Int64()
				s := n / per
				if n%per < 0 {
					s--
				}
				return time.Unix(s, (n-s*per)*unit).UTC().Format(layout)
			}
		case *format.DecimalType:
			unit := math.Pow10(int(l.Scale))
			if k := t.Kind(); k == parquet.Int32 || k == parquet.Int64 {
				return func(v parquet.Value) string {
					return strconv.FormatFloat(float64(v.Int64())/unit, 'f', int(l.Scale), 64)
				}
			}
		}
	}
	switch t.Kind() {
	case parquet.Float:
		return func(v parquet.Value) string { return finite(float64(v.Float()), 32) }
	case parquet.Double:
		return func(v parquet.Value) string { return finite(v.Double(), 64) }
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return func(v parquet.Value) string { return string(v.ByteArray()) }
	}
	return func(v parquet.Value) string { return v.String() }
}

// finite writes a number; NaN is a missing cell, as pandas has it.
func finite(v float64, bits int) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, bits)
}
