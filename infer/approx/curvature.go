package approx

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

// MostCurved is the greatest dimension in which a whole matrix of second derivatives is computed.
const MostCurved = 2048

// PeakError is a density that has no peak where an ascent ended. It matches ito.ErrInput.
type PeakError struct {
	Method string
	What   string
	// Coordinates along which it has none, of the unconstrained parameters; Names of them, where somebody has them.
	Coordinates []int
	Names       []string
	Do          string
}

func (e *PeakError) Error() string {
	along := ""
	for i, j := range e.Coordinates {
		name := fmt.Sprintf("coordinate %d", j+1)
		if e.Names != nil {
			name = e.Names[i]
		}
		if i > 0 {
			along += ", "
		}
		along += name
	}
	if along != "" {
		along = " along " + along
	}
	return fmt.Sprintf("%s: %s%s; %s", e.Method, e.What, along, e.Do)
}

// Is matches ito.ErrInput.
func (e *PeakError) Is(target error) bool { return target == ito.ErrInput }

// peak is a place, log ρ and its slope there, and the negative of the second derivatives with its factor.
type peak struct {
	x, slope, curvature []float64
	logp                float64
	chol                mat.Cholesky
	proper              bool // the curvature is positive definite
}

// left is slope·H⁻¹·slope, twice what is still to be gained by a Newton step, which it also returns.
func (k *peak) left() (gain float64, step []float64) {
	step = make([]float64, len(k.x))
	v := mat.NewVecDense(len(step), step)
	if err := k.chol.SolveVecTo(v, mat.NewVecDense(len(k.slope), k.slope)); err != nil {
		if _, ok := err.(mat.Condition); !ok {
			return math.NaN(), step
		}
	}
	return matrix.Dot(step, k.slope), step
}

// climbOn refines the end of an ascent by Newton steps, whose second derivatives are central differences of slopes
// over a thousandth of the scale on which log ρ changes: exact for a normal up to rounding. Cost: 2d gradients a step,
// three steps or so.
func climbOn(ctx context.Context, t ito.Target, p path) (*peak, int, error) {
	scale := make([]float64, p.d)
	for j, v := range p.diagonal() {
		scale[j] = math.Sqrt(v)
	}
	cost := 0
	at, err := curve(ctx, t, slices.Clone(p.x()), scale, &cost)
	if err != nil {
		return nil, cost, err
	}
	for try := range 12 {
		for j := range scale { // the scale that the last matrix tells
			if h := at.curvature[j*p.d+j]; h > 0 {
				scale[j] = 1 / math.Sqrt(h)
			}
		}
		if !at.proper && try > 0 {
			break
		}
		y := slices.Clone(at.x)
		gain := 0.
		if at.proper {
			var step []float64
			if gain, step = at.left(); !(gain >= 0) || !infer.AllFinite(step) {
				break
			}
			for j, v := range step {
				y[j] += v
			}
		}
		next, err := curve(ctx, t, y, scale, &cost)
		if err != nil {
			return nil, cost, err
		}
		if !infer.Finite(next.logp) || next.logp < at.logp-1e-9*max(1, math.Abs(at.logp)) {
			break
		}
		at = next
		if try > 0 && gain < 1e-18*max(1, math.Abs(at.logp)) {
			break
		}
	}
	return at, cost, nil
}

// curve evaluates a place and the second derivatives there.
func curve(ctx context.Context, t ito.Target, y, scale []float64, cost *int) (*peak, error) {
	d := len(y)
	at := &peak{x: y, curvature: make([]float64, d*d), slope: make([]float64, d)}
	const rows = 256
	h := make([]float64, d)
	for j := range h { // a step that is a difference of the two places exactly
		h[j] = math.Max(1e-3*scale[j], 1e-7*math.Abs(y[j]))
		up := y[j] + h[j]
		h[j] = up - y[j]
	}
	for from := -1; from < d; from += rows {
		lo, hi := max(from, 0), min(from+rows, d)
		x := ito.NewStates(2*(hi-lo)+1, d, 0)
		for i := range x.N {
			copy(x.Row(i), y)
		}
		for j := lo; j < hi; j++ {
			x.Row(2 * (j - lo))[j] += h[j]
			x.Row(2*(j-lo) + 1)[j] -= h[j]
		}
		logp, g := make([]float64, x.N), x.Like(d)
		if err := t.Gradient(ctx, logp, g, x); err != nil {
			return nil, err
		}
		*cost += x.N
		at.logp = logp[x.N-1]
		copy(at.slope, g.Row(x.N-1))
		for j := lo; j < hi; j++ {
			up, down := g.Row(2*(j-lo)), g.Row(2*(j-lo)+1)
			for i := range d {
				at.curvature[j*d+i] = (down[i] - up[i]) / (2 * h[j])
			}
		}
	}
	sym := mat.NewSymDense(d, nil)
	for i := range d {
		for j := range i + 1 {
			v := (at.curvature[i*d+j] + at.curvature[j*d+i]) / 2
			at.curvature[i*d+j], at.curvature[j*d+i] = v, v
			sym.SetSym(i, j, v)
		}
	}
	at.proper = infer.AllFinite(at.curvature) && infer.Finite(at.logp) && infer.AllFinite(at.slope) &&
		at.chol.Factorize(sym)
	return at, nil
}

// covariance is the inverse of the curvature [d,d].
func (k *peak) covariance() []float64 {
	d := len(k.x)
	var inverse mat.SymDense
	if err := k.chol.InverseTo(&inverse); err != nil {
		if _, ok := err.(mat.Condition); !ok {
			return nil
		}
	}
	out := make([]float64, d*d)
	for i := range d {
		for j := range d {
			out[i*d+j] = inverse.At(i, j)
		}
	}
	return out
}

// flat are the coordinates along which log ρ does not fall by a twentieth at the distance where that of a normal has
// fallen by a half, up or down: the top lies at an edge, or at infinity. Cost: 2d evaluations.
func (k *peak) flat(ctx context.Context, t ito.Target) ([]int, error) {
	d := len(k.x)
	x := ito.NewStates(2*d, d, 0)
	var out []int
	for j := range d {
		h := k.curvature[j*d+j]
		move := 0.
		if h > 0 {
			move = 1 / math.Sqrt(h)
		}
		for i, sign := range []float64{1, -1} {
			copy(x.Row(2*j+i), k.x)
			x.Row(2*j + i)[j] += sign * move
		}
	}
	logp := make([]float64, x.N)
	if err := t.LogDensity(ctx, logp, x); err != nil {
		return nil, err
	}
	for j := range d {
		if max(logp[2*j], logp[2*j+1]) > k.logp-.05 {
			out = append(out, j)
		}
	}
	return out, nil
}

// bent are the coordinates along which the curvature is not positive, or, where all are, that of its least direction.
func (k *peak) bent() []int {
	d := len(k.x)
	var out []int
	for j := range d {
		if h := k.curvature[j*d+j]; !(h > 0) {
			out = append(out, j)
		}
	}
	if out != nil || !infer.AllFinite(k.curvature) {
		return out
	}
	sym := mat.NewSymDense(d, nil)
	for i := range d {
		for j := range i + 1 {
			sym.SetSym(i, j, k.curvature[i*d+j]/math.Sqrt(k.curvature[i*d+i]*k.curvature[j*d+j]))
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(sym, true) {
		return nil
	}
	var v mat.Dense
	eig.VectorsTo(&v)
	top := 0.
	for j := range d {
		top = max(top, math.Abs(v.At(j, 0)))
	}
	for j := range d {
		if math.Abs(v.At(j, 0)) > top/2 {
			out = append(out, j)
		}
	}
	return out
}
