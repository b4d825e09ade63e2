package store

import (
	"math"
	"slices"

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
	if err := checkSpace(m, p); err != nil {
		return err
	}
	if err := checkTokens(m); err != nil {
		return err
	}
	if w := m.CondWidth(); w != p.CondWidth() {
		return notModel("the conditions take %d columns, the network %d", w, p.CondWidth())
	}
	for _, k := range m.Conditions {
		if len(k.Levels) == 0 && !(finite([]float64{k.Mean, k.SD}) && k.SD >= 0) {
			return notModel("condition %q has mean %g and standard deviation %g", k.Column, k.Mean, k.SD)
		}
		if len(k.Shares) > 0 && (len(k.Shares) != len(k.Levels) || !areShares(k.Shares)) {
			return notModel("the shares %g of condition %q are none of %d levels", k.Shares, k.Column, len(k.Levels))
		}
	}
	d := p.Reads()
	if _, moves := m.Path.(path.Hybrid); moves {
		d = p.Writes() // without the velocities
	}
	if len(m.Space.Parts) > 0 && m.Space.Dim() != d {
		return notModel("the space has dimension %d, the states %d", m.Space.Dim(), d)
	}
	if e := m.Encoding; e != nil {
		t := m.Transform
		switch {
		case e.Dim() != d:
			return notModel("the encoding has states of dimension %d, the network reads %d", e.Dim(), d)
		case !slices.Equal(e.Columns(), m.Columns) || len(m.Conditions) > 0:
			return notModel("the encoding has other columns than the model, or it has conditions beside")
		case t.Width != 0 || t.Keep != nil || t.Shift != nil || t.Scale != nil || t.V != nil || t.W != nil:
			return notModel("it has an encoding and a transform")
		}
		return nil
	}
	return checkTransform(m.Transform, len(m.Columns), d)
}

// checkSpace reports a space that the ports of the network do not serve, part by part, or whose mask does not stand
// behind the conditions. A model without a space has rows of numbers, whatever its ports.
func checkSpace(m *ito.Model, p nn.Ports) error {
	s := m.Space
	if len(s.Parts) == 0 {
		if s.Mask != nil {
			return notModel("a mask without a space")
		}
		return nil
	}
	if err := s.Check(); err != nil {
		return notModel("%v", err)
	}
	if k := s.Mask; k != nil && k.At != m.CondWidth()-k.N {
		return notModel("the mask is at %d of the condition, behind the conditions is %d", k.At, m.CondWidth()-k.N)
	}
	if len(p.X) != len(s.Parts) || len(p.Out) != len(s.Parts) {
		return notModel("the space has %d parts, the network reads %d and writes %d", len(s.Parts), len(p.X),
			len(p.Out))
	}
	for i, part := range s.Parts {
		x, out := p.X[i], p.Out[i]
		want := part.Size()
		if part.Levels > 0 {
			want *= part.Levels
		}
		switch {
		case x.Name != part.Name || !levels(x.Levels, part.Levels) || !wider(x.Shape, part.Shape):
			return notModel("part %s of the space has shape %v and %d levels, the network reads %s of %v and %d",
				part.Name, part.Shape, part.Levels, x.Name, x.Shape, x.Levels)
		case out.Size()%want != 0:
			return notModel("part %s of the space has shape %v, the network writes %v for it", part.Name, part.Shape,
				out.Shape)
		}
	}
	return nil
}

// levels reports a port that reads the levels of a part: as many, or the mask too.
func levels(port, part int) bool { return port == part || part > 0 && port == part+1 }

// checkTokens reports tokens that the path does not have, or that the vocabulary does not name.
func checkTokens(m *ito.Model) error {
	j, ok := m.Path.(ito.Jump)
	if ok && !m.Space.Tokens() {
		return notModel("path %s is of tokens, and the states are not", m.Path.Name())
	}
	if ok && m.Prior != nil {
		return notModel("path %s is of tokens, and the prior of numbers", m.Path.Name())
	}
	for _, part := range m.Space.Parts {
		if part.Levels > 0 && (!ok || part.Levels != j.Data()) {
			return notModel("part %s has %d levels, path %s others", part.Name, part.Levels, m.Path.Name())
		}
	}
	if l := m.Nodes; l != nil {
		if m.Space.Mask == nil {
			return notModel("numbers of nodes, and no mask")
		}
		if err := l.Check(m.Space.Mask.N); err != nil {
			return notModel("%v", err)
		}
	}
	if v := m.Vocabulary; v != nil {
		if !ok || len(m.Space.Parts) != 1 {
			return notModel("a vocabulary of no text")
		}
		if err := v.Check(j.Data()); err != nil {
			return notModel("%v", err)
		}
	}
	return nil
}

// wider reports a shape that is another with a last axis some times as long: a network may read velocities beside
// positions.
func wider(shape, part []int) bool {
	if len(part) == 0 {
		part = []int{1}
	}
	n := len(part) - 1
	return len(shape) == len(part) && slices.Equal(shape[:n], part[:n]) && shape[n]%part[n] == 0
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
	}{{"shift", t.Shift, d}, {"scale", t.Scale, d}, {"V", t.V, d * d}, {"W", t.W, d * d}, {"constants", t.Const,
		width}} {
		if one := t.Kind == "range" && len(part.v) == 1 && (part.name == "shift" ||
			part.name == "scale"); part.v != nil && (len(part.v) != part.length && !one || !finite(part.v)) {
			return notModel("the transform's %s has %d numbers, or one that is not finite; %d are needed", part.name,
				len(part.v), part.length)
		}
	}
	if !finite([]float64{t.Low, t.High}) || t.Low > t.High {
		return notModel("the transform has the bounds %g and %g", t.Low, t.High)
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

// areShares reports whether no number is negative and their sum is 1.
func areShares(x []float64) bool {
	sum := 0.
	for _, v := range x {
		if !(v >= 0) {
			return false
		}
		sum += v
	}
	return math.Abs(sum-1) < 1e-6
}
