package plot

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// Loss draws training losses: each raw and faint, with its moving mean over a fortieth of the run above
// it. The axis is logarithmic unless a loss is not positive. A Curve without X counts its steps from 1.
func Loss(curves ...Curve) (Panel, error) {
	p, err := Line(curves...)
	if err != nil {
		return p, err
	}
	p.X, p.Y, p.LogY = "step", "loss", true
	var raw, smooth []Layer
	for _, l := range p.Layers {
		c := l.(Curve)
		for _, v := range c.Y {
			p.LogY = p.LogY && v > 0
		}
		faint, mean := c, c
		faint.Name, faint.Width, faint.Alpha = "", .7, .3
		faint.X, faint.Y = thin(c.X, 1500), thin(c.Y, 1500)
		mean.X, mean.Y = thin(c.X, 1500), thin(movingMean(c.Y, max(1, len(c.Y)/40)), 1500)
		if mean.Width == 0 {
			mean.Width = 1.6
		}
		raw, smooth = append(raw, faint), append(smooth, mean)
	}
	p.Layers = append(raw, smooth...)
	return p, nil
}

// Line draws curves over each other. A Curve without X counts from 1; without a colour it takes the
// next of Palette.
func Line(curves ...Curve) (Panel, error) {
	if len(curves) == 0 {
		return Panel{}, &ito.InputError{Where: "picture", What: "there are no curves to draw"}
	}
	var p Panel
	for i, c := range curves {
		if c.X == nil {
			c.X = count(len(c.Y))
		}
		c.Color = cmp.Or(c.Color, series(i))
		if err := c.extent(newBox(false, false)); err != nil {
			return Panel{}, err
		}
		p.Layers = append(p.Layers, c)
	}
	return p, nil
}

// count returns 1, 2, …, n.
func count(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = float64(i + 1)
	}
	return v
}

// movingMean is the mean of the values at most half a window away.
func movingMean(v []float64, window int) []float64 {
	m := make([]float64, len(v))
	half := window / 2
	for i := range v {
		s := 0.
		near := v[max(0, i-half):min(len(v), i+half+1)]
		for _, x := range near {
			s += x
		}
		m[i] = s / float64(len(near))
	}
	return m
}

// thin keeps about n values at equal distances, the last among them.
func thin(v []float64, n int) []float64 {
	if len(v) <= n {
		return v
	}
	t := make([]float64, n)
	for i := range t {
		t[i] = v[i*(len(v)-1)/(n-1)]
	}
	return t
}

// Spectrum draws the eigenvalues of A at each stage of learning it: a line for each rank, the largest
// first, or bars when there is one stage. Every stage has the same number of eigenvalues, in any order.
func Spectrum(stages [][]float64) (Panel, error) {
	if len(stages) == 0 || len(stages[0]) == 0 {
		return Panel{}, &ito.InputError{Where: "spectrum", What: "there are no eigenvalues to draw"}
	}
	d := len(stages[0])
	sorted := make([][]float64, len(stages))
	for i, s := range stages {
		if len(s) != d {
			return Panel{}, &ito.InputError{Where: "spectrum",
				What: fmt.Sprintf("stage %d has %d eigenvalues and stage 0 has %d", i, len(s), d)}
		}
		sorted[i] = slices.Clone(s)
		slices.SortFunc(sorted[i], func(a, b float64) int {
			switch { // NaN, which is refused where the panel is drawn, must not upset the order
			case a > b:
				return -1
			case a < b:
				return 1
			}
			return 0
		})
	}
	p := Panel{X: "stage", Y: "eigenvalue"}
	if len(stages) == 1 {
		p.X = "rank"
		p.Layers = []Layer{Bars{X: count(d), Y: sorted[0]}}
		p.XTicks = wholeTicks(count(d))
		return p, nil
	}
	first := count(len(stages))
	for i := range first {
		first[i]--
	}
	p.XTicks = wholeTicks(first)
	for r := range d {
		c := Curve{Color: series(r), Dots: len(stages) <= 12, Name: fmt.Sprintf("λ%d", r+1)}
		if d > len(Palette) { // many lines are one object, from the largest to the smallest
			c.Name, c.Color, c.Width = "", shade(float64(r)/float64(d-1)), 1
		}
		c.X = first
		for i := range stages {
			c.Y = append(c.Y, sorted[i][r])
		}
		p.Layers = append(p.Layers, c)
	}
	return p, nil
}

// wholeTicks makes a tick of each of a few whole numbers, which have no halves between them. More get nil,
// for the ticks that any axis has.
func wholeTicks(v []float64) []Tick {
	if len(v) > 10 {
		return nil
	}
	t := make([]Tick, len(v))
	for i, x := range v {
		t[i] = Tick{x, number(x, 1)}
	}
	return t
}

// ErrorVsNFE draws errors against network calls per sample, both logarithmic, over the floor that the
// same measure shows between two draws of the truth: floor is its lower and upper end, zero for none.
func ErrorVsNFE(measure string, floor [2]float64, curves ...Curve) (Panel, error) {
	p, err := Line(curves...)
	if err != nil {
		return p, err
	}
	p.X, p.Y, p.LogX, p.LogY = "network calls per sample", measure, true, true
	var nfe []float64
	for i := range p.Layers {
		c := p.Layers[i].(Curve)
		c.Dots = true
		p.Layers[i] = c
		nfe = append(nfe, c.X...)
	}
	slices.Sort(nfe)
	if nfe = slices.Compact(nfe); len(nfe) <= 8 {
		for _, v := range nfe {
			p.XTicks = append(p.XTicks, Tick{v, number(v, min(v, 1))})
		}
	}
	if floor != [2]float64{} {
		p.Layers = slices.Insert(p.Layers, 0, Layer(Band{Name: "floor", Lo: floor[0], Hi: floor[1]}))
	}
	return p, nil
}
