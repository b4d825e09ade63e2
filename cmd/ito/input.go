package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"github.com/seed9a7962a8/ito/data"
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

// open opens rows some of whose columns may be words: those that are named, where the rows have them.
func (a *app) open(name string, words []string) (*data.Table, error) {
	o := data.Options{Stdin: a.stdin}
	if len(words) == 0 {
		return data.Open(name, o)
	}
	var stdin []byte
	if name == "-" {
		var err error
		if stdin, err = io.ReadAll(a.stdin); err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		o.Stdin = bytes.NewReader(stdin)
	}
	t, err := data.Open(name, o)
	if err == nil {
		return t, nil
	}
	if name == "-" {
		o.Stdin = bytes.NewReader(stdin)
	}
	o.Text = words
	if t, err := data.Open(name, o); err == nil {
		return t, nil
	}
	return nil, err
}
