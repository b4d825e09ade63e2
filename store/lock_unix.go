//go:build unix && !solaris && !aix

package store

import (
	"errors"
	"os"
	"syscall"
)

// noFollow refuses to open a symbolic link that somebody planted under the name of a temporary file.
const noFollow = syscall.O_NOFOLLOW

// lock takes the file for this process alone and reports false when another has it. The lock goes when
// the file is closed or the process dies. A file system without locks refuses nobody.
func lock(f *os.File) bool {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	return !errors.Is(err, syscall.EWOULDBLOCK)
}

// rename gives the file its name while it is still locked, and closes it.
func rename(f *os.File, target string) error {
	if err := os.Rename(f.Name(), target); err != nil {
		return err
	}
	return f.Close()
}
