package inverse

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// DownsampleMaker makes the means of blocks of Factor×Factor pixels, of a series of Factor numbers.
type DownsampleMaker struct {
	Factor int `json:"factor" default:"2" min:"2" max:"1024" help:"Pixels of a block along an edge."`
}

// Kind implements Maker.
func (DownsampleMaker) Kind() string { return "downsample" }

// Make implements Maker.
func (c DownsampleMaker) Make(on Setting) (Operator, error) {
	f, err := frameOf(on.Shape)
	if err != nil {
		return nil, err
	}
	rows, err := smaller("downsample", f, c.Factor)
	if err != nil {
		return nil, err
	}
	small := frame{f.H / rows, f.W / c.Factor, f.C}
	return &downsample{f: f, small: small, rows: rows, columns: c.Factor, shape: small.like(on.Shape)}, nil
}

// smaller checks a factor, and gives that of the rows, which is 1 of a series.
func smaller(kind string, f frame, factor int) (rows int, err error) {
	if rows = factor; f.H == 1 {
		rows = 1
	}
	if f.W%factor != 0 || f.H%rows != 0 {
		return 0, &ito.InputError{Where: "operator " + kind, What: fmt.Sprintf("%d×%d pixels are not whole blocks of "+
			"%d", f.H, f.W, factor), Do: "give a factor that divides both"}
	}
	return rows, nil
}

type downsample struct {
	f, small      frame
	rows, columns int
	shape         []int
}

// Kind implements Operator.
func (*downsample) Kind() string { return "downsample" }

// Dims implements Operator.
func (a *downsample) Dims() (d, m int) { return a.f.size(), a.small.size() }

// Shape implements Shaped.
func (a *downsample) Shape() []int { return a.shape }

// each calls f for every number of the state with that of the measurement that it belongs to.
func (a *downsample) each(f func(x, y int)) {
	for i := range a.f.H {
		for j := range a.f.W {
			for c := range a.f.C {
				f((i*a.f.W+j)*a.f.C+c, (i/a.rows*a.small.W+j/a.columns)*a.f.C+c)
			}
		}
	}
}

// Apply implements Operator.
func (a *downsample) Apply(y, x []float64) {
	clear(y)
	a.each(func(i, k int) { y[k] += x[i] })
	divide(y, float64(a.rows*a.columns))
}

// Adjoint implements Linear.
func (a *downsample) Adjoint(dx, w []float64) {
	n := float64(a.rows * a.columns)
	a.each(func(i, k int) { dx[i] = w[k] / n })
}

// VJP implements Operator.
func (a *downsample) VJP(dx, _, w []float64) { a.Adjoint(dx, w) }

// SVD implements Spectral: AAᵀ = I/n for blocks of n pixels.
func (a *downsample) SVD() (SVD, error) { return newTight(a, rootOf(1/float64(a.rows*a.columns))), nil }
