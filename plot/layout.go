package plot

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"gonum.org/v1/plot/vg"

	"github.com/seed9a7962a8/ito"
)

// Sizes of a layout in points.
const (
	outer     = 14 // around everything
	gapX      = 18 // between columns
	gapY      = 16 // between rows
	tickGap   = 4
	titleLead = 22
	panelLead = 14
	short     = 115 // no side of an equal panel is shorter, and none longer than long
	long      = 430
)

// layout is a figure with every length known.
type layout struct {
	title         string
	panels        []placed
	legend        [][]key // common to all panels
	width, height vg.Length
}

// placed is a panel with its place.
type placed struct {
	Panel
	area           vg.Rectangle // where the layers are drawn
	xs, ys         span
	xticks, yticks []Tick
	xminor, yminor []float64
	showX, showY   bool // ticks and label: the neighbour below or to the left does not show the same
	title          []string
	legend         [][]key
}

// left, bottom and top are the room outside the area.
func (p *placed) left() vg.Length {
	if !p.showY {
		return 0
	}
	w := vg.Length(0)
	for _, t := range p.yticks {
		w = max(w, tickWidth(t.Label))
	}
	if w > 0 {
		w += tickGap
	}
	if p.Y != "" {
		w += labelSize + 5
	}
	return w
}

func (p *placed) bottom() vg.Length {
	if !p.showX {
		return 0
	}
	h := vg.Length(0)
	if len(p.xticks) > 0 {
		h += tickGap + tickSize
	}
	if p.X != "" {
		h += labelSize + 5
	}
	return h
}

func (p *placed) top() vg.Length {
	h := vg.Length(len(p.title)*panelLead + len(p.legend)*keyLead)
	if h > 0 {
		h += 3
	}
	return h
}

// lay finds the place of everything.
func (f Figure) lay() (*layout, error) {
	l := &layout{title: f.Title, panels: make([]placed, len(f.Panels))}
	drawn := 0
	for i := range f.Panels {
		p := &l.panels[i]
		p.Panel = f.Panels[i]
		if len(p.Layers) == 0 {
			continue
		}
		drawn++
		var err error
		if p.xs, p.ys, err = p.bounds(); err != nil {
			return nil, err
		}
	}
	if drawn == 0 {
		return nil, &ito.InputError{Where: "picture", What: "there is nothing to draw"}
	}
	l.share(f.ShareX, f.ShareY)
	w, h := l.areaSize(f.Width, f.Height, drawn)
	cols := f.Cols
	if cols <= 0 {
		cols = columns(len(f.Panels), float64(w), float64(h))
	}
	l.label(w, h, cols)
	l.place(w, h, cols)
	return l, nil
}

// label finds ticks, titles and legends, and who shows them.
func (l *layout) label(w, h vg.Length, cols int) {
	common, keys := l.commonKeys()
	if common {
		l.legend = flow(keys, vg.Length(cols)*(w+gapX))
	}
	for i := range l.panels {
		p := &l.panels[i]
		if len(p.Layers) == 0 {
			continue
		}
		p.xticks, p.xminor = axisTicks(p.XTicks, p.xs, p.LogX, w, false)
		p.yticks, p.yminor = axisTicks(p.YTicks, p.ys, p.LogY, h, true)
		p.title = wrap(style(panelSize, true, ink, 0, 0), p.Title, w)
		if !common {
			p.legend = flow(p.keys(), w)
		}
	}
	same := func(i, j int, x bool) bool {
		if j < 0 || j >= len(l.panels) || len(l.panels[j].Layers) == 0 {
			return false
		}
		p, q := &l.panels[i], &l.panels[j]
		if x {
			return p.xs == q.xs && p.X == q.X && reflect.DeepEqual(p.xticks, q.xticks)
		}
		return p.ys == q.ys && p.Y == q.Y && reflect.DeepEqual(p.yticks, q.yticks)
	}
	for i := range l.panels {
		l.panels[i].showX = !same(i, i+cols, true)
		l.panels[i].showY = i%cols == 0 || !same(i, i-1, false)
	}
}

// axisTicks finds the ticks of an axis of the given length: as many as there is room for their labels
// and at most about eight.
func axisTicks(given []Tick, s span, log bool, length vg.Length, up bool) ([]Tick, []float64) {
	if given != nil {
		return given, nil
	}
	var ticks []Tick
	var minor []float64
	for count := 8; count >= 2; count-- {
		if log {
			ticks, minor = logTicks(s.lo, s.hi, count)
		} else {
			ticks = linearTicks(s.lo, s.hi, count)
		}
		room := vg.Length(22) // of a label and the space beside it
		for _, t := range ticks {
			if !up {
				room = max(room, tickWidth(t.Label)+14)
			}
		}
		if room*vg.Length(len(ticks)-1) < .9*length {
			break
		}
	}
	return ticks, minor
}

// commonKeys reports whether the panels that have legends are several, with the same names and hues.
func (l *layout) commonKeys() (bool, []key) {
	var first []key
	panels := 0
	for i := range l.panels {
		if len(l.panels[i].Layers) == 0 {
			continue
		}
		keys := l.panels[i].keys()
		if len(keys) == 0 {
			continue
		}
		if panels > 0 && !slices.EqualFunc(keys, first, func(a, b key) bool {
			a.color.A, b.color.A = 0xff, 0xff
			return a.name == b.name && a.color == b.color
		}) {
			return false, nil
		}
		if panels++; panels == 1 {
			first = keys
		}
	}
	return panels > 1 && len(first) > 0, first
}

// place sets the areas, from the top left.
func (l *layout) place(w, h vg.Length, cols int) {
	rows := (len(l.panels) + cols - 1) / cols
	cols = min(cols, len(l.panels))
	left, top, bottom := make([]vg.Length, cols), make([]vg.Length, rows), make([]vg.Length, rows)
	for i := range l.panels {
		if p := &l.panels[i]; len(p.Layers) > 0 {
			left[i%cols] = max(left[i%cols], p.left())
			top[i/cols] = max(top[i/cols], p.top())
			bottom[i/cols] = max(bottom[i/cols], p.bottom())
		}
	}
	sum := func(v []vg.Length, each, gap vg.Length) vg.Length {
		s := -gap
		for _, x := range v {
			s += x + each + gap
		}
		return s
	}
	head := vg.Length(len(l.legend) * keyLead)
	if l.title != "" {
		head += titleLead
	}
	if len(l.legend) > 0 {
		head += 8
	}
	titled := vg.Length(0)
	if l.title != "" {
		titled = textWidth(style(titleSize, true, ink, 0, 0), l.title)
	}
	l.width = vg.Length(math.Ceil(float64(2*outer + max(sum(left, w, gapX), titled))))
	l.height = vg.Length(math.Ceil(float64(2*outer + head + sum(top, h, gapY) + sum(bottom, 0, 0))))
	half := func(v vg.Length) vg.Length { return vg.Length(math.Round(float64(v)*2) / 2) }
	y := l.height - outer - head
	for r := range rows {
		y -= top[r] + h
		x := vg.Length(outer)
		for c := range cols {
			x += left[c]
			if i := r*cols + c; i < len(l.panels) {
				at := vg.Point{X: half(x), Y: half(y)}
				l.panels[i].area = vg.Rectangle{Min: at, Max: vg.Point{X: at.X + w, Y: at.Y + h}}
			}
			x += w + gapX
		}
		y -= bottom[r] + gapY
	}
}

// String helps a failing test.
func (s span) String() string { return fmt.Sprintf("[%g, %g]", s.lo, s.hi) }
