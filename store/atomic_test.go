package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/seed9a7962a8/ito"
)

// names lists dir.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := make([]string, len(entries))
	for i, e := range entries {
		s[i] = e.Name()
	}
	return strings.Join(s, " ")
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func put(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	for _, s := range []string{"one", strings.Repeat("two", 1<<17)} {
		if err := WriteFile(path, put(s)); err != nil || content(t, path) != s {
			t.Fatal(err)
		}
	}
	if n := names(t, dir); n != "out" {
		t.Errorf("left behind: %s", n)
	}
}

// An error in the middle, or a panic, leaves the old file and nothing else.
func TestWriteFileLeavesTheOld(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	if err := WriteFile(path, put("old")); err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	big := put(strings.Repeat("new", 1<<17))
	if err := WriteFile(path, func(w io.Writer) error { return errors.Join(big(w), stop) }); !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
	func() {
		defer func() { recover() }()
		WriteFile(path, func(w io.Writer) error { big(w); panic("broken invariant") })
	}()
	if got := content(t, path); got != "old" || names(t, dir) != "out" {
		t.Errorf("%q, %s", got, names(t, dir))
	}
}

// Writers of one path take turns, and what a killed one left is used up.
func TestWriteFileTogether(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	if err := os.WriteFile(filepath.Join(dir, ".out.tmp"), []byte(strings.Repeat("left by a killed process", 1<<14)),
		0o666); err != nil {
		t.Fatal(err)
	}
	var g errgroup.Group
	for i := range 8 {
		g.Go(func() error { return WriteFile(path, put(strings.Repeat(string(rune('a'+i)), 1<<17))) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	got := content(t, path)
	if len(got) != 1<<17 || strings.Trim(got, got[:1]) != "" {
		t.Errorf("%d bytes of several writers", len(got))
	}
	if n := names(t, dir); n != "out" {
		t.Errorf("left behind: %s", n)
	}
}

func TestWriteFileKeepsModeAndLink(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes and links there")
	}
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("file", link); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(link, put("x")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(file)
	if err != nil || info.Mode() != 0o640 || content(t, file) != "x" {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if info, err = os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info.Mode(), err)
	}
}

func TestWriteFileWrongPlace(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "no", "out")} {
		if err := WriteFile(path, put("x")); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", path, err)
		}
		if _, err := OpenStream(path, StreamOptions{}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A full disk is not the user's input.
func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full here")
	}
	err := WriteFile("/dev/full", put("x"))
	if !errors.Is(err, syscall.ENOSPC) || errors.Is(err, ito.ErrInput) {
		t.Errorf("%v", err)
	}
	s, err := OpenStream("/dev/full", StreamOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Write(1, put("x")), s.Close()); !errors.Is(err, syscall.ENOSPC) ||
		errors.Is(err, ito.ErrInput) {
		t.Errorf("%v", err)
	}
}

func TestDevicesAreWrittenTo(t *testing.T) {
	if _, err := os.Stat("/dev/null"); err != nil {
		t.Skip("no /dev/null here")
	}
	if err := WriteFile("/dev/null", put("x")); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat("/dev/null"); err != nil || info.Mode().IsRegular() {
		t.Fatal("/dev/null was replaced by a file")
	}
}
