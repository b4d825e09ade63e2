package plot

import (
	"fmt"
	"image/color"
	"math"

	"github.com/seed9a7962a8/ito"
)

// Panel is one pair of axes with what is drawn over them. The zero value of every field is a good
// default; a Panel without layers is a blank in the grid of its Figure.
type Panel struct {
	Title  string
	X, Y   string // labels of the axes
	Layers []Layer
	LogX   bool
	LogY   bool
	// Equal makes a unit of x as long as a unit of y, for geometry in raw coordinates. A panel with a
	// logarithmic axis has no such units and ignores it.
	Equal bool
	// XRange and YRange are the ends of the axes; zero takes them from the layers, with a margin. What
	// lies outside is not drawn, and a note counts the points.
	XRange, YRange [2]float64
	// XTicks and YTicks replace the ticks that would be chosen.
	XTicks, YTicks []Tick
	// Bare leaves out grid and axis lines.
	Bare bool
}

// Layer is something drawn in a Panel: Points, Curve, Band, Bars, Steps, Paths, Contour, Rug or Mosaic.
type Layer interface {
	// extent grows the box by what the layer covers, or says why it cannot be drawn.
	extent(b *box) error
	draw(f *frame)
	// keys are the layer's entries in the legend.
	keys() []key
}

// box is the smallest rectangle around everything that was put in.
type box struct {
	x, y       span
	logX, logY bool
	base       bool // something stands on y = 0, which then needs no margin
}

type span struct{ lo, hi float64 }

func newBox(logX, logY bool) *box {
	empty := span{math.Inf(1), math.Inf(-1)}
	return &box{x: empty, y: empty, logX: logX, logY: logY}
}

func (s *span) add(v float64) { s.lo, s.hi = min(s.lo, v), max(s.hi, v) }

func (s *span) union(t span) { s.lo, s.hi = min(s.lo, t.lo), max(s.hi, t.hi) }

func (s span) empty() bool { return s.lo > s.hi }

// addX and addY put a value in, naming the layer and the value where it cannot be drawn.
func (b *box) addX(layer string, i int, v float64) error { return add(&b.x, b.logX, layer, "x", i, v) }
func (b *box) addY(layer string, i int, v float64) error { return add(&b.y, b.logY, layer, "y", i, v) }

// farthest is the largest number with a place in a picture: margins and unions of it stay finite.
const farthest = 1e150

func drawable(v float64) bool { return math.Abs(v) <= farthest }

func add(s *span, log bool, layer, axis string, i int, v float64) error {
	if !drawable(v) {
		return &ito.InputError{Where: layer, What: fmt.Sprintf("%s value %d is %g, which cannot be drawn", axis, i, v),
			Do: "remove it"}
	}
	if log && v < 1/farthest {
		return &ito.InputError{Where: layer, What: fmt.Sprintf("%s value %d is %g, which has no place on a "+
			"logarithmic axis", axis, i, v), Do: "use a linear axis"}
	}
	s.add(v)
	return nil
}

// addXY puts pairs in.
func (b *box) addXY(layer string, x, y []float64) error {
	if len(x) == 0 || len(x) != len(y) {
		return &ito.InputError{Where: layer, What: fmt.Sprintf("%d x values and %d y values make nothing to draw",
			len(x), len(y))}
	}
	for i := range x {
		if err := b.addX(layer, i, x[i]); err != nil {
			return err
		}
		if err := b.addY(layer, i, y[i]); err != nil {
			return err
		}
	}
	return nil
}

// named is how errors call a layer.
func named(kind, name string) string {
	if name == "" {
		return kind
	}
	return fmt.Sprintf("%s %q", kind, name)
}

// bounds returns the ends of the axes before they are shared or made equal.
func (p *Panel) bounds() (x, y span, err error) {
	b := newBox(p.LogX, p.LogY)
	for _, l := range p.Layers {
		if err := l.extent(b); err != nil {
			if p.Title != "" {
				err = fmt.Errorf("%s: %w", p.Title, err)
			}
			return x, y, err
		}
	}
	if x, err = ends(b.x, p.XRange, p.LogX, "x"); err != nil {
		return x, y, err
	}
	y, err = ends(b.y, p.YRange, p.LogY, "y")
	if b.base && b.y.lo == 0 && p.YRange == [2]float64{} {
		y.lo = 0
	}
	return x, y, err
}

// ends returns the fixed ends, or those of the content with a margin of 4 %.
func ends(s span, fixed [2]float64, log bool, axis string) (span, error) {
	if fixed != [2]float64{} {
		lo, hi := fixed[0], fixed[1]
		if !(lo < hi) || math.IsInf(hi-lo, 0) || log && lo <= 0 {
			return s, &ito.InputError{Where: axis + " range", What: fmt.Sprintf("%g to %g is not a range", lo, hi)}
		}
		return span{lo, hi}, nil
	}
	if s.empty() { // a band alone says nothing about the other axis
		return span{1, 10}, nil
	}
	if log {
		r := math.Exp(.05 * (math.Log(s.hi) - math.Log(s.lo)))
		if s.lo == s.hi {
			r = 2
		}
		return span{s.lo / r, s.hi * r}, nil
	}
	margin := .04 * (s.hi - s.lo)
	if margin <= 1e-9*max(math.Abs(s.lo), math.Abs(s.hi)) {
		margin = max(.1*math.Abs(s.hi), 1e-3)
		if s.hi == 0 {
			margin = 1
		}
	}
	return span{s.lo - margin, s.hi + margin}, nil
}

// key is an entry of a legend.
type key struct {
	name  string
	shape keyShape
	color color.NRGBA
}

type keyShape uint8

const (
	keyLine keyShape = iota
	keyDash
	keyDot
	keyRing
	keyPatch
	keyTime // a strip of the colours of time
)

// keys collects the legend of a panel, each entry once.
func (p *Panel) keys() []key {
	var all []key
	seen := map[key]bool{}
	for _, l := range p.Layers {
		for _, k := range l.keys() {
			if k.name != "" && !seen[k] {
				seen[k] = true
				all = append(all, k)
			}
		}
	}
	return all
}
