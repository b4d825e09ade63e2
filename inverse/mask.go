package inverse

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// MaskMaker makes the operator that measures some of the numbers of a state and hides the others. Of an image whole
// pixels are hidden.
type MaskMaker struct {
	Keep float64 `json:"keep" default:"0.5" above:"0" max:"1" help:"Part of the pixels that are measured."`
	Seed uint64  `json:"seed" default:"1" help:"Seed of which they are."`
	Box  []int   `json:"box" help:"Hide the pixels of a box instead: first row, first column, rows, columns."`
	File string  `json:"file" where:"local" help:"Measure where an array of this file is not 0 instead: a .npy file, or .png."`
}

// Kind implements Maker.
func (MaskMaker) Kind() string { return "mask" }

// Make implements Maker.
func (c MaskMaker) Make(on Setting) (Operator, error) {
	f, err := frameOf(on.Shape)
	if err != nil {
		return nil, err
	}
	bad := func(do, format string, args ...any) (Operator, error) {
		return nil, &ito.InputError{Where: "operator mask", What: fmt.Sprintf(format, args...), Do: do}
	}
	pixels := f.H * f.W
	known := make([]bool, f.size())
	see := func(p int) {
		for k := range f.C {
			known[p*f.C+k] = true
		}
	}
	switch {
	case c.File != "" && len(c.Box) > 0:
		return bad("give one of the two", "both a file and a box")
	case c.File != "":
		a, err := on.read("mask", c.File)
		if err != nil {
			return nil, err
		}
		switch len(a.X) {
		case f.size():
			for i, v := range a.X {
				known[i] = v != 0 && !math.IsNaN(v)
			}
		case pixels:
			for p, v := range a.X {
				if v != 0 && !math.IsNaN(v) {
					see(p)
				}
			}
		default:
			return bad("give one number for each pixel", "%s has %d numbers of shape %v, a state has shape %v", c.File,
				len(a.X), a.Shape, on.Shape)
		}
	case len(c.Box) > 0:
		if len(c.Box) != 4 || slices.Min(c.Box) < 0 || c.Box[0]+c.Box[2] > f.H || c.Box[1]+c.Box[3] > f.W {
			return bad("give row, column, rows and columns inside the image", "box %v of an image of %d×%d", c.Box, f.H,
				f.W)
		}
		for p := range pixels {
			r, s := p/f.W-c.Box[0], p%f.W-c.Box[1]
			if r < 0 || r >= c.Box[2] || s < 0 || s >= c.Box[3] {
				see(p)
			}
		}
	default:
		for _, p := range chosen(pixels, int(math.Round(c.Keep*float64(pixels))), c.Seed) {
			see(p)
		}
	}
	return NewMask(known)
}

// chosen are k of n places, by chance.
func chosen(n, k int, seed uint64) []int {
	key, at := rng.NewKey(seed, rng.PurposeProbe, 0, 7), make([]int, n)
	for i := range at {
		at[i] = i
	}
	for i := range k {
		j := i + key.Intn(uint64(i), 0, n-i)
		at[i], at[j] = at[j], at[i]
	}
	return at[:k]
}

// NewMask measures the numbers that are known. A mask that hides all of them, or none, is an *ito.InputError.
func NewMask(known []bool) (Spectral, error) {
	m := &mask{d: len(known)}
	for i, k := range known {
		if k {
			m.at = append(m.at, i)
		}
	}
	switch len(m.at) {
	case 0:
		return nil, &ito.InputError{Where: "operator mask", What: "it hides everything: nothing is measured",
			Do: "show a part, or draw samples without a measurement"}
	case m.d:
		return nil, &ito.InputError{Where: "operator mask", What: "it hides nothing: there is nothing to fill in",
			Do: "hide a part, or take operator identity to remove noise"}
	}
	return m, nil
}

type mask struct {
	d  int
	at []int // what is measured
}

// Kind implements Operator.
func (*mask) Kind() string { return "mask" }

// Dims implements Operator.
func (a *mask) Dims() (d, m int) { return a.d, len(a.at) }

// Apply implements Operator.
func (a *mask) Apply(y, x []float64) {
	for k, i := range a.at {
		y[k] = x[i]
	}
}

// Adjoint implements Linear.
func (a *mask) Adjoint(dx, w []float64) {
	clear(dx)
	for k, i := range a.at {
		dx[i] = w[k]
	}
}

// VJP implements Operator.
func (a *mask) VJP(dx, _, w []float64) { a.Adjoint(dx, w) }

// SVD implements Spectral.
func (a *mask) SVD() (SVD, error) { return newTight(a, 1), nil }
