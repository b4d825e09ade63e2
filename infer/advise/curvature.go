package advise

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"gonum.org/v1/gonum/mat"
)

// curvature gives ½ log|Σ| and the standard deviations of the normal approximation at a mode, from differences of
// gradients: of the whole matrix up to 64 dimensions, of its diagonal by random signs above (exact where it is
// diagonal). Where the matrix is not positive definite the diagonal stands for it, and 1 for what of that is not
// positive. along is the direction in which coordinate j changes by 1 and the others by what that brings.
func curvature(ctx context.Context, t ito.Target, m []float64, seed uint64) (half float64, sd []float64,
	along func(j int, dst []float64), err error) {
	d := len(m)
	rows := d
	if d > curvatureMax {
		rows = probes
	}
	sign := ito.NewStates(rows, d, 0)
	if rows == d {
		for j := range d {
			sign.Row(j)[j] = 1
		}
	} else {
		infer.PriorKey(seed, 1<<20+3).Uniforms64(sign.X, d, sign.ID)
		for i, u := range sign.X {
			sign.X[i] = math.Copysign(1, u-.5)
		}
	}
	g := make([]ito.States, 2)
	logp := make([]float64, rows)
	for k, s := range []float64{1, -1} {
		x := sign.Clone()
		for i := range rows {
			for j, v := range x.Row(i) {
				x.Row(i)[j] = m[j] + s*v*step(m[j])
			}
		}
		g[k] = x.Like(d)
		if err := t.Gradient(ctx, logp, g[k], x); err != nil {
			return 0, nil, nil, err
		}
	}
	slope := func(i, j int) float64 { return (g[1].Row(i)[j] - g[0].Row(i)[j]) / 2 } // −H·(step along row i)
	diag := make([]float64, d)
	if rows < d {
		for j := range d {
			for i := range rows {
				diag[j] += slope(i, j) * sign.Row(i)[j] / step(m[j]) / float64(rows)
			}
		}
		return fromDiagonal(diag)
	}
	h := mat.NewSymDense(d, nil)
	for i := range d {
		for j := range i + 1 {
			h.SetSym(i, j, (slope(i, j)/step(m[i])+slope(j, i)/step(m[j]))/2)
		}
		diag[i] = h.At(i, i)
	}
	var c mat.Cholesky
	var inverse mat.SymDense
	if !infer.AllFinite(h.RawSymmetric().Data) || !c.Factorize(h) || c.InverseTo(&inverse) != nil {
		return fromDiagonal(diag)
	}
	sd = make([]float64, d)
	for j := range sd {
		sd[j] = math.Sqrt(inverse.At(j, j))
	}
	return -c.LogDet() / 2, sd, func(j int, dst []float64) {
		for k := range dst {
			dst[k] = inverse.At(k, j) / inverse.At(j, j)
		}
	}, nil
}

// shorten halves standard deviations above 1 until the density two of them to both sides is not more than 8 nats
// below the mode, where a normal's is 2 below: on a ridge that bends, the curvature says nothing of its length. It
// returns what the log of their product loses.
func shorten(ctx context.Context, t ito.Target, m Mode, sd []float64, along func(j int, dst []float64)) (lost float64,
	err error) {
	var wide []int
	for j, s := range sd {
		if s > 1 {
			wide = append(wide, j)
		}
	}
	way := make([]float64, len(sd))
	for range 60 {
		if len(wide) == 0 {
			break
		}
		x := ito.NewStates(2*len(wide), len(sd), 0)
		for i, j := range wide {
			along(j, way)
			for k, v := range way {
				x.Row(2 * i)[k], x.Row(2*i + 1)[k] = m.X[k]+2*sd[j]*v, m.X[k]-2*sd[j]*v
			}
		}
		logp := make([]float64, x.N)
		if err := t.LogDensity(ctx, logp, x); err != nil {
			return lost, err
		}
		still := wide[:0]
		for i, j := range wide {
			if logp[2*i] >= m.LogP-8 && logp[2*i+1] >= m.LogP-8 {
				continue
			}
			sd[j] /= 2
			lost -= math.Ln2
			if sd[j] > 1 {
				still = append(still, j)
			}
		}
		wide = still
	}
	return lost, nil
}

// step is of a difference of gradients at x.
func step(x float64) float64 { return 1e-4 * (1 + math.Abs(x)) }

func fromDiagonal(precision []float64) (half float64, sd []float64, along func(j int, dst []float64), err error) {
	sd = make([]float64, len(precision))
	for j, p := range precision {
		sd[j] = 1
		if p > 0 && infer.Finite(p) {
			sd[j] = 1 / math.Sqrt(p)
		}
		half += math.Log(sd[j])
	}
	return half, sd, func(j int, dst []float64) {
		clear(dst)
		dst[j] = 1
	}, nil
}
