package modeldata

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/seed9a7962a8/ito/target/model"
)

// Locate is a datum of a JSON object that a model cannot read, with the place in the file: that of the number, row
// or word at fault, or of the datum where none is found.
func Locate(name string, text []byte, bad *model.DataError) *Error {
	from := quoted(bytes.TrimPrefix(text, []byte("\ufeff")))
	b := from.b
	w := walker{b: b, d: json.NewDecoder(bytes.NewReader(b))}
	w.d.UseNumber()
	at, ok := w.find(bad.Name)
	if !ok {
		return &Error{Name: name, Detail: bad.Error()}
	}
	if fault, found := w.fault(0); found {
		at = fault
	}
	return from.where(name, at, bad.Error())
}

// Words says which columns of a table are no numbers, with the first word of each and its place; "" where all are.
func Words(name string, text []byte, d model.Data) string {
	lines := records(bytes.TrimPrefix(text, []byte("\ufeff")))
	names, _, err := lines()
	var out []string
	seen := map[int]bool{}
	for err == nil {
		var cells []string
		var line int
		if cells, line, err = lines(); err != nil {
			break
		}
		for k, c := range cells[:min(len(cells), len(names))] {
			if _, words := d[names[k]].([]any); !words || seen[k] || len(out) == mostWords {
				continue
			}
			if _, wrong := number(c); wrong != nil {
				seen[k] = true
				out = append(out, fmt.Sprintf("%q in column %s (%s:%d:%d)", c, names[k], name, line, k+1))
			}
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "words are read as text: " + strings.Join(out, ", ")
}

// mostWords are named.
const mostWords = 3

// walker goes through the tokens of a file that is known to be one JSON object.
type walker struct {
	b     []byte
	d     *json.Decoder
	shape []int // of the datum so far; −1 for an axis whose first row has not ended
	any   bool  // a number was seen
}

// next is the next token and where it begins; nil at the end or where the file is damaged.
func (w *walker) next() (json.Token, int64) {
	at := w.d.InputOffset()
	for at < int64(len(w.b)) && bytes.IndexByte([]byte(" \t\r\n,:"), w.b[at]) >= 0 {
		at++
	}
	t, err := w.d.Token()
	if err != nil {
		return json.Delim(0), at
	}
	return t, at
}

// find goes to the value of a key of the object and returns where it begins.
func (w *walker) find(key string) (int64, bool) {
	w.next() // {
	last, found := int64(0), false
	for w.d.More() {
		k, _ := w.next()
		at := w.d.InputOffset()
		var skip json.RawMessage
		if err := w.d.Decode(&skip); err != nil {
			break
		}
		if k == key {
			last, found = at, true
		}
	}
	if !found {
		return 0, false
	}
	for last < int64(len(w.b)) && bytes.IndexByte([]byte(" \t\r\n:"), w.b[last]) >= 0 {
		last++
	}
	rest := w.b[last:]
	w.b, w.d = append(bytes.Repeat([]byte{' '}, int(last)), rest...), nil
	w.d = json.NewDecoder(bytes.NewReader(w.b))
	return last, true
}

// fault finds what makes a value no array of numbers: the rules are those of model.Data.
func (w *walker) fault(depth int) (int64, bool) {
	t, at := w.next()
	switch t := t.(type) {
	case json.Delim:
		if t != '[' {
			return at, true
		}
		first := depth == len(w.shape)
		if first {
			if w.any {
				return at, true
			}
			w.shape = append(w.shape, -1)
		}
		n := 0
		for ; w.d.More(); n++ {
			if at, found := w.fault(depth + 1); found {
				return at, true
			}
		}
		w.next() // ]
		if first {
			w.shape[depth] = n
		}
		return at, w.shape[depth] >= 0 && w.shape[depth] != n
	case string:
		if _, ok := numberWords[t]; !ok {
			return at, true
		}
	}
	w.any = true
	return at, depth != len(w.shape)
}
