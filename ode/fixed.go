package ode

import (
	"context"
	"fmt"
)

// RHS writes dx/dt of the m = len(t) rows of x [m,D] at their own times t into dst [m,D]. rows[i] is
// the index that row i has in the whole batch: the address of what a row needs besides x. It must
// compute each row from that row alone, and must not keep or change x, t and rows.
type RHS func(ctx context.Context, dst, x, t []float64, rows []int) error

// Fixed integrates with given steps.
type Fixed struct {
	Tableau *Tableau // nil: RK4
}

// Integrate carries the rows of x [n,d] in place from grid[0] through every node of grid to its end,
// one step between neighbours. It costs Stages evaluations a step and looks at ctx once a step.
func (m Fixed) Integrate(ctx context.Context, f RHS, x []float64, d int, grid []float64) error {
	tb := m.Tableau
	if tb == nil {
		tb = RK4
	}
	if err := tb.Check(); err != nil {
		return err
	}
	n, err := rowsOf(x, d)
	if err != nil {
		return err
	}
	s := tb.Stages()
	k := stageBuffers(s, len(x))
	y, ts, rows := make([]float64, len(x)), make([]float64, n), make([]int, n)
	h := make([]float64, n)
	for i := range rows {
		rows[i] = i
	}
	for g := 1; g < len(grid); g++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		t := grid[g-1]
		for i := range h {
			h[i] = grid[g] - t
		}
		for i := range s {
			for r := range ts {
				ts[r] = t + float64(tb.C[i]*h[r])
			}
			combine(y, x, h, d, tb.A[i], k)
			if err := f(ctx, k[i], y, ts, rows); err != nil {
				return err
			}
		}
		combine(x, x, h, d, tb.B, k)
	}
	return nil
}

// combine writes dst = x + h Σ_j w_j k_j, with one h for each row; dst may be x.
func combine(dst, x, h []float64, d int, w []float64, k [][]float64) {
	for r, hr := range h {
		for c := r * d; c < (r+1)*d; c++ {
			sum := 0.0
			for j, wj := range w {
				if wj != 0 {
					sum += float64(wj * k[j][c])
				}
			}
			dst[c] = x[c] + float64(hr*sum)
		}
	}
}

func stageBuffers(s, n int) [][]float64 {
	k := make([][]float64, s)
	for i := range k {
		k[i] = make([]float64, n)
	}
	return k
}

func rowsOf(x []float64, d int) (int, error) {
	if d <= 0 || len(x)%d != 0 {
		return 0, fmt.Errorf("ode: %d values are not rows of dimension %d", len(x), d)
	}
	return len(x) / d, nil
}
