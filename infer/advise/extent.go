package advise

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/metric"
)

// Extent is where the modes of a target lie that a pilot has found, to choose the normal from which a sampler begins.
type Extent struct {
	Modes  int       // that matter, see [Survey]
	Starts int       // from which the pilot climbed
	Lo, Hi []float64 // [D] of the modes' centres
	// Low and High are the same with two standard deviations of each mode to both sides.
	Low, High []float64
	Least     float64 // standard deviation of a mode along a coordinate

	shapes []shape // of the modes that matter
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

// Survey climbs from 32 starts in each of the cubes (−r, r)^d of r = 2, 10, 50 and 250, and of wider ones while
// modes are found in the outer fifth, and measures the curvature of the modes. A mode matters where its normal
// approximation holds e^{−10} of the whole or more, of which 512 draws of N(0, I) give a second estimate: the neck
// of a funnel, high and without mass, does not. It is deterministic in the seed. Cost: some 13 thousand gradients,
// and d to some hundred for each mode.
func Survey(ctx context.Context, t ito.Target, seed uint64) (Extent, error) {
	d := t.Dim()
	var e Extent
	var found []Mode
	for k, r := 0, firstRing; k < mostRings; k, r = k+1, r*ringGrowth {
		x := ito.NewStates(ringStarts, d, uint64(k)*ringStarts)
		infer.PriorKey(seed, 1<<20+1).Uniforms64(x.X, d, x.ID)
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
	mass, sd, shapes := make([]float64, len(modes)), make([][]float64, len(modes)), make([]shape, len(modes))
	for i, m := range modes {
		half, s, along, err := curvature(ctx, t, m.X, seed)
		if err != nil {
			return e, err
		}
		shapes[i] = newShape(m.X, s, along)
		shrunk, err := shorten(ctx, t, m, s, along)
		if err != nil {
			return e, err
		}
		half += shrunk
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
	e.Least = math.Inf(1)
	all := func(v float64) []float64 { return slices.Repeat([]float64{v}, d) }
	e.Lo, e.Hi, e.Low, e.High = all(math.Inf(1)), all(math.Inf(-1)), all(math.Inf(1)), all(math.Inf(-1))
	for i, m := range modes {
		if !(mass[i] >= most-negligible) {
			continue
		}
		e.Modes++
		for j, v := range m.X {
			e.Lo[j], e.Hi[j] = min(e.Lo[j], v), max(e.Hi[j], v)
			e.Least = min(e.Least, sd[i][j])
			e.Low[j], e.High[j] = min(e.Low[j], v-2*sd[i][j]), max(e.High[j], v+2*sd[i][j])
		}
		e.shapes = append(e.shapes, shapes[i])
	}
	return e, nil
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
	infer.PriorKey(seed, 1<<20+2).Normals64(x.X, x.D, x.ID)
	logp := make([]float64, n)
	if err := t.LogDensity(ctx, logp, x); err != nil {
		return 0, err
	}
	for i := range logp {
		if logp[i] -= (infer.Reference{}).LogDensity(x.Row(i)); !infer.Finite(logp[i]) {
			logp[i] = math.Inf(-1)
		}
	}
	return metric.LogSumExp(logp) - math.Log(n), nil
}

// Covered reports whether a normal has mass where the modes are: each of their centres within 2.5 standard
// deviations, two standard deviations around them within 5.
func (e Extent) Covered(r infer.Reference) bool {
	for j := range e.Lo {
		if !e.covered(r, j) {
			return false
		}
	}
	return true
}

func (e Extent) covered(r infer.Reference, j int) bool {
	m, s := r.At(j)
	return e.Lo[j] >= m-nearSD*s && e.Hi[j] <= m+nearSD*s && e.Low[j] >= m-farSD*s && e.High[j] <= m+farSD*s
}

// Reference is the zero value, N(0, I), where that covers the modes and is not [Extent.Narrow]. Coordinates that it
// does not cover have the middle of the modes for their mean and, for standard deviation, 1 or 2/5 of the width from
// Low to High, whichever is more: 1.6 standard deviations of a single normal. Then coordinates are widened until it is
// not narrow.
func (e Extent) Reference() infer.Reference {
	zero := infer.Reference{}
	if e.Covered(zero) && !e.Narrow(zero) {
		return zero
	}
	r := infer.Reference{Mean: make([]float64, len(e.Lo)), SD: slices.Repeat([]float64{1}, len(e.Lo))}
	for j := range r.Mean {
		if !e.covered(zero, j) || e.narrow(j, 1) {
			r.Mean[j] = (e.Low[j] + e.High[j]) / 2
			r.SD[j] = max(1, (e.High[j]-e.Low[j])/2.5)
		}
	}
	widen(r.SD, e.shapes)
	return r
}

// Scale is the standard deviation of a normal around zero, the same in all coordinates, that covers the modes; 0
// where 1 does.
func (e Extent) Scale() float64 {
	if e.Covered(infer.Reference{}) {
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
	return fmt.Sprintf("%d starts climb to %d modes from %.3g to %.3g in coordinate %d", e.Starts, e.Modes, e.Lo[j],
		e.Hi[j], j+1)
}
