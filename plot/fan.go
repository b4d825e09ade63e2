package plot

import (
	"cmp"
	"image/color"

	"gonum.org/v1/plot/vg"
)

// Fan is the area between Lo and Hi over X, which increases: an interval of a forecast.
type Fan struct {
	Name      string
	X, Lo, Hi []float64
	Color     color.NRGBA // zero: the first of Palette
	Alpha     float64     // opacity; 0 is .3
}

func (a Fan) alpha() float64 { return cmp.Or(a.Alpha, .3) }

func (a Fan) extent(b *box) error {
	if err := b.addXY(named("fan", a.Name), a.X, a.Lo); err != nil {
		return err
	}
	return b.addXY(named("fan", a.Name), a.X, a.Hi)
}

func (a Fan) keys() []key {
	return []key{{a.Name, keyPatch, fade(cmp.Or(a.Color, series(0)), a.alpha())}}
}

func (a Fan) draw(f *frame) {
	var around []vg.Point
	for i := range a.X {
		around = append(around, f.at(a.X[i], a.Lo[i]))
	}
	for i := len(a.X) - 1; i >= 0; i-- {
		around = append(around, f.at(a.X[i], a.Hi[i]))
	}
	f.c.FillPolygon(fade(cmp.Or(a.Color, series(0)), a.alpha()), f.c.ClipPolygonXY(around))
}
