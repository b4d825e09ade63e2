package ito

import (
	"fmt"
)

// Project makes every row legal in place, as the nearest that is: absent nodes are zero, pairs symmetric and
// hollow, centred parts without a mean. Standard normals become standard normals of the legal states. Tokens are
// rounded to a level. c holds the mask where the space has one. The same again changes nothing beyond rounding.
func (s Space) Project(x States, c Cond) error {
	if x.D != s.Dim() {
		return &InputError{Where: "space", What: fmt.Sprintf("states of dimension %d, a state has %d", x.D, s.Dim())}
	}
	if m := s.Mask; m != nil && (c.C < m.At+m.N || len(c.X) != c.C*x.N) {
		return &InputError{Where: "space", What: fmt.Sprintf("a condition of width %d has no mask of %d nodes at %d",
			c.C, m.N, m.At)}
	}
	if s.Free() {
		return nil
	}
	for i := range x.N {
		var mask []float64
		if s.Mask != nil {
			mask = c.Row(i)[s.Mask.At : s.Mask.At+s.Mask.N]
		}
		row := x.Row(i)
		for _, p := range s.Parts {
			n := p.Size()
			p.project(row[:n], mask)
			row = row[n:]
		}
	}
	return nil
}

func (p Part) project(x, mask []float64) {
	if p.Levels > 0 {
		for i, v := range x {
			x[i] = level(v, p.Levels)
		}
	}
	switch p.Nodes {
	case 1:
		p.projectNodes(x, mask)
	case 2:
		p.projectPairs(x, mask)
	}
}

// level is the whole number nearest to v between 0 and levels−1.
func level(v float64, levels int) float64 {
	switch top := float64(levels - 1); {
	case !(v > 0):
		return 0
	case v >= top:
		return top
	}
	return float64(int(v + .5))
}

func (p Part) projectNodes(x, mask []float64) {
	n := p.Shape[0]
	f := len(x) / n
	there := func(i int) bool { return mask == nil || mask[i] != 0 }
	count := 0
	for i := range n {
		if there(i) {
			count++
			continue
		}
		clear(x[i*f : (i+1)*f])
	}
	if !p.Centred || count == 0 {
		return
	}
	for k := range f {
		mean := 0.0
		for i := range n {
			mean += x[i*f+k]
		}
		mean /= float64(count)
		for i := range n {
			if there(i) {
				x[i*f+k] -= mean
			}
		}
	}
}

func (p Part) projectPairs(x, mask []float64) {
	n := p.Shape[0]
	f := len(x) / (n * n)
	for i := range n {
		for j := range n {
			if mask != nil && (mask[i] == 0 || mask[j] == 0) || p.Hollow && i == j {
				at := (i*n + j) * f
				clear(x[at : at+f])
			}
		}
	}
	if !p.Symmetric {
		return
	}
	for i := range n {
		for j := range i {
			for k := range f {
				a, b := (i*n+j)*f+k, (j*n+i)*f+k
				mean := (x[a] + x[b]) / 2
				if p.Levels > 0 {
					mean = x[a]
				}
				x[a], x[b] = mean, mean
			}
		}
	}
}
