package restore

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/task"
)

// scale is what numbers are while something is restored: pixels from 0 to 1 of an image, the user's own columns
// otherwise.
type scale struct {
	t     ito.Transform // from states, without bounds and rounding
	width int           // of a row
	shape []int         // of a row
	image bool          // pixels run from 0 to 1
	png   data.PNG      // of images of 1, 3 or 4 channels
	low   float64       // of a pixel in the user's units
	span  float64
}

func scaleOf(m *ito.Model, d int) scale {
	t := m.Transform
	t.Low, t.High, t.Whole = 0, 0, false
	width, _ := t.Dims(d)
	if len(m.Columns) > 0 && t.Width == 0 {
		width, _ = t.Dims(len(m.Columns))
	}
	s := scale{t: t, width: width, shape: []int{width}, span: 1}
	if shape := task.Shape(m); shape != nil && t.Keep == nil {
		s.shape = shape
		if png, err := data.NewPNG(m); err == nil && len(t.Shift) <= 1 && len(t.Scale) <= 1 {
			s.image, s.low, s.span = true, png.Low, png.High-png.Low
			s.t.Shift, s.t.Scale = []float64{0}, []float64{1}
			if len(t.Shift) == 1 {
				s.t.Shift[0] = t.Shift[0]
			}
			if len(t.Scale) == 1 {
				s.t.Scale[0] = t.Scale[0]
			}
			s.t.Shift[0] = (s.t.Shift[0] - png.Low) / s.span
			s.t.Scale[0] /= s.span
			png.Low, png.High = 0, 1
			s.png = png
		}
	}
	return s
}

// into turns pixels of the user's files into those of the scale.
func (s *scale) into(x []float64) {
	for i, v := range x {
		x[i] = (v - s.low) / s.span
	}
}
