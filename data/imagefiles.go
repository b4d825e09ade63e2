package data

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // image.Decode reads them
	_ "image/png"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
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
			err = s.label(t, o.Condition)
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

// numbers reports the beginning of an npy or IDX file.
func numbers(head []byte) bool { return bytes.HasPrefix(head, []byte(npyMagic)) || isIDX(head) }

// isIDX reports the beginning of an IDX file of one to four axes.
func isIDX(head []byte) bool {
	return len(head) >= 4 && head[0] == 0 && head[1] == 0 && head[2] >= 8 && head[2] <= 14 && head[3] >= 1 &&
		head[3] <= 4
}

// numberImages are the images of an array; nil of one that has rows.
func numberImages(name string, r io.ReaderAt, size int64, closed func() error) (*Images, error) {
	section := io.NewSectionReader(r, 0, size)
	h, err := readNumbersHeader(section)
	if err != nil {
		return nil, npyError(name, err)
	}
	if len(h.shape) != 3 && len(h.shape) != 4 {
		return nil, nil
	}
	at, _ := section.Seek(0, io.SeekCurrent)
	bad := func(what, do string) (*Images, error) { return nil, &ito.InputError{Where: name, What: what, Do: do} }
	d := 1
	for _, k := range h.shape[1:] {
		d *= k
	}
	switch {
	case h.total == 0:
		return bad(fmt.Sprintf("the array of shape %v has no numbers", h.shape), "save at least one image")
	case d > maxPixels:
		return bad(fmt.Sprintf("an image has %d values, more than %d", d, maxPixels), "make them smaller")
	case h.fortran:
		return bad("its numbers are in Fortran order", "save numpy.ascontiguousarray of it")
	case size-at < int64(h.total)*int64(h.size):
		return bad(fmt.Sprintf("it ends too early: %d bytes for %d numbers of %d bytes", size-at, h.total, h.size),
			"save it again")
	}
	s := &Images{Name: name, H: h.shape[1], W: h.shape[2], C: 1, n: h.shape[0], close: closed}
	if len(h.shape) == 4 {
		s.C = h.shape[3]
	}
	s.pixels = numberPixels{name: name, h: h, r: r, at: at, d: d}
	return s, s.scan(h.kind == 'u' && h.size == 1)
}

// maxPixels bounds the values of an image.
const maxPixels = 1 << 22

// numberPixels reads images of an array by their offset.
type numberPixels struct {
	name string
	h    npyHeader
	r    io.ReaderAt
	at   int64
	d    int
}

func (p numberPixels) read(dst []float64, from int) error {
	b := make([]byte, len(dst)*p.h.size)
	if _, err := p.r.ReadAt(b, p.at+int64(from)*int64(p.d*p.h.size)); err != nil && err != io.EOF {
		return unreadable(p.name, err)
	}
	for i := range dst {
		dst[i] = p.h.number(b[i*p.h.size:])
	}
	return nil
}

// readNumbersHeader reads the header of an npy or IDX file.
func readNumbersHeader(r io.ReadSeeker) (h npyHeader, err error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(r, head); err != nil {
		return h, err
	}
	if !isIDX(head) {
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return h, err
		}
		return readNPYHeader(r)
	}
	kinds := map[byte]struct {
		kind byte
		size int
	}{8: {'u', 1}, 9: {'i', 1}, 11: {'i', 2}, 12: {'i', 4}, 13: {'f', 4}, 14: {'f', 8}}
	k, ok := kinds[head[2]]
	if !ok {
		return h, fmt.Errorf("an IDX file of type %d", head[2])
	}
	h.kind, h.size, h.order, h.total = k.kind, k.size, binary.BigEndian, 1
	for range head[3] {
		var length uint32
		if err := binary.Read(r, binary.BigEndian, &length); err != nil {
			return h, err
		}
		if length > 0 && h.total > (1<<40)/int(length) {
			return h, errors.New("its shape is too large")
		}
		h.shape = append(h.shape, int(length))
		h.total *= int(length)
	}
	return h, nil
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

// picturePixels are picture files, decoded whenever they are needed where they do not fit in memory.
type picturePixels struct {
	name    string
	files   fs.FS
	names   []string
	h, w, c int
	kept    [][]byte // nil: too many
}

// keptBytes of decoded pictures are kept in memory at most.
const keptBytes = 1 << 30

// pictures are the PNG and JPEG files of a folder or an archive.
func pictures(name string, files fs.FS, closed func() error) (*Images, error) {
	p := &picturePixels{name: name, files: files}
	err := fs.WalkDir(files, ".", func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch ext := strings.ToLower(path.Ext(file)); {
		case e.IsDir() && file != "." && strings.HasPrefix(path.Base(file), "."), e.IsDir() &&
			path.Base(file) == "__MACOSX":
			return fs.SkipDir
		case e.Type().IsRegular() && !strings.HasPrefix(path.Base(file), ".") && (ext == ".png" || ext == ".jpg" ||
			ext == ".jpeg"):
			p.names = append(p.names, file)
		}
		return nil
	})
	if err != nil {
		return nil, unreadable(name, err)
	}
	if len(p.names) == 0 && closed != nil { // an archive of something else
		return nil, nil
	}
	if len(p.names) == 0 {
		return nil, &ito.InputError{Where: name, What: "it holds no PNG or JPEG files",
			Do: "give a folder or archive of pictures, or a file of rows"}
	}
	slices.Sort(p.names)
	if err := p.look(); err != nil {
		return nil, err
	}
	s := &Images{Name: filepath.Clean(name), H: p.h, W: p.w, C: p.c, n: len(p.names), pixels: p, close: closed}
	return s, s.scan(true)
}

// look finds the shape of the pictures: in colour, where one is.
func (p *picturePixels) look() error {
	p.c = 1
	for i, file := range p.names {
		f, err := p.files.Open(file)
		if err != nil {
			return unreadable(p.at(i), err)
		}
		c, _, err := image.DecodeConfig(f)
		f.Close()
		if err != nil {
			return p.damaged(i, err)
		}
		if i == 0 {
			p.h, p.w = c.Height, c.Width
		}
		if c.Height != p.h || c.Width != p.w {
			return &ito.InputError{Where: p.at(i), What: fmt.Sprintf("it is %d×%d, and %s is %d×%d", c.Width, c.Height,
				p.names[0], p.w, p.h), Do: "bring all pictures to one size"}
		}
		if c.Height < 1 || c.Width < 1 || c.Height > maxPixels/c.Width/3 {
			return &ito.InputError{Where: p.at(i), What: fmt.Sprintf("a picture of %d×%d", c.Width, c.Height),
				Do: "make the pictures smaller"}
		}
		if c.ColorModel != color.GrayModel && c.ColorModel != color.Gray16Model {
			p.c = 3
		}
	}
	if n := len(p.names) * p.h * p.w * p.c; n <= keptBytes {
		p.kept = make([][]byte, len(p.names))
	}
	return nil
}

func (p *picturePixels) at(i int) string { return path.Join(filepath.ToSlash(p.name), p.names[i]) }

func (p *picturePixels) damaged(i int, err error) error {
	return &ito.InputError{Where: p.at(i), What: "not a readable picture: " + err.Error(), Do: "give PNG or JPEG files"}
}

// read implements pixels. The first call, which is the scan's, reads pictures in order and keeps them.
func (p *picturePixels) read(dst []float64, from int) error {
	d := p.h * p.w * p.c
	for i := from; len(dst) > 0; i, dst = i+1, dst[d:] {
		b, err := p.picture(i)
		if err != nil {
			return err
		}
		for k, v := range b {
			dst[k] = float64(v)
		}
	}
	return nil
}

func (p *picturePixels) picture(i int) ([]byte, error) {
	if p.kept != nil && p.kept[i] != nil {
		return p.kept[i], nil
	}
	f, err := p.files.Open(p.names[i])
	if err != nil {
		return nil, unreadable(p.at(i), err)
	}
	defer f.Close()
	m, _, err := image.Decode(f)
	if err != nil {
		return nil, p.damaged(i, err)
	}
	b, corner := make([]byte, 0, p.h*p.w*p.c), m.Bounds().Min
	for y := range p.h {
		for x := range p.w {
			at := m.At(corner.X+x, corner.Y+y)
			if p.c == 1 {
				b = append(b, color.GrayModel.Convert(at).(color.Gray).Y)
				continue
			}
			c := color.NRGBAModel.Convert(at).(color.NRGBA)
			if c.A != 255 {
				return nil, &ito.InputError{Where: p.at(i), What: "it has transparent pixels",
					Do: "lay the pictures on a background"}
			}
			b = append(b, c.R, c.G, c.B)
		}
	}
	if p.kept != nil {
		p.kept[i] = b
	}
	return b, nil
}
