package lines

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
)

// A file that unpacks to more than unpackedMost bytes at more than unpackedRatio times its size holds nothing that
// can be learnt, and is made to fill the memory.
const unpackedMost, unpackedRatio = 64 << 20, 200

// ErrBomb is such a file.
var ErrBomb = fmt.Errorf("it unpacks to more than %d MB, %d times its size", unpackedMost>>20, unpackedRatio)

// unpacker reads a gzip file.
type unpacker struct {
	*gzip.Reader
	in  counted
	out int64
}

// Unpack reads gzip.
func Unpack(r io.Reader) (io.ReadCloser, error) {
	u := &unpacker{in: counted{r: r}}
	var err error
	if u.Reader, err = gzip.NewReader(bufio.NewReader(&u.in)); err != nil {
		return nil, err
	}
	return u, nil
}

func (u *unpacker) Read(p []byte) (int, error) {
	if u.out > unpackedMost && u.out > unpackedRatio*u.in.n {
		return 0, ErrBomb
	}
	n, err := u.Reader.Read(p)
	u.out += int64(n)
	return n, err
}

// counted counts the bytes that are read.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
