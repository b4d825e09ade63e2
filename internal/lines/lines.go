// Package lines reads text files as people have them: ends of lines of every kind, records without an end, gzip.
package lines

import (
	"bufio"
	"fmt"
)

// maxRecord bounds the bytes of one record of a CSV: a table of 65,536 columns has 128 of them for each cell.
const maxRecord = 8 << 20

// ErrLong is a record of more than maxRecord bytes.
var ErrLong = fmt.Errorf("a row of more than %d MB", maxRecord>>20)

// Reader hands text on with line feeds between lines: in a file whose first end of a line outside quotes is a
// carriage return alone, those outside quotes become line feeds. It refuses a record without an end, so that no
// file fills the memory.
type Reader struct {
	r      *bufio.Reader
	mode   lineMode
	quoted bool // inside quotes
	record int  // bytes since the last record was taken
}

type lineMode int

const (
	undecided lineMode = iota
	lineFeeds          // nothing is to be done
	carriageReturns
)

// NewReader reads r.
func NewReader(r *bufio.Reader) *Reader { return &Reader{r: r} }

// Taken says that the bytes so far belong to records that were taken.
func (l *Reader) Taken() { l.record = 0 }

// Read implements io.Reader.
func (l *Reader) Read(p []byte) (int, error) {
	if l.record > maxRecord {
		return 0, ErrLong
	}
	n, err := l.r.Read(p)
	l.record += n
	if l.mode != lineFeeds {
		l.convert(p[:n])
	}
	return n, err
}

// convert decides, and replaces in place.
func (l *Reader) convert(p []byte) {
	for i, c := range p {
		switch {
		case c == '"':
			l.quoted = !l.quoted // a quote that stands twice does it twice
		case l.quoted:
		case c == '\n' && l.mode == undecided:
			l.mode = lineFeeds
			return
		case c == '\r':
			if l.mode == undecided {
				if l.follows(p[i+1:], '\n') {
					l.mode = lineFeeds
					return
				}
				l.mode = carriageReturns
			}
			p[i] = '\n'
		}
	}
}

// follows reports whether the next byte, of p or else of the reader, is c.
func (l *Reader) follows(p []byte, c byte) bool {
	if len(p) == 0 {
		p, _ = l.r.Peek(1)
	}
	return len(p) > 0 && p[0] == c
}
