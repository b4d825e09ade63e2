package data

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/lines"
)

// TokenOptions says how a text is opened.
type TokenOptions struct {
	Unit   string // see [ito.Vocabulary]
	Length int    // tokens of a window; 0: DefaultLength, or all where there are fewer. Rows of ids have their own

	// Of a model, whose tokens are meant; nil: the vocabulary is that of the text.
	Vocabulary *ito.Vocabulary
	Levels     int // with a Vocabulary

	Reading OpenOptions // of ids, and Stdin of any text
}

// OpenTokens opens a text: UTF-8 that is cut into characters or words, any file as bytes, gzipped or not, or rows of
// ids, whole numbers from 0, in what [Open] reads; one column of ids is one long text. Whatever is wrong is an
// *ito.InputError, and so is a token that a given vocabulary does not have.
func OpenTokens(name string, o TokenOptions) (*Tokens, error) {
	if o.Vocabulary != nil {
		o.Unit = o.Vocabulary.Unit
	}
	if o.Unit == ito.IDs {
		return openIDs(name, o)
	}
	text, err := readText(name, o.Reading.Stdin)
	if err != nil {
		return nil, err
	}
	v, ids, err := cut(name, text, o.Unit, o.Vocabulary)
	if err != nil {
		return nil, err
	}
	return newTokens(name, v, v.Len(), ids, 0, o.Length)
}

// OpenLines opens a text each of whose lines is a sample, as [Text] writes them: states of one length, of the tokens of
// a vocabulary.
func OpenLines(name string, v ito.Vocabulary, stdin io.Reader) (ito.States, error) {
	text, err := readText(name, stdin)
	if err != nil {
		return ito.States{}, err
	}
	var x ito.States
	for k, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		where := fmt.Sprintf("%s: line %d", name, k+1)
		_, ids, err := cut(where, []byte(unescape(line)), v.Unit, &v)
		if err != nil {
			return x, err
		}
		if k == 0 {
			x.D = len(ids)
		}
		if len(ids) != x.D || x.D == 0 {
			return x, &ito.InputError{Where: where, What: fmt.Sprintf("it has %s, the first line %d",
				lines.Count(len(ids), "token"), x.D), Do: "give samples of one length, one a line"}
		}
		for _, id := range ids {
			x.X = append(x.X, float64(id))
		}
		x.N, x.ID = x.N+1, append(x.ID, uint64(k))
	}
	return x, nil
}

// mostText bounds the bytes of a text.
const mostText = 1 << 30

// readText reads all of a file.
func readText(name string, stdin io.Reader) ([]byte, error) {
	var r io.Reader = stdin
	if name != "-" {
		f, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, &ito.InputError{Where: name, What: "there is no such file", Do: "name a text"}
		}
		if err != nil {
			return nil, unreadable(name, err)
		}
		defer f.Close()
		r = f
	}
	if r == nil {
		return nil, &ito.InputError{Where: "-", What: "there is no standard input here", Do: "name a file"}
	}
	text, err := io.ReadAll(io.LimitReader(r, mostText+1))
	if err == nil && bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
		var z io.ReadCloser
		if z, err = lines.Unpack(bytes.NewReader(text)); err == nil {
			text, err = io.ReadAll(io.LimitReader(z, mostText+1))
		}
	}
	switch {
	case err != nil:
		return nil, unreadable(name, err)
	case len(text) > mostText:
		return nil, &ito.InputError{Where: name, What: fmt.Sprintf("more than %d MB", mostText>>20),
			Do: "give a part of it"}
	}
	return text, nil
}

// cut turns text into tokens of a unit, whose vocabulary is given or found: its tokens in the order of their text.
func cut(name string, text []byte, unit string, given *ito.Vocabulary) (v ito.Vocabulary, ids []int32, err error) {
	if unit == ito.Bytes {
		for _, b := range text {
			ids = append(ids, int32(b))
		}
		return ito.Vocabulary{Unit: unit}, ids, nil
	}
	if !utf8.Valid(text) {
		return v, nil, &ito.InputError{Where: name, What: "it is no UTF-8", Do: "give text, or `unit=byte`"}
	}
	var tokens []string
	if unit == ito.Words {
		tokens = strings.Fields(string(text))
	} else {
		for _, r := range string(text) {
			tokens = append(tokens, string(r))
		}
	}
	v = ito.Vocabulary{Unit: unit}
	if given != nil {
		v = *given
	} else {
		v.Tokens = slices.Compact(slices.Sorted(slices.Values(tokens)))
	}
	index := make(map[string]int32, len(v.Tokens))
	for k, t := range v.Tokens {
		index[t] = int32(k)
	}
	for k, t := range tokens {
		id, ok := index[t]
		if !ok {
			return v, nil, &ito.InputError{Where: name, What: fmt.Sprintf("%s %d is %q, which is not in the vocabulary",
				unit, k+1, t), Do: "give text of the same tokens"}
		}
		ids = append(ids, id)
	}
	return v, ids, nil
}

// openIDs opens rows of whole numbers.
func openIDs(name string, o TokenOptions) (*Tokens, error) {
	t, err := Open(name, o.Reading)
	if err != nil {
		return nil, err
	}
	levels, most := o.Levels, MostTokens
	if o.Vocabulary != nil {
		most = o.Levels
	}
	ids := make([]int32, len(t.X))
	for i, x := range t.X {
		if x < 0 || x != math.Trunc(x) || x >= float64(most) {
			return nil, &ito.InputError{Where: fmt.Sprintf("%s: row %d, column %s", name, i/t.Cols+1,
				t.column(i%t.Cols)), What: fmt.Sprintf("%v is no id of a token", x),
				Do: fmt.Sprintf("give whole numbers from 0 to %d", most-1)}
		}
		ids[i] = int32(x)
		levels = max(levels, int(x)+1)
	}
	width := t.Cols
	if width == 1 {
		width = 0
	}
	return newTokens(name, ito.Vocabulary{Unit: ito.IDs}, levels, ids, width, o.Length)
}

// Text is the format of tokens as text: a sample a line, in which a line break is \n, a carriage return \r and a
// backslash \\.
type Text struct {
	Vocabulary ito.Vocabulary
	WithID     bool // the sample id and a tab go before the text
}

// Begin implements Format: there is no header.
func (Text) Begin(io.Writer) error { return nil }

var escapes = strings.NewReplacer("\\", `\\`, "\n", `\n`, "\r", `\r`)

// unescape is the text of a line.
func unescape(line string) string {
	return strings.NewReplacer(`\\`, "\\", `\n`, "\n", `\r`, "\r").Replace(line)
}

// Rows implements Format.
func (f Text) Rows(w io.Writer, x ito.States) error {
	for i := range x.N {
		line := escapes.Replace(f.Vocabulary.Text(x.Row(i))) + "\n"
		if f.WithID {
			line = fmt.Sprintf("%d\t", x.ID[i]) + line
		}
		if _, err := io.WriteString(w, line); err != nil {
			return err
		}
	}
	return nil
}
