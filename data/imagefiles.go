package data

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/lines"
)

// ImageOptions says how images are opened. The zero value is ready.
type ImageOptions struct {
	Labels    string      // a file with a row of labels for each image: IDX, or what [Open] reads; "": none
	Condition []string    // the columns of Labels to condition on; nil: all
	Reading   OpenOptions // how Labels are read
	// Conditions are those of a model that is there, by whose levels the labels are told; nil: found in the labels
	Conditions []ito.Condition
}

// OpenImages opens a set of images: an npy file of shape [N,H,W] or [N,H,W,C], an IDX file of bytes, 4-byte or
// 8-byte numbers of [N,H,W] (as MNIST's), either gzipped or not, or a folder or zip archive of PNG and JPEG files
// of one size, in the order of their names, grey or in colour, 8 bits a channel. What is not one of these is nil,
// without an error: rows, for [Open].
//
// Files that are not packed are read as images are needed, and may be larger than memory; Close closes them.
// Opening reads everything once. Whatever is wrong is an *ito.InputError.
func OpenImages(name string, o ImageOptions) (*Images, error) {
	s, err := openImages(name)
	if s == nil || err != nil {
		return nil, err
	}
	if o.Labels != "" {
		t, err := openLabels(o)
		if err == nil {
			err = s.label(t, o.Condition, o.Conditions)
		}
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

func openImages(name string) (*Images, error) {
	info, err := os.Stat(name)
	if err != nil || find(Names(), name) >= 0 {
		return nil, nil // Open says what is wrong
	}
	if info.IsDir() {
		return pictures(name, os.DirFS(name), nil)
	}
	if !info.Mode().IsRegular() {
		return nil, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, unreadable(name, err)
	}
	s, err := imageFile(name, f, info.Size())
	if s == nil || err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

// imageFile is an open file as images; nil where it holds none.
func imageFile(name string, f *os.File, size int64) (*Images, error) {
	head := make([]byte, 8)
	n, _ := f.ReadAt(head, 0)
	if string(head[:min(n, 4)]) == "PK\x03\x04" {
		z, err := zip.NewReader(f, size)
		if err != nil || slices.ContainsFunc(z.File,
			func(f *zip.File) bool { return strings.HasSuffix(f.Name, ".npy") }) {
			return nil, nil
		}
		return pictures(name, z, f.Close)
	}
	var r io.ReaderAt = f
	if string(head[:min(n, 2)]) == "\x1f\x8b" {
		z, err := lines.Unpack(io.NewSectionReader(f, 0, size))
		if err != nil {
			return nil, unreadable(name, err)
		}
		first := make([]byte, 8)
		k, _ := io.ReadFull(z, first)
		if !numbers(first[:k]) {
			return nil, nil
		}
		rest, err := io.ReadAll(z)
		if err != nil {
			return nil, unreadable(name, err)
		}
		all := append(first[:k], rest...)
		r, size, head, n = bytes.NewReader(all), int64(len(all)), first, k
	}
	if !numbers(head[:n]) {
		return nil, nil
	}
	return numberImages(name, r, size, f.Close)
}

// openLabels reads the labels: an IDX file of one axis is a column "label".
func openLabels(o ImageOptions) (*Table, error) {
	f, err := os.Open(o.Labels)
	if err != nil {
		return Open(o.Labels, o.Reading) // says what is wrong
	}
	defer f.Close()
	var in io.Reader = f
	head := make([]byte, 4)
	if n, _ := io.ReadFull(f, head); n >= 2 && head[0] == 0x1f && head[1] == 0x8b {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, unreadable(o.Labels, err)
		}
		if in, err = lines.Unpack(f); err != nil {
			return nil, unreadable(o.Labels, err)
		}
		_, _ = io.ReadFull(in, head)
	}
	if !isIDX(head) {
		reading := o.Reading
		reading.Text = o.Condition
		return Open(o.Labels, reading)
	}
	rest, err := io.ReadAll(in)
	if err != nil {
		return nil, unreadable(o.Labels, err)
	}
	r := bytes.NewReader(append(head, rest...))
	h, err := readNumbersHeader(r)
	if err != nil {
		return nil, npyError(o.Labels, err)
	}
	if len(h.shape) != 1 {
		return nil, &ito.InputError{Where: o.Labels, What: fmt.Sprintf("labels of shape %v", h.shape),
			Do: "give one number for each image"}
	}
	x, err := h.read(r)
	if err != nil {
		return nil, npyError(o.Labels, err)
	}
	t, err := Array{Shape: h.shape, X: x}.Table(o.Labels)
	if err != nil {
		return nil, err
	}
	t.Columns = []string{"label"}
	return t, nil
}
