package inverse

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

func rootOf(x float64) float64 { return math.Sqrt(x) }

// GreyMaker makes the mean of the channels of every pixel, which colourisation starts from.
type GreyMaker struct {
	Luma bool `json:"luma" help:"Weight red, green and blue by .299, .587 and .114 instead of a third each."`
}

// Kind implements Maker.
func (GreyMaker) Kind() string { return "grey" }

// Make implements Maker.
func (c GreyMaker) Make(on Setting) (Operator, error) {
	f, err := frameOf(on.Shape)
	if err != nil {
		return nil, err
	}
	bad := func(what, do string) (Operator, error) {
		return nil, &ito.InputError{Where: "operator grey", What: what, Do: do}
	}
	if f.C < 2 {
		return bad(fmt.Sprintf("states of shape %v have one channel", on.Shape), "colours need images [H,W,3]")
	}
	a := &grey{f: f, w: make([]float64, f.C), shape: []int{f.H, f.W, 1}}
	for i := range a.w {
		a.w[i] = 1 / float64(f.C)
	}
	if c.Luma {
		if f.C != 3 {
			return bad(fmt.Sprintf("images have %d channels, and luma is of three", f.C), "leave luma out")
		}
		a.w = []float64{.299, .587, .114}
	}
	return a, nil
}

type grey struct {
	f     frame
	w     []float64 // [C]
	shape []int
}

// Kind implements Operator.
func (*grey) Kind() string { return "grey" }

// Dims implements Operator.
func (a *grey) Dims() (d, m int) { return a.f.size(), a.f.H * a.f.W }

// Shape implements Shaped.
func (a *grey) Shape() []int { return a.shape }

// Apply implements Operator.
func (a *grey) Apply(y, x []float64) {
	for i := range y {
		s := 0.
		for c, w := range a.w {
			s += float64(w * x[i*len(a.w)+c])
		}
		y[i] = s
	}
}

// Adjoint implements Linear.
func (a *grey) Adjoint(dx, w []float64) {
	for i, v := range w {
		for c, k := range a.w {
			dx[i*len(a.w)+c] = k * v
		}
	}
}

// VJP implements Operator.
func (a *grey) VJP(dx, _, w []float64) { a.Adjoint(dx, w) }

// SVD implements Spectral: AAᵀ is the sum of the squared weights.
func (a *grey) SVD() (SVD, error) {
	s := 0.
	for _, w := range a.w {
		s += float64(w * w)
	}
	return newTight(a, rootOf(s)), nil
}
