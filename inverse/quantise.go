package inverse

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// QuantiseMaker rounds to the nearest of Levels values evenly from Low to High, in the units of the data. Its
// derivative is 0 almost everywhere; the VJP is the straight-through estimate, that of the identity within the range.
type QuantiseMaker struct {
	Levels int     `json:"levels" default:"8" min:"2" max:"65536" help:"Number of levels."`
	Low    float64 `json:"low" default:"-1" help:"Least level."`
	High   float64 `json:"high" default:"1" help:"Largest level."`
}

// Kind implements Maker.
func (QuantiseMaker) Kind() string { return "quantise" }

// Make implements Maker.
func (c QuantiseMaker) Make(on Setting) (Operator, error) {
	if !(c.Low < c.High) {
		return nil, &ito.InputError{Where: "operator quantise",
			What: fmt.Sprintf("levels from %g to %g", c.Low, c.High), Do: "give low below high"}
	}
	f, err := frameOf(on.Shape)
	return quantise{c, f.size(), on.Shape}, err
}

type quantise struct {
	QuantiseMaker
	d     int
	shape []int
}

// Dims implements Operator.
func (a quantise) Dims() (d, m int) { return a.d, a.d }

// Shape implements Shaped.
func (a quantise) Shape() []int { return a.shape }

// Apply implements Operator.
func (a quantise) Apply(y, x []float64) {
	step := (a.High - a.Low) / float64(a.Levels-1)
	for i, v := range x {
		y[i] = a.Low + step*math.RoundToEven((math.Min(math.Max(v, a.Low), a.High)-a.Low)/step)
	}
}

// VJP implements Operator.
func (a quantise) VJP(dx, x, w []float64) {
	for i, v := range x {
		dx[i] = 0
		if v >= a.Low && v <= a.High {
			dx[i] = w[i]
		}
	}
}
