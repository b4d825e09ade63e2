package data

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	_ "image/jpeg"
	_ "image/png"
	"io"

	"github.com/seed9a7962a8/ito"
)

// numbers reports the beginning of an npy or IDX file.
func numbers(head []byte) bool { return bytes.HasPrefix(head, []byte(npyMagic)) || isIDX(head) }

// isIDX reports the beginning of an IDX file of one to four axes.
func isIDX(head []byte) bool {
	return len(head) >= 4 && head[0] == 0 && head[1] == 0 && head[2] >= 8 && head[2] <= 14 && head[3] >= 1 &&
		head[3] <= 4
}

// numberImages are the images of an array; nil of one that has rows.
func numberImages(name string, r io.ReaderAt, size int64, closed func() error) (*Images, error) {
	section := io.NewSectionReader(r, 0, size)
	h, err := readNumbersHeader(section)
	if err != nil {
		return nil, npyError(name, err)
	}
	if len(h.shape) != 3 && len(h.shape) != 4 {
		return nil, nil
	}
	at, _ := section.Seek(0, io.SeekCurrent)
	bad := func(what, do string) (*Images, error) { return nil, &ito.InputError{Where: name, What: what, Do: do} }
	d := 1
	for _, k := range h.shape[1:] {
		d *= k
	}
	switch {
	case h.total == 0:
		return bad(fmt.Sprintf("the array of shape %v has no numbers", h.shape), "save at least one image")
	case d > maxPixels:
		return bad(fmt.Sprintf("an image has %d values, more than %d", d, maxPixels), "make them smaller")
	case h.fortran:
		return bad("its numbers are in Fortran order", "save numpy.ascontiguousarray of it")
	case size-at < int64(h.total)*int64(h.size):
		return bad(fmt.Sprintf("it ends too early: %d bytes for %d numbers of %d bytes", size-at, h.total, h.size),
			"save it again")
	}
	s := &Images{Name: name, H: h.shape[1], W: h.shape[2], C: 1, n: h.shape[0], close: closed}
	if len(h.shape) == 4 {
		s.C = h.shape[3]
	}
	s.pixels = numberPixels{name: name, h: h, r: r, at: at, d: d}
	return s, s.scan(h.kind == 'u' && h.size == 1)
}

// maxPixels bounds the values of an image.
const maxPixels = 1 << 22

// numberPixels reads images of an array by their offset.
type numberPixels struct {
	name string
	h    npyHeader
	r    io.ReaderAt
	at   int64
	d    int
}

func (p numberPixels) read(dst []float64, from int) error {
	b := make([]byte, len(dst)*p.h.size)
	if _, err := p.r.ReadAt(b, p.at+int64(from)*int64(p.d*p.h.size)); err != nil && err != io.EOF {
		return unreadable(p.name, err)
	}
	for i := range dst {
		dst[i] = p.h.number(b[i*p.h.size:])
	}
	return nil
}

// readNumbersHeader reads the header of an npy or IDX file.
func readNumbersHeader(r io.ReadSeeker) (h npyHeader, err error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(r, head); err != nil {
		return h, err
	}
	if !isIDX(head) {
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return h, err
		}
		return readNPYHeader(r)
	}
	kinds := map[byte]struct {
		kind byte
		size int
	}{8: {'u', 1}, 9: {'i', 1}, 11: {'i', 2}, 12: {'i', 4}, 13: {'f', 4}, 14: {'f', 8}}
	k, ok := kinds[head[2]]
	if !ok {
		return h, fmt.Errorf("an IDX file of type %d", head[2])
	}
	h.kind, h.size, h.order, h.total = k.kind, k.size, binary.BigEndian, 1
	for range head[3] {
		var length uint32
		if err := binary.Read(r, binary.BigEndian, &length); err != nil {
			return h, err
		}
		if length > 0 && h.total > (1<<40)/int(length) {
			return h, errors.New("its shape is too large")
		}
		h.shape = append(h.shape, int(length))
		h.total *= int(length)
	}
	return h, nil
}
