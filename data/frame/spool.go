package frame

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/seed9a7962a8/ito/internal/lines"
)

// source opens the bytes of a table again and again.
type source struct {
	name   string
	open   func() (io.ReadCloser, error)
	remove func() error
}

// headBytes are looked at to find out how a table is written.
const headBytes = 1 << 18

// text opens the source unpacked and in UTF-8.
func (s source) text() (*bufio.Reader, func() error, error) {
	f, err := s.open()
	if err != nil {
		return nil, nil, err
	}
	b := bufio.NewReaderSize(f, 1<<16)
	if head, _ := b.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		z, err := lines.Unpack(b)
		if err != nil {
			_ = f.Close()
			return nil, nil, err
		}
		b = bufio.NewReaderSize(z, 1<<16)
	}
	return lines.Unicode(b), f.Close, nil
}

// wide reports a source in UTF-16.
func (s source) wide() bool {
	f, err := s.open()
	if err != nil {
		return false
	}
	defer f.Close()
	b := bufio.NewReader(f)
	return lines.Unicode(b) != b
}

// head is the beginning of the text.
func (s source) head() ([]byte, error) {
	b, done, err := s.text()
	if err != nil {
		return nil, err
	}
	defer done()
	head := make([]byte, headBytes)
	n, err := io.ReadFull(b, head)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return head[:n], err
}

// mostSpooled bytes of standard input stay in memory.
const mostSpooled = 64 << 20

// spool keeps a stream for reading it twice: in memory, or where it is large in a temporary file.
func spool(r io.Reader) (source, error) {
	var b bytes.Buffer
	s := source{name: "standard input", remove: func() error { return nil }}
	if _, err := io.CopyN(&b, r, mostSpooled); err == io.EOF {
		s.open = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }
		return s, nil
	} else if err != nil {
		return s, unreadable(s.name, err)
	}
	f, err := os.CreateTemp("", "ito-table-*")
	if err != nil {
		return s, fmt.Errorf("standard input: %w", err)
	}
	s.open = func() (io.ReadCloser, error) { return os.Open(f.Name()) }
	s.remove = func() error { return os.Remove(f.Name()) }
	_, err = io.Copy(f, io.MultiReader(&b, r))
	if err = errors.Join(err, f.Close()); err != nil {
		_ = s.remove()
		return s, fmt.Errorf("standard input: %w", err)
	}
	return s, nil
}
