package inverse

import (
	"fmt"
	"math"
	"math/cmplx"
	"slices"
	"sync"

	"github.com/seed9a7962a8/ito"
)

// BlurMaker makes the blur by a Gaussian kernel of sum 1, cut at four standard deviations. It goes around the edges,
// so that it is diagonal in the Fourier basis.
type BlurMaker struct {
	Sigma float64 `json:"sigma" default:"1" above:"0" max:"1000" help:"Standard deviation in pixels."`
}

// Kind implements Maker.
func (BlurMaker) Kind() string { return "blur" }

// Make implements Maker.
func (c BlurMaker) Make(on Setting) (Operator, error) {
	f, err := frameOf(on.Shape)
	if err != nil {
		return nil, err
	}
	line := func(n int) []float64 {
		k := make([]float64, n)
		for i := -int(4*c.Sigma) - 1; i <= int(4*c.Sigma)+1; i++ {
			k[((i%n)+n)%n] += math.Exp(-float64(i*i) / (2 * c.Sigma * c.Sigma))
		}
		return k
	}
	rows, columns := line(f.H), line(f.W)
	kernel := make([]float64, f.H*f.W)
	for i, a := range rows {
		for j, b := range columns {
			kernel[i*f.W+j] = a * b
		}
	}
	return newBlur("blur", f, on.Shape, kernel)
}

// MotionMaker makes the blur along a line, around the edges, by a kernel of sum 1.
type MotionMaker struct {
	Length float64 `json:"length" default:"9" min:"1" max:"1000" help:"Length of the line in pixels."`
	Angle  float64 `json:"angle" default:"0" help:"Its angle to the rows in degrees."`
}

// Kind implements Maker.
func (MotionMaker) Kind() string { return "motion" }

// Make implements Maker: 16 points a pixel of the line are shared among the four pixels around each.
func (c MotionMaker) Make(on Setting) (Operator, error) {
	f, err := frameOf(on.Shape)
	if err != nil {
		return nil, err
	}
	kernel := make([]float64, f.H*f.W)
	sin, cos := math.Sincos(c.Angle * math.Pi / 180)
	if f.H == 1 {
		sin, cos = 0, 1
	}
	n := int(16*c.Length) | 1
	for i := range n {
		at := (float64(i)/float64(max(n-1, 1)) - .5) * (c.Length - 1)
		y, x := -at*sin, at*cos
		y0, x0 := math.Floor(y), math.Floor(x)
		for _, p := range [4][2]float64{{0, 0}, {0, 1}, {1, 0}, {1, 1}} {
			w := (1 - math.Abs(y-y0-p[0])) * (1 - math.Abs(x-x0-p[1]))
			r, s := (int(y0+p[0])%f.H+f.H)%f.H, (int(x0+p[1])%f.W+f.W)%f.W
			kernel[r*f.W+s] += w
		}
	}
	return newBlur("motion", f, on.Shape, kernel)
}

// NewBlur is the circular convolution of every channel of states of a shape with a kernel [H,W], whose entry [0,0]
// belongs to the pixel itself and [H−1,W−1] to the neighbour above and to the left.
func NewBlur(shape []int, kernel []float64) (Spectral, error) {
	f, err := frameOf(shape)
	if err != nil {
		return nil, err
	}
	if len(kernel) != f.H*f.W {
		return nil, &ito.InputError{Where: "operator blur", What: fmt.Sprintf("a kernel of %d numbers for %d×%d pixels",
			len(kernel), f.H, f.W)}
	}
	return makeBlur("blur", f, shape, slices.Clone(kernel)), nil
}

// newBlur scales the kernel to the sum 1.
func newBlur(kind string, f frame, shape []int, kernel []float64) (Operator, error) {
	sum := 0.
	for _, v := range kernel {
		sum += v
	}
	divide(kernel, sum)
	return makeBlur(kind, f, shape, kernel), nil
}

func makeBlur(kind string, f frame, shape []int, kernel []float64) *blur {
	b := &blur{kind: kind, f: f, shape: shape}
	b.ks, b.numbers = pairs(f.H, f.W)
	b.pool.New = func() any { return newPlane(f.H, f.W) }
	p := newPlane(f.H, f.W)
	p.load(kernel, 0, 1)
	p.forward()
	b.spectrum = slices.Clone(p.buf)
	root := complex(math.Sqrt(float64(f.H*f.W)), 0)
	for i := range b.spectrum {
		b.spectrum[i] *= root // the transform is unitary, a convolution is not
	}
	for i, k := range b.ks {
		v := b.spectrum[k]
		phase := complex(1, 0)
		if r := cmplx.Abs(v); r > 1e-14 {
			phase = v / complex(r, 0)
		}
		b.phase = append(b.phase, phase)
		for range b.numbers[i] {
			b.s = append(b.s, cmplx.Abs(v))
		}
	}
	one := b.s
	for range f.C - 1 {
		b.s = append(b.s, one...)
	}
	return b
}

// blur multiplies every frequency of every channel.
type blur struct {
	kind        string
	f           frame
	shape       []int
	spectrum    []complex128 // [H,W]
	ks, numbers []int
	phase       []complex128 // of each pair
	s           []float64    // [D]
	pool        sync.Pool
}

// Kind implements Operator.
func (b *blur) Kind() string { return b.kind }

// Dims implements Operator.
func (b *blur) Dims() (d, m int) { return b.f.size(), b.f.size() }

// Shape implements Shaped.
func (b *blur) Shape() []int { return b.shape }

// Apply implements Operator.
func (b *blur) Apply(y, x []float64) { b.filter(y, x, false) }

// Adjoint implements Linear.
func (b *blur) Adjoint(dx, w []float64) { b.filter(dx, w, true) }

// VJP implements Operator.
func (b *blur) VJP(dx, _, w []float64) { b.filter(dx, w, true) }

func (b *blur) filter(y, x []float64, conj bool) {
	p := b.pool.Get().(*plane)
	defer b.pool.Put(p)
	for c := range b.f.C {
		p.load(x, c, b.f.C)
		p.forward()
		for i, h := range b.spectrum {
			if conj {
				h = cmplx.Conj(h)
			}
			p.buf[i] *= h
		}
		p.inverse()
		b.store(y, p, c)
	}
}

func (b *blur) store(y []float64, p *plane, c int) {
	for i, v := range p.buf {
		y[i*b.f.C+c] = real(v)
	}
}

// SVD implements Spectral: V is the real Fourier basis, U the same turned by the phase of the kernel.
func (b *blur) SVD() (SVD, error) { return blurSVD{b}, nil }

type blurSVD struct{ *blur }

// Values implements SVD.
func (b blurSVD) Values() []float64 { return b.s }

// VT implements SVD.
func (b blurSVD) VT(z, x []float64) { b.to(z, x, nil) }

// V implements SVD.
func (b blurSVD) V(x, z []float64) { b.from(x, z, nil) }

// UT implements SVD.
func (b blurSVD) UT(z, y []float64) { b.to(z, y, b.phase) }

// U implements SVD.
func (b blurSVD) U(y, z []float64) { b.from(y, z, b.phase) }

func (b blurSVD) to(z, x []float64, phase []complex128) {
	p := b.pool.Get().(*plane)
	defer b.pool.Put(p)
	n := b.f.H * b.f.W
	for c := range b.f.C {
		p.load(x, c, b.f.C)
		p.forward()
		p.pack(z[c*n:(c+1)*n], b.ks, b.numbers, phase)
	}
}

func (b blurSVD) from(x, z []float64, phase []complex128) {
	p := b.pool.Get().(*plane)
	defer b.pool.Put(p)
	n := b.f.H * b.f.W
	for c := range b.f.C {
		p.unpack(z[c*n:(c+1)*n], b.ks, b.numbers, phase)
		p.inverse()
		b.store(x, p, c)
	}
}
