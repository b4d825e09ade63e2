package inverse

import (
	"fmt"
	"sync"

	"github.com/seed9a7962a8/ito"
)

// Compose measures by first and what it gives by then: y = then(first(x)). It is linear where both are, and its
// decomposition then that of its matrix.
func Compose(then, first Operator) (Operator, error) {
	_, m := first.Dims()
	if d, _ := then.Dims(); d != m {
		return nil, &ito.InputError{Where: "operator " + then.Kind(), What: fmt.Sprintf("it measures %d numbers, "+
			"operator %s gives %d", d, first.Kind(), m)}
	}
	c := &composed{first: first, then: then}
	a, ok := first.(Linear)
	b, also := then.(Linear)
	if !ok || !also {
		return c, nil
	}
	l := &composedLinear{composed: c, a: a, b: b}
	l.svd = sync.OnceValues(func() (SVD, error) { return newDenseSVD(l) })
	return l, nil
}

type composed struct{ first, then Operator }

// Kind implements Operator.
func (c *composed) Kind() string { return c.first.Kind() + "|" + c.then.Kind() }

// Dims implements Operator.
func (c *composed) Dims() (d, m int) {
	d, _ = c.first.Dims()
	_, m = c.then.Dims()
	return d, m
}

// Shape implements Shaped.
func (c *composed) Shape() []int { return shapeAfter(c.then) }

func (c *composed) middle(x []float64) []float64 {
	_, m := c.first.Dims()
	out := make([]float64, m)
	c.first.Apply(out, x)
	return out
}

// Apply implements Operator.
func (c *composed) Apply(y, x []float64) { c.then.Apply(y, c.middle(x)) }

// VJP implements Operator.
func (c *composed) VJP(dx, x, w []float64) {
	z := c.middle(x)
	dz := make([]float64, len(z))
	c.then.VJP(dz, z, w)
	c.first.VJP(dx, x, dz)
}

type composedLinear struct {
	*composed
	a, b Linear
	svd  func() (SVD, error)
}

// Adjoint implements Linear.
func (c *composedLinear) Adjoint(dx, w []float64) {
	_, m := c.a.Dims()
	dz := make([]float64, m)
	c.b.Adjoint(dz, w)
	c.a.Adjoint(dx, dz)
}

// VJP implements Operator.
func (c *composedLinear) VJP(dx, _, w []float64) { c.Adjoint(dx, w) }

// SVD implements Spectral.
func (c *composedLinear) SVD() (SVD, error) { return c.svd() }
