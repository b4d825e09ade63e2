//go:build !unix || solaris || aix

package store

import "os"

const noFollow = 0

// lock refuses nobody where the system offers no advisory locks.
func lock(*os.File) bool { return true }

// rename closes the file first: an open one cannot be renamed on every system.
func rename(f *os.File, target string) error {
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), target)
}
