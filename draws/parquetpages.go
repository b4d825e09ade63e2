package draws

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

const (
	mostPage       = 256 << 20 // bytes of a page, packed or not
	mostDictionary = 1 << 24   // values
)

// parquetNumbers reads a column of all row groups, one after the other.
type parquetNumbers struct {
	f      *parquetFile
	column int
	groups []parquetGroup // that are not yet begun

	chunk      parquetChunk
	at         int64 // of the next page
	left       int64 // values of the chunk that no page has had
	dictionary []float64
	values     values
	page       int   // values of the page that are not yet decoded
	row        int64 // of the next value

	have   []float64 // decoded, not yet read
	buffer []float64
	packed []byte
	unpack unpacker // into the same place, page after page
}

func (f *parquetFile) column(k int) *parquetNumbers {
	return &parquetNumbers{f: f, column: k, groups: f.groups, buffer: make([]float64, min(1<<12, f.rows))}
}

// next is the next number, or io.EOF.
func (r *parquetNumbers) next() (float64, error) {
	for len(r.have) == 0 {
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
	v := r.have[0]
	r.have = r.have[1:]
	return v, nil
}

func (r *parquetNumbers) close() error {
	r.unpack.close()
	return nil
}

// fill reads on: values of this page, the next page, the next chunk.
func (r *parquetNumbers) fill() error {
	switch {
	case r.page > 0:
		dst := r.buffer[:min(len(r.buffer), r.page)]
		if err := r.values.decode(dst); err != nil {
			return err
		}
		r.have = dst
		r.page -= len(dst)
		r.row += int64(len(dst))
		return nil
	case r.left > 0:
		return r.readPage()
	case len(r.groups) > 0:
		r.chunk = r.groups[0].chunks[r.column]
		r.groups = r.groups[1:]
		r.at, r.left, r.dictionary = r.chunk.start, r.chunk.values, nil
		return nil
	}
	return io.EOF
}

// pageHead is PageHeader.
type pageHead struct {
	kind, plain, packed int64 // kind: 0 values, 2 a dictionary, 3 values in the second layout
	sum                 uint32
	summed              bool
	values, encoding    int64
	levels              int64 // encoding of the levels, in the first layout
	define, repeat      int64 // bytes of the levels, in the second
	nulls               int64
	asIs                bool // the values of the second layout are not packed
}

func readPageHead(t *thriftReader) (h pageHead) {
	h.levels = encodingRLE
	t.fields(func(id int64, kind byte) {
		switch {
		case id == 1:
			h.kind = t.int()
		case id == 2:
			h.plain = t.int()
		case id == 3:
			h.packed = t.int()
		case id == 4:
			h.sum, h.summed = uint32(t.int()), true
		case (id == 5 || id == 7 || id == 8) && kind == thriftStruct:
			second := id == 8
			t.fields(func(id int64, kind byte) {
				switch {
				case id == 1:
					h.values = t.int()
				case id == 2 && second:
					h.nulls = t.int()
				case id == 2 || id == 4 && second:
					h.encoding = t.int()
				case id == 3 && !second && kind != thriftTrue && kind != thriftFalse:
					h.levels = t.int()
				case id == 5 && second:
					h.define = t.int()
				case id == 6 && second:
					h.repeat = t.int()
				case id == 7 && second:
					h.asIs = kind == thriftFalse
				default:
					t.skip(kind)
				}
			})
		default:
			t.skip(kind)
		}
	})
	return h
}

// readPage reads the head and the bytes of a page.
func (r *parquetNumbers) readPage() error {
	h, err := r.readHead()
	if err != nil {
		return err
	}
	if h.packed < 0 || h.plain < 0 || h.values < 0 || h.packed > r.f.size-r.at {
		return damaged("a page of %d bytes and %d values does not fit into it", h.packed, h.values)
	}
	if max(h.packed, h.plain) > mostPage {
		return fmt.Errorf("a page has %d bytes, and %d are the most", max(h.packed, h.plain), mostPage)
	}
	if r.f.unpacked += h.plain; r.f.unpacked > 4*r.f.most() {
		return fmt.Errorf("its pages unpack to more than %d times its size", unpackedBy)
	}
	if int64(cap(r.packed)) < h.packed {
		r.packed = make([]byte, h.packed)
	}
	b := r.packed[:h.packed]
	if _, err := r.f.r.ReadAt(b, r.at); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	r.at += h.packed
	if h.summed && crc32.ChecksumIEEE(b) != h.sum {
		return damaged("the checksum of a page is wrong")
	}
	switch h.kind {
	case 0:
		return r.first(&h, b)
	case 3:
		return r.second(&h, b)
	case 2:
		return r.readDictionary(&h, b)
	}
	return nil // a page of an index
}

// readHead reads the head of a page, whose length is not known before.
func (r *parquetNumbers) readHead() (pageHead, error) {
	for n := int64(1 << 10); ; n *= 8 {
		b := make([]byte, min(n, r.f.size-r.at))
		if _, err := r.f.r.ReadAt(b, r.at); err != nil && !errors.Is(err, io.EOF) {
			return pageHead{}, err
		}
		t := thriftReader{b: b}
		h := readPageHead(&t)
		if t.err == nil {
			r.at += int64(len(b) - len(t.b))
			return h, nil
		}
		if !errors.Is(t.err, errThriftShort) || int64(len(b)) < n || n > 1<<22 {
			return h, damaged("the head of a page cannot be read")
		}
	}
}

func (r *parquetNumbers) readDictionary(h *pageHead, b []byte) error {
	if h.values > mostDictionary || h.encoding != encodingPlain && h.encoding != encodingDictionaryOld {
		return damaged("a dictionary has %d values of the encoding %d", h.values, h.encoding)
	}
	b, err := r.unpack.unpack(r.chunk.codec, b, int(h.plain))
	if err != nil {
		return err
	}
	k := &r.f.columns[r.column].kind
	if k.physical == parquetBoolean {
		return damaged("a dictionary of truth values")
	}
	r.dictionary, err = k.dictionary(b, int(h.values))
	return err
}

// first begins a page of the first layout: levels and values are packed together.
func (r *parquetNumbers) first(h *pageHead, b []byte) error {
	b, err := r.unpack.unpack(r.chunk.codec, b, int(h.plain))
	if err != nil {
		return err
	}
	var levels []byte
	if r.f.columns[r.column].optional {
		if h.levels != encodingRLE {
			return fmt.Errorf("its levels have the encoding %d, which nobody writes any more: write the file anew",
				h.levels)
		}
		if len(b) < 4 || uint64(binary.LittleEndian.Uint32(b)) > uint64(len(b)-4) {
			return errValuesShort
		}
		n := binary.LittleEndian.Uint32(b)
		levels, b = b[4:][:n], b[4+n:]
	}
	return r.begin(h, levels, b)
}

// second begins a page of the second layout: levels are not packed.
func (r *parquetNumbers) second(h *pageHead, b []byte) error {
	if h.repeat < 0 || h.define < 0 || h.repeat > int64(len(b)) || h.define > int64(len(b))-h.repeat ||
		h.repeat+h.define > h.plain {
		return errValuesShort
	}
	levels := b[h.repeat:][:h.define]
	b = b[h.repeat+h.define:]
	codec := r.chunk.codec
	if h.asIs {
		codec = codecNone
	}
	b, err := r.unpack.unpack(codec, b, int(h.plain-h.repeat-h.define))
	if err != nil {
		return err
	}
	if h.define == 0 && h.nulls == 0 {
		return r.begin(h, nil, b)
	}
	return r.begin(h, levels, b)
}

func (r *parquetNumbers) begin(h *pageHead, levels, b []byte) error {
	if h.values > r.left {
		return damaged("a page has %d values where %d are left", h.values, r.left)
	}
	if levels != nil {
		present := runs{b: levels, width: 1}
		for i := range h.values {
			level, err := present.next()
			if err != nil {
				return err
			}
			if level == 0 {
				return fmt.Errorf("row %d: there is no value (null)", r.row+i+1)
			}
		}
	}
	var err error
	if r.values, err = r.f.columns[r.column].kind.decoder(h.encoding, b, int(h.values), r.dictionary); err != nil {
		return err
	}
	r.left -= h.values
	r.page = int(h.values)
	return nil
}
