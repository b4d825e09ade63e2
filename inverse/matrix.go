package inverse

import (
	"fmt"
	"math"
	"sync"

	"github.com/seed9a7962a8/ito"
)

// MatrixMaker makes the product with a matrix [M,D] of a file.
type MatrixMaker struct {
	File string `json:"file" where:"local" help:"An .npy file of a matrix, a row for each measurement and a column for each number of a state."`
}

// Kind implements Maker.
func (MatrixMaker) Kind() string { return "linear" }

// Make implements Maker.
func (c MatrixMaker) Make(on Setting) (Operator, error) {
	if c.File == "" {
		return nil, &ito.InputError{Where: "operator linear", What: "it needs a matrix", Do: "give linear:FILE.npy"}
	}
	a, err := on.read("linear", c.File)
	if err != nil {
		return nil, err
	}
	d := 1
	for _, k := range on.Shape {
		d *= k
	}
	if len(a.Shape) != 2 || a.Shape[1] != d {
		return nil, &ito.InputError{Where: c.File, What: fmt.Sprintf("an array of shape %v, a state has %d numbers",
			a.Shape, d), Do: fmt.Sprintf("give a matrix of %d columns", d)}
	}
	return NewMatrix("linear", a.X, a.Shape[0], d)
}

// NewMatrix is the product with a, [M,D] row-major, which is not copied.
func NewMatrix(kind string, a []float64, m, d int) (Spectral, error) {
	if m < 1 || d < 1 || len(a) != m*d {
		return nil, &ito.InputError{Where: "operator " + kind, What: fmt.Sprintf("%d numbers are no matrix of %d×%d",
			len(a), m, d)}
	}
	for i, v := range a {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, &ito.InputError{Where: "operator " + kind,
				What: fmt.Sprintf("entry (%d,%d) is %g", i/d, i%d, v)}
		}
	}
	x := &dense{kind: kind, a: a, m: m, d: d}
	x.svd = sync.OnceValues(func() (SVD, error) { return newDenseSVD(x) })
	return x, nil
}

type dense struct {
	kind string
	a    []float64 // [M,D]
	m, d int
	svd  func() (SVD, error)
}

// Kind implements Operator.
func (a *dense) Kind() string { return a.kind }

// Dims implements Operator.
func (a *dense) Dims() (d, m int) { return a.d, a.m }

// Apply implements Operator.
func (a *dense) Apply(y, x []float64) { rowsTimes(y, a.a, x) }

// Adjoint implements Linear.
func (a *dense) Adjoint(dx, w []float64) { timesRows(dx, a.a, w) }

// VJP implements Operator.
func (a *dense) VJP(dx, _, w []float64) { a.Adjoint(dx, w) }

// SVD implements Spectral, once.
func (a *dense) SVD() (SVD, error) { return a.svd() }
