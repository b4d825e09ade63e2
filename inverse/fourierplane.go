package inverse

import (
	"math"
	"math/cmplx"

	"gonum.org/v1/gonum/dsp/fourier"
)

// plane is the unitary Fourier transform of images of H×W numbers. A plane is for one call at a time.
type plane struct {
	h, w     int
	row, col *fourier.CmplxFFT
	line     []complex128
	buf      []complex128 // [H,W]
}

func newPlane(h, w int) *plane {
	p := &plane{h: h, w: w, row: fourier.NewCmplxFFT(w), line: make([]complex128, max(h, w)),
		buf: make([]complex128, h*w)}
	if h > 1 {
		p.col = fourier.NewCmplxFFT(h)
	}
	return p
}

// forward transforms buf in place: X_k = Σ_n x_n e^{−2πi kn/N} / √N.
func (p *plane) forward() { p.turn((*fourier.CmplxFFT).Coefficients) }

// inverse is the inverse of forward.
func (p *plane) inverse() { p.turn((*fourier.CmplxFFT).Sequence) }

func (p *plane) turn(f func(t *fourier.CmplxFFT, dst, src []complex128) []complex128) {
	for i := range p.h {
		r := p.buf[i*p.w : (i+1)*p.w]
		f(p.row, r, r)
	}
	if p.col != nil {
		line := p.line[:p.h]
		for j := range p.w {
			for i := range line {
				line[i] = p.buf[i*p.w+j]
			}
			f(p.col, line, line)
			for i, v := range line {
				p.buf[i*p.w+j] = v
			}
		}
	}
	c := complex(1/math.Sqrt(float64(p.h*p.w)), 0)
	for i := range p.buf {
		p.buf[i] *= c
	}
}

// load puts channel c of an image [H,W,C] into buf.
func (p *plane) load(x []float64, c, channels int) {
	for i := range p.buf {
		p.buf[i] = complex(x[i*channels+c], 0)
	}
}

// conjugate is the place of frequency −k.
func conjugate(k, h, w int) int { return (h-k/w)%h*w + (w-k%w)%w }

// pairs are the frequencies of a real image, one of k and −k each, and how many real numbers they have: 1 where
// k = −k, otherwise 2.
func pairs(h, w int) (k, numbers []int) {
	for i := range h * w {
		switch c := conjugate(i, h, w); {
		case c == i:
			k, numbers = append(k, i), append(numbers, 1)
		case i < c:
			k, numbers = append(k, i), append(numbers, 2)
		}
	}
	return k, numbers
}

// pack writes the real coefficients of the transform in buf, which is that of a real image: an orthonormal basis, √2 Re
// and √2 Im of a pair, Re where k = −k. turned are phases that are taken away first; nil: none.
func (p *plane) pack(z []float64, ks, numbers []int, turned []complex128) {
	at := 0
	for i, k := range ks {
		v := p.buf[k]
		if turned != nil {
			v *= cmplx.Conj(turned[i])
		}
		if numbers[i] == 1 {
			z[at] = real(v)
		} else {
			z[at], z[at+1] = math.Sqrt2*real(v), math.Sqrt2*imag(v)
		}
		at += numbers[i]
	}
}

// unpack is the inverse of pack, with the phases put back.
func (p *plane) unpack(z []float64, ks, numbers []int, turned []complex128) {
	at := 0
	for i, k := range ks {
		v := complex(z[at], 0)
		if numbers[i] == 2 {
			v = complex(z[at]/math.Sqrt2, z[at+1]/math.Sqrt2)
		}
		if turned != nil {
			v *= turned[i]
		}
		p.buf[k] = v
		if numbers[i] == 2 {
			p.buf[conjugate(k, p.h, p.w)] = cmplx.Conj(v)
		}
		at += numbers[i]
	}
}
