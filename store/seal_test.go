package store

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
)

func sealed(t *testing.T) []byte {
	t.Helper()
	f := &File{Metadata: map[string]string{"a": "b"}, Tensors: []Tensor{
		NewF32("w", []float32{1, 2}, 2), NewU8("u", []byte{3}, 1), NewF32("empty", nil, 0), NewF32("empty too", nil,
			0)}}
	if err := Seal(f); err != nil {
		t.Fatal(err)
	}
	b, err := Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(t *testing.T, b []byte) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := Open(path)
	var f *FormatError
	if err != nil && (!errors.As(err, &f) || f.Path != path || !errors.Is(err, ito.ErrInput)) {
		t.Errorf("not a FormatError that names the file: %v", err)
	}
	return err
}

func TestOpenRefuses(t *testing.T) {
	good := sealed(t)
	if err := open(t, good); err != nil {
		t.Fatal(err)
	}
	reseal := func(key, value string) []byte {
		f, err := Unmarshal(bytes.Clone(good))
		if err != nil {
			t.Fatal(err)
		}
		f.Metadata[key] = value
		if value == "" {
			delete(f.Metadata, key)
		}
		if key != keyChecksum {
			if f.Metadata[keyChecksum], err = checksum(f); err != nil {
				t.Fatal(err)
			}
		}
		b, err := Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, c := range []struct {
		name string
		b    []byte
		is   error
		want string
	}{
		{"truncated", good[:len(good)-1], ErrTruncated, "truncated"},
		{"longer", append(bytes.Clone(good), 0), ErrEdited, "1 bytes follow the last tensor"},
		{"edited", bytes.Replace(good, []byte(`"a":"b"`), []byte(`"a":"c"`), 1), ErrEdited, "edited or damaged"},
		{"no checksum", reseal(keyChecksum, ""), ErrEdited, "edited or damaged"},
		{"newer", reseal(keyVersion, "7"), ErrNewer, "written by a newer ito: format 7, this one reads up to 3; " +
			"update ito"},
		{"odd version", reseal(keyVersion, "one"), ErrEdited, "not a version"},
		{"of somebody else", reseal(keyVersion, ""), ErrNotSealed, "ito did not write"},
		{"text", []byte("x,y\n0,1\n2,3\n"), ErrNotSafetensors, "not a safetensors file"},
	} {
		if err := open(t, c.b); !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %v with %q", c.name, err, c.is, c.want)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) ||
		!errors.Is(err, ito.ErrInput) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// No byte of a sealed file can change, and none can be missing at its end.
func TestEveryBitIsSealed(t *testing.T) {
	good := sealed(t)
	refuse := func(b []byte) bool {
		f, err := Unmarshal(b)
		return err != nil || Verify(f) != nil
	}
	for i := range good {
		for bit := range 8 {
			b := bytes.Clone(good)
			b[i] ^= 1 << bit
			if !refuse(b) {
				t.Errorf("bit %d of byte %d of %q may change", bit, i, good)
			}
		}
		if !refuse(good[:i]) {
			t.Errorf("the first %d bytes are taken for the whole", i)
		}
	}
}
