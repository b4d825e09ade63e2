package inverse

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/seed9a7962a8/ito"
)

// FourierMaker makes some columns of the unitary two-dimensional Fourier transform, as a scan of magnetic resonance
// does; of a series some of its frequencies. An image of two channels is complex, real and imaginary part; each channel
// of another is real. A frequency is two numbers, real and imaginary part.
type FourierMaker struct {
	Accel  float64 `json:"accel" default:"4" min:"1" max:"1000" help:"One of so many columns is measured."`
	Centre float64 `json:"centre" default:"0.08" min:"0" max:"1" help:"Part of the columns around frequency 0 that are measured in any case."`
	Seed   uint64  `json:"seed" default:"1" help:"Seed of which the others are."`
}

// Kind implements Maker.
func (FourierMaker) Kind() string { return "fourier" }

// Make implements Maker.
func (c FourierMaker) Make(on Setting) (Operator, error) {
	f, err := frameOf(on.Shape)
	if err != nil {
		return nil, err
	}
	n := max(1, int(math.Round(float64(f.W)/c.Accel)))
	centre := min(n, int(math.Round(c.Centre*float64(f.W))))
	seen := make([]bool, f.W)
	for i := range centre { // 0, −1, 1, −2, …
		seen[((i+1)/2*(1-2*(i%2))+f.W)%f.W] = true
	}
	var rest []int
	for k, s := range seen {
		if !s {
			rest = append(rest, k)
		}
	}
	for _, k := range chosen(len(rest), n-centre, c.Seed) {
		seen[rest[k]] = true
	}
	kept := make([]bool, f.H*f.W)
	for i := range kept {
		kept[i] = seen[i%f.W]
	}
	return NewFourier(on.Shape, kept)
}

// NewFourier measures the frequencies of states of a shape where kept [H,W] says so; frequency 0 comes first.
func NewFourier(shape []int, kept []bool) (Spectral, error) {
	f, err := frameOf(shape)
	if err != nil {
		return nil, err
	}
	if len(kept) != f.H*f.W || !slices.Contains(kept, true) {
		return nil, &ito.InputError{Where: "operator fourier", What: fmt.Sprintf("a mask of %d frequencies for %d×%d",
			len(kept), f.H, f.W), Do: "give one for each pixel, and keep at least one"}
	}
	a := &fourierMask{f: f, parts: f.C}
	a.complex = f.C == 2
	if a.complex {
		a.parts = 1
	}
	for k, s := range kept {
		if s {
			a.at = append(a.at, k)
		}
	}
	a.pool.New = func() any { return newPlane(f.H, f.W) }
	if !a.complex {
		a.realSVD(kept)
	}
	return a, nil
}

type fourierMask struct {
	f       frame
	complex bool
	parts   int   // channels, 1 of a complex image
	at      []int // frequencies
	pool    sync.Pool

	// of real images: the pairs of which something is measured, and the singular values of one channel
	ks, numbers []int
	s           []float64
}

// realSVD finds the singular values of real images: the numbers of a pair are √2 times those of one frequency, which is
// measured once or twice.
func (a *fourierMask) realSVD(kept []bool) {
	ks, numbers := pairs(a.f.H, a.f.W)
	for i, k := range ks {
		n := 0.
		if kept[k] {
			n++
		}
		if numbers[i] == 2 && kept[conjugate(k, a.f.H, a.f.W)] {
			n++
		}
		if n == 0 {
			continue
		}
		a.ks, a.numbers = append(a.ks, k), append(a.numbers, numbers[i])
		for range numbers[i] {
			a.s = append(a.s, math.Sqrt(n/float64(numbers[i])))
		}
	}
	one := a.s
	for range a.parts - 1 {
		a.s = append(a.s, one...)
	}
}

// Kind implements Operator.
func (*fourierMask) Kind() string { return "fourier" }

// Dims implements Operator.
func (a *fourierMask) Dims() (d, m int) { return a.f.size(), 2 * len(a.at) * a.parts }

// Apply implements Operator.
func (a *fourierMask) Apply(y, x []float64) {
	p := a.pool.Get().(*plane)
	defer a.pool.Put(p)
	for c := range a.parts {
		a.load(p, x, c)
		p.forward()
		for i, k := range a.at {
			o := 2 * (c*len(a.at) + i)
			y[o], y[o+1] = real(p.buf[k]), imag(p.buf[k])
		}
	}
}

func (a *fourierMask) load(p *plane, x []float64, c int) {
	if !a.complex {
		p.load(x, c, a.f.C)
		return
	}
	for i := range p.buf {
		p.buf[i] = complex(x[2*i], x[2*i+1])
	}
}

// Adjoint implements Linear.
func (a *fourierMask) Adjoint(dx, w []float64) {
	p := a.pool.Get().(*plane)
	defer a.pool.Put(p)
	for c := range a.parts {
		clear(p.buf)
		for i, k := range a.at {
			o := 2 * (c*len(a.at) + i)
			p.buf[k] = complex(w[o], w[o+1])
		}
		p.inverse()
		for i, v := range p.buf {
			if a.complex {
				dx[2*i], dx[2*i+1] = real(v), imag(v)
			} else {
				dx[i*a.f.C+c] = real(v)
			}
		}
	}
}

// VJP implements Operator.
func (a *fourierMask) VJP(dx, _, w []float64) { a.Adjoint(dx, w) }

// SVD implements Spectral. A complex image has U = I and s = 1.
func (a *fourierMask) SVD() (SVD, error) {
	if a.complex {
		return newTight(a, 1), nil
	}
	return fourierSVD{a}, nil
}

type fourierSVD struct{ *fourierMask }

// Values implements SVD.
func (a fourierSVD) Values() []float64 { return a.s }

// VT implements SVD.
func (a fourierSVD) VT(z, x []float64) {
	p := a.pool.Get().(*plane)
	defer a.pool.Put(p)
	n := len(a.s) / a.parts
	for c := range a.parts {
		p.load(x, c, a.f.C)
		p.forward()
		p.pack(z[c*n:(c+1)*n], a.ks, a.numbers, nil)
	}
}

// V implements SVD.
func (a fourierSVD) V(x, z []float64) {
	p := a.pool.Get().(*plane)
	defer a.pool.Put(p)
	n := len(a.s) / a.parts
	for c := range a.parts {
		clear(p.buf)
		p.unpack(z[c*n:(c+1)*n], a.ks, a.numbers, nil)
		p.inverse()
		for i, v := range p.buf {
			x[i*a.f.C+c] = real(v)
		}
	}
}

// UT implements SVD: VᵀAᵀy/s.
func (a fourierSVD) UT(z, y []float64) {
	x := make([]float64, a.f.size())
	a.Adjoint(x, y)
	a.VT(z, x)
	for i, s := range a.s {
		z[i] /= s
	}
}

// U implements SVD: AVz/s.
func (a fourierSVD) U(y, z []float64) {
	x, v := make([]float64, a.f.size()), make([]float64, len(z))
	for i, s := range a.s {
		v[i] = z[i] / s
	}
	a.V(x, v)
	a.Apply(y, x)
}
