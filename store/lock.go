package store

import "os"

// Lock takes the file for this process alone and reports false when another process has it. The lock
// goes when the file is closed or the process dies. A file system without locks refuses nobody.
func Lock(f *os.File) bool { return lock(f) }

// Rename gives a file the name target and closes it; where the system allows it, it is locked until then.
func Rename(f *os.File, target string) error { return rename(f, target) }
