package solve

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
	"gonum.org/v1/gonum/mat"
)

// gaussian is a normal density.
type gaussian struct {
	mean   []float64
	vars   []float64 // of uncorrelated columns; nil: chol
	chol   mat.Cholesky
	logDet float64
}

func newGaussian(g ito.Gaussian) (*gaussian, error) {
	d := len(g.Mean)
	out := &gaussian{mean: g.Mean}
	if d > 1 && g.PerColumn() {
		out.vars = g.Cov
		for i, v := range g.Cov {
			if !(v > 0) || math.IsInf(v, 0) {
				return nil, &ito.InputError{Where: "likelihood", What: fmt.Sprintf("the prior has variance %g in "+
					"column %d, and no density", v, i), Do: "give positive variances"}
			}
			out.logDet += math.Log(v)
		}
		return out, nil
	}
	if err := ito.CheckFull("the density of a prior with covariances", d, "one of variances"); err != nil {
		return nil, err
	}
	if d == 0 || len(g.Cov) != d*d || !out.chol.Factorize(mat.NewSymDense(d, append([]float64(nil), g.Cov...))) {
		return nil, &ito.InputError{Where: "likelihood", What: fmt.Sprintf("the prior of %d means and %d covariances "+
			"has no density", d, len(g.Cov)), Do: "give a positive definite covariance"}
	}
	out.logDet = out.chol.LogDet()
	return out, nil
}

func (g *gaussian) logDensity(x []float64) float64 {
	δ := make([]float64, len(x))
	for i, v := range x {
		δ[i] = v - g.mean[i]
	}
	if g.vars != nil {
		q := 0.0
		for i, v := range δ {
			q += float64(v * v / g.vars[i])
		}
		return -q/2 - g.logDet/2 - float64(len(x))/2*math.Log(2*math.Pi)
	}
	v := mat.NewVecDense(len(δ), δ)
	var u mat.VecDense
	if err := g.chol.SolveVecTo(&u, v); err != nil {
		return math.NaN()
	}
	return -mat.Dot(v, &u)/2 - g.logDet/2 - float64(len(x))/2*math.Log(2*math.Pi)
}

// rows writes the log density of every row.
func (g *gaussian) rows(_ context.Context, dst []float64, x ito.States) error {
	for i := range dst {
		dst[i] = g.logDensity(x.Row(i))
	}
	return nil
}

// prior is the given prior, or the path's own.
func (l Likelihood) prior(p ito.Path, d int) (*gaussian, error) {
	if l.Prior != nil {
		if len(l.Prior.Mean) != d {
			return nil, &ito.InputError{Where: "likelihood", What: fmt.Sprintf("a prior of dimension %d for states "+
				"of dimension %d", len(l.Prior.Mean), d)}
		}
		return newGaussian(*l.Prior)
	}
	if !ito.Has(p, ito.CapGaussian) {
		return nil, &ito.UnsupportedError{What: "a likelihood by the prior of path " + p.Name(),
			Why: "what it starts from is not normal", Nearest: "a Density of its own, or another path"}
	}
	g, err := ownPrior(p, d)
	if err != nil {
		return nil, err
	}
	return newGaussian(g)
}

// probe is a Noise whose row i is a chosen vector.
type probe func(row []float64, i int)

// Normal implements ito.Noise.
func (f probe) Normal(dst ito.States, _ rng.Purpose, _, _ uint32) {
	for i := range dst.N {
		clear(dst.Row(i))
		f(dst.Row(i), i)
	}
}

// Uniform implements ito.Noise: no Gaussian prior asks for it.
func (probe) Uniform(dst ito.States, _ rng.Purpose, _, _ uint32) { clear(dst.X) }

// ownPrior finds the Gaussian that a path's Prior draws from: Prior is an affine function of its
// normals, so zeros give the mean and unit vectors the columns of a root of the covariance. One more row
// tells a prior that is not affine.
func ownPrior(p ito.Path, d int) (ito.Gaussian, error) {
	if d > ito.DefaultFull {
		if g, ok, err := columnPrior(p, d); ok || err != nil {
			return g, err
		}
		if err := ito.CheckFull("the density of the prior of path "+p.Name(), d,
			"a prior given by its variances"); err != nil {
			return ito.Gaussian{}, err
		}
	}
	mix := func(j int) float64 { return 1 + float64(j%3)/2 }
	x := ito.NewStates(d+2, d, 0)
	err := p.Prior(x, ito.Cond{}, probe(func(row []float64, i int) {
		switch {
		case i > d:
			for j := range row {
				row[j] = mix(j)
			}
		case i > 0:
			row[i-1] = 1
		}
	}))
	if err != nil {
		return ito.Gaussian{}, err
	}
	g := ito.Gaussian{Mean: x.Row(0), Cov: make([]float64, d*d)}
	last := append([]float64(nil), x.Row(0)...)
	for j := range d {
		col := x.Row(j + 1)
		for i := range d {
			col[i] -= g.Mean[i]
			last[i] += mix(j) * col[i]
		}
		for i := range d {
			for k := range d {
				g.Cov[i*d+k] += col[i] * col[k]
			}
		}
	}
	for i, v := range x.Row(d + 1) {
		if math.Abs(v-last[i]) > 1e-9*(1+math.Abs(v)) {
			return g, &ito.UnsupportedError{What: "the density of the prior of path " + p.Name(),
				Why: "it is not Gaussian", Nearest: "a prior given by its moments"}
		}
	}
	return g, nil
}

// columnPrior is ownPrior where every column of the prior is an affine function of its own normal, in O(d): ones
// give the roots of the variances, and normals of two kinds must give what follows from them. ok is false where
// they do not.
func columnPrior(p ito.Path, d int) (g ito.Gaussian, ok bool, err error) {
	x := ito.NewStates(4, d, 0)
	var z [4][]float64
	err = p.Prior(x, ito.Cond{}, probe(func(row []float64, i int) {
		for j := range row {
			switch i {
			case 1:
				row[j] = 1
			case 2:
				row[j] = 1 + float64(j%3)/2
			case 3:
				row[j] = math.Sin(float64(1 + j))
			}
		}
		z[i] = append([]float64(nil), row...)
	}))
	if err != nil {
		return g, false, err
	}
	g = ito.Gaussian{Mean: append([]float64(nil), x.Row(0)...), Cov: make([]float64, d)}
	for j, μ := range g.Mean {
		root := x.Row(1)[j] - μ
		g.Cov[j] = root * root
		for i := 2; i < 4; i++ {
			if v := x.Row(i)[j]; !(math.Abs(v-(μ+root*z[i][j])) <= 1e-9*(1+math.Abs(v))) {
				return g, false, nil
			}
		}
	}
	return g, true, nil
}
