package inverse

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// JPEGMaker is what JPEG makes of an image whose pixels run from 0 to 1, before any code: blocks of 8×8 pixels, the
// cosine transform of 255x − 128 of each (of YCbCr in colour, of full size), its coefficients rounded to multiples of
// the tables of ITU T.81, annex K, scaled to a quality as by libjpeg, and back. Images whose sides are not multiples of
// 8 go on with their last row and column. The derivative is 0 almost everywhere; the VJP is the straight-through
// estimate, that of the identity, which is what JPEG is without its rounding.
type JPEGMaker struct {
	Quality int `json:"quality" default:"25" min:"1" max:"100" help:"From 1 to 100, as programs call it."`
}

// Kind implements Maker.
func (JPEGMaker) Kind() string { return "jpeg" }

// Make implements Maker.
func (c JPEGMaker) Make(on Setting) (Operator, error) {
	f, err := frameOf(on.Shape)
	if err != nil {
		return nil, err
	}
	if len(on.Shape) < 2 || f.C != 1 && f.C != 3 {
		return nil, &ito.InputError{Where: "operator jpeg", What: fmt.Sprintf("states of shape %v", on.Shape),
			Do: "it is of images [H,W] or [H,W,C] of one or three channels"}
	}
	a := &jpeg{f: f, shape: on.Shape}
	scale := 200 - 2*c.Quality
	if c.Quality < 50 {
		scale = 5000 / max(c.Quality, 1)
	}
	for k, table := range [2]*[64]int{&luminance, &chrominance} {
		for i, v := range table {
			a.step[k][i] = float64(min(max((v*scale+50)/100, 1), 255))
		}
	}
	for u := range 8 {
		for x := range 8 {
			a.dct[u][x] = math.Cos(float64(2*x+1)*float64(u)*math.Pi/16) / 2
			if u == 0 {
				a.dct[u][x] /= math.Sqrt2
			}
		}
	}
	return a, nil
}

type jpeg struct {
	f     frame
	shape []int
	step  [2][64]float64 // of luminance and chrominance
	dct   [8][8]float64  // orthonormal
}

// Kind implements Operator.
func (*jpeg) Kind() string { return "jpeg" }

// Dims implements Operator.
func (a *jpeg) Dims() (d, m int) { return a.f.size(), a.f.size() }

// Shape implements Shaped.
func (a *jpeg) Shape() []int { return a.shape }

// VJP implements Operator.
func (*jpeg) VJP(dx, _, w []float64) { copy(dx, w) }

// Apply implements Operator.
func (a *jpeg) Apply(y, x []float64) {
	for i, v := range x {
		y[i] = float64(255*v) - 128
	}
	if a.f.C == 3 {
		pixels(y, toYCC)
	}
	var block [64]float64
	for c := range a.f.C {
		for r := 0; r < a.f.H; r += 8 {
			for s := 0; s < a.f.W; s += 8 {
				for i := range block {
					row, col := min(r+i/8, a.f.H-1), min(s+i%8, a.f.W-1)
					block[i] = y[(row*a.f.W+col)*a.f.C+c]
				}
				a.round(&block, &a.step[min(c, 1)])
				for i, v := range block {
					if row, col := r+i/8, s+i%8; row < a.f.H && col < a.f.W {
						y[(row*a.f.W+col)*a.f.C+c] = v
					}
				}
			}
		}
	}
	if a.f.C == 3 {
		pixels(y, fromYCC)
	}
	for i, v := range y {
		y[i] = math.Min(math.Max((v+128)/255, 0), 1)
	}
}

// round rounds the coefficients of a block.
func (a *jpeg) round(b, step *[64]float64) {
	var t, f [64]float64
	for u := range 8 { // columns, then rows
		for x := range 8 {
			s := 0.
			for k := range 8 {
				s += float64(a.dct[u][k] * b[k*8+x])
			}
			t[u*8+x] = s
		}
	}
	for u := range 8 {
		for v := range 8 {
			s := 0.
			for k := range 8 {
				s += float64(t[u*8+k] * a.dct[v][k])
			}
			q := step[u*8+v]
			f[u*8+v] = q * math.Round(s/q)
		}
	}
	for k := range 8 {
		for v := range 8 {
			s := 0.
			for u := range 8 {
				s += float64(a.dct[u][k] * f[u*8+v])
			}
			t[k*8+v] = s
		}
	}
	for k := range 8 {
		for x := range 8 {
			s := 0.
			for v := range 8 {
				s += float64(t[k*8+v] * a.dct[v][x])
			}
			b[k*8+x] = s
		}
	}
}

func pixels(y []float64, f func(p *[3]float64)) {
	for i := 0; i+2 < len(y); i += 3 {
		f((*[3]float64)(y[i : i+3]))
	}
}

// toYCC and fromYCC are the colours of JFIF around 0.
func toYCC(p *[3]float64) {
	l := float64(.299*p[0]) + float64(.587*p[1]) + float64(.114*p[2])
	p[0], p[1], p[2] = l, (p[2]-l)/1.772, (p[0]-l)/1.402
}

func fromYCC(p *[3]float64) {
	l, b, r := p[0], p[1], p[2]
	red, blue := l+float64(1.402*r), l+float64(1.772*b)
	p[0], p[1], p[2] = red, (l-float64(.299*red)-float64(.114*blue))/.587, blue
}

// The tables of ITU T.81, K.1 and K.2.
var luminance = [64]int{
	16, 11, 10, 16, 24, 40, 51, 61,
	12, 12, 14, 19, 26, 58, 60, 55,
	14, 13, 16, 24, 40, 57, 69, 56,
	14, 17, 22, 29, 51, 87, 80, 62,
	18, 22, 37, 56, 68, 109, 103, 77,
	24, 35, 55, 64, 81, 104, 113, 92,
	49, 64, 78, 87, 103, 121, 120, 101,
	72, 92, 95, 98, 112, 100, 103, 99,
}

var chrominance = [64]int{
	17, 18, 24, 47, 99, 99, 99, 99,
	18, 21, 26, 66, 99, 99, 99, 99,
	24, 26, 56, 99, 99, 99, 99, 99,
	47, 66, 99, 99, 99, 99, 99, 99,
	99, 99, 99, 99, 99, 99, 99, 99,
	99, 99, 99, 99, 99, 99, 99, 99,
	99, 99, 99, 99, 99, 99, 99, 99,
	99, 99, 99, 99, 99, 99, 99, 99,
}
