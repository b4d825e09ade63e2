package data

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
)

func textFile(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

// Every unit: its vocabulary, its windows, and what is drawn by address.
func TestOpenTokens(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte("abca")); err != nil {
		t.Fatal(err)
	}
	z.Close()
	for _, c := range []struct {
		name, text, unit string
		length           int
		tokens           []string
		levels, n        int
		last             []float64
	}{
		{"a.txt", "abca\né", ito.Characters, 3, []string{"\n", "a", "b", "c", "é"}, 5, 4, []float64{1, 0, 4}},
		{"a.txt", "abc", ito.Characters, 0, []string{"a", "b", "c"}, 3, 1, []float64{0, 1, 2}},
		{"a.gz", packed.String(), ito.Characters, 2, []string{"a", "b", "c"}, 3, 3, []float64{2, 0}},
		{"w.txt", " the cat\n the dog ", ito.Words, 2, []string{"cat", "dog", "the"}, 3, 3, []float64{2, 1}},
		{"b.bin", "a\xff\x00b", ito.Bytes, 2, nil, 256, 3, []float64{0, 98}},
		{"i.csv", "0,1,4\n2,2,0\n", ito.IDs, 0, nil, 5, 2, []float64{2, 2, 0}},
		{"s.csv", "0\n1\n4\n2\n", ito.IDs, 2, nil, 5, 3, []float64{4, 2}},
	} {
		s, err := OpenTokens(textFile(t, c.name, c.text), TokenOptions{Unit: c.unit, Length: c.length,
			Reading: OpenOptions{Header: "no"}})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !slices.Equal(s.Vocabulary.Tokens, c.tokens) || s.Levels != c.levels || s.Len() != c.n ||
			s.Space().Check() != nil || s.Vocabulary.Check(s.Levels) != nil {
			t.Errorf("%s: %d texts of %q, %d levels", c.name, s.Len(), s.Vocabulary.Tokens, s.Levels)
		}
		x := ito.NewStates(1, s.Length, 0)
		if err := s.Read(x, nil, s.Len()-1); err != nil || !slices.Equal(x.X, c.last) {
			t.Errorf("%s: the last text is %v, %v", c.name, x.X, err)
		}
		all, alone := ito.NewStates(20, s.Length, 0), ito.NewStates(1, s.Length, 13)
		if err := errors.Join(s.Fill(all, nil, 1, 2), s.Fill(alone, nil, 1, 2)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(alone.X, all.Row(13)) {
			t.Errorf("%s: a row depends on its batch", c.name)
		}
		if err := s.Read(alone, nil, s.Example(1, 2, 13)); err != nil || !slices.Equal(alone.X, all.Row(13)) {
			t.Errorf("%s: Example is another", c.name)
		}
		if err := s.Read(x, nil, s.Len()); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: beyond the last text: %v", c.name, err)
		}
	}
}

// Another text, another cut or another order of the same tokens is another digest, and the same is the same.
func TestTokenDigest(t *testing.T) {
	seen := map[string]string{}
	for name, o := range map[string]TokenOptions{"ab ba": {Unit: ito.Characters}, "ab ab": {Unit: ito.Characters},
		"ab ba ": {Unit: ito.Words}, "ab  ba": {Unit: ito.Characters, Length: 2}} {
		file := textFile(t, "t", name)
		a, err := OpenTokens(file, o)
		if err != nil {
			t.Fatal(err)
		}
		if b, _ := OpenTokens(file, o); b.Digest() != a.Digest() {
			t.Error("a text has two digests")
		}
		if other, taken := seen[a.Digest()]; taken {
			t.Errorf("%q and %q have one digest", name, other)
		}
		seen[a.Digest()] = name
	}
}

// Samples as text come back as they were, whatever they hold.
func TestLinesComeBack(t *testing.T) {
	for _, v := range []ito.Vocabulary{{Unit: ito.Characters, Tokens: []string{"\\", "\n", "n", "\r", "é", "\t"}},
		{Unit: ito.Words, Tokens: []string{`\n`, `\\`, "a", "n", "b", "c"}}, {Unit: ito.Bytes}} {
		x := ito.NewStates(7, 6, 0)
		for i := range x.X {
			x.X[i] = float64((i*i + i/6) % 6)
			if v.Unit == ito.Bytes {
				x.X[i] = float64((i * 37) % 256)
			}
		}
		x.X[6], x.X[7] = 0, 1
		var b bytes.Buffer
		if err := (Text{Vocabulary: v}).Rows(&b, x); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "\n"); n != 7 {
			t.Errorf("%s: %d lines", v.Unit, n)
		}
		y, err := OpenLines(textFile(t, "s.txt", b.String()), v, nil)
		if err != nil || !slices.Equal(x.X, y.X) || y.N != 7 || y.D != 6 {
			t.Errorf("%s: %v came back as %v, %v", v.Unit, x.X, y.X, err)
		}
	}
}

func TestTokenFaults(t *testing.T) {
	ab := &ito.Vocabulary{Unit: ito.Characters, Tokens: []string{"a", "b"}}
	for what, c := range map[string]struct {
		text string
		o    TokenOptions
	}{
		"empty":       {"", TokenOptions{Unit: ito.Characters}},
		"one token":   {"aaaa", TokenOptions{Unit: ito.Characters}},
		"too short":   {"abc", TokenOptions{Unit: ito.Characters, Length: 4}},
		"no UTF-8":    {"ab\xff", TokenOptions{Unit: ito.Words}},
		"another":     {"abc", TokenOptions{Vocabulary: ab}},
		"half an id":  {"1\n.5\n", TokenOptions{Unit: ito.IDs}},
		"a negative":  {"1\n-1\n", TokenOptions{Unit: ito.IDs}},
		"beyond":      {"1\n2\n", TokenOptions{Vocabulary: &ito.Vocabulary{Unit: ito.IDs}, Levels: 2}},
		"many":        {"1\n70000\n", TokenOptions{Unit: ito.IDs}},
		"other width": {"1,2\n0,1\n", TokenOptions{Unit: ito.IDs, Length: 3}},
	} {
		c.o.Reading.Header = "no"
		if _, err := OpenTokens(textFile(t, "t.csv", c.text), c.o); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, text := range []string{"", "ab\na", "ab\nac", "\n"} {
		if _, err := OpenLines(textFile(t, "t.txt", text), *ab, nil); !errors.Is(err, ito.ErrInput) {
			t.Errorf("lines %q: %v", text, err)
		}
	}
	for _, v := range []ito.Vocabulary{{Unit: "letter", Tokens: []string{"a", "b"}}, {Unit: ito.Characters,
		Tokens: []string{"a", "a"}}, {Unit: ito.Characters, Tokens: []string{"ab", "c"}}, {Unit: ito.Words,
		Tokens: []string{"a b", "c"}}, {Unit: ito.Bytes, Tokens: []string{"a", "b"}}, {Unit: ito.Bytes}} {
		if err := v.Check(2); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%v passes", v)
		}
	}
}

// Text is cut and read without a panic, and what is cut has levels of its vocabulary.
func FuzzTokens(f *testing.F) {
	f.Add("the cat\n", uint8(0))
	f.Add("a\\n\xff", uint8(2))
	units := []string{ito.Characters, ito.Words, ito.Bytes}
	f.Fuzz(func(t *testing.T, text string, unit uint8) {
		v, ids, err := cut("t", []byte(text), units[int(unit)%3], nil)
		if err != nil {
			return
		}
		for _, id := range ids {
			if int(id) >= v.Len() {
				t.Fatalf("token %d of %d", id, v.Len())
			}
		}
		if v.Unit != ito.Words && len(ids) > 0 {
			row := make([]float64, len(ids))
			for i, id := range ids {
				row[i] = float64(id)
			}
			if got := unescape(escapes.Replace(v.Text(row))); got != text {
				t.Fatalf("%q came back as %q", text, got)
			}
		}
	})
}
