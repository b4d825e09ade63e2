package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// halfStream leaves 42 of 60 rows in a folder, journalled, with bytes of a row after them, and returns the path of
// the output and the bytes of the whole.
func halfStream(t testing.TB) (path, whole string) {
	t.Helper()
	dir := t.TempDir()
	path = filepath.Join(dir, "out")
	if err := writeRows(path, StreamOptions{}, csvRows, 60, 0); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	s, err := OpenStream(path, StreamOptions{Config: "a = 1", Every: -1})
	if err != nil {
		t.Fatal(err)
	}
	if err := feed(s, csvRows, 42, 60, 0); err != nil {
		t.Fatal(err)
	}
	s.f.WriteString("half a ro")
	s.f.Close()
	return path, string(b)
}

// Of a stream that is left half done, a bit of the rows or of the journal is another, or an end is missing: resumed,
// it becomes the bytes of an uninterrupted run, or it is refused by name and nothing is touched.
func TestDamagedStreams(t *testing.T) {
	path, whole := halfStream(t)
	rows, err := os.ReadFile(path + ".partial")
	if err != nil {
		t.Fatal(err)
	}
	journal, err := os.ReadFile(path + ".partial.journal")
	if err != nil {
		t.Fatal(err)
	}
	refused, resumed := 0, 0
	try := func(what string, rows, journal []byte) {
		t.Helper()
		if err := errors.Join(os.WriteFile(path+".partial", rows, 0o666), os.WriteFile(path+".partial.journal", journal,
			0o666)); err != nil {
			t.Fatal(err)
		}
		err := writeRows(path, StreamOptions{Config: "a = 1", Resume: true}, csvRows, 60, 0)
		var format *FormatError
		var config *ConfigError
		switch {
		case err == nil:
			if content(t, path) != whole {
				t.Fatalf("%s: resumed to other bytes", what)
			}
			resumed++
			os.Remove(path)
		case errors.As(err, &format) && strings.HasPrefix(format.Path, path+".partial"), errors.As(err, &config):
			if content(t, path+".partial") != string(rows) || content(t, path+".partial.journal") != string(journal) {
				t.Fatalf("%s: refused, but not left as it was", what)
			}
			refused++
		default:
			t.Fatalf("%s: %v", what, err)
		}
	}
	flip := func(b []byte, bit int) []byte {
		b = append([]byte(nil), b...)
		b[bit/8] ^= 1 << (bit % 8)
		return b
	}
	for bit := 0; bit < 8*len(journal); bit += 13 {
		try(fmt.Sprintf("bit %d of the journal", bit), rows, flip(journal, bit))
	}
	for n := 0; n < len(journal); n += 7 {
		try(fmt.Sprintf("%d bytes of the journal", n), rows, journal[:n])
	}
	for bit := 0; bit < 8*len(rows); bit += 29 {
		try(fmt.Sprintf("bit %d of the rows", bit), flip(rows, bit), journal)
	}
	for n := 0; n < len(rows); n += 5 {
		try(fmt.Sprintf("%d bytes of the rows", n), rows[:n], journal)
	}
	if resumed == 0 || refused < 300 {
		t.Errorf("%d were resumed and %d refused", resumed, refused)
	}
}

// A journal of before there were digests is refused by name, and one of a later program.
func TestJournalsOfOtherVersions(t *testing.T) {
	path, _ := halfStream(t)
	for version, want := range map[int]error{1: ErrNotSealed, 3: ErrNotSealed, 5: ErrNewer} {
		b, err := json.Marshal(map[string]any{"version": version, "rows": 7, "offset": 50, "config": "a = 1"})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+".partial.journal", b, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenStream(path, StreamOptions{Config: "a = 1", Resume: true}); !errors.Is(err, want) {
			t.Errorf("version %d: %v", version, err)
		}
	}
}

// A full disk ends a stream, but what its journal has is there to go on from; without an entry nothing is left.
func TestStreamAfterWriteError(t *testing.T) {
	path, whole := halfStream(t)
	s, err := OpenStream(path, StreamOptions{Config: "a = 1", Resume: true})
	if err != nil {
		t.Fatal(err)
	}
	s.f.Close() // every write fails from here on
	if err := errors.Join(feed(s, csvRows, 60, 60, 0), s.Sync()); err == nil {
		t.Fatal("a closed file was written")
	}
	if there, err := s.Leave(); !there || err == nil {
		t.Fatalf("there: %v, %v", there, err)
	}
	if err := writeRows(path, StreamOptions{Config: "a = 1", Resume: true}, csvRows, 60, 0); err != nil {
		t.Fatal(err)
	}
	if content(t, path) != whole {
		t.Error("other bytes")
	}
	fresh := filepath.Join(t.TempDir(), "out")
	if s, err = OpenStream(fresh, StreamOptions{}); err != nil {
		t.Fatal(err)
	}
	if there, err := s.Leave(); there || err != nil {
		t.Fatalf("there: %v, %v", there, err)
	}
	if got := names(t, filepath.Dir(fresh)); got != "" {
		t.Errorf("left behind: %s", got)
	}
}

// Two writers of one output: the second is refused before it has touched anything, in this process as in another.
// When the first is done, and has given the file its name, a third begins a file of its own.
func TestExclusive(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	a, err := OpenStream(path, StreamOptions{Every: -1})
	if err != nil {
		t.Fatal(err)
	}
	if err := feed(a, csvRows, 10, 10, 0); err != nil {
		t.Fatal(err)
	}
	before := content(t, path+".partial")
	if _, err := OpenStream(path, StreamOptions{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a second writer: %v", err)
	}
	if content(t, path+".partial") != before {
		t.Error("the second writer has touched the file of the first")
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenStream(path, StreamOptions{}); err != nil {
		t.Errorf("a writer after it: %v", err)
	}
	if content(t, path) != before {
		t.Error("a later writer has touched the finished file")
	}

	link := filepath.Join(dir, "linked")
	if err := os.Symlink(path, link+".partial"); err != nil {
		t.Skip(err)
	}
	if _, err := OpenStream(link, StreamOptions{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a link in the place of the partial file: %v", err)
	}
	if content(t, path) != before {
		t.Error("a link was followed")
	}
}

// A claim excludes others until it is released, and leaves nothing; what a killed process left claims nothing.
func TestClaim(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.safetensors")
	if err := os.WriteFile(filepath.Join(dir, ".m.safetensors.lock"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		release, err := Claim(path)
		if err != nil {
			t.Fatal(err)
		}
		var taken *ito.InputError
		if _, err := Claim(path); !errors.As(err, &taken) || taken.Where != path {
			t.Errorf("a second claim: %v", err)
		}
		other, err := Claim(filepath.Join(dir, "other"))
		if err != nil {
			t.Error(err)
		}
		other()
		release()
		if got := names(t, dir); got != "" {
			t.Fatalf("left behind: %s", got)
		}
	}
	if release, err := Claim("/dev/null"); err != nil {
		t.Error(err)
	} else {
		release()
	}
}
