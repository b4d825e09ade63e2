package data

import (
	"bufio"
	"fmt"
)

// maxRecord bounds the bytes of one record of a CSV: a table of [MaxColumns] has 128 of them for each cell.
const maxRecord = 8 << 20

// errLongRecord is a record of more than maxRecord bytes.
var errLongRecord = fmt.Errorf("a row of more than %d MB", maxRecord>>20)

// lineReader hands text on with line feeds between lines: in a file whose first end of a line outside quotes is a
// carriage return alone, those outside quotes become line feeds. It refuses a record without an end, so that no
// file fills the memory.
type lineReader struct {
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

func (l *lineReader) Read(p []byte) (int, error) {
	if l.record > maxRecord {
		return 0, errLongRecord
	}
	n, err := l.r.Read(p)
	l.record += n
	if l.mode != lineFeeds {
		l.convert(p[:n])
	}
	return n, err
}

// convert decides, and replaces in place.
func (l *lineReader) convert(p []byte) {
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
func (l *lineReader) follows(p []byte, c byte) bool {
	if len(p) == 0 {
		p, _ = l.r.Peek(1)
	}
	return len(p) > 0 && p[0] == c
}
