package task

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/store"
)

// Place refuses a file that could not be written at the end of long work: a directory that is not there or not
// writable, a name that is a directory. device reports a place that is no regular file. setting is the setting that
// names the file.
func Place(setting, path string) (device bool, err error) {
	setting = "`" + setting + "`"
	refuse := func(what, do string) error {
		return &ito.InputError{Where: setting + " " + path, What: what, Do: do}
	}
	if path == "" {
		return false, &ito.InputError{Where: setting, What: "an empty name", Do: "give the name of a file"}
	}
	if info, err := os.Stat(path); err == nil {
		if info.IsDir() {
			return false, refuse("it is a directory", "give the name of a file")
		}
		if !info.Mode().IsRegular() {
			return true, nil
		}
	}
	dir := filepath.Dir(path)
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return false, refuse("there is no directory "+dir, "make it first")
	case err != nil:
		return false, refuse(err.Error(), "give another place")
	case !info.IsDir():
		return false, refuse(dir+" is not a directory", "give another place")
	}
	f, err := os.CreateTemp(dir, ".ito-*")
	if errors.Is(err, syscall.ENOSPC) {
		return false, err // a failure, not bad input
	}
	if err != nil {
		return false, refuse("cannot write there: "+errors.Unwrap(err).Error(), "give another place")
	}
	return false, errors.Join(f.Close(), os.Remove(f.Name()))
}

// Beside is where the checkpoints of a task are kept that writes the model out: the file out+suffix; nil where out
// is a device.
func Beside(out, suffix string) (store.Checkpoints, error) {
	if out == "-" {
		return nil, &ito.InputError{Where: "`out`", What: "a model is not written to standard output",
			Do: "give the name of a file"}
	}
	device, err := Place("out", out)
	if device || err != nil {
		return nil, err
	}
	return store.CheckpointFile(out + suffix), nil
}

// There reports whether c holds a checkpoint, which may be damaged. A nil c holds none.
func There(c store.Checkpoints) bool {
	switch c := c.(type) {
	case nil:
		return false
	case interface{ There() bool }:
		return c.There()
	}
	_, err := c.Load()
	return !errors.Is(err, os.ErrNotExist)
}

// Exists reports whether there is a file of that name.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
