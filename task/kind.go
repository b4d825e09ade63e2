package task

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
)

// FileKind is what a file holds, by its first bytes.
type FileKind int

// Kinds of files.
const (
	// CSV, gzip, a built-in name, or nothing that can be read: the reader of rows describes which
	RowsOrNone  FileKind = iota
	Safetensors          // a model or a checkpoint
	NPY
	JSONText
)

// KindOf looks at the beginning of a file.
func KindOf(path string) FileKind {
	f, err := os.Open(path)
	if err != nil {
		return RowsOrNone
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return RowsOrNone
	}
	head := make([]byte, 64)
	n, _ := io.ReadFull(f, head)
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("\x93NUMPY")):
		return NPY
	case n > 8 && head[8] == '{' && binary.LittleEndian.Uint64(head) <= uint64(info.Size()):
		return Safetensors
	case bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{")):
		return JSONText
	}
	return RowsOrNone
}
