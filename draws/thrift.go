package draws

import (
	"encoding/binary"
	"errors"
)

// thriftReader reads Thrift's compact protocol, in which Parquet's metadata are written. Nothing is allocated for a
// length that the bytes do not hold: a damaged file costs no more than its size.
type thriftReader struct {
	b   []byte
	err error // of the first thing that cannot be read; the numbers behind it are 0
}

var (
	errThrift      = errors.New("its metadata are damaged")
	errThriftShort = errors.New("its metadata are cut short")
)

// The types of the compact protocol that are told apart here.
const (
	thriftTrue, thriftFalse, thriftByte, thriftDouble = 1, 2, 3, 7
	thriftBinary, thriftList, thriftSet, thriftMap    = 8, 9, 10, 11
	thriftStruct                                      = 12
	thriftDepth                                       = 16 // of structs within structs, at most
)

func (t *thriftReader) fail(err error) {
	if t.err == nil {
		t.err = err
	}
	t.b = nil
}

func (t *thriftReader) byte() byte {
	if len(t.b) == 0 {
		t.fail(errThriftShort)
		return 0
	}
	v := t.b[0]
	t.b = t.b[1:]
	return v
}

func (t *thriftReader) uvarint() uint64 {
	v, n := binary.Uvarint(t.b)
	switch {
	case n == 0:
		t.fail(errThriftShort)
		return 0
	case n < 0:
		t.fail(errThrift)
		return 0
	}
	t.b = t.b[n:]
	return v
}

// int is a zigzag number.
func (t *thriftReader) int() int64 {
	v := t.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

func (t *thriftReader) bytes() []byte {
	n := t.uvarint()
	if n > uint64(len(t.b)) {
		t.fail(errThriftShort)
		return nil
	}
	v := t.b[:n]
	t.b = t.b[n:]
	return v
}

// list calls f for every element, whose type it is told.
func (t *thriftReader) list(f func(kind byte)) {
	head := t.byte()
	n, kind := uint64(head>>4), head&15
	if n == 15 {
		n = t.uvarint()
	}
	if n > uint64(len(t.b)) { // every element has a byte at least
		t.fail(errThriftShort)
		return
	}
	for range n {
		if t.err != nil {
			return
		}
		f(kind)
	}
}

// fields calls f for every field of a struct, with its number and its type: f reads it, or skips it.
func (t *thriftReader) fields(f func(id int64, kind byte)) {
	id := int64(0)
	for t.err == nil {
		head := t.byte()
		if head == 0 {
			return
		}
		if delta := head >> 4; delta > 0 {
			id += int64(delta)
		} else {
			id = t.int()
		}
		f(id, head&15)
	}
}

// skip reads a value of any type.
func (t *thriftReader) skip(kind byte) { t.skipIn(kind, thriftDepth) }

func (t *thriftReader) skipIn(kind byte, depth int) {
	if depth == 0 {
		t.fail(errThrift)
	}
	if t.err != nil {
		return
	}
	element := func(kind byte) { // a truth value that is no field has a byte
		if kind == thriftTrue || kind == thriftFalse {
			kind = thriftByte
		}
		t.skipIn(kind, depth-1)
	}
	switch kind {
	case thriftTrue, thriftFalse:
	case thriftByte:
		t.byte()
	case 4, 5, 6:
		t.uvarint()
	case thriftDouble:
		for range 8 {
			t.byte()
		}
	case thriftBinary:
		t.bytes()
	case thriftList, thriftSet:
		t.list(element)
	case thriftMap:
		n := t.uvarint()
		if n == 0 {
			return
		}
		kinds := t.byte()
		for range n {
			if t.err != nil {
				return
			}
			element(kinds >> 4)
			element(kinds & 15)
		}
	case thriftStruct:
		t.fields(func(_ int64, kind byte) { t.skipIn(kind, depth-1) })
	default:
		t.fail(errThrift)
	}
}
