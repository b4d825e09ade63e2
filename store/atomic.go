package store

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/seed9a7962a8/ito"
)

// WriteFile replaces path by what write writes, or leaves it as it was: the bytes go to a temporary
// file in the same directory, which is synced and renamed over path once write has returned without
// error, and the directory is synced after it. On an error of any kind, write's own and a panic
// included, the temporary file is removed; what a killed process left is used up by the next WriteFile
// of the same path. A symbolic link stays and what it points to is replaced; a device or a pipe is
// written to directly. Of several writers of one path each waits for the one before it, ten seconds at most.
//
// A place where nothing can be written is bad input (ito.InputError). A full disk is an ordinary error.
func WriteFile(path string, write func(w io.Writer) error) (err error) {
	held.RLock()
	defer held.RUnlock()
	target, regular, err := destination(path)
	if err != nil {
		return err
	}
	if !regular {
		return writeDirect(target, write)
	}
	f, err := openTemp(target)
	if err != nil {
		return unwritable(path, err)
	}
	renamed := false
	defer func() {
		if !renamed {
			os.Remove(f.Name())
			f.Close()
		}
	}()
	if err := errors.Join(f.Truncate(0), copyMode(f, target)); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	w := bufio.NewWriterSize(f, 1<<16)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := rename(f, target); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	renamed = true
	return syncDir(filepath.Dir(target))
}

// held is taken by every WriteFile, and by Hold for good.
var held sync.RWMutex

// Hold waits until no WriteFile is at work, for at most d, keeps all later ones from beginning, and removes the files
// of claims: for a process that is about to exit while other goroutines run. It reports false where one was at work
// for longer.
func Hold(d time.Duration) bool {
	free := make(chan struct{})
	go func() {
		held.Lock() // and never unlocked
		close(free)
	}()
	defer unclaim()
	select {
	case <-free:
		return true
	case <-time.After(d):
		return false
	}
}

// destination follows symbolic links and says whether path is, or may become, a regular file.
func destination(path string) (target string, regular bool, err error) {
	target = path
	if t, err := filepath.EvalSymlinks(path); err == nil {
		target = t
	}
	info, err := os.Stat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return target, true, nil
	case err != nil:
		return "", false, unwritable(path, err)
	case info.IsDir():
		return "", false, &ito.InputError{Where: path, What: "it is a directory", Do: "name a file in it"}
	}
	return target, info.Mode().IsRegular(), nil
}

func writeDirect(path string, write func(w io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return unwritable(path, err)
	}
	w := bufio.NewWriterSize(f, 1<<16)
	err = write(w)
	if err == nil {
		err = w.Flush() // after an error it would say the same
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// tempName is the hidden temporary file beside target. It depends on target only: a process that is
// killed leaves one file, which the next one takes, and not one for each time.
func tempName(target string) string {
	dir, base := filepath.Split(target)
	return filepath.Join(dir, "."+base+".tmp")
}

// openTemp opens the temporary file of target for this process alone.
func openTemp(target string) (*os.File, error) {
	name := tempName(target)
	for range 1000 {
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|noFollow, 0o666)
		if err != nil {
			return nil, err
		}
		if !lock(f) {
			f.Close()
			time.Sleep(10 * time.Millisecond)
			continue
		}
		if there, err := os.Lstat(name); err == nil {
			if mine, err := f.Stat(); err == nil && os.SameFile(there, mine) {
				return f, nil
			}
		}
		f.Close() // whoever had the lock has renamed this file away
	}
	return nil, fmt.Errorf("another process is writing %s", name)
}

// copyMode gives f the mode of target.
func copyMode(f *os.File, target string) error {
	info, err := os.Stat(target)
	if err != nil {
		return nil // a new file has the mode that the umask gives
	}
	return f.Chmod(info.Mode().Perm())
}

// syncDir makes a rename in dir durable.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" { // directories cannot be synced there
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// unwritable words the error of creating path: the wrong place is bad input, anything else is not.
func unwritable(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &ito.InputError{Where: path, What: "its directory does not exist", Do: "make it first: mkdir -p " +
			filepath.Dir(path)}
	case errors.Is(err, fs.ErrPermission):
		return &ito.InputError{Where: path, What: "writing there is not permitted", Do: "choose another place"}
	}
	return fmt.Errorf("%s: %w", path, err)
}
