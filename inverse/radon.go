package inverse

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// RadonMaker makes integrals along parallel lines at several angles: tomography. A detector has the width of a pixel,
// and there are as many as the longer edge has pixels; what lies outside the image is zero. The integral is the sum
// over two points a pixel of the line, with bilinear interpolation.
type RadonMaker struct {
	Angles int     `json:"angles" default:"30" min:"1" max:"10000" help:"Number of angles, evenly from 0 to 180 degrees."`
	To     float64 `json:"to" default:"180" above:"0" max:"180" help:"Angle in degrees up to which they go: less is a limited view."`
}

// Kind implements Maker.
func (RadonMaker) Kind() string { return "radon" }

// Make implements Maker.
func (c RadonMaker) Make(on Setting) (Operator, error) {
	f, err := frameOf(on.Shape)
	if err != nil {
		return nil, err
	}
	if f.H < 2 || f.W < 2 || f.C != 1 {
		return nil, &ito.InputError{Where: "operator radon", What: fmt.Sprintf("states of shape %v", on.Shape),
			Do: "lines go through images of one channel"}
	}
	s := newSparse("radon", f.size())
	n := max(f.H, f.W)
	s.shape = []int{c.Angles, n}
	reach := math.Hypot(float64(f.H), float64(f.W)) / 2
	for a := range c.Angles {
		sin, cos := math.Sincos(c.To * float64(a) / float64(c.Angles) * math.Pi / 180)
		for k := range n {
			r := float64(k) - float64(n-1)/2
			for q := -reach; q <= reach; q += .5 {
				y, x := float64(f.H-1)/2+r*sin+q*cos, float64(f.W-1)/2+r*cos-q*sin
				y0, x0 := math.Floor(y), math.Floor(x)
				for _, p := range [4][2]float64{{0, 0}, {0, 1}, {1, 0}, {1, 1}} {
					i, j := int(y0+p[0]), int(x0+p[1])
					if i >= 0 && i < f.H && j >= 0 && j < f.W {
						s.add(i*f.W+j, .5*(1-math.Abs(y-y0-p[0]))*(1-math.Abs(x-x0-p[1])))
					}
				}
			}
			s.end()
		}
	}
	return s, nil
}
