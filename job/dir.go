package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/seed9a7962a8/ito"
)

// dir is a store in a directory, which may be shared by many machines. An object is written under another name in the
// same directory, synced, and linked to its own, which fails where that is taken.
type dir struct{ path string }

// pendingPrefix begins the names of what is not committed.
const pendingPrefix = ".pending-"

func openDir(path string) (Store, error) {
	refuse := func(what, do string) error { return &ito.InputError{Where: "`store` " + path, What: what, Do: do} }
	if path == "" {
		return nil, refuse("an empty name", "name a directory")
	}
	if err := os.MkdirAll(path, 0o777); err != nil {
		if errors.Is(err, syscall.ENOSPC) {
			return nil, err
		}
		what := err.Error()
		if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
			what = pe.Path + ": " + pe.Err.Error()
		}
		return nil, refuse(what, "give a directory that can be made or written")
	}
	return dir{path}, nil
}

func (d dir) String() string          { return d.path }
func (d dir) file(name string) string { return filepath.Join(d.path, name) }
func (d dir) Remove(_ context.Context, name string) error {
	if err := os.Remove(d.file(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Open implements Store.
func (d dir) Open(_ context.Context, name string) (io.ReadCloser, int64, error) {
	f, err := os.Open(d.file(name))
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

// Tail implements Store.
func (d dir) Tail(ctx context.Context, name string, n int64) ([]byte, int64, error) {
	r, size, err := d.Open(ctx, name)
	if err != nil {
		return nil, 0, err
	}
	defer r.Close()
	b := make([]byte, min(n, size))
	_, err = r.(*os.File).ReadAt(b, size-int64(len(b)))
	return b, size, err
}

// List implements Store.
func (d dir) List(_ context.Context, prefix string) ([]string, error) {
	list, err := os.ReadDir(d.path)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range list {
		if strings.HasPrefix(e.Name(), prefix) && !strings.HasPrefix(e.Name(), pendingPrefix) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Create implements Store.
func (d dir) Create(_ context.Context, name string) (Pending, error) {
	f, err := os.CreateTemp(d.path, pendingPrefix+name+"-*")
	if err != nil {
		return nil, err
	}
	return &pendingFile{File: f, d: d, name: name}, nil
}

// pendingFile is an object of a directory that is being written.
type pendingFile struct {
	*os.File
	d    dir
	name string
	done bool
}

// Commit implements Pending.
func (p *pendingFile) Commit(replace bool) (err error) {
	p.done = true
	defer func() { // a rename has taken the name
		if e := os.Remove(p.File.Name()); err == nil && e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = e
		}
	}()
	if err := errors.Join(p.File.Chmod(0o644), p.File.Sync(), p.File.Close()); err != nil {
		return err
	}
	final := p.d.file(p.name)
	if replace {
		err = os.Rename(p.File.Name(), final)
	} else {
		err = os.Link(p.File.Name(), final)
	}
	switch {
	case errors.Is(err, fs.ErrExist):
		return ErrThere
	case err != nil && !replace && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOSPC):
		err = p.unlinked(final) // a file system without links
	}
	if err != nil {
		return err
	}
	return syncDirectory(p.d.path)
}

// unlinked commits where there are no links: two processes that do so at the same instant commit the same bytes, or
// the later of two that differ, which verify finds.
func (p *pendingFile) unlinked(final string) error {
	if _, err := os.Lstat(final); err == nil {
		return ErrThere
	}
	return os.Rename(p.File.Name(), final)
}

// Abort implements Pending.
func (p *pendingFile) Abort() {
	if !p.done {
		p.done = true
		p.File.Close()
		os.Remove(p.File.Name())
	}
}

// sweep removes what killed processes left of names that begin so.
func (d dir) sweep(prefix string) error {
	left, err := filepath.Glob(filepath.Join(d.path, pendingPrefix+prefix+"*"))
	for _, f := range left {
		if e := os.Remove(f); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}

func syncDirectory(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil // some file systems do not sync directories
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
