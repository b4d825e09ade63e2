package inverse

import (
	"math/cmplx"
	"sync"
)

// PhaseMaker makes the magnitudes of the unitary Fourier transform of every channel, in a frame of Oversample times as
// many rows and columns filled with zeros: phase retrieval. It is not linear, and neither shifts within the frame nor
// a turn by 180 degrees change it: estimates may come out so.
type PhaseMaker struct {
	Oversample int `json:"oversample" default:"2" min:"1" max:"8" help:"How many times larger the frame is along an edge."`
}

// Kind implements Maker.
func (PhaseMaker) Kind() string { return "phase" }

// Make implements Maker.
func (c PhaseMaker) Make(on Setting) (Operator, error) {
	f, err := frameOf(on.Shape)
	if err != nil {
		return nil, err
	}
	big := frame{f.H, f.W * c.Oversample, f.C}
	if f.H > 1 {
		big.H *= c.Oversample
	}
	a := &phase{f: f, big: big, shape: big.like(on.Shape)}
	a.pool.New = func() any { return newPlane(big.H, big.W) }
	return a, nil
}

type phase struct {
	f, big frame
	shape  []int
	pool   sync.Pool
}

// Kind implements Operator.
func (*phase) Kind() string { return "phase" }

// Dims implements Operator.
func (a *phase) Dims() (d, m int) { return a.f.size(), a.big.size() }

// Shape implements Shaped.
func (a *phase) Shape() []int { return a.shape }

func (a *phase) spectrum(p *plane, x []float64, c int) {
	clear(p.buf)
	for i := range a.f.H {
		for j := range a.f.W {
			p.buf[i*a.big.W+j] = complex(x[(i*a.f.W+j)*a.f.C+c], 0)
		}
	}
	p.forward()
}

// Apply implements Operator.
func (a *phase) Apply(y, x []float64) {
	p := a.pool.Get().(*plane)
	defer a.pool.Put(p)
	for c := range a.f.C {
		a.spectrum(p, x, c)
		for i, v := range p.buf {
			y[i*a.f.C+c] = cmplx.Abs(v)
		}
	}
}

// VJP implements Operator: w_k X_k/|X_k| transformed back; 0 where X_k is.
func (a *phase) VJP(dx, x, w []float64) {
	p := a.pool.Get().(*plane)
	defer a.pool.Put(p)
	for c := range a.f.C {
		a.spectrum(p, x, c)
		for i, v := range p.buf {
			if r := cmplx.Abs(v); r > 0 {
				p.buf[i] = v * complex(w[i*a.f.C+c]/r, 0)
			}
		}
		p.inverse()
		for i := range a.f.H {
			for j := range a.f.W {
				dx[(i*a.f.W+j)*a.f.C+c] = real(p.buf[i*a.big.W+j])
			}
		}
	}
}
