//go:build !unix || solaris || aix

package store

import (
	"io/fs"
	"os"
)

// mapped is not possible here.
func mapped(*os.File, fs.FileInfo) (b []byte, done func(), ok bool) { return nil, nil, false }
