package store

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// checkModel reports parts of a model that do not fit each other.
func checkModel(m *ito.Model, p nn.Ports) error {
	if m.Prior != nil {
		if !finite(m.Prior.Mean) || !finite(m.Prior.Cov) {
			return notModel("the prior is not finite")
		}
		for i := range p.Reads() {
			if m.Prior.Variance(i) < 0 {
				return notModel("the prior's variance of dimension %d is negative", i)
			}
		}
	}
	if w := m.CondWidth(); w != p.CondWidth() {
		return notModel("the conditions take %d columns, the network %d", w, p.CondWidth())
	}
	for _, k := range m.Conditions {
		if len(k.Levels) == 0 && !(finite([]float64{k.Mean, k.SD}) && k.SD >= 0) {
			return notModel("condition %q has mean %g and standard deviation %g", k.Column, k.Mean, k.SD)
		}
	}
	d := p.Reads()
	if _, moves := m.Path.(*path.Momentum); moves {
		d = p.Writes() // without the velocities
	}
	return checkTransform(m.Transform, len(m.Columns), d)
}

// checkTransform reports a transform that does not lead from the columns (0 where they have no names) to states of
// dimension d.
func checkTransform(t ito.Transform, columns, d int) error {
	width := columns
	if columns == 0 {
		width = d
	}
	switch {
	case t.Width < 0 || t.Width > 0 && columns > 0 && t.Width != columns:
		return notModel("the transform takes %d columns, the model has %d", t.Width, columns)
	case t.Keep != nil && len(t.Const) != t.Width:
		return notModel("the transform knows %d constants of %d columns", len(t.Const), t.Width)
	}
	width, to := t.Dims(width)
	if to != d {
		return notModel("the transform makes states of dimension %d, the network reads %d", to, d)
	}
	last := -1
	for _, k := range t.Keep {
		if k <= last || k >= width {
			return notModel("the transform keeps column %d of %d", k, width)
		}
		last = k
	}
	for _, part := range []struct {
		name   string
		v      []float64
		length int
	}{{"shift", t.Shift, d}, {"scale", t.Scale, d}, {"V", t.V, d * d}, {"W", t.W, d * d}, {"constants", t.Const, width}} {
		if part.v != nil && (len(part.v) != part.length || !finite(part.v)) {
			return notModel("the transform's %s has %d numbers, or one that is not finite; %d are needed", part.name, len(part.v), part.length)
		}
	}
	if (t.V == nil) != (t.W == nil) {
		return notModel("the transform has only one of V and W")
	}
	for i, s := range t.Scale {
		if s == 0 {
			return notModel("the transform's scale %d is 0", i)
		}
	}
	return nil
}

func finite(x []float64) bool {
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
