package plot

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes of a legend in points.
const (
	keyWidth = 15 // of the sample of an entry
	keyGap   = 4  // between sample and name
	keySpace = 12 // between entries
	keyLead  = 13 // between lines
)

// flow breaks the entries of a legend into lines of at most the given width.
func flow(keys []key, width vg.Length) [][]key {
	var lines [][]key
	used := vg.Length(0)
	for _, k := range keys {
		w := keyLength(k)
		if len(lines) == 0 || used+w > width {
			lines, used = append(lines, nil), 0
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], k)
		used += w + keySpace
	}
	return lines
}

func keyLength(k key) vg.Length {
	return keyWidth + keyGap + textWidth(style(tickSize, false, label, 0, 0), k.name)
}

// drawLegend draws the lines downward; at is the top left corner.
func drawLegend(c draw.Canvas, lines [][]key, at vg.Point) {
	s := style(tickSize, false, label, 0, 0)
	for i, line := range lines {
		x, y := at.X, at.Y-vg.Length(i+1)*keyLead+.36*keyLead
		for _, k := range line {
			drawKey(c, k, x, y+.33*tickSize)
			drawText(c, s, vg.Point{X: x + keyWidth + keyGap, Y: y}, k.name)
			x += keyLength(k) + keySpace
		}
	}
}

// drawKey draws the sample of an entry from x on, with its middle at y.
func drawKey(c draw.Canvas, k key, x, y vg.Length) {
	f := frame{c: draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
		Min: vg.Point{X: x - 2, Y: y - keyLead}, Max: vg.Point{X: x + keyWidth + 2, Y: y + keyLead}}}}
	middle := vg.Point{X: x + keyWidth/2., Y: y}
	bar := func(from, to float64) vg.Rectangle {
		return vg.Rectangle{Min: vg.Point{X: x + vg.Length(from)*keyWidth, Y: y - 3.5},
			Max: vg.Point{X: x + vg.Length(to)*keyWidth, Y: y + 3.5}}
	}
	switch k.shape {
	case keyLine, keyDash:
		f.line(k.color, 1.6, k.shape == keyDash, []vg.Point{{X: x, Y: y}, {X: x + keyWidth, Y: y}})
	case keyDot:
		c.SetColor(k.color)
		f.dot(middle, 2.4)
	case keyRing:
		ring(&f, k.color, middle)
	case keyPatch:
		f.fill(k.color, bar(.1, .9))
	case keyTime:
		for i := range 10 {
			f.fill(shade((float64(i)+.5)/10), bar(float64(i)/10, float64(i+1)/10))
		}
	}
}
