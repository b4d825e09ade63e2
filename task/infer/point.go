package infer

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer/approx"
	"github.com/seed9a7962a8/ito/internal/table"
)

// Point is what there is to say of a mode beside where it is.
type Point struct {
	LogDensity float64 `json:"log_density"` // there: of what was climbed
	// Jacobian reports that the density is that of the unconstrained parameters.
	Jacobian bool     `json:"jacobian"`
	Ascents  []Ascent `json:"ascents"`
	Edge     []string `json:"edge,omitempty"` // parameters at the edge of their support
}

// Ascent is how one of several ascents ended.
type Ascent struct {
	LogDensity float64 `json:"log_density"`
	Iterations int     `json:"iterations"`
}

// errors records the standard errors of a mode's columns: √(J C Jᵀ) with C the inverse of the negative second
// derivatives and J the derivatives of the columns by the unconstrained parameters, from differences. Columns that
// are drawn have none.
func (r *inference) errors(ctx context.Context) error {
	c, d, w := r.state.Var("covariance"), r.p.Dim(), len(r.p.columns)
	if len(c) != d*d || math.IsNaN(c[0]) {
		return nil
	}
	x, wide := ito.NewStates(2*d+1, d, 0), ito.NewStates(2*d+1, w, 0)
	step := make([]float64, d)
	for i := range x.N {
		x.ID[i] = 0 // the same numbers for what is drawn
		copy(x.Row(i), r.state.X[:d])
	}
	for j := range d {
		step[j] = 1e-4 * math.Sqrt(c[j*d+j])
		x.Row(2 * j)[j] += step[j]
		x.Row(2*j + 1)[j] -= step[j]
	}
	if err := r.p.draw(ctx, wide, x, r.c.Seed, 0); err != nil {
		return err
	}
	other := ito.NewStates(1, w, 0)
	if err := r.p.draw(ctx, other, x.Slice(2*d, 2*d+1), r.c.Seed, 1); err != nil {
		return err
	}
	se, slope := make([]float64, w), make([]float64, d)
	for k := range w {
		for j := range d {
			slope[j] = (wide.Row(2 * j)[k] - wide.Row(2*j + 1)[k]) / (2 * step[j])
		}
		v := 0.
		for i, a := range slope {
			for j, b := range slope {
				v += a * c[i*d+j] * b
			}
		}
		if se[k] = math.Sqrt(v); other.X[k] != wide.Row(2 * d)[k] { // it is drawn
			se[k] = math.NaN()
		}
	}
	r.meta.SetErrors(se)
	return nil
}

// point describes how a mode was found.
func (r *inference) point(o *Report) {
	k, ok := r.plan.Kernel.(approx.Mode)
	if !ok {
		return
	}
	p := &Point{LogDensity: r.state.LogP[0], Jacobian: k.Of == nil}
	lower := 0
	for _, c := range k.Climbs(r.state, 0) {
		p.Ascents = append(p.Ascents, Ascent{c.LogP, c.Iterations})
		if c.LogP < p.LogDensity-1e-3 {
			lower++
		}
	}
	var edge []int
	for j, v := range r.state.Var("edge") {
		if v != 0 {
			edge = append(edge, j)
		}
	}
	p.Edge = r.p.coordinates(edge)
	if len(p.Edge) > 0 {
		o.Summary.Warn(fmt.Sprintf("the density is greatest at the edge of the support of %s, or nearly flat there: "+
			"there are no standard errors", table.Few(p.Edge)))
	}
	if lower > 0 {
		o.Summary.Warn(fmt.Sprintf("%d of %d ascents ended lower, the lowest by %.3g: there are several modes, or the "+
			"density is hard to climb", lower, len(p.Ascents), p.LogDensity-p.Ascents[len(p.Ascents)-1].LogDensity))
	}
	o.Point = p
}
