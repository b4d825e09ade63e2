package plot

import (
	"cmp"
	"image/color"

	"gonum.org/v1/plot/vg"
)

// Rug is short strokes at X along the foot of a panel. It does not widen the axis of y.
type Rug struct {
	Name  string
	X     []float64
	Color color.NRGBA // zero is Grey
}

func (r Rug) extent(b *box) error {
	for i, x := range r.X {
		if err := b.addX(named("rug", r.Name), i, x); err != nil {
			return err
		}
	}
	return nil
}

func (r Rug) keys() []key { return []key{{r.Name, keyLine, cmp.Or(r.Color, Grey)}} }

func (r Rug) draw(f *frame) {
	for _, x := range r.X {
		at := f.x(x)
		f.line(fade(cmp.Or(r.Color, Grey), .8), .7, false, []vg.Point{{X: at, Y: f.c.Min.Y}, {X: at, Y: f.c.Min.Y + 5}})
	}
}
