package path

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

// The trap: β = 4, a(t) = −1+1.2t in one dimension. The recursion tends to the exact Σ_1 = .957666; the
// block exponential of the integrated [∫βD, ∫β] gives .555141 although everything commutes.
func TestPiecewiseIsNotTheIntegratedBlock(t *testing.T) {
	const exact = .957666
	var errs []float64
	for _, n := range []int{100, 1000} {
		cfg := PiecewiseConfig{BetaMin: 4, BetaMax: 4, Grid: make([]float64, n+1), A: make([][]float64, n)}
		for i := range n {
			cfg.Grid[i+1] = float64(i+1) / float64(n)
			cfg.A[i] = []float64{-1 + 1.2*(float64(i)+.5)/float64(n)}
		}
		p, err := NewPiecewise(cfg)
		if err != nil {
			t.Fatal(err)
		}
		phi, cov := []float64{0}, []float64{0}
		p.Transition(1, phi, cov)
		errs = append(errs, math.Abs(cov[0]-exact))
		if want := math.Exp(-.5 * 4 * (3 - 1.2)); math.Abs(phi[0]-want) > 1e-12 { // ∫(1−2a) = 3−1.2
			t.Errorf("n=%d: Φ = %g, want %g", n, phi[0], want)
		}
	}
	if errs[1] > 1e-5 || errs[1] > errs[0] {
		t.Errorf("Σ_1 is off by %.2g at 100 cells and %.2g at 1000", errs[0], errs[1])
	}
	_, cov := blockExponential([]float64{-.5 * (3 - 1.2)}, []float64{1}, 1, 4)
	if math.Abs(cov[0]-.555141) > 1e-6 {
		t.Errorf("the block formula gives %.6f", cov[0])
	}
}

// One symmetric cell, or equal cells, are the constant Schrödinger path; a symmetric matrix written
// with one entry off by a rounding takes the general way to the same kernel.
func TestPiecewiseOfEqualCellsIsVSDM(t *testing.T) {
	a := []float64{-.4, .3, .1, .3, .2, -.2, .1, -.2, -.7}
	nearly := append([]float64(nil), a...)
	nearly[1] = math.Nextafter(nearly[1], 1)
	v, err := NewVSDM(VSDMConfig{A: a})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]float64{a, nearly} {
		p, err := NewPiecewise(PiecewiseConfig{Grid: []float64{0, .2, .55, 1}, A: [][]float64{b, b, b}})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []float64{1e-3, .2, .4, .55, 1} {
			phi, cov := kernelOf(p, s)
			wantPhi, wantCov := kernelOf(v, s)
			if e := max(worst(phi, wantPhi), worst(cov, wantCov)); e > 1e-13 {
				t.Errorf("at %g they differ by %.2g", s, e)
			}
			if e := worst(p.A(s), a); e > 1e-15 {
				t.Errorf("A(%g) differs by %.2g", s, e)
			}
		}
	}
}

// A constant general D keeps its digits where the block exponential loses them: B‖D‖ near 100.
func TestPiecewiseStiff(t *testing.T) {
	p, err := NewPiecewise(PiecewiseConfig{BetaMin: 10, BetaMax: 10, Grid: []float64{0, 1},
		A: [][]float64{{-9.5, .4, 0, .45}}})
	if err != nil {
		t.Fatal(err)
	}
	_, cov := kernelOf(p, 1)
	// D = [[20,−.8],[0,.1]]: Σ solves its Lyapunov equation with decay e^{−10 D} left from mode 2 alone.
	D := []float64{20, -.8, 0, .1}
	phi, _ := kernelOf(p, 1)
	rest := sandwich(phi, identity(2), 2)
	res := product(2, D, cov) // ½(DΣ+ΣDᵀ) = I − ΦΦᵀ for dΣ/dB at B of Σ = ∫e^{−½uD}e^{−½uDᵀ}du
	sum := append([]float64(nil), res...)
	matrix.AddScaled(sum, 1, matrix.Transposed(res, 2))
	for i := range sum {
		sum[i] /= 2
	}
	want := identity(2)
	matrix.AddScaled(want, -1, rest)
	if e := worst(sum, want); e > 1e-12 {
		t.Errorf("the Lyapunov equation is off by %.2g: %v, want %v", e, sum, want)
	}
}

func TestPiecewiseRefusals(t *testing.T) {
	one := [][]float64{{0}}
	for what, cfg := range map[string]PiecewiseConfig{
		"nothing":     {},
		"grid length": {Grid: []float64{0, .5, 1}, A: one},
		"grid start":  {Grid: []float64{.1, 1}, A: one},
		"grid order":  {Grid: []float64{0, .5, .5}, A: [][]float64{{0}, {0}}},
		"not square":  {Grid: []float64{0, 1}, A: [][]float64{{0, 1}}},
		"ragged":      {Grid: []float64{0, .5, 1}, A: [][]float64{{0}, {0, 1, 2, 3}}},
		"empty":       {Grid: []float64{0, 1}, A: [][]float64{{}}},
		"NaN":         {Grid: []float64{0, 1}, A: [][]float64{{math.NaN()}}},
		"overflow":    {Grid: []float64{0, 1}, A: [][]float64{{500}}},
		"NaN grid":    {Grid: []float64{0, math.NaN()}, A: one},
		"mean":        {Grid: []float64{0, 1}, A: one, Mean: []float64{1, 2}},
	} {
		if p, err := NewPiecewise(cfg); !errors.Is(err, ito.ErrInput) || p != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}
