package inverse

import "math"

// coordinates are the parts of a state along the right singular vectors of an operator. A row's own scratch.
type coordinates struct {
	svd  SVD
	s    []float64
	zero float64   // singular values up to here measure nothing
	y    []float64 // [R] Uᵀy/s of the row, what was measured of the coordinate
	sd   []float64 // [R] σ/s; +Inf where nothing is measured
	a, b []float64
	row  []float64
}

func newCoordinates(svd SVD, d int, sigma float64) *coordinates {
	s := svd.Values()
	n := len(s)
	c := &coordinates{svd: svd, s: s, zero: least(s), y: make([]float64, n), sd: make([]float64, n),
		a: make([]float64, n), b: make([]float64, n), row: make([]float64, d)}
	for i, v := range s {
		c.sd[i] = math.Inf(1)
		if v > c.zero {
			c.sd[i] = sigma / v
		}
	}
	return c
}

// see takes the measurement of a row.
func (c *coordinates) see(y []float64) {
	c.svd.UT(c.y, y)
	for i, s := range c.s {
		if s > c.zero {
			c.y[i] /= s
		} else {
			c.y[i] = 0
		}
	}
}

// change replaces the coordinates of x by f of them and leaves the rest as it is.
func (c *coordinates) change(x []float64, f func(i int, z float64) float64) {
	c.svd.VT(c.a, x)
	for i, z := range c.a {
		c.a[i] = f(i, z) - z
	}
	c.svd.V(c.row, c.a)
	for i, v := range c.row {
		x[i] += v
	}
}
