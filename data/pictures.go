package data

import (
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // image.Decode reads them
	_ "image/png"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
)

// picturePixels are picture files, decoded whenever they are needed where they do not fit in memory.
type picturePixels struct {
	name    string
	files   fs.FS
	names   []string
	h, w, c int
	kept    [][]byte // nil: too many
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
