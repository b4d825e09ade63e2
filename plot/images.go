package plot

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"github.com/seed9a7962a8/ito"
)

// Mosaic is rows of small grey images of one size. Each image is Height·Width values row by row from
// the top left, from Lo (white) to Hi (black).
type Mosaic struct {
	Width, Height int
	Rows          [][][]float64 // [row][column][Height·Width]
	Lo, Hi        float64       // equal: the values above the lowest and below the highest 2 %
	pixel, gap    float64       // points
}

// Images draws a grid of small grey images with a label before each row, such as a class.
func Images(m Mosaic, labels []string) (Figure, error) {
	cols := 0
	for _, r := range m.Rows {
		cols = max(cols, len(r))
	}
	if cols == 0 || m.Width <= 0 || m.Height <= 0 {
		return Figure{}, &ito.InputError{Where: "images", What: "there is nothing to draw"}
	}
	if len(labels) > len(m.Rows) {
		return Figure{}, &ito.InputError{Where: "images", What: fmt.Sprintf("%d labels for %d rows", len(labels),
			len(m.Rows))}
	}
	m.gap = 3
	m.pixel = min(max(math.Floor(2*(480/float64(cols)-m.gap)/float64(m.Width))/2, .5), 4)
	rows := len(m.Rows)
	wide := float64(cols)*m.stepX() - m.gap
	high := float64(rows)*m.stepY() - m.gap
	p := Panel{Bare: true, XTicks: []Tick{}, YTicks: []Tick{}, XRange: [2]float64{0, wide}, YRange: [2]float64{0, high},
		Layers: []Layer{m}}
	for r, txt := range labels {
		p.YTicks = append(p.YTicks, Tick{high - float64(r)*m.stepY() - float64(m.Height)*m.pixel/2, txt})
	}
	return Figure{Panels: []Panel{p}, Width: wide, Height: high}, m.extent(newBox(false, false))
}

func (m Mosaic) stepX() float64 { return float64(m.Width)*m.pixel + m.gap }
func (m Mosaic) stepY() float64 { return float64(m.Height)*m.pixel + m.gap }

func (m Mosaic) keys() []key { return nil }

func (m Mosaic) extent(b *box) error {
	for r, row := range m.Rows {
		for c, img := range row {
			where := fmt.Sprintf("image %d of row %d", c, r)
			if len(img) != m.Width*m.Height {
				return &ito.InputError{Where: where, What: fmt.Sprintf("it has %d values, not %d×%d", len(img),
					m.Height, m.Width)}
			}
			values := newBox(false, false)
			for i, v := range img {
				if err := values.addX(where, i, v); err != nil {
					return err
				}
			}
		}
	}
	b.x.add(0)
	b.y.add(0)
	return nil
}

func (m Mosaic) draw(f *frame) {
	lo, hi := m.Lo, m.Hi
	if lo == hi {
		lo, hi = m.middle()
	}
	if lo == hi {
		hi = lo + 1
	}
	for r, row := range m.Rows {
		for c, img := range row {
			left, top := float64(c)*m.stepX(), f.ys.hi-float64(r)*m.stepY()
			min := f.at(left, top-float64(m.Height)*m.pixel)
			size := vg.Point{X: vg.Points(float64(m.Width) * m.pixel), Y: vg.Points(float64(m.Height) * m.pixel)}
			f.c.DrawImage(vg.Rectangle{Min: min, Max: min.Add(size)}, m.enlarge(img, lo, hi))
		}
	}
}

// middle is the range of the middle 96 % of the values: one stray value must not wash out the rest.
func (m Mosaic) middle() (lo, hi float64) {
	var all []float64
	for _, row := range m.Rows {
		for _, img := range row {
			all = append(all, img...)
		}
	}
	if len(all) == 0 {
		return 0, 0
	}
	slices.Sort(all)
	k := len(all) / 50
	return all[k], all[len(all)-1-k]
}

// enlarge makes each value a square of the PNG's pixels, because every backend blurs what it scales.
func (m Mosaic) enlarge(values []float64, lo, hi float64) image.Image {
	k := max(1, int(m.pixel*dpi/72))
	img := image.NewGray(image.Rect(0, 0, m.Width*k, m.Height*k))
	for y := range m.Height * k {
		for x := range m.Width * k {
			u := (values[y/k*m.Width+x/k] - lo) / (hi - lo)
			img.SetGray(x, y, color.Gray{Y: uint8(math.Round(255 * (1 - min(max(u, 0), 1))))})
		}
	}
	return img
}
