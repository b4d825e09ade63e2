package advise

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"gonum.org/v1/gonum/mat"
)

const (
	jointMost    = 40  // coordinates of a density that is looked at: the work grows with their cube
	jointNear    = 60  // of a logarithm: scales of 1e26 and 1e86
	jointFar     = 200 // beyond them float64 ends
	jointSteps   = 30  // of Newton
	jointSlope   = .02 // a marginal that falls more slowly than e^{−.02u} counts as flat
	linearWithin = .02 // relative difference of two slopes of a line
)

// jointly reports whether a density has no integral along coordinate j on one side though it falls there: the
// others spread as fast as it falls, as means do beside a scale without a prior. It looks only where log ρ falls in
// a line, by the two slopes that it is given, as it does along the logarithm of a large scale, and never along a
// wide normal; there it compares Laplace's approximation of the marginal density, log ρ − ½ log|−H| at its highest
// point over the others, at two distances.
func jointly(ctx context.Context, t ito.Target, from []float64, j int, side, nearSlope, farSlope float64) (bool,
	error) {
	h, ok := t.(ito.HVPer)
	line := math.Abs(farSlope-nearSlope) <= linearWithin*math.Abs(farSlope)
	if !ok || len(from) < 2 || len(from) > jointMost || !(nearSlope < 0 && line) {
		return false, nil
	}
	near, ok, err := laplaceBeside(ctx, t, h, from, j, from[j]+side*jointNear)
	if err != nil || !ok {
		return false, err
	}
	far, ok, err := laplaceBeside(ctx, t, h, from, j, from[j]+side*jointFar)
	if err != nil || !ok {
		return false, err
	}
	return far-near > -jointSlope*(jointFar-jointNear), nil
}

// laplaceBeside is log ρ − ½ log|−H| at the highest point over all coordinates but j, which is held, and whether
// Newton's method found it.
func laplaceBeside(ctx context.Context, t ito.Target, h ito.HVPer, from []float64, j int, held float64) (float64, bool,
	error) {
	d := len(from)
	k := d - 1
	x, v := ito.NewStates(k, d, 0), ito.NewStates(k, d, 0)
	hv := x.Like(d)
	at := func(i int) int { // the i-th of the others
		if i >= j {
			return i + 1
		}
		return i
	}
	point := append([]float64(nil), from...)
	point[j] = held
	for i := range k {
		v.Row(i)[at(i)] = 1
	}
	one, g, logp := ito.NewStates(1, d, 0), ito.NewStates(1, d, 0), make([]float64, 1)
	for range jointSteps {
		copy(one.X, point)
		if err := t.Gradient(ctx, logp, g, one); err != nil {
			return 0, false, err
		}
		for i := range k {
			copy(x.Row(i), point)
		}
		if err := h.HVP(ctx, hv, x, v); err != nil {
			return 0, false, err
		}
		// Scales of 1e86 beside 1: the matrix is divided by the roots of its diagonal.
		root := make([]float64, k)
		logDet := 0.
		for i := range k {
			root[i] = math.Sqrt(-hv.Row(i)[at(i)])
			if !(root[i] > 0) || math.IsInf(root[i], 0) {
				return 0, false, nil
			}
			logDet += 2 * math.Log(root[i])
		}
		m, b := mat.NewSymDense(k, nil), mat.NewVecDense(k, nil)
		for i := range k {
			for l := range i + 1 {
				m.SetSym(i, l, -hv.Row(i)[at(l)]/root[i]/root[l])
			}
			b.SetVec(i, g.X[at(i)]/root[i])
		}
		var c mat.Cholesky
		var step mat.VecDense
		if !c.Factorize(m) {
			return 0, false, nil
		}
		if err := c.SolveVecTo(&step, b); err != nil {
			return 0, false, nil
		}
		for i := range k {
			point[at(i)] += step.AtVec(i) / root[i]
		}
		if rise := mat.Dot(&step, b); rise < 1e-6 {
			return logp[0] - (logDet+c.LogDet())/2, infer.Finite(logp[0]), nil
		}
	}
	return 0, false, nil
}
