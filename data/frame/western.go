package frame

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf8"
)

// western reads text in UTF-8 in which every byte that is no part of a letter is one of Windows-1252, in which older
// programs write é and ü.
type western struct {
	r    *bufio.Reader
	left []byte // of the last letter
}

// letters1252 are those of the bytes from 80 to 9f; the others are those of Unicode.
var letters1252 = []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")

// Read implements io.Reader.
func (w *western) Read(p []byte) (int, error) {
	if len(w.left) > 0 {
		n := copy(p, w.left)
		w.left = w.left[n:]
		return n, nil
	}
	if b, err := w.r.Peek(1); len(b) == 0 {
		return 0, err
	}
	b, _ := w.r.Peek(min(w.r.Buffered(), len(p)))
	if n := valid(b); n > 0 {
		copy(p, b[:n])
		_, err := w.r.Discard(n)
		return n, err
	}
	b, _ = w.r.Peek(utf8.UTFMax) // a letter may have been cut
	r, size := utf8.DecodeRune(b)
	if r == utf8.RuneError && size == 1 {
		if r = rune(b[0]); r >= 0x80 && r <= 0x9f {
			r = letters1252[r-0x80]
		}
	}
	w.left = utf8.AppendRune(w.left[:0], r)
	if _, err := w.r.Discard(size); err != nil {
		return 0, err
	}
	return w.Read(p)
}

// valid is the number of bytes before the first that is no part of a letter.
func valid(b []byte) int {
	if utf8.Valid(b) {
		return len(b)
	}
	n := 0
	for n < len(b) {
		r, size := utf8.DecodeRune(b[n:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		n += size
	}
	return n
}

// westernHead is the head of a text in UTF-8, and reports bytes of Windows-1252 in it.
func westernHead(head []byte) (text []byte, found bool) {
	n := valid(head)
	if n >= len(head)-utf8.UTFMax && !utf8.FullRune(head[n:]) { // cut at its end
		return head[:n], false
	}
	if n == len(head) {
		return head, false
	}
	text, _ = io.ReadAll(&western{r: bufio.NewReader(bytes.NewReader(head))}) // a slice does not fail
	return text, true
}

// letters opens the source unpacked and in UTF-8, whatever its letters are written in.
func (s source) letters() (*bufio.Reader, func() error, error) {
	b, done, err := s.text()
	if err != nil {
		return nil, nil, err
	}
	return bufio.NewReaderSize(&western{r: b}, 1<<16), done, nil
}
