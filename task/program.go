package task

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"os"
	"strings"
	"sync"
)

// Program names what computes: a release by its version, any other program by the digest of its file.
func Program(version string) string {
	if Released(version) {
		return version
	}
	return executable()
}

// Released reports a version that names one program.
func Released(version string) bool { return strings.HasPrefix(version, "v") }

var executable = sync.OnceValue(func() string {
	name, err := os.Executable()
	if err != nil {
		return ""
	}
	f, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	digest, err := digestOfProgram(f)
	if err != nil {
		return ""
	}
	return digest
})

// digestOfProgram is the digest that the go command has written into a program (the last part of its build id, of
// the content of the file), as a read of the whole file takes longer than a first sample; where there is none, as of
// other build systems, it is that of the file.
func digestOfProgram(f io.Reader) (string, error) {
	head := make([]byte, 32<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.ErrUnexpectedEOF {
		return "", err
	}
	head = head[:n]
	if id := buildID(head); id != "" {
		return id, nil
	}
	h := sha256.New()
	h.Write(head)
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// buildID is the content part of the go command's build id in the note of an ELF file; "" without one. Its four parts
// are of the link and the package main, what goes in and what comes out.
func buildID(head []byte) string {
	const header = 16 // sizes of name and text, kind 4, and the name Go
	for at := 0; ; {
		k := bytes.Index(head[at:], []byte("\x04\x00\x00\x00Go\x00\x00"))
		if k < 0 {
			return ""
		}
		at += k + 8
		if at < header {
			continue
		}
		size := int(binary.LittleEndian.Uint32(head[at-header+4:]))
		if size < 0 || size > len(head)-at {
			continue
		}
		parts := strings.Split(string(head[at:at+size]), "/")
		if len(parts) == 4 && len(parts[3]) == 20 {
			return parts[3]
		}
	}
}
