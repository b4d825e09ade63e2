package path

import (
	"cmp"
	"fmt"
	"math"
	"sort"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/rng"
)

// PiecewiseConfig says which piecewise-constant path.
type PiecewiseConfig struct {
	BetaMin float64 `json:"beta_min" default:"0.1" above:"0" help:"β at the data."`        // β_0; 0 means .1
	BetaMax float64 `json:"beta_max" default:"10" above:"0" help:"β at t = 1."`            // β at t = 1; 0 means 10
	Power   float64 `json:"power" default:"1.7" above:"0" help:"Exponent r of β in time."` // r; 0 means 1.7
	Lo      float64 `json:"lo" default:"0.001" above:"0" help:"Sampled end."`              // sampled end; 0 means 1e-3
	// [n+1] cell borders from 0 to T, increasing
	Grid []float64 `json:"grid" min:"0" help:"Borders of the cells, from 0."`
	// n matrices [D,D] row-major, symmetric or not
	A    [][]float64 `json:"a" help:"A of every cell, row by row."`
	Mean []float64   `json:"mean" help:"Centre of the data."` // μ [D]; nil for zero
}

// Piecewise is the Schrödinger path whose A is a general matrix, constant in each cell of a grid of times:
//
//	dx = −½β_t(I−2A_i)(x−μ)dt + √β_t dw,  t_i ≤ t < t_{i+1}.
//
// Its kernel follows the exact recursion over cells, which need not commute,
//
//	Φ_{i+1} = E_i Φ_i,  Σ_{i+1} = E_i Σ_i E_iᵀ + Q_i,  E_i = e^{−½ΔB_i D_i},  Q_i = ∫₀^ΔB e^{−½uD_i} e^{−½uD_iᵀ} du,
//
// with E and Q by the eigenvalues of a symmetric D_i and by scaling and doubling otherwise. (One block
// exponential of the integrated [∫βD, ∫β] is not this kernel, even for commuting D.)
// Its noise is x_t = μ + Φ_t(x_0−μ) + Σ_t^{½}ε with the symmetric root, so that it equals [VSDM] where
// both apply. Its own prior is N(μ,I).
type Piecewise struct {
	cfg   PiecewiseConfig
	rate  beta
	d     int
	cells []cell
}

// cell holds one A_i and the kernel from 0 to its left border.
type cell struct {
	b        float64 // B at the left border
	drift    []float64
	modes    *symmetric // of D = I−2A; nil where A is not symmetric
	phi, cov []float64
}

// NewPiecewise plans the path: one kernel a cell, O(n D³). A grid that does not increase from 0, a
// matrix of another size and values that are not finite are an [ito.InputError].
func NewPiecewise(cfg PiecewiseConfig) (*Piecewise, error) {
	const where = "path piecewise"
	rate := beta{cfg.BetaMin, cfg.BetaMax, cfg.Power}.defaults(.1, 10, 1.7)
	cfg.BetaMin, cfg.BetaMax, cfg.Power, cfg.Lo = rate.min, rate.max, rate.r, cmp.Or(cfg.Lo, defaultLo)
	if err := rate.check(where); err != nil {
		return nil, err
	}
	n := len(cfg.A)
	if n == 0 || len(cfg.Grid) != n+1 || cfg.Grid[0] != 0 {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("%d matrices on a grid of %d times", n,
			len(cfg.Grid)),
			Do: "give one matrix for each cell of a grid that begins at 0"}
	}
	for i := range n {
		if !(cfg.Grid[i+1] > cfg.Grid[i]) {
			return nil, &ito.InputError{Where: where, What: fmt.Sprintf("the grid does not increase from time %d, "+
				"%g, to %g", i, cfg.Grid[i], cfg.Grid[i+1])}
		}
	}
	if err := checkSpan(where, cfg.Lo, cfg.Grid[n]); err != nil {
		return nil, err
	}
	p := &Piecewise{rate: rate, d: int(math.Round(math.Sqrt(float64(len(cfg.A[0])))))}
	if p.d == 0 || p.d*p.d != len(cfg.A[0]) {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("the first matrix has %d values", len(cfg.A[0])),
			Do: "give square matrices"}
	}
	if err := checkMean(where, cfg.Mean, p.d); err != nil {
		return nil, err
	}
	cfg.Grid = append([]float64(nil), cfg.Grid...)
	cfg.Mean = append([]float64(nil), cfg.Mean...)
	cfg.A = append([][]float64(nil), cfg.A...)
	for i, a := range cfg.A {
		if len(a) != p.d*p.d {
			return nil, &ito.InputError{Where: where, What: fmt.Sprintf("matrix %d has %d values, the first %d", i,
				len(a), p.d*p.d)}
		}
		if err := checkFinite(where, fmt.Sprintf("matrix %d", i), a); err != nil {
			return nil, err
		}
		cfg.A[i] = append([]float64(nil), a...)
	}
	p.cfg = cfg
	if err := p.plan(); err != nil {
		return nil, err
	}
	return p, nil
}

// plan runs the recursion over the cells.
func (p *Piecewise) plan() error {
	d := p.d
	phi, cov := identity(d), make([]float64, d*d)
	for i, a := range p.cfg.A {
		c := cell{b: p.rate.integral(p.cfg.Grid[i]), drift: make([]float64, d*d), phi: phi, cov: cov}
		full := identity(d)
		matrix.AddScaled(full, -2, a)
		matrix.AddScaled(c.drift, -.5, full)
		if isSymmetric(a, d) {
			s, err := eigen(full, d)
			if err != nil {
				return err
			}
			c.modes = &s
		}
		p.cells = append(p.cells, c)
		phi, cov = c.step(p.rate.integral(p.cfg.Grid[i+1])-c.b, d)
		if err := checkFinite("path piecewise", fmt.Sprintf("kernel after cell %d", i),
			append(append([]float64(nil), phi...), cov...)); err != nil {
			return err
		}
	}
	return nil
}

func isSymmetric(a []float64, d int) bool {
	for i := range d {
		for j := range i {
			if a[i*d+j] != a[j*d+i] {
				return false
			}
		}
	}
	return true
}

// step carries the kernel over db of the integrated rate inside the cell.
func (c *cell) step(db float64, d int) (phi, cov []float64) {
	var e, q []float64
	if c.modes != nil {
		e = c.modes.apply(func(λ float64) float64 { return math.Exp(-db * λ / 2) })
		q = c.modes.apply(func(λ float64) float64 { return decay(λ, db) })
	} else {
		e, q = transition(c.drift, identity(d), d, db)
	}
	phi, cov = product(d, e, c.phi), sandwich(e, c.cov, d)
	matrix.AddScaled(cov, 1, q)
	return phi, cov
}

// cell returns the cell that holds t; before the grid the first, after it the last.
func (p *Piecewise) cell(t float64) *cell {
	i := sort.Search(len(p.cells)-1, func(i int) bool { return p.cfg.Grid[i+1] > t })
	return &p.cells[i]
}

// Config returns the configuration with its defaults filled in. Its lists are not copies.
func (p *Piecewise) Config() PiecewiseConfig { return p.cfg }

// Name returns "piecewise".
func (*Piecewise) Name() string { return "piecewise" }

// Dim returns D.
func (p *Piecewise) Dim() int { return p.d }

// Span returns Lo and the last time of the grid.
func (p *Piecewise) Span() (lo, hi float64) { return p.cfg.Lo, p.cfg.Grid[len(p.cfg.Grid)-1] }

// Mean returns μ [D], or nil for zero. It is not a copy.
func (p *Piecewise) Mean() []float64 { return p.cfg.Mean }

// Beta returns β_t.
func (p *Piecewise) Beta(t float64) float64 { return p.rate.at(t) }

// B returns B_t = ∫₀ᵗ β.
func (p *Piecewise) B(t float64) float64 { return p.rate.integral(t) }

// A returns A at t [D,D].
func (p *Piecewise) A(t float64) []float64 {
	a := append([]float64(nil), p.cell(t).drift...)
	for i := range p.d {
		a[i*p.d+i] += .5
	}
	return a
}

// Transition writes Φ_t and Σ_t [D,D], the kernel from t = 0. It costs O(D³).
func (p *Piecewise) Transition(t float64, phi, cov []float64) {
	c := p.cell(t)
	e, q := c.step(max(p.rate.integral(t)-c.b, 0), p.d)
	copy(phi, e)
	copy(cov, q)
}

// Drift writes F = −½β_t D_i and GGᵀ = β_t I [D,D]. At a border the cell to its right counts.
func (p *Piecewise) Drift(t float64, f, ggT []float64) {
	β := p.rate.at(t)
	clear(f)
	clear(ggT)
	matrix.AddScaled(f, β, p.cell(t).drift)
	matrix.AddScaled(ggT, β, identity(p.d))
}

// Perturb draws x_t given x_0; dst and x0 must not overlap. It costs O(D³) for each run of equal times
// and O(D²) a row.
func (p *Piecewise) Perturb(dst, x0 ito.States, t ito.Times, _ ito.Cond, n ito.Noise) error {
	if err := checkPerturb(p, dst, x0, t, p.d); err != nil {
		return err
	}
	n.Normal(dst, rng.PurposePath, 0, 0)
	d := p.d
	phi, cov := make([]float64, d*d), make([]float64, d*d)
	c := make([]float64, d)
	var root []float64
	last := 0.0
	for i := range dst.N {
		if s := t.At(i); i == 0 || s != last {
			p.Transition(s, phi, cov)
			modes, err := eigen(cov, d)
			if err != nil {
				return err
			}
			root = modes.apply(func(λ float64) float64 { return math.Sqrt(max(λ, 0)) })
			last = s
		}
		copy(c, x0.Row(i))
		matrix.AddScaled(c, -1, p.cfg.Mean)
		mean, noise := apply(phi, c), apply(root, dst.Row(i))
		row := dst.Row(i)
		for k := range row {
			row[k] = mean[k] + noise[k]
		}
		matrix.AddScaled(row, 1, p.cfg.Mean)
	}
	return nil
}

// Prior draws N(μ,I).
func (p *Piecewise) Prior(dst ito.States, _ ito.Cond, n ito.Noise) error {
	return drawPrior(p, dst, p.cfg.Mean, 1, n)
}
