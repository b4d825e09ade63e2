package forecast

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// The scalers.
const (
	ScaleMean     = "mean"     // x / mean|x|: TSDiff's, DeepAR's
	ScaleStandard = "standard" // (x − mean x) / sd x
	ScaleNone     = "none"
)

// Scale is what stands between the values of a series and what a network reads: y = (x − Centre) / Size.
type Scale struct{ Centre, Size float64 }

// Apply is (x − Centre) / Size, and Undo its inverse.
func (s Scale) Apply(x float64) float64 { return (x - s.Centre) / s.Size }

// Undo is y·Size + Centre.
func (s Scale) Undo(y float64) float64 { return y*s.Size + s.Centre }

// NewScale is the scale of a kind, of the observed values of a context. Where they leave none, because there are none
// or all are 0 (all the same, where the mean is taken off), Size is 1.
func NewScale(kind string, context []float64) (Scale, error) {
	n, sum, abs := 0., 0., 0.
	for _, v := range context {
		if !math.IsNaN(v) {
			n, sum, abs = n+1, sum+v, abs+math.Abs(v)
		}
	}
	s := Scale{0, 1}
	switch kind {
	case ScaleNone:
	case ScaleMean, "":
		if n > 0 {
			s.Size = abs / n
		}
	case ScaleStandard:
		if n > 0 {
			s.Centre = sum / n
			square := 0.
			for _, v := range context {
				if !math.IsNaN(v) {
					square += (v - s.Centre) * (v - s.Centre)
				}
			}
			s.Size = math.Sqrt(square / n)
		}
	default:
		return s, &ito.InputError{What: fmt.Sprintf("unknown scaler %q", kind),
			Do: "give " + ScaleMean + ", " + ScaleStandard + " or " + ScaleNone}
	}
	if !(s.Size > 1e-300) {
		s.Size = 1
	}
	return s, nil
}
