package data

import (
	"bufio"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
)

// Format turns rows into bytes, with no state between calls: Begin once, then Rows as often as there
// are rows to write. A program that resumes a file calls Rows alone.
type Format interface {
	Begin(w io.Writer) error
	Rows(w io.Writer, x ito.States) error
}

// CSV is the text format: a header, then one row a line. Numbers are the shortest that read back to
// the same float64.
type CSV struct {
	Columns []string
	WithID  bool // the sample id goes before the row, in a column named id
}

// Begin writes the header.
func (c CSV) Begin(w io.Writer) error {
	names := c.Columns
	if c.WithID {
		names = append([]string{"id"}, names...)
	}
	out := csv.NewWriter(w) // quotes a name where it must
	if err := out.Write(names); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// Rows writes one line for each row.
func (c CSV) Rows(w io.Writer, x ito.States) error {
	if x.D != len(c.Columns) {
		return fmt.Errorf("csv: rows of %d numbers for %d columns", x.D, len(c.Columns))
	}
	line := make([]byte, 0, 32*(x.D+1))
	for i := range x.N {
		line = line[:0]
		if c.WithID {
			line = strconv.AppendUint(line, x.ID[i], 10)
			line = append(line, ',')
		}
		for k, v := range x.Row(i) {
			if k > 0 {
				line = append(line, ',')
			}
			line = strconv.AppendFloat(line, v, 'g', -1, 64)
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// NPY is NumPy's format, version 1, little-endian float64, int32 or bytes in C order. The shape stands at the front of
// the file, so it must be known: rows first.
type NPY struct {
	Shape  []int
	Bytes  bool // uint8: the numbers are whole, 0 … 255
	Whole  bool // int32: the numbers are whole
	WithID bool // the sample id goes before the row as a float64, exact up to 2⁵³; the last length of Shape counts it
}

// Begin writes the header, padded as NumPy does to a multiple of 64 bytes.
func (f NPY) Begin(w io.Writer) error {
	var shape strings.Builder
	for _, n := range f.Shape {
		if n < 0 {
			return fmt.Errorf("npy: shape %v", f.Shape)
		}
		fmt.Fprintf(&shape, "%d, ", n)
	}
	tuple := strings.TrimSuffix(shape.String(), " ")
	if len(f.Shape) != 1 {
		tuple = strings.TrimSuffix(tuple, ",")
	}
	descr := "<f8"
	switch {
	case f.Bytes:
		descr = "|u1"
	case f.Whole:
		descr = "<i4"
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, tuple)
	const before = len(npyMagic) + 4
	text += strings.Repeat(" ", 63-(before+len(text))%64) + "\n"
	if len(text) > math.MaxUint16 {
		return fmt.Errorf("npy: %d dimensions", len(f.Shape))
	}
	head := binary.LittleEndian.AppendUint16([]byte(npyMagic+"\x01\x00"), uint16(len(text)))
	_, err := w.Write(append(head, text...))
	return err
}

// RowSize is the number of bytes of a row.
func (f NPY) RowSize() int {
	n := 8
	switch {
	case f.Bytes:
		n = 1
	case f.Whole:
		n = 4
	}
	for _, k := range f.Shape[1:] {
		n *= k
	}
	return n
}

// Rows writes the numbers.
func (f NPY) Rows(w io.Writer, x ito.States) error {
	b := make([]byte, 0, 8*(x.D+1))
	for i := range x.N {
		b = b[:0]
		if f.WithID {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(x.ID[i])))
		}
		for _, v := range x.Row(i) {
			if f.Bytes {
				if v != math.Trunc(v) || v < 0 || v > 255 {
					return fmt.Errorf("npy: %v is not a byte", v)
				}
				b = append(b, byte(v))
				continue
			}
			if f.Whole {
				if v != math.Trunc(v) || math.Abs(v) > math.MaxInt32 {
					return fmt.Errorf("npy: %v is no whole number of 32 bits", v)
				}
				b = binary.LittleEndian.AppendUint32(b, uint32(int32(v)))
				continue
			}
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// SampleWriter writes rows as they come, in constant memory.
type SampleWriter struct {
	w       *bufio.Writer
	format  Format
	begun   bool
	written int
}

// NewSampleWriter writes to w in a format. Close flushes; closing w is the caller's.
func NewSampleWriter(w io.Writer, f Format) *SampleWriter {
	return &SampleWriter{w: bufio.NewWriterSize(w, 1<<16), format: f}
}

// Format is how the rows are written.
func (s *SampleWriter) Format() Format { return s.format }

// WriteRows appends rows.
func (s *SampleWriter) WriteRows(x ito.States) error {
	if err := s.begin(); err != nil {
		return err
	}
	s.written += x.N * x.D
	if f, ok := s.format.(NPY); ok && f.WithID {
		s.written += x.N
	}
	return s.format.Rows(s.w, x)
}

// Close writes what is left, the header too when there were no rows, and reports an npy file whose
// rows are not as many as its header said.
func (s *SampleWriter) Close() error {
	if err := s.begin(); err != nil {
		return err
	}
	if f, ok := s.format.(NPY); ok {
		want := 1
		for _, n := range f.Shape {
			want *= n
		}
		if s.written != want {
			return fmt.Errorf("npy: %d numbers written, the shape %v needs %d", s.written, f.Shape, want)
		}
	}
	return s.w.Flush()
}

func (s *SampleWriter) begin() error {
	if s.begun {
		return nil
	}
	s.begun = true
	return s.format.Begin(s.w)
}
