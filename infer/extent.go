package infer

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/metric"
	"gonum.org/v1/gonum/mat"
)

// Extent is where the modes of a target lie that a pilot has found, to choose the normal from which a sampler begins.
type Extent struct {
	Modes  int       // that matter, see [Survey]
	Starts int       // from which the pilot climbed
	Lo, Hi []float64 // [D] of the modes' centres
	// Low and High are the same with two standard deviations of each mode to both sides.
	Low, High []float64
}

// The pilot of [Survey].
const (
	ringStarts   = 32
	firstRing    = 2.
	ringGrowth   = 5.
	leastRings   = 4   // cubes of half width 2, 10, 50 and 250
	mostRings    = 8   // up to 156 250
	negligible   = 10. // nats below the whole from which a mode does not matter
	curvatureMax = 64  // dimensions up to which the curvature is a full matrix
	probes       = 16  // of its diagonal, above
	nearSD       = 2.5 // standard deviations of a reference within which it has mass enough to find a mode
	farSD        = 5.  // within which it has mass enough to follow a mode's flank
)

// Survey climbs from 32 starts in each of the cubes (−r, r)^d of r = 2, 10, 50 and 250, and of wider ones while modes are found in the outer fifth, and measures the curvature of the modes. A
// mode matters where its normal approximation holds e^{−10} of the whole or more, of which 512 draws of N(0, I) give a second estimate: the neck of a funnel, high and without
// mass, does not. It is deterministic in the seed. Cost: some 13 thousand gradients, and d to some hundred for each mode.
func Survey(ctx context.Context, t ito.Target, seed uint64) (Extent, error) {
	d := t.Dim()
	var e Extent
	var found []Mode
	for k, r := 0, firstRing; k < mostRings; k, r = k+1, r*ringGrowth {
		x := ito.NewStates(ringStarts, d, uint64(k)*ringStarts)
		prior(seed, 1<<20+1).Uniforms64(x.X, d, x.ID)
		for i, u := range x.X {
			x.X[i] = r * (2*u - 1)
		}
		modes, err := pilotModes(ctx, t, x)
		if err != nil {
			return e, err
		}
		found = append(found, modes...)
		e.Starts += x.N
		if k+1 >= leastRings && !beyond(found, r/ringGrowth) {
			break
		}
	}
	if len(found) == 0 {
		return e, nil
	}
	tops := ito.NewStates(len(found), d, 0)
	for i, m := range found {
		copy(tops.Row(i), m.X)
	}
	modes, err := pilotModes(ctx, t, tops) // the same mode of several cubes
	if err != nil || len(modes) == 0 {
		return e, err
	}
	mass, sd := make([]float64, len(modes)), make([][]float64, len(modes))
	for i, m := range modes {
		half, s, err := curvature(ctx, t, m.X, seed)
		if err != nil {
			return e, err
		}
		mass[i], sd[i] = m.LogP+float64(d)/2*math.Log(2*math.Pi)+half, s
	}
	unit, err := unitMass(ctx, t, seed)
	if err != nil {
		return e, err
	}
	most := unit
	for _, m := range mass {
		most = max(most, m)
	}
	e.Lo, e.Hi, e.Low, e.High = constant(d, math.Inf(1)), constant(d, math.Inf(-1)), constant(d, math.Inf(1)), constant(d, math.Inf(-1))
	for i, m := range modes {
		if !(mass[i] >= most-negligible) {
			continue
		}
		e.Modes++
		for j, v := range m.X {
			e.Lo[j], e.Hi[j] = min(e.Lo[j], v), max(e.Hi[j], v)
			e.Low[j], e.High[j] = min(e.Low[j], v-2*sd[i][j]), max(e.High[j], v+2*sd[i][j])
		}
	}
	return e, nil
}

func constant(d int, v float64) []float64 {
	x := make([]float64, d)
	for j := range x {
		x[j] = v
	}
	return x
}

// beyond reports a mode, not much lower than the highest, of which a coordinate is farther out than r.
func beyond(modes []Mode, r float64) bool {
	top := math.Inf(-1)
	for _, m := range modes {
		top = max(top, m.LogP)
	}
	for _, m := range modes {
		for _, v := range m.X {
			if math.Abs(v) > r && m.LogP > top-negligible-float64(len(m.X)) {
				return true
			}
		}
	}
	return false
}

// unitMass estimates log ∫ρ by draws of N(0, I).
func unitMass(ctx context.Context, t ito.Target, seed uint64) (float64, error) {
	const n = 512
	x := ito.NewStates(n, t.Dim(), 0)
	prior(seed, 1<<20+2).Normals64(x.X, x.D, x.ID)
	logp := make([]float64, n)
	if err := t.LogDensity(ctx, logp, x); err != nil {
		return 0, err
	}
	for i := range logp {
		if logp[i] -= (Reference{}).logDensity(x.Row(i)); !finite(logp[i]) {
			logp[i] = math.Inf(-1)
		}
	}
	return metric.LogSumExp(logp) - math.Log(n), nil
}

// curvature gives ½ log|Σ| and the standard deviations of the normal approximation at a mode, from differences of gradients: of the whole matrix up to 64 dimensions, of its diagonal by random
// signs above (exact where it is diagonal). Where the matrix is not positive definite the diagonal stands for it, and 1 for what of that is not positive.
func curvature(ctx context.Context, t ito.Target, m []float64, seed uint64) (half float64, sd []float64, err error) {
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
		prior(seed, 1<<20+3).Uniforms64(sign.X, d, sign.ID)
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
			return 0, nil, err
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
	if !finiteRow(h.RawSymmetric().Data) || !c.Factorize(h) || c.InverseTo(&inverse) != nil {
		return fromDiagonal(diag)
	}
	sd = make([]float64, d)
	for j := range sd {
		sd[j] = math.Sqrt(inverse.At(j, j))
	}
	return -c.LogDet() / 2, sd, nil
}

// step is of a difference of gradients at x.
func step(x float64) float64 { return 1e-4 * (1 + math.Abs(x)) }

func fromDiagonal(precision []float64) (half float64, sd []float64, err error) {
	sd = make([]float64, len(precision))
	for j, p := range precision {
		sd[j] = 1
		if p > 0 && finite(p) {
			sd[j] = 1 / math.Sqrt(p)
		}
		half += math.Log(sd[j])
	}
	return half, sd, nil
}

// Covered reports whether a normal has mass where the modes are: each of their centres within 2.5 standard deviations, two standard deviations around them within 5.
func (e Extent) Covered(r Reference) bool {
	for j := range e.Lo {
		if !e.covered(r, j) {
			return false
		}
	}
	return true
}

func (e Extent) covered(r Reference, j int) bool {
	m, s := r.at(j)
	return e.Lo[j] >= m-nearSD*s && e.Hi[j] <= m+nearSD*s && e.Low[j] >= m-farSD*s && e.High[j] <= m+farSD*s
}

// Reference is the zero value, N(0, I), where that covers the modes. Coordinates that it does not cover have the middle of the modes for their mean and, for standard deviation, 1 or
// 2/5 of the width from Low to High, whichever is more: 1.6 standard deviations of a single normal.
func (e Extent) Reference() Reference {
	if e.Covered(Reference{}) {
		return Reference{}
	}
	r := Reference{Mean: make([]float64, len(e.Lo)), SD: constant(len(e.Lo), 1)}
	for j := range r.Mean {
		if !e.covered(Reference{}, j) {
			r.Mean[j] = (e.Low[j] + e.High[j]) / 2
			r.SD[j] = max(1, (e.High[j]-e.Low[j])/2.5)
		}
	}
	return r
}

// Scale is the standard deviation of a normal around zero, the same in all coordinates, that covers the modes; 0 where 1 does.
func (e Extent) Scale() float64 {
	if e.Covered(Reference{}) {
		return 0
	}
	s := 1.
	for j := range e.Lo {
		s = max(s, 2*max(math.Abs(e.Low[j]), math.Abs(e.High[j]))/2.5)
	}
	return s
}

func (e Extent) String() string {
	j := 0
	for k := range e.Lo {
		if e.Hi[k]-e.Lo[k] > e.Hi[j]-e.Lo[j] || e.Modes == 1 && math.Abs(e.Lo[k]) > math.Abs(e.Lo[j]) {
			j = k
		}
	}
	if e.Modes == 0 {
		return fmt.Sprintf("%d starts climb to no mode", e.Starts)
	}
	if e.Modes == 1 {
		return fmt.Sprintf("%d starts climb to a mode at %.3g in coordinate %d", e.Starts, e.Lo[j], j+1)
	}
	return fmt.Sprintf("%d starts climb to %d modes from %.3g to %.3g in coordinate %d", e.Starts, e.Modes, e.Lo[j], e.Hi[j], j+1)
}
