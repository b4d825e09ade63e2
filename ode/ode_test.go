package ode_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/ode"
)

// A tree is a rooted tree by its subtrees; trees(n) lists those of order n.
type tree []tree

func (τ tree) order() int {
	n := 1
	for _, s := range τ {
		n += s.order()
	}
	return n
}

func (τ tree) density() float64 {
	γ := float64(τ.order())
	for _, s := range τ {
		γ *= s.density()
	}
	return γ
}

func trees(n int) []tree {
	if n == 1 {
		return []tree{{}}
	}
	// multisets of trees with n−1 vertices together, largest first
	var all []tree
	for k := 1; k < n; k++ {
		all = append(all, trees(k)...)
	}
	var out []tree
	var grow func(from, left int, sub tree)
	grow = func(from, left int, sub tree) {
		if left == 0 {
			out = append(out, append(tree(nil), sub...))
			return
		}
		for i := from; i < len(all); i++ {
			if o := all[i].order(); o <= left {
				grow(i, left-o, append(sub, all[i]))
			}
		}
	}
	grow(0, n-1, nil)
	return out
}

// weight is the elementary weight of each stage: Π over subtrees of Σ_j A_ij weight_j.
func weight(tb *ode.Tableau, τ tree) []float64 {
	w := make([]float64, tb.Stages())
	for i := range w {
		w[i] = 1
	}
	for _, s := range τ {
		ws := weight(tb, s)
		for i := range w {
			sum := 0.0
			for j, a := range tb.A[i] {
				sum += a * ws[j]
			}
			w[i] *= sum
		}
	}
	return w
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

func TestOrderConditions(t *testing.T) {
	counts := []int{0, 1, 1, 2, 4, 9}
	for n := 1; n <= 5; n++ {
		if got := len(trees(n)); got != counts[n] {
			t.Fatalf("%d trees of order %d, want %d", got, n, counts[n])
		}
	}
	for _, tb := range ode.Tableaux() {
		if err := tb.Check(); err != nil {
			t.Error(err)
		}
		for n := 1; n <= tb.Order; n++ {
			for _, τ := range trees(n) {
				w := weight(tb, τ)
				// the coefficients are rounded numbers
				if got, want := dot(tb.B, w), 1/τ.density(); math.Abs(got-want) > 1.1e-14 {
					t.Errorf("%s: tree %v: %g, want %g", tb.Name, τ, got, want)
				}
				if tb.E != nil && n <= tb.ErrorOrder {
					if got := dot(tb.E, w); math.Abs(got) > 1e-14 {
						t.Errorf("%s: error weights on tree %v: %g, want 0", tb.Name, τ, got)
					}
				}
				if tb.Dense == nil || n > tb.DenseOrder {
					continue
				}
				for _, θ := range []float64{.1, .5, .77, 1} {
					b := make([]float64, tb.Stages())
					for i, p := range tb.Dense {
						for k, c := range p {
							b[i] += c * math.Pow(θ, float64(k+1))
						}
					}
					if got, want := dot(b, w), math.Pow(θ, float64(n))/τ.density(); math.Abs(got-want) > 1e-13 {
						t.Errorf("%s: dense at %g on tree %v: %g, want %g", tb.Name, θ, τ, got, want)
					}
				}
			}
		}
	}
}

// arenstorf-like test: a rotation whose speed depends on the row, dx/dt = ω_row(t) J x.
func rotation(_ context.Context, dst, x, t []float64, rows []int) error {
	for i, r := range rows {
		ω := float64(1+r) * (1 + t[i])
		dst[2*i], dst[2*i+1] = -ω*x[2*i+1], ω*x[2*i]
	}
	return nil
}

func rotated(row int, from, to float64) (float64, float64) {
	φ := float64(1+row) * (to - from + (to*to-from*from)/2)
	s, c := math.Sincos(φ)
	return c, s
}

func start(n int) []float64 {
	x := make([]float64, 2*n)
	for i := range n {
		x[2*i] = 1
	}
	return x
}

func TestFixedOrders(t *testing.T) {
	for _, tb := range ode.Tableaux() {
		var errs []float64
		for _, k := range []int{64, 128} {
			x := start(1)
			grid := make([]float64, k+1)
			for i := range grid {
				grid[i] = float64(i) / float64(k)
			}
			if err := (ode.Fixed{Tableau: tb}).Integrate(context.Background(), rotation, x, 2, grid); err != nil {
				t.Fatal(err)
			}
			c, s := rotated(0, 0, 1)
			errs = append(errs, math.Hypot(x[0]-c, x[1]-s))
		}
		if slope := math.Log2(errs[0] / errs[1]); math.Abs(slope-float64(tb.Order)) > .2 {
			t.Errorf("%s: slope %.2f, order %d", tb.Name, slope, tb.Order)
		}
	}
}

func TestAdaptiveBothWays(t *testing.T) {
	for _, tb := range []*ode.Tableau{ode.Dopri5, ode.Heun} {
		for _, ends := range [][2]float64{{0, 1}, {1, 0}, {-.5, 2}} {
			x := start(5)
			tol := 1e-9
			if tb == ode.Heun {
				tol = 1e-6
			}
			a := ode.Adaptive{Tableau: tb, Atol: tol, Rtol: tol, MaxSteps: 1e6}
			calls := make([]int, 5)
			count := func(ctx context.Context, dst, x, t []float64, rows []int) error {
				for _, r := range rows {
					calls[r]++
				}
				return rotation(ctx, dst, x, t, rows)
			}
			res, err := a.Integrate(context.Background(), count, x, 2, ends[0], ends[1])
			if err != nil {
				t.Fatal(err)
			}
			for r := range 5 {
				c, s := rotated(r, ends[0], ends[1])
				if e := math.Hypot(x[2*r]-c, x[2*r+1]-s); e > 4e3*tol {
					t.Errorf("%s %v row %d: error %g", tb.Name, ends, r, e)
				}
				if res.Evals[r] != calls[r] {
					t.Errorf("row %d: %d evaluations reported, %d made", r, res.Evals[r], calls[r])
				}
				attempts := res.Accepted[r] + res.Rejected[r]
				if want := 2 + 6*attempts; tb.FSAL && calls[r] != want {
					t.Errorf("row %d: %d evaluations for %d attempts, want %d", r, calls[r], attempts, want)
				}
			}
		}
	}
}

// A row's bytes do not depend on the rows beside it.
func TestAdaptiveBatch(t *testing.T) {
	whole := start(8)
	a := ode.Adaptive{}
	if _, err := a.Integrate(context.Background(), rotation, whole, 2, 1, 0); err != nil {
		t.Fatal(err)
	}
	for r := range 8 {
		x := []float64{1, 0}
		one := func(ctx context.Context, dst, x, t []float64, _ []int) error {
			return rotation(ctx, dst, x, t, []int{r})
		}
		if _, err := a.Integrate(context.Background(), one, x, 2, 1, 0); err != nil {
			t.Fatal(err)
		}
		if x[0] != whole[2*r] || x[1] != whole[2*r+1] {
			t.Errorf("row %d: alone %v, in the batch %v", r, x, whole[2*r:2*r+2])
		}
	}
}

func TestDenseOutput(t *testing.T) {
	x, worst := start(3), 0.0
	a := ode.Adaptive{Atol: 1e-8, Rtol: 1e-8, Accepted: func(s *ode.Span) {
		y := make([]float64, 2)
		for _, θ := range []float64{0, .3, .5, .9, 1} {
			at := s.T + θ*(s.T1-s.T)
			s.At(y, at)
			c, sn := rotated(s.Row, 0, at)
			worst = math.Max(worst, math.Hypot(y[0]-c, y[1]-sn))
		}
	}}
	if _, err := a.Integrate(context.Background(), rotation, x, 2, 0, 1); err != nil {
		t.Fatal(err)
	}
	if worst > 1e-6 {
		t.Errorf("the continuous extension is off by %g", worst)
	}
}

func TestAdaptiveFailures(t *testing.T) {
	blowup := func(_ context.Context, dst, x, _ []float64, _ []int) error {
		for i, v := range x {
			dst[i] = v * v
		}
		return nil
	}
	var se *ode.StepError
	if _, err := (ode.Adaptive{}).Integrate(context.Background(), blowup, []float64{.1, 1}, 1, 0, 2); !errors.As(err,
		&se) || se.Row != 1 || math.Abs(se.T-1) > 1e-3 {
		t.Errorf("a pole at t=1 of row 1: %v", err)
	}
	if _, err := (ode.Adaptive{MaxSteps: 3}).Integrate(context.Background(), rotation, start(2), 2, 0, 50); !errors.As(
		err, &se) || se.Steps != 3 {
		t.Errorf("a limit of 3 steps: %v", err)
	}
	nan := func(_ context.Context, dst, _, _ []float64, _ []int) error { dst[0] = math.NaN(); return nil }
	if _, err := (ode.Adaptive{}).Integrate(context.Background(), nan, []float64{1}, 1, 0, 1); !errors.As(err, &se) {
		t.Errorf("a right-hand side that is not a number: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (ode.Adaptive{}).Integrate(ctx, rotation, start(1), 2, 0, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := (ode.Adaptive{Tableau: ode.RK4}).Integrate(context.Background(), rotation, start(1), 2, 0,
		1); err == nil {
		t.Error("RK4 has no error estimate")
	}
}
