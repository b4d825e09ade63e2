package metric

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
)

// matrixLimit is the largest cost matrix that is kept in memory, in bytes: beyond it each row is
// computed when it is needed.
const matrixLimit = 256 << 20

// costs gives rows of the matrix C_ij = |x_i−y_j|².
type costs struct {
	x, y   ito.States
	matrix []float64 // nil when rows are computed
	buffer []float64
}

func newCosts(ctx context.Context, x, y ito.States) (*costs, error) {
	c := &costs{x: x, y: y}
	if x.N*y.N <= matrixLimit/8 {
		c.matrix = make([]float64, x.N*y.N)
		err := parallel(ctx, x.N, 64, func(lo, hi int) {
			for i := lo; i < hi && ctx.Err() == nil; i++ {
				squaredDistances(c.matrix[i*y.N:(i+1)*y.N], x.Row(i), y)
			}
		})
		return c, err
	}
	c.buffer = make([]float64, y.N)
	return c, nil
}

// row returns row i, valid until the next call.
func (c *costs) row(i int) []float64 {
	if c.matrix != nil {
		return c.matrix[i*c.y.N : (i+1)*c.y.N]
	}
	squaredDistances(c.buffer, c.x.Row(i), c.y)
	return c.buffer
}

func (c *costs) at(i, j int) float64 { return squaredDistance(c.x.Row(i), c.y.Row(j)) }

func squaredDistances(dst, x []float64, y ito.States) {
	if len(x) == 2 {
		x0, x1 := x[0], x[1]
		for j := range dst {
			a, b := x0-y.X[2*j], x1-y.X[2*j+1]
			dst[j] = float64(a*a) + float64(b*b)
		}
		return
	}
	for j := range dst {
		dst[j] = squaredDistance(x, y.Row(j))
	}
}

// assign finds the permutation with the least Σ_i C_{i,match[i]}, and dual prices u, v with
// u_i+v_j ≤ C_ij (to rounding) and equality on the matching: the certificate that it is the least.
//
// It is Jonker and Volgenant's method ("A shortest augmenting path algorithm for dense and sparse
// linear assignment problems", Computing 38, 1987) with the prices of an auction in place of
// their column reduction: two rounds of augmenting row reduction, then a shortest augmenting path for
// each row that is still free, which the good prices keep few and short. Time O(n³) at worst. The error is that of ctx,
// which is looked at once a row of costs.
func assign(ctx context.Context, c *costs) (match []int, u, v []float64, err error) {
	n := c.x.N
	if v, err = auction(ctx, c); err != nil {
		return nil, nil, nil, err
	}
	match, owner := fill(n, -1), fill(n, -1)
	free := make([]int, n)
	for i := range free {
		free[i] = i
	}
	for range 2 {
		if free, err = reduceRows(ctx, c, match, owner, v, free); err != nil {
			return nil, nil, nil, err
		}
	}
	s := newSearch(n)
	for _, i := range free {
		if err := s.augment(ctx, c, i, match, owner, v); err != nil {
			return nil, nil, nil, err
		}
	}
	u = make([]float64, n)
	for i, j := range match {
		u[i] = c.at(i, j) - v[j]
	}
	return match, u, v, nil
}

// reduceRows gives each free row its cheapest column at present prices, lowering that column's price
// until the second cheapest is as good; a row that loses its column takes its turn at once when the
// price fell, else it stays free.
func reduceRows(ctx context.Context, c *costs, match, owner []int, v []float64, free []int) (still []int, err error) {
	n := len(v)
	turns := 0
	for k := 0; k < len(free); {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		i := free[k]
		k++
		turns++
		j1, j2, best, second := cheapest(c.row(i), v)
		i0 := owner[j1]
		price := v[j1] - (second - best)
		lower := j2 >= 0 && price < v[j1] // false on ties, and where the difference is lost in rounding
		if lower {
			v[j1] = price
		} else if i0 >= 0 && j2 >= 0 {
			j1 = j2
			i0 = owner[j2]
		}
		if i0 >= 0 {
			match[i0] = -1
			// Rounding could pass two rows to and fro for ever: the turns are limited.
			if lower && turns < n*4 {
				k--
				free[k] = i0
			} else {
				still = append(still, i0)
			}
		}
		match[i], owner[j1] = j1, i
	}
	return still, nil
}

// search holds the memory of the shortest augmenting paths.
type search struct {
	dist []float64
	from []int // the row from which a column was last reached
	todo []int // columns not yet settled
	done []int // columns settled, in order
}

func newSearch(n int) *search {
	return &search{dist: make([]float64, n), from: make([]int, n), todo: make([]int, n), done: make([]int, 0, n)}
}

// augment finds the shortest path in reduced costs from a free row to a free column (Dijkstra),
// updates the prices of the settled columns and flips the path.
func (s *search) augment(ctx context.Context, c *costs, root int, match, owner []int, v []float64) error {
	s.todo, s.done = s.todo[:len(v)], s.done[:0]
	for j := range s.todo {
		s.todo[j], s.dist[j] = j, math.Inf(1)
	}
	i, base := root, 0.0 // base: distance at which row i was reached, less the reduced cost of its own edge
	var end int
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		row := c.row(i)
		least, at := math.Inf(1), -1
		for k, j := range s.todo {
			d := s.dist[j]
			if t := row[j] - v[j] + base; t < d {
				d = t
				s.dist[j], s.from[j] = t, i
			}
			if d < least || at < 0 || d == least && owner[j] < 0 && owner[s.todo[at]] >= 0 {
				least, at = d, k
			}
		}
		j := s.todo[at]
		if owner[j] < 0 {
			end = j
			break
		}
		s.todo[at] = s.todo[len(s.todo)-1]
		s.todo = s.todo[:len(s.todo)-1]
		s.done = append(s.done, j)
		i = owner[j]
		base = least - (c.at(i, j) - v[j])
	}
	for _, j := range s.done {
		v[j] += s.dist[j] - s.dist[end]
	}
	for j := end; ; {
		i := s.from[j]
		owner[j] = i
		match[i], j = j, match[i]
		if i == root {
			return nil
		}
	}
}

func fill(n, v int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = v
	}
	return s
}
