package store

import "os"

// Lock takes the file for this process alone and reports false when another process has it. The lock
// goes when the file is closed or the process dies. A file system without locks refuses nobody.
func Lock(f *os.File) bool { return lock(f) }
