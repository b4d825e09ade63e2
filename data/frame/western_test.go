package frame

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// Letters of Windows-1252 and of UTF-8 are read, mixed too, whatever the pieces are in which they come.
func TestWestern(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "plain": "plain", "K\xf6ln \x80 5": "Köln € 5", "Köln": "Köln", "K\xf6ln, Köln": "Köln, Köln",
		"\x93a\x94 \xff": "“a” ÿ", "\xe2\x82": "â‚", "\xf0\x9f\x99\x82 \xe4": "🙂 ä", "�": "�",
	} {
		for _, size := range []int{1, 2, 3, 100} {
			for _, r := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text))} {
				w := &western{r: bufio.NewReaderSize(r, 16)}
				var got bytes.Buffer
				if _, err := io.CopyBuffer(struct{ io.Writer }{&got}, w, make([]byte, size)); err != nil {
					t.Fatal(err)
				}
				if got.String() != want {
					t.Errorf("%q by %d: %q, want %q", text, size, got.String(), want)
				}
			}
		}
	}
	for head, want := range map[string]bool{"K\xf6ln,1": true, "Köln,1": false, "Köl\xc3": false, "a\xc3,bbbbb": true} {
		if _, odd := westernHead([]byte(head)); odd != want {
			t.Errorf("%q: %v", head, odd)
		}
	}
}

// A table in Windows-1252 is one in UTF-8.
func TestWesternTable(t *testing.T) {
	var text strings.Builder
	text.WriteString("ort,gr\xf6\xdfe\n")
	for i := range 40 {
		text.WriteString([]string{"K\xf6ln,1\n", "J\xe4na,2.5\n"}[i%2])
	}
	f, err := Read("-", ReadOptions{Stdin: strings.NewReader(text.String())})
	if err != nil {
		t.Fatal(err)
	}
	if n := f.Schema.Names(); n[1] != "größe" || f.Schema.Columns[0].Levels[1] != "Köln" {
		t.Errorf("%q %q", n, f.Schema.Columns[0].Levels)
	}
}
