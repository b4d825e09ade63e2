package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/seed9a7962a8/ito"
)

// OpenExclusive opens a file for this process alone, as os.OpenFile does with these flags and mode 0666, but for
// O_TRUNC, which would empty a file that another process is writing. A symbolic link is not followed. A file that
// another process has, a place where nothing can be written and a link are an ito.InputError; where flag lacks
// O_CREATE, a file that is not there matches fs.ErrNotExist. The lock goes when the file is closed or the process
// dies.
func OpenExclusive(path string, flag int) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, flag&^os.O_TRUNC|noFollow, 0o666)
		switch {
		case errors.Is(err, fs.ErrNotExist) && flag&os.O_CREATE == 0:
			return nil, err
		case errors.Is(err, syscall.ELOOP):
			return nil, &ito.InputError{Where: path, What: "it is a symbolic link",
				Do: "remove it, or name another output"}
		case err != nil:
			return nil, unwritable(path, err)
		case !lock(f):
			f.Close()
			return nil, &ito.InputError{Where: path, What: "another process is writing it",
				Do: "wait for it, or name another output"}
		}
		if there, err := os.Lstat(path); err == nil {
			if mine, err := f.Stat(); err == nil && os.SameFile(there, mine) {
				return f, nil
			}
		}
		f.Close() // whoever had the lock has given the file another name or removed it
	}
}

// claims are the files of Claim that stand beside outputs.
var claims sync.Map // name to nil

// Claim takes an output for this process alone until release is called: a second process, or a second run in this one,
// gets an ito.InputError, before anything of the first is touched. What stands for it is the hidden empty file
// .NAME.lock beside the output, locked; one that a killed process left claims nothing. A device or a pipe cannot be
// claimed, and is anybody's.
func Claim(path string) (release func(), err error) {
	target, regular, err := destination(path)
	if err != nil || !regular {
		return func() {}, err
	}
	dir, base := filepath.Split(target)
	name := filepath.Join(dir, "."+base+".lock")
	f, err := OpenExclusive(name, os.O_RDWR|os.O_CREATE)
	if err != nil {
		var taken *ito.InputError
		if errors.As(err, &taken) && taken.Where == name {
			taken.Where = path
		}
		return nil, err
	}
	claims.Store(name, nil)
	return func() {
		claims.Delete(name)
		os.Remove(name)
		f.Close()
	}, nil
}

// unclaim removes the files of all claims of a process that is about to exit.
func unclaim() {
	claims.Range(func(name, _ any) bool {
		os.Remove(name.(string))
		return true
	})
}
