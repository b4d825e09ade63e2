package plot

import (
	"math"

	"gonum.org/v1/plot/vg"
)

// share gives the drawn panels common ends, those with a logarithmic axis apart from the others.
func (l *layout) share(x, y bool) {
	for _, log := range []bool{false, true} {
		all := newBox(false, false)
		for _, p := range l.panels {
			if len(p.Layers) > 0 && p.LogX == log {
				all.x.union(p.xs)
			}
			if len(p.Layers) > 0 && p.LogY == log {
				all.y.union(p.ys)
			}
		}
		for i := range l.panels {
			if p := &l.panels[i]; x && p.LogX == log {
				p.xs = all.x
			}
			if p := &l.panels[i]; y && p.LogY == log {
				p.ys = all.y
			}
		}
	}
}

// equal reports whether the units of a drawn panel are to be of one length.
func (p *placed) equal() bool { return p.Equal && !p.LogX && !p.LogY && len(p.Layers) > 0 }

// areaSize chooses the size of the drawing areas and stretches the ranges of equal panels to it.
func (l *layout) areaSize(width, height float64, drawn int) (w, h vg.Length) {
	logAspect, equal := 0., 0.
	for _, p := range l.panels {
		if p.equal() {
			logAspect += math.Log((p.ys.hi - p.ys.lo) / (p.xs.hi - p.xs.lo))
			equal++
		}
	}
	if width == 0 || height == 0 {
		auto := [][2]float64{{420, 260}, {300, 215}}
		size := [2]float64{230, 165}
		if drawn <= len(auto) {
			size = auto[drawn-1]
		}
		if equal > 0 { // equal areas whatever the aspect, within the limits
			side := 200.
			if drawn == 1 {
				side = 320
			}
			r := math.Exp(logAspect / equal / 2)
			size = [2]float64{min(max(side/r, short), long), min(max(side*r, short), long)}
		}
		if width == 0 {
			width = size[0]
		}
		if height == 0 {
			height = size[1]
		}
	}
	for i := range l.panels {
		p := &l.panels[i]
		if !p.equal() {
			continue
		}
		unit := max((p.xs.hi-p.xs.lo)/width, (p.ys.hi-p.ys.lo)/height)
		p.xs = p.xs.widen(unit * width)
		p.ys = p.ys.widen(unit * height)
	}
	return vg.Length(math.Round(width*2) / 2), vg.Length(math.Round(height*2) / 2)
}

// widen keeps the middle.
func (s span) widen(length float64) span {
	middle := s.lo + (s.hi-s.lo)/2
	return span{middle - length/2, middle + length/2}
}

// columns chooses the number of columns for a figure about 1.7 times as wide as high, with few blanks.
func columns(n int, w, h float64) int {
	best, cost := 1, math.Inf(1)
	for c := 1; c <= n; c++ {
		rows := (n + c - 1) / c
		wide, high := float64(c)*(w+gapX)+30, float64(rows)*(h+gapY+2*panelLead)+50
		if x := math.Abs(math.Log(wide/high/1.7)) + .6*float64(c*rows-n)/float64(n); x < cost-1e-9 {
			best, cost = c, x
		}
	}
	return best
}
