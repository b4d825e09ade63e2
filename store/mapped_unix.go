//go:build unix && !solaris && !aix

package store

import (
	"io/fs"
	"os"
	"syscall"
)

// mapped maps a regular file; done ends that. ok is false where it cannot be mapped.
func mapped(f *os.File, info fs.FileInfo) (b []byte, done func(), ok bool) {
	size := info.Size()
	if !info.Mode().IsRegular() || size <= 0 || int64(int(size)) != size {
		return nil, nil, false
	}
	b, err := syscall.Mmap(int(f.Fd()), 0, int(size), syscall.PROT_READ, syscall.MAP_PRIVATE)
	if err != nil {
		return nil, nil, false
	}
	return b, func() { syscall.Munmap(b) }, true
}
