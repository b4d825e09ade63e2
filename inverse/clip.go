package inverse

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// ClipMaker makes y = min(max(Gain x, Low), High), a camera whose range ends: high dynamic range. It is in the units
// of the data. Its derivative is 0 beyond the range.
type ClipMaker struct {
	Low  float64 `json:"low" default:"-1" help:"Least value that is measured."`
	High float64 `json:"high" default:"1" help:"Largest value that is measured."`
	Gain float64 `json:"gain" default:"2" above:"0" help:"Factor before the range."`
}

// Kind implements Maker.
func (ClipMaker) Kind() string { return "clip" }

// Make implements Maker.
func (c ClipMaker) Make(on Setting) (Operator, error) {
	if !(c.Low < c.High) {
		return nil, &ito.InputError{Where: "operator clip", What: fmt.Sprintf("a range from %g to %g", c.Low, c.High),
			Do: "give low below high"}
	}
	f, err := frameOf(on.Shape)
	return clip{c, f.size(), on.Shape}, err
}

type clip struct {
	ClipMaker
	d     int
	shape []int
}

// Dims implements Operator.
func (a clip) Dims() (d, m int) { return a.d, a.d }

// Shape implements Shaped.
func (a clip) Shape() []int { return a.shape }

// Apply implements Operator.
func (a clip) Apply(y, x []float64) {
	for i, v := range x {
		y[i] = math.Min(math.Max(a.Gain*v, a.Low), a.High)
	}
}

// VJP implements Operator.
func (a clip) VJP(dx, x, w []float64) {
	for i, v := range x {
		dx[i] = 0
		if g := a.Gain * v; g > a.Low && g < a.High {
			dx[i] = a.Gain * w[i]
		}
	}
}
