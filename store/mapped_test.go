package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A file that is mapped has the bytes of one that is read, an empty one and one that is no regular file too, and the
// error of use comes through.
func TestWithBytes(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string][]byte{"empty": {}, "one": {7}, "pages": bytes.Repeat([]byte("ito "), 5000)} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, want, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := WithBytes(file, func(b []byte) error {
			if !bytes.Equal(b, want) {
				t.Errorf("%s: %d bytes of %d", name, len(b), len(want))
			}
			return nil
		}); err != nil {
			t.Error(name, err)
		}
	}
	if _, err := os.Stat("/dev/null"); err == nil {
		if err := WithBytes("/dev/null", func(b []byte) error { return nil }); err != nil {
			t.Error(err)
		}
	}
	mine := errors.New("mine")
	if err := WithBytes(filepath.Join(dir, "one"), func([]byte) error { return mine }); err != mine {
		t.Error(err)
	}
	var f *FormatError
	if err := WithBytes(filepath.Join(dir, "none"), nil); !errors.As(err, &f) || f.What != "there is no such file" {
		t.Error(err)
	}
}

// A file that is cut while it is looked at is an error, and no end of the program; a panic of use is a panic.
func TestCutWhileMapped(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, make([]byte, 1<<16), 0o600); err != nil {
		t.Fatal(err)
	}
	whole := false
	err := WithBytes(file, func(b []byte) error {
		if err := os.Truncate(file, 0); err != nil {
			t.Fatal(err)
		}
		sum := 0
		for _, c := range b {
			sum += int(c)
		}
		whole = sum == 0 // where it is not mapped, or the system keeps the pages
		return nil
	})
	if !errors.Is(err, ErrTruncated) && !whole {
		t.Errorf("got %v", err)
	}
	defer func() {
		if recover() != "mine" {
			t.Error("the panic did not come through")
		}
	}()
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	WithBytes(file, func([]byte) error { panic("mine") })
}
