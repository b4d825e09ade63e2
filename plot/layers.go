package plot

import (
	"cmp"
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"

	"github.com/seed9a7962a8/ito"
)

// mostPoints is the number of points of one layer that are drawn: more would be one blot and a file
// that nobody can open.
const mostPoints = 20000

// Points is a scatter of (X, Y). Of more than 20000 points that many are drawn, evenly in their order,
// and a note in the panel says so.
type Points struct {
	Name   string // in the legend; empty: not there
	X, Y   []float64
	Color  color.NRGBA // zero: the first of Palette
	Radius float64     // in points (1/72 inch); 0: smaller the more there are
	Alpha  float64     // opacity; 0: fainter the more there are
}

func (p Points) extent(b *box) error { return b.addXY(named("points", p.Name), p.X, p.Y) }

func (p Points) keys() []key { return []key{{p.Name, keyDot, cmp.Or(p.Color, series(0))}} }

func (p Points) draw(f *frame) {
	show := min(len(p.X), mostPoints)
	if show < len(p.X) {
		f.shown, f.of = f.shown+show, f.of+len(p.X)
	}
	r, alpha, n := p.Radius, p.Alpha, float64(show)
	if r == 0 {
		size := f.c.Size()
		r = min(max(.22*math.Sqrt(float64(size.X*size.Y)/n), .65), 2.4)
	}
	if alpha == 0 {
		alpha = min(max(19/math.Sqrt(n), .25), .75)
	}
	f.c.SetColor(fade(cmp.Or(p.Color, series(0)), alpha))
	for k := range show {
		i := k * len(p.X) / show
		if at := f.at(p.X[i], p.Y[i]); f.c.Contains(at) {
			f.dot(at, vg.Points(r))
		} else {
			f.outside++
		}
	}
}

// Curve is a line through (X, Y) in the order given.
type Curve struct {
	Name  string
	X, Y  []float64
	Color color.NRGBA // zero: the first of Palette
	Width float64     // in points; 0 is 1.4
	Alpha float64     // opacity; 0 is 1
	Dash  bool
	Dots  bool // mark each point
}

func (c Curve) extent(b *box) error { return b.addXY(named("curve", c.Name), c.X, c.Y) }

func (c Curve) keys() []key {
	if c.Dash {
		return []key{{c.Name, keyDash, cmp.Or(c.Color, series(0))}}
	}
	return []key{{c.Name, keyLine, cmp.Or(c.Color, series(0))}}
}

func (c Curve) draw(f *frame) {
	width, alpha := c.Width, c.Alpha
	if width == 0 {
		width = 1.4
	}
	if alpha == 0 {
		alpha = 1
	}
	clr := fade(cmp.Or(c.Color, series(0)), alpha)
	line := make([]vg.Point, len(c.X))
	for i := range c.X {
		line[i] = f.at(c.X[i], c.Y[i])
	}
	f.line(clr, width, c.Dash, line)
	if c.Dots || len(line) == 1 {
		for _, at := range line {
			if f.c.Contains(at) {
				f.c.SetColor(color.White)
				f.dot(at, vg.Points(width*1.2+1.4))
				f.c.SetColor(clr)
				f.dot(at, vg.Points(width*1.2+.6))
			}
		}
	}
}

// Band is a horizontal band from Lo to Hi, such as the floor that noise alone leaves. It is behind
// the other layers if it is put first.
type Band struct {
	Name   string
	Lo, Hi float64     // Lo = Hi is a dashed line
	Color  color.NRGBA // zero is Grey
}

func (d Band) extent(b *box) error {
	if err := b.addY(named("band", d.Name), 0, d.Lo); err != nil {
		return err
	}
	return b.addY(named("band", d.Name), 1, d.Hi)
}

func (d Band) keys() []key {
	if d.Lo == d.Hi {
		return []key{{d.Name, keyDash, cmp.Or(d.Color, Grey)}}
	}
	return []key{{d.Name, keyPatch, fade(cmp.Or(d.Color, Grey), .25)}}
}

func (d Band) draw(f *frame) {
	c := cmp.Or(d.Color, Grey)
	left, right := f.c.Min.X, f.c.Max.X
	if d.Lo == d.Hi {
		y := f.y(d.Lo)
		f.line(c, 1, true, []vg.Point{{X: left, Y: y}, {X: right, Y: y}})
		return
	}
	f.fill(fade(c, .18), f.inside(vg.Rectangle{Min: vg.Point{X: left, Y: f.y(min(d.Lo, d.Hi))}, Max: vg.Point{X: right,
		Y: f.y(max(d.Lo, d.Hi))}}))
}

// Bars stand on zero at X with the heights Y. Not for logarithmic axes.
type Bars struct {
	Name  string
	X, Y  []float64
	Width float64     // in units of x; 0 is .7
	Color color.NRGBA // zero: the first of Palette
}

func (r Bars) width() float64 {
	if r.Width == 0 {
		return .7
	}
	return r.Width
}

func (r Bars) extent(b *box) error {
	name := named("bars", r.Name)
	if err := b.addXY(name, r.X, r.Y); err != nil {
		return err
	}
	for i, x := range r.X {
		if err := b.addX(name, i, x-r.width()/2); err != nil {
			return err
		}
		if err := b.addX(name, i, x+r.width()/2); err != nil {
			return err
		}
	}
	b.base = true
	return b.addY(name, 0, 0)
}

func (r Bars) keys() []key { return []key{{r.Name, keyPatch, cmp.Or(r.Color, series(0))}} }

func (r Bars) draw(f *frame) {
	for i, x := range r.X {
		lo, hi := min(0, r.Y[i]), max(0, r.Y[i])
		f.fill(cmp.Or(r.Color, series(0)), f.inside(vg.Rectangle{Min: f.at(x-r.width()/2, lo), Max: f.at(x+r.width()/2,
			hi)}))
	}
}

// Steps is a histogram: Height[i] between Edges[i] and Edges[i+1], filled down to zero.
type Steps struct {
	Name   string
	Edges  []float64   // one more than Height, increasing
	Height []float64   // not negative
	Color  color.NRGBA // zero: the first of Palette
}

func (s Steps) extent(b *box) error {
	name := named("histogram", s.Name)
	if len(s.Edges) != len(s.Height)+1 {
		return &ito.InputError{Where: name, What: fmt.Sprintf("%d edges do not bound %d bins", len(s.Edges),
			len(s.Height))}
	}
	if err := b.addXY(name, s.Edges[1:], s.Height); err != nil {
		return err
	}
	if err := b.addX(name, 0, s.Edges[0]); err != nil {
		return err
	}
	b.base = true
	return b.addY(name, 0, 0)
}

func (s Steps) keys() []key { return []key{{s.Name, keyPatch, fade(cmp.Or(s.Color, series(0)), .6)}} }

func (s Steps) draw(f *frame) {
	clr := cmp.Or(s.Color, series(0))
	outline := []vg.Point{f.at(s.Edges[0], 0)}
	for i, h := range s.Height {
		outline = append(outline, f.at(s.Edges[i], h), f.at(s.Edges[i+1], h))
	}
	outline = append(outline, f.at(s.Edges[len(s.Height)], 0))
	f.c.FillPolygon(fade(clr, .3), f.c.ClipPolygonXY(outline))
	f.line(clr, 1.1, false, outline)
}
