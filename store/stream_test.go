package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/sbinet/npyio/npy"

	"github.com/seed9a7962a8/ito"
)

// TestMain lets the test program be the process that TestKilled kills.
func TestMain(m *testing.M) {
	if path := os.Getenv("ITO_TEST_STREAM"); path != "" {
		if err := writeRows(path, StreamOptions{Config: "n = 4000", Resume: true, Every: 5 * time.Millisecond}, csvRows,
			4000, 200*time.Microsecond); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// rows is how a test writes the header and the rows lo ≤ i < hi of n.
type rows func(w io.Writer, lo, hi, n int64) error

// csvRows has a header of text and lines of unequal length.
func csvRows(w io.Writer, lo, hi, n int64) error {
	if lo == hi {
		_, err := fmt.Fprintln(w, "x,y")
		return err
	}
	for i := lo; i < hi; i++ {
		if _, err := fmt.Fprintf(w, "%d,%g\n", i*i, 1/float64(i+1)); err != nil {
			return err
		}
	}
	return nil
}

// npyRows has a header that knows the number of rows.
func npyRows(w io.Writer, lo, hi, n int64) error {
	if lo == hi {
		var b bytes.Buffer
		if err := npy.Write(&b, make([]float64, n)); err != nil {
			return err
		}
		_, err := w.Write(b.Bytes()[:b.Len()-int(8*n)])
		return err
	}
	for i := lo; i < hi; i++ {
		if _, err := w.Write(NewF64("", []float64{1 / float64(i+1)}).Data); err != nil {
			return err
		}
	}
	return nil
}

// writeRows writes n rows, seven at a time, with a pause after each piece.
func writeRows(path string, o StreamOptions, encode rows, n int64, pause time.Duration) error {
	s, err := OpenStream(path, o)
	if err != nil {
		return err
	}
	if err := feed(s, encode, n, n, pause); err != nil {
		return err
	}
	return s.Close()
}

// feed writes rows to s until it holds upTo of n.
func feed(s *Stream, encode rows, upTo, n int64, pause time.Duration) error {
	if s.Fresh() {
		if err := s.Write(0, func(w io.Writer) error { return encode(w, 0, 0, n) }); err != nil {
			return err
		}
	}
	for s.Rows() < upTo {
		lo, hi := s.Rows(), min(s.Rows()+7, n)
		if err := s.Write(int(hi-lo), func(w io.Writer) error { return encode(w, lo, hi, n) }); err != nil {
			return err
		}
		time.Sleep(pause)
	}
	return nil
}

// A run abandoned at any point, with or without the chance to say goodbye, continues to the same bytes.
func TestAbandoned(t *testing.T) {
	const n = 100
	for name, encode := range map[string]rows{"csv": csvRows, "npy": npyRows} {
		dir := t.TempDir()
		whole, path := filepath.Join(dir, "whole"), filepath.Join(dir, "out")
		if err := writeRows(whole, StreamOptions{}, encode, n, 0); err != nil {
			t.Fatal(err)
		}
		for _, every := range []time.Duration{-1, time.Hour} { // journal always, or when told
			for upTo := int64(0); upTo <= n; upTo += 9 {
				s, err := OpenStream(path, StreamOptions{Config: "a = 1", Every: every})
				if err != nil {
					t.Fatal(err)
				}
				if err := feed(s, encode, upTo, n, 0); err != nil {
					t.Fatal(err)
				}
				switch upTo % 4 {
				case 0: // killed with bytes after the last entry
					s.w.Flush()
					s.f.Close()
				case 1: // killed with bytes not yet written
					s.f.Close()
				case 2: // ctrl-C
					if err := s.Keep(); err != nil {
						t.Fatal(err)
					}
				case 3: // killed in the middle of a piece after an entry
					if err := s.Sync(); err != nil {
						t.Fatal(err)
					}
					io.WriteString(s.f, "half a ro")
					s.f.Close()
				}
				if err := writeRows(path, StreamOptions{Config: "a = 1", Every: every, Resume: true}, encode, n,
					0); err != nil {
					t.Fatal(err)
				}
				if content(t, path) != content(t, whole) {
					t.Fatalf("%s abandoned at row %d differs", name, upTo)
				}
				if got := names(t, dir); got != "out whole" {
					t.Fatalf("left behind: %s", got)
				}
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// A process killed with SIGKILL again and again, never told, makes the bytes of one that is left alone.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	path, whole := filepath.Join(dir, "out"), filepath.Join(dir, "whole")
	if err := writeRows(whole, StreamOptions{}, csvRows, 4000, 0); err != nil {
		t.Fatal(err)
	}
	kills := 0
	for try := 0; ; try++ {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "ITO_TEST_STREAM="+path)
		var stderr bytes.Buffer
		child.Stderr = &stderr
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if try < 6 { // let it journal first, then a little longer each time
			for range 1000 {
				if exists(path + ".partial.journal") {
					break
				}
				time.Sleep(time.Millisecond)
			}
			time.Sleep(time.Duration(7+try) * time.Millisecond)
			child.Process.Kill()
		}
		err := child.Wait()
		if err == nil {
			break
		}
		if stderr.Len() > 0 {
			t.Fatal(stderr.String())
		}
		kills++
	}
	if kills == 0 {
		t.Error("the process finished before it could be killed: nothing is tested")
	}
	if content(t, path) != content(t, whole) {
		t.Errorf("after %d kills the file differs", kills)
	}
	if got := names(t, dir); got != "out whole" {
		t.Errorf("left behind: %s", got)
	}
	t.Logf("%d kills", kills)
}

func TestStreamRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	begin := func() {
		t.Helper()
		s, err := OpenStream(path, StreamOptions{Config: "beta-max = 10"})
		if err != nil {
			t.Fatal(err)
		}
		if err := feed(s, csvRows, 50, 100, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenStream(path, StreamOptions{}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("two writers at a time: %v", err)
		}
		if err := s.Keep(); err != nil {
			t.Fatal(err)
		}
	}
	resume := func(config string) error {
		s, err := OpenStream(path, StreamOptions{Config: config, Resume: true})
		if err == nil {
			s.f.Close()
		}
		return err
	}
	begin()
	var c *ConfigError
	if err := resume("beta-max = 20"); !errors.As(err, &c) || c.Field != "beta-max" {
		t.Errorf("another configuration: %v", err)
	}
	if err := resume("beta-max = 10.0"); err != nil {
		t.Errorf("the same configuration: %v", err)
	}
	if err := os.Truncate(path+".partial", 20); err != nil {
		t.Fatal(err)
	}
	if err := resume("beta-max = 10"); !errors.Is(err, ErrTruncated) {
		t.Errorf("shorter than its journal: %v", err)
	}
	for entry, want := range map[string]error{"{": ito.ErrInput, `{"rows":-1}`: ito.ErrInput,
		`{"version":7}`: ErrNewer} {
		if err := os.WriteFile(path+".partial.journal", []byte(entry), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := resume(""); !errors.Is(err, want) {
			t.Errorf("journal %s: %v", entry, err)
		}
	}
	begin()
	s, err := OpenStream(path, StreamOptions{Resume: true, Config: "beta-max = 10"})
	if err != nil || s.Rows() != 56 {
		t.Fatalf("%v", err)
	}
	if err := s.Discard(); err != nil || names(t, dir) != "" {
		t.Errorf("%v, left behind: %s", err, names(t, dir))
	}
}

func TestFinished(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	if err := writeRows(path, StreamOptions{Resume: true}, csvRows, 10, 0); err != nil {
		t.Fatalf("nothing to resume is no error: %v", err)
	}
	// Killed between the rename and the end of the journal.
	if err := os.WriteFile(path+".partial.journal", []byte("{}"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenStream(path, StreamOptions{Resume: true}); !errors.Is(err, ErrFinished) {
		t.Errorf("%v", err)
	}
	if got := names(t, dir); got != "out" {
		t.Errorf("left behind: %s", got)
	}
	if err := writeRows(path, StreamOptions{}, csvRows, 5, 0); err != nil {
		t.Errorf("without --resume a finished file is replaced: %v", err)
	}
}

// A stream is as fast as the disk: encoding is the caller's, a journal entry costs two syncs a second.
func BenchmarkStream(b *testing.B) {
	s, err := OpenStream(filepath.Join(b.TempDir(), "out"), StreamOptions{})
	if err != nil {
		b.Fatal(err)
	}
	block := make([]byte, 1<<16)
	b.SetBytes(int64(len(block)))
	for b.Loop() {
		if err := s.Write(1024, func(w io.Writer) error { _, err := w.Write(block); return err }); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Discard(); err != nil {
		b.Fatal(err)
	}
}
