package inverse

import (
	"fmt"
	"slices"
	"sync"

	"github.com/seed9a7962a8/ito"
)

// InUnits is an operator on a model's states, given one on rows of the user's columns: A(row), row = shift + L state by
// the affine map of t, without its bounds and rounding. Of a linear operator it is the linear part AL, and offset [M]
// = A shift is to be taken from every measurement; offset is nil for the others. width is that of a row.
func InUnits(a Operator, t ito.Transform, width int) (in Operator, offset []float64, err error) {
	columns, d := t.Dims(width)
	if n, m := a.Dims(); n != columns {
		return nil, nil, &ito.InputError{Where: "operator " + a.Kind(), What: fmt.Sprintf("it measures %d numbers, "+
			"a row has %d", n, columns)}
	} else {
		offset = make([]float64, m)
	}
	u := &units{a: a, t: t, columns: columns, d: d, shift: make([]float64, columns)}
	if t.Keep != nil {
		copy(u.shift, t.Const)
	}
	for i := range d {
		if t.Shift != nil {
			u.shift[u.column(i)] = one(t.Shift, i)
		} else {
			u.shift[u.column(i)] = 0
		}
	}
	l, ok := a.(Linear)
	if !ok {
		return u, nil, nil
	}
	a.Apply(offset, u.shift)
	if t.Scale == nil && t.V == nil && t.Keep == nil {
		return a, offset, nil
	}
	lu := &unitsLinear{units: u, l: l}
	lu.svd = sync.OnceValues(lu.decompose)
	return lu, offset, nil
}

// one is entry i of a list with one entry a dimension, or one for all.
func one(list []float64, i int) float64 {
	if len(list) == 1 {
		return list[0]
	}
	return list[i]
}

type units struct {
	a          Operator
	t          ito.Transform
	columns, d int
	shift      []float64
}

func (u *units) column(i int) int {
	if u.t.Keep != nil {
		return u.t.Keep[i]
	}
	return i
}

// linear writes L x.
func (u *units) linear(row, x []float64) {
	if u.t.V != nil {
		v := make([]float64, u.d)
		rowsTimes(v, u.t.V, x)
		x = v
	}
	clear(row)
	for i, v := range x {
		if u.t.Scale != nil {
			v *= one(u.t.Scale, i)
		}
		row[u.column(i)] = v
	}
}

// transposed writes Lᵀ row.
func (u *units) transposed(dx, row []float64) {
	for i := range dx {
		v := row[u.column(i)]
		if u.t.Scale != nil {
			v *= one(u.t.Scale, i)
		}
		dx[i] = v
	}
	if u.t.V != nil {
		timesRows(dx, u.t.V, slices.Clone(dx))
	}
}

func (u *units) row(x []float64) []float64 {
	row := make([]float64, u.columns)
	u.linear(row, x)
	for i, v := range u.shift {
		row[i] += v
	}
	return row
}

// Kind implements Operator.
func (u *units) Kind() string { return u.a.Kind() }

// Dims implements Operator.
func (u *units) Dims() (d, m int) {
	_, m = u.a.Dims()
	return u.d, m
}

// Apply implements Operator.
func (u *units) Apply(y, x []float64) { u.a.Apply(y, u.row(x)) }

// VJP implements Operator.
func (u *units) VJP(dx, x, w []float64) {
	row := make([]float64, u.columns)
	u.a.VJP(row, u.row(x), w)
	u.transposed(dx, row)
}

type unitsLinear struct {
	*units
	l   Linear
	svd func() (SVD, error)
}

// Apply implements Operator.
func (u *unitsLinear) Apply(y, x []float64) {
	row := make([]float64, u.columns)
	u.linear(row, x)
	u.l.Apply(y, row)
}

// Adjoint implements Linear.
func (u *unitsLinear) Adjoint(dx, w []float64) {
	row := make([]float64, u.columns)
	u.l.Adjoint(row, w)
	u.transposed(dx, row)
}

// VJP implements Operator.
func (u *unitsLinear) VJP(dx, _, w []float64) { u.Adjoint(dx, w) }

// SVD implements Spectral, once.
func (u *unitsLinear) SVD() (SVD, error) { return u.svd() }

// decompose keeps the decomposition of A where all columns have one scale.
func (u *unitsLinear) decompose() (SVD, error) {
	t := u.t
	if s, ok := u.l.(Spectral); ok && t.Keep == nil && t.V == nil && (len(t.Scale) == 1 || len(t.Scale) > 1 &&
		slices.Max(t.Scale) == slices.Min(t.Scale)) {
		d, err := s.SVD()
		if err != nil {
			return nil, err
		}
		v := slices.Clone(d.Values())
		for i := range v {
			v[i] *= t.Scale[0]
		}
		return scaledSVD{d, v}, nil
	}
	return newDenseSVD(u)
}

// scaledSVD is a decomposition with other singular values.
type scaledSVD struct {
	SVD
	s []float64
}

// Values implements SVD.
func (s scaledSVD) Values() []float64 { return s.s }
