package plot

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// frame is a panel's drawing area with its scales.
type frame struct {
	c          draw.Canvas // cut to the area
	xs, ys     span
	logX, logY bool
	outside    int // points beyond the ends of the axes
	shown, of  int // points drawn where there are too many; 0 where all are
}

func (f *frame) x(v float64) vg.Length {
	return f.c.Min.X + place(v, f.xs, f.logX)*(f.c.Max.X-f.c.Min.X)
}

func (f *frame) y(v float64) vg.Length {
	return f.c.Min.Y + place(v, f.ys, f.logY)*(f.c.Max.Y-f.c.Min.Y)
}

func (f *frame) at(x, y float64) vg.Point { return vg.Point{X: f.x(x), Y: f.y(y)} }

// place maps v to 0 at s.lo and 1 at s.hi. Far values stop at ±1000 spans: no renderer can use them.
func place(v float64, s span, log bool) vg.Length {
	u := (v - s.lo) / (s.hi - s.lo)
	if log {
		u = (math.Log(v) - math.Log(s.lo)) / (math.Log(s.hi) - math.Log(s.lo))
	}
	return vg.Length(min(max(u, -1000), 1000))
}

func (f *frame) dot(at vg.Point, r vg.Length) {
	var p vg.Path
	p.Move(vg.Point{X: at.X + r, Y: at.Y})
	p.Arc(at, r, 0, 2*math.Pi)
	p.Close()
	f.c.Fill(p)
}

// line strokes the part of a line that lies in the area.
func (f *frame) line(c color.Color, width float64, dash bool, points []vg.Point) {
	s := draw.LineStyle{Color: c, Width: vg.Points(width)}
	if dash {
		s.Dashes = []vg.Length{vg.Points(4), vg.Points(3)}
	}
	f.c.StrokeLines(s, f.c.ClipLinesXY(points)...)
}

// inside cuts a rectangle to the area.
func (f *frame) inside(r vg.Rectangle) vg.Rectangle {
	clip := func(p vg.Point) vg.Point {
		return vg.Point{X: min(max(p.X, f.c.Min.X), f.c.Max.X), Y: min(max(p.Y, f.c.Min.Y), f.c.Max.Y)}
	}
	return vg.Rectangle{Min: clip(r.Min), Max: clip(r.Max)}
}

func (f *frame) fill(c color.Color, r vg.Rectangle) {
	f.c.SetColor(c)
	f.c.Fill(r.Path())
}

// hair strokes a line of one pixel of the PNG, along pixels and not between them.
func hair(c draw.Canvas, clr color.Color, x0, y0, x1, y1 vg.Length) {
	crisp := func(v vg.Length) vg.Length { return vg.Length(math.Floor(float64(v)*2)/2 + .25) }
	if x0 == x1 {
		x0, x1 = crisp(x0), crisp(x1)
	} else {
		y0, y1 = crisp(y0), crisp(y1)
	}
	c.StrokeLine2(draw.LineStyle{Color: clr, Width: vg.Points(.5)}, x0, y0, x1, y1)
}

// axes draws grid, axis lines and the labels that are shown.
func (f *frame) axes(p *placed) {
	r := f.c.Rectangle
	if !p.Bare {
		for _, v := range p.xminor {
			hair(f.c, minorline, f.x(v), r.Min.Y, f.x(v), r.Max.Y)
		}
		for _, v := range p.yminor {
			hair(f.c, minorline, r.Min.X, f.y(v), r.Max.X, f.y(v))
		}
		for _, t := range p.xticks {
			hair(f.c, gridline, f.x(t.Value), r.Min.Y, f.x(t.Value), r.Max.Y)
		}
		for _, t := range p.yticks {
			hair(f.c, gridline, r.Min.X, f.y(t.Value), r.Max.X, f.y(t.Value))
		}
		hair(f.c, axisline, r.Min.X, r.Min.Y, r.Max.X, r.Min.Y)
		hair(f.c, axisline, r.Min.X, r.Min.Y, r.Min.X, r.Max.Y)
	}
	labels := style(labelSize, false, label, 0, 0)
	if p.showX {
		for _, t := range p.xticks {
			drawTick(f.c, vg.Point{X: f.x(t.Value), Y: r.Min.Y - tickGap - .36*tickSize}, t.Label, -.5)
		}
		drawText(f.c, labels, vg.Point{X: (r.Min.X + r.Max.X - textWidth(labels, p.X)) / 2, Y: r.Min.Y - p.bottom() +
			.28*labelSize}, p.X)
	}
	if p.showY {
		for _, t := range p.yticks {
			drawTick(f.c, vg.Point{X: r.Min.X - tickGap, Y: f.y(t.Value)}, t.Label, -1)
		}
		if p.Y != "" {
			drawUp(f.c, labels, vg.Point{X: r.Min.X - p.left() + .8*labelSize, Y: (r.Min.Y + r.Max.Y) / 2}, p.Y)
		}
	}
}

// note says in a corner how much is not shown.
func (f *frame) note() {
	var parts []string
	if f.of > f.shown {
		parts = append(parts, fmt.Sprintf("%d of %d shown", f.shown, f.of))
	}
	if f.outside > 0 {
		parts = append(parts, fmt.Sprintf("%d outside", f.outside))
	}
	if parts == nil {
		return
	}
	s := style(7, false, label, 0, 0)
	txt := strings.Join(parts, ", ")
	at := vg.Point{X: f.c.Max.X - textWidth(s, txt) - 3, Y: f.c.Max.Y - 9}
	f.fill(fade(color.NRGBA{0xff, 0xff, 0xff, 0xff}, .8), vg.Rectangle{Min: vg.Point{X: at.X - 3, Y: at.Y - 3},
		Max: f.c.Max})
	drawText(f.c, s, at, txt)
}
