package draws

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// parquetFile is a Parquet file of plain numbers (https://parquet.apache.org/docs/file-format). It is read here and
// not by the library that writes ito's files: that decoder (parquet-go v0.32.0) unpacks LZ4 pages of less than
// three times their packed size into a buffer that it then forgets, and allocates without bound for damaged ones.
type parquetFile struct {
	r       io.ReaderAt
	size    int64
	rows    int64
	columns []parquetColumn
	groups  []parquetGroup
	keys    map[string]string

	unpacked int64 // bytes of pages so far
}

type parquetColumn struct {
	name     string
	kind     parquetKind
	optional bool // values may be null
	refused  string
}

type parquetGroup struct {
	rows   int64
	chunks []parquetChunk // [columns]
}

type parquetChunk struct {
	codec  int64
	values int64
	start  int64 // where its first page is
}

const (
	parquetMagic = "PAR1"
	mostFooter   = 64 << 20 // bytes of metadata
	// mostUnpacked is how many bytes of draws a file may have whatever its size; a file may have unpackedBy times
	// its size.
	mostUnpacked = 64 << 20
	unpackedBy   = 1000
)

func openParquet(r io.ReaderAt, size int64) (*parquetFile, error) {
	var tail [8]byte
	if size < 12 {
		return nil, errors.New("it is cut short")
	}
	if _, err := r.ReadAt(tail[:], size-8); err != nil {
		return nil, err
	}
	n := int64(binary.LittleEndian.Uint32(tail[:4]))
	switch {
	case string(tail[4:]) == "PARE":
		return nil, errors.New("it is encrypted")
	case string(tail[4:]) != parquetMagic:
		return nil, errors.New("it is cut short: its end is not that of a Parquet file")
	case n > size-12:
		return nil, errThriftShort
	case n > mostFooter:
		return nil, fmt.Errorf("its metadata have %d bytes, and %d are the most", n, mostFooter)
	}
	footer := make([]byte, n)
	if _, err := r.ReadAt(footer, size-8-n); err != nil {
		return nil, err
	}
	f := &parquetFile{r: r, size: size, keys: map[string]string{}}
	if err := f.footer(&thriftReader{b: footer}); err != nil {
		return nil, err
	}
	return f, f.check()
}

// footer reads FileMetaData.
func (f *parquetFile) footer(t *thriftReader) error {
	var root, element int64
	t.fields(func(id int64, kind byte) {
		switch {
		case id == 2 && kind == thriftList:
			t.list(func(byte) {
				c, children := parquetElement(t)
				if element == 0 {
					root = children
				} else {
					f.columns = append(f.columns, c)
				}
				element++
			})
		case id == 3:
			f.rows = t.int()
		case id == 4 && kind == thriftList:
			t.list(func(byte) { f.groups = append(f.groups, readGroup(t)) })
		case id == 5 && kind == thriftList:
			t.list(func(byte) {
				var key, value string
				t.fields(func(id int64, kind byte) {
					switch {
					case id == 1 && kind == thriftBinary:
						key = string(t.bytes())
					case id == 2 && kind == thriftBinary:
						value = string(t.bytes())
					default:
						t.skip(kind)
					}
				})
				f.keys[key] = value
			})
		default:
			t.skip(kind)
		}
	})
	if t.err != nil {
		return t.err
	}
	if root == int64(len(f.columns)) {
		return nil
	}
	for _, c := range f.columns {
		if c.refused == aGroup {
			return fmt.Errorf("column %q is not of plain numbers: it holds a list or a group", c.name)
		}
	}
	return errThrift
}

const aGroup = "a group"

// parquetElement reads SchemaElement.
func parquetElement(t *thriftReader) (c parquetColumn, children int64) {
	var s parquetSchema
	s.converted = -1
	physical, repetition := int64(-1), int64(0)
	t.fields(func(id int64, kind byte) {
		switch {
		case id == 1:
			physical = t.int()
		case id == 2:
			s.width = t.int()
		case id == 3:
			repetition = t.int()
		case id == 4 && kind == thriftBinary:
			c.name = string(t.bytes())
		case id == 5:
			children = t.int()
		case id == 6:
			s.converted = t.int()
		case id == 7:
			s.scale = t.int()
		case id == 10 && kind == thriftStruct:
			s.readLogical(t)
		default:
			t.skip(kind)
		}
	})
	c.optional = repetition == 1
	switch {
	case physical < 0:
		c.refused = aGroup
	case repetition == 2:
		c.refused = "a list"
	default:
		c.kind, c.refused = s.kind(physical)
	}
	return c, children
}

// readGroup reads RowGroup.
func readGroup(t *thriftReader) (g parquetGroup) {
	t.fields(func(id int64, kind byte) {
		switch {
		case id == 1 && kind == thriftList:
			t.list(func(byte) { g.chunks = append(g.chunks, readChunk(t)) })
		case id == 3:
			g.rows = t.int()
		default:
			t.skip(kind)
		}
	})
	return g
}

// readChunk reads ColumnChunk with its ColumnMetaData.
func readChunk(t *thriftReader) (c parquetChunk) {
	c.values = -1
	t.fields(func(id int64, kind byte) {
		switch {
		case id == 1: // the pages are in another file
			t.fail(errors.New("its draws are in another file"))
		case id == 3 && kind == thriftStruct:
			var data, dictionary int64
			t.fields(func(id int64, kind byte) {
				switch id {
				case 4:
					c.codec = t.int()
				case 5:
					c.values = t.int()
				case 9:
					data = t.int()
				case 11:
					dictionary = t.int()
				default:
					t.skip(kind)
				}
			})
			c.start = data
			if dictionary > 0 && dictionary < data {
				c.start = dictionary
			}
		default:
			t.skip(kind)
		}
	})
	return c
}

// most is how many bytes of draws the file may have.
func (f *parquetFile) most() int64 { return max(mostUnpacked, unpackedBy*f.size) }

// check compares the parts of the metadata.
func (f *parquetFile) check() error {
	rows := int64(0)
	for i, g := range f.groups {
		if len(g.chunks) != len(f.columns) || g.rows < 0 || g.rows > math.MaxInt64-rows {
			return fmt.Errorf("its row group %d has %d columns and %d rows where the file has %d columns", i+1,
				len(g.chunks), g.rows, len(f.columns))
		}
		for k, c := range g.chunks {
			if f.columns[k].refused == "" && (c.values != g.rows || c.start < 4 || c.start >= f.size) {
				return fmt.Errorf("column %s has %d values from byte %d on in row group %d of %d rows",
					printable(f.columns[k].name), c.values, c.start, i+1, g.rows)
			}
		}
		rows += g.rows
	}
	if rows != f.rows {
		return fmt.Errorf("its row groups have %d rows and the file %d", rows, f.rows)
	}
	if n := int64(len(f.columns)); n > 0 && rows > f.most()/8/n {
		return fmt.Errorf("%d bytes would unpack to %d rows of %d columns, more than %d times as much", f.size, rows, n,
			unpackedBy)
	}
	return nil
}
