package data

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"

	"github.com/seed9a7962a8/ito"
)

// PNG is the format of images [H,W,C] of 1, 3 or 4 channels: grey, colour, colour with opacity. A pixel v has the byte
// nearest to 255 (v−Low)/(High−Low), cut to 0 … 255.
type PNG struct {
	H, W, C   int
	Low, High float64
}

// NewPNG is the format of a model's images, in the range of its data: 0 … 255 of bytes, else the least and the largest
// value. A model of something else, or one that does not know its range, is an *ito.InputError.
func NewPNG(m *ito.Model) (PNG, error) {
	bad := func(what, do string) (PNG, error) {
		return PNG{}, &ito.InputError{Where: "`out`", What: what, Do: do}
	}
	var shape []int
	if p := m.Space.Parts; len(p) == 1 && p[0].Levels == 0 && p[0].Nodes == 0 {
		shape = p[0].Shape
	}
	if len(shape) == 2 {
		shape = append(append([]int(nil), shape...), 1)
	}
	if len(shape) != 3 || shape[2] != 1 && shape[2] != 3 && shape[2] != 4 {
		return bad("the model does not make images of 1, 3 or 4 channels", "give a name that ends in .csv or .npy")
	}
	f, t := PNG{H: shape[0], W: shape[1], C: shape[2]}, m.Transform
	switch {
	case t.Whole && t.High > t.Low:
		f.Low, f.High = t.Low, t.High
	case t.Kind == "range" && len(t.Shift) == 1 && len(t.Scale) == 1:
		f.Low, f.High = t.Shift[0]-t.Scale[0], t.Shift[0]+t.Scale[0]
	default:
		return bad("the model does not know the range of its pixels", "train with another `transform`, or write .npy")
	}
	return f, nil
}

// put draws an image at a place of a picture.
func (f PNG) put(m *image.NRGBA, x0, y0 int, pixels []float64) {
	for y := range f.H {
		for x := range f.W {
			var v [4]uint8
			for c := range f.C {
				u := 255 * (pixels[(y*f.W+x)*f.C+c] - f.Low) / (f.High - f.Low)
				v[c] = uint8(math.Round(math.Min(math.Max(u, 0), 255)))
			}
			switch f.C {
			case 1:
				v[1], v[2], v[3] = v[0], v[0], 255
			case 3:
				v[3] = 255
			}
			m.SetNRGBA(x0+x, y0+y, color.NRGBA{R: v[0], G: v[1], B: v[2], A: v[3]})
		}
	}
}

// encode writes a picture, in grey where that is all there is.
func (f PNG) encode(w io.Writer, m *image.NRGBA) error {
	if f.C != 1 {
		return png.Encode(w, m)
	}
	g := image.NewGray(m.Rect)
	for i := range g.Pix {
		g.Pix[i] = m.Pix[4*i]
	}
	return png.Encode(w, g)
}

// Image writes one image.
func (f PNG) Image(w io.Writer, pixels []float64) error {
	if len(pixels) != f.H*f.W*f.C {
		return fmt.Errorf("png: %d numbers for %d×%d×%d", len(pixels), f.H, f.W, f.C)
	}
	m := image.NewNRGBA(image.Rect(0, 0, f.W, f.H))
	f.put(m, 0, 0, pixels)
	return f.encode(w, m)
}

// Grid writes images as one picture, row by row, as nearly square as their number allows, 2 pixels apart.
func (f PNG) Grid(w io.Writer, x ito.States) error {
	if x.N == 0 || x.D != f.H*f.W*f.C {
		return fmt.Errorf("png: %d images of %d numbers for %d×%d×%d", x.N, x.D, f.H, f.W, f.C)
	}
	const gap = 2
	across := int(math.Ceil(math.Sqrt(float64(x.N))))
	down := (x.N + across - 1) / across
	m := image.NewNRGBA(image.Rect(0, 0, across*(f.W+gap)-gap, down*(f.H+gap)-gap))
	for i := 3; i < len(m.Pix); i += 4 {
		m.Pix[i] = 255
	}
	for i := range x.N {
		f.put(m, i%across*(f.W+gap), i/across*(f.H+gap), x.Row(i))
	}
	return f.encode(w, m)
}
