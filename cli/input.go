package cli

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"

	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/task"
)

// fileKind is what a file holds, by its first bytes.
type fileKind int

const (
	rowsOrNone  fileKind = iota // CSV, gzip, a built-in name, or nothing that can be read: the reader of rows says which
	safetensors                 // a model or a checkpoint
	npy
	jsonText
)

// kindOf looks at the beginning of a file.
func kindOf(path string) fileKind {
	f, err := os.Open(path)
	if err != nil {
		return rowsOrNone
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return rowsOrNone
	}
	head := make([]byte, 64)
	n, _ := io.ReadFull(f, head)
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("\x93NUMPY")):
		return npy
	case n > 8 && head[8] == '{' && binary.LittleEndian.Uint64(head) <= uint64(info.Size()):
		return safetensors
	case bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{")):
		return jsonText
	}
	return rowsOrNone
}

// open opens rows. Columns that are named in words may be words, where the rows have them; those in text must be there.
// What the reader decided is told.
func (a *app) open(name string, r task.Reading, text, words []string) (*data.Table, error) {
	env := a.env(nil)
	return env.Rows(name, r, text, words)
}
