package lines

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// Unicode is r in UTF-8: without its byte-order mark, or turned from UTF-16 as a mark says, or as zero bytes between
// the letters of its first line say.
func Unicode(r *bufio.Reader) *bufio.Reader {
	head, _ := r.Peek(4)
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		_, _ = r.Discard(3)
		return r
	}
	at := -1 // of the high byte in a pair
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		at = 1
		_, _ = r.Discard(2)
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		at = 0
		_, _ = r.Discard(2)
	case len(head) == 4 && head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0:
		at = 1
	case len(head) == 4 && head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0:
		at = 0
	}
	if at < 0 {
		return r
	}
	return bufio.NewReader(&wide{r: r, high: at})
}

// wide turns UTF-16 into UTF-8.
type wide struct {
	r    *bufio.Reader
	high int
	left []byte // of the last character
}

func (w *wide) unit() (rune, error) {
	var b [2]byte
	if _, err := io.ReadFull(w.r, b[:]); err != nil {
		return 0, err
	}
	return rune(b[w.high])<<8 | rune(b[1-w.high]), nil
}

// Read implements io.Reader.
func (w *wide) Read(p []byte) (int, error) {
	n := copy(p, w.left)
	w.left = w.left[n:]
	for n < len(p) {
		c, err := w.unit()
		if err != nil {
			if n > 0 {
				return n, nil
			}
			return 0, err
		}
		if utf16.IsSurrogate(c) {
			if low, err := w.unit(); err == nil {
				c = utf16.DecodeRune(c, low)
			} else {
				c = utf8.RuneError
			}
		}
		var b [utf8.UTFMax]byte
		k := copy(p[n:], b[:utf8.EncodeRune(b[:], c)])
		w.left = append(w.left[:0], b[k:utf8.RuneLen(c)]...)
		n += k
	}
	return n, nil
}
