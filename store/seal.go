package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
)

// FormatVersion is the newest version of the layout that this build reads. It writes the oldest that can hold a
// file: version 3 is a model, everything else is version 1. Before, a model had version 1, or 2 with schedules, a
// potential or the fields of an interpolant.
const FormatVersion = 3

const oldestVersion = 1

// The metadata of a sealed file.
const (
	keyVersion  = "ito.version"  // the layout, as a decimal number
	keyChecksum = "ito.checksum" // SHA-256 in hexadecimal
	keyKind     = "ito.kind"     // what the file holds: "checkpoint", …
)

// Seal puts the format version, where f does not name one already, and the checksum into the metadata of f. The
// checksum is a SHA-256 over the metadata and over the tensors in the order in which Marshal writes them, each part
// with its length before it.
func Seal(f *File) error {
	if f.Metadata == nil {
		f.Metadata = map[string]string{}
	}
	if f.Metadata[keyVersion] == "" {
		f.Metadata[keyVersion] = strconv.Itoa(oldestVersion)
	}
	sum, err := checksum(f)
	if err != nil {
		return err
	}
	f.Metadata[keyChecksum] = sum
	return nil
}

// Verify refuses a file that was not sealed (ErrNotSealed), that a newer ito wrote (ErrNewer) or whose
// content is not the one that was sealed (ErrEdited).
func Verify(f *File) error {
	version, ok := f.Metadata[keyVersion]
	if !ok {
		return &FormatError{What: "a safetensors file that ito did not write: its metadata has no " + keyVersion,
			Do: "give a file that ito wrote, or import its tensors", Err: ErrNotSealed}
	}
	v, err := strconv.Atoi(version)
	switch {
	case err != nil || v < 1:
		return &FormatError{What: fmt.Sprintf("%s is %q, not a version", keyVersion, version), Err: ErrEdited}
	case v > FormatVersion:
		return &FormatError{What: fmt.Sprintf("written by a newer ito: format %d, this one reads up to %d", v,
			FormatVersion),
			Do: "update ito", Err: ErrNewer}
	}
	sum, err := checksum(f)
	if err != nil {
		return err
	}
	if stored := f.Metadata[keyChecksum]; stored != sum {
		return &FormatError{What: fmt.Sprintf("edited or damaged: the checksum of the content is %.12s…, the file "+
			"says %.12s…", sum, stored),
			Do: "copy it again from where it was written", Err: ErrEdited}
	}
	return nil
}

// Open reads a sealed file and verifies it.
func Open(path string) (*File, error) {
	f, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	if err := Verify(f); err != nil {
		return nil, inFile(err, path)
	}
	return f, nil
}

// Save seals f and writes it atomically.
func Save(path string, f *File) error {
	if err := Seal(f); err != nil {
		return inFile(err, path)
	}
	return WriteFile(path, func(w io.Writer) error { return Encode(w, f) })
}

func checksum(f *File) (string, error) {
	tensors, err := canonical(f.Tensors)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	count := func(n int) {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], uint64(n))
		h.Write(b[:])
	}
	part := func(s string) {
		count(len(s))
		io.WriteString(h, s)
	}
	keys := make([]string, 0, len(f.Metadata))
	for k := range f.Metadata {
		if k != keyChecksum {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	count(len(keys))
	for _, k := range keys {
		part(k)
		part(f.Metadata[k])
	}
	count(len(tensors))
	for _, t := range tensors {
		part(t.Name)
		part(string(t.DType))
		count(len(t.Shape))
		for _, n := range t.Shape {
			count(n)
		}
		count(len(t.Data))
		h.Write(t.Data)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// unreadable words the error of opening path.
func unreadable(path string, err error) error {
	e := &FormatError{Path: path, What: "cannot be read: " + err.Error(), Err: err}
	switch {
	case os.IsNotExist(err):
		e.What, e.Do = "there is no such file", "check the name"
	case os.IsPermission(err):
		e.What, e.Do = "reading it is not permitted", "check its owner and mode"
	}
	return e
}
