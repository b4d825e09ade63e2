package plot

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/seed9a7962a8/ito"
)

// Paths are n lines through T points each, coloured by how far along they are, with a ring where each
// starts and a dot where it ends.
type Paths struct {
	X, Y [][]float64 // [n][T]
}

// shades is the number of colours along a path: neighbours of one colour are one stroke.
const shades = 24

func (p Paths) extent(b *box) error {
	if len(p.X) == 0 || len(p.X) != len(p.Y) {
		return &ito.InputError{Where: "trajectories",
			What: fmt.Sprintf("%d lines in x and %d in y make nothing to draw", len(p.X), len(p.Y))}
	}
	for i := range p.X {
		if err := b.addXY(fmt.Sprintf("trajectory %d", i), p.X[i], p.Y[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p Paths) keys() []key {
	return []key{{"start", keyRing, Grey}, {"time", keyTime, color.NRGBA{}}, {"end", keyDot, Palette[1]}}
}

func (p Paths) draw(f *frame) {
	alpha := min(max(7/math.Sqrt(float64(len(p.X))), .35), .9)
	for i := range p.X {
		line := make([]vg.Point, len(p.X[i]))
		for j := range line {
			line[j] = f.at(p.X[i][j], p.Y[i][j])
		}
		for from := 0; from < len(line)-1; {
			c := from * shades / (len(line) - 1)
			to := from + 1
			for to < len(line)-1 && to*shades/(len(line)-1) == c {
				to++
			}
			f.line(fade(shade((float64(c)+.5)/shades), alpha), .9, false, line[from:to+1])
			from = to
		}
	}
	for i := range p.X {
		if at := f.at(p.X[i][0], p.Y[i][0]); f.c.Contains(at) {
			ring(f, Grey, at)
		}
	}
	for i := range p.X {
		last := len(p.X[i]) - 1
		if at := f.at(p.X[i][last], p.Y[i][last]); f.c.Contains(at) {
			f.c.SetColor(color.White)
			f.dot(at, 1.9)
			f.c.SetColor(Palette[1])
			f.dot(at, 1.4)
		}
	}
}

// ring is a small white disc with an edge.
func ring(f *frame, c color.Color, at vg.Point) {
	const r = 1.4
	f.c.SetColor(color.White)
	f.dot(at, r)
	f.c.SetLineStyle(draw.LineStyle{Color: c, Width: .6})
	var p vg.Path
	p.Move(vg.Point{X: at.X + r, Y: at.Y})
	p.Arc(at, r, 0, 2*math.Pi)
	p.Close()
	f.c.Stroke(p)
}
