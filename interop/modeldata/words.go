package modeldata

import (
	"bytes"
	"encoding/json"
	"math"
)

// words is a JSON text whose bare words NaN, Infinity and Inf stand in quotes, and where they stood before.
type words struct {
	text, b []byte
	quotes  []int // where b has a byte that text has not
}

// numberWords are numbers that JSON has no digits for.
var numberWords = map[string]float64{
	"NaN": math.NaN(), "Inf": math.Inf(1), "+Inf": math.Inf(1), "-Inf": math.Inf(-1),
	"Infinity": math.Inf(1), "+Infinity": math.Inf(1), "-Infinity": math.Inf(-1),
}

// quoted puts the bare words in quotes.
func quoted(text []byte) words {
	w := words{text: text}
	inside := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case inside && c == '\\' && i+1 < len(text):
			w.b = append(w.b, c)
			i++
			c = text[i]
		case c == '"':
			inside = !inside
		case !inside && bytes.IndexByte([]byte("NI+-"), c) >= 0:
			end := i
			for end < len(text) && bytes.IndexByte([]byte(" \t\r\n,]}"), text[end]) < 0 {
				end++
			}
			if _, ok := numberWords[string(text[i:end])]; ok {
				w.quotes = append(w.quotes, len(w.b), len(w.b)+1+end-i)
				w.b = append(append(append(w.b, '"'), text[i:end]...), '"')
				i = end - 1
				continue
			}
		}
		w.b = append(w.b, c)
	}
	return w
}

// where is an error at an offset of b, by the line and column of the text.
func (w words) where(name string, offset int64, detail string) *Error {
	at := int(offset)
	for _, q := range w.quotes {
		if q < int(offset) {
			at--
		}
	}
	before := w.text[:max(0, min(at, len(w.text)))]
	return &Error{name, 1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n'), detail}
}

// repeats finds the first name of an object that stands twice, and the offset of its second place.
func repeats(b []byte) (key string, at int64, twice bool) {
	w := walker{b: b, d: json.NewDecoder(bytes.NewReader(b))}
	w.next() // {
	seen := map[json.Token]bool{}
	for w.d.More() {
		k, at := w.next()
		if seen[k] {
			return k.(string), at, true
		}
		seen[k] = true
		var skip json.RawMessage
		if err := w.d.Decode(&skip); err != nil {
			break
		}
	}
	return "", 0, false
}

// numbers turns the words for numbers into them; a list of texts stays one.
func numbers(v any) any {
	switch v := v.(type) {
	case string:
		if x, ok := numberWords[v]; ok {
			return x
		}
	case []any:
		for _, e := range v {
			if s, ok := e.(string); ok {
				if _, number := numberWords[s]; !number {
					return v
				}
			}
		}
		for i := range v {
			v[i] = numbers(v[i])
		}
	}
	return v
}
