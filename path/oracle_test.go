package path

import (
	"fmt"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

// paths is every kind of path, in settings that reach its special cases.
func paths(t testing.TB) []ito.Path {
	t.Helper()
	must := func(p ito.Path, err error) ito.Path {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	a := []float64{-.4, .3, .1, .3, .2, -.2, .1, -.2, -.7}
	mean := []float64{1, -2, .5}
	return []ito.Path{
		VP{}, VP{BetaMin: .1, BetaMax: 10, Power: 1.7}, VE{}, SubVP{}, EDM{}, Flow{},
		must(NewVSDM(VSDMConfig{D: 3})),
		must(NewVSDM(VSDMConfig{A: a, Mean: mean})),
		must(NewVSDM(VSDMConfig{Variant: DiagonalOnly, A: []float64{.5, -.3, .2}, D: 3})), // λ = 0 in mode 0
		must(NewVSDM(VSDMConfig{Variant: Logistic, A: a, Mean: mean})),
		must(NewVSDM(VSDMConfig{Variant: Logistic, A: []float64{-6, .01, .9}, D: 3, T: 1.2})),
		must(NewCLD(CLDConfig{D: 2})),
		must(NewCLD(CLDConfig{D: 1, M: .5, Gamma: .7})), // under-damped
		must(NewVSMD(VSMDConfig{Av: []float64{.1, -.3}, Mean: []float64{1, 2}})),
		must(NewVSMD(VSMDConfig{Av: []float64{.1, -.3}, Kappa: .9})),
		must(NewVSMD(VSMDConfig{D: 1, Kappa: 1.2, BetaMin: .1, BetaMax: 10, Power: 1.7})),
		must(NewPiecewise(PiecewiseConfig{Grid: []float64{0, .3, .7, 1}, A: [][]float64{
			{-.5, .3, -.2, .1}, {.2, -.4, -.4, .1}, {0, 1, -1, 0}}, Mean: []float64{1, 1}})),
		Cosine{},
		must(NewDiscrete(DiscreteConfig{N: 8, BetaStart: .01, BetaEnd: .6})),
		must(NewDiscrete(DiscreteConfig{N: 8, Schedule: SquaredCos, ZeroSNR: true})),
		must(NewReverting(RevertingConfig{Steps: 8, Mean: []float64{.4, -.3}, SigmaInf: .3})),
		must(NewReverting(RevertingConfig{Steps: 4, Theta: LinearTheta, SigmaInf: 2})),
		must(NewKinetic(KineticConfig{Gamma: []float64{.04, .49}, Scale: 2, Mean: []float64{1, -1}})),
		OneSided{}, OneSided{Family: TrigFamily},
	}
}

// label names a case of the table.
func label(i int, p ito.Path) string { return fmt.Sprintf("%d-%s", i, p.Name()) }

// dim is the dimension of a path, 2 where it takes any.
func dim(p ito.Path) int {
	if d := p.Dim(); d != 0 {
		return d
	}
	return 2
}

// kernelOf returns Φ_t and Σ_t of any path.
func kernelOf(p ito.Path, t float64) (phi, cov []float64) {
	d := dim(p)
	if l, ok := p.(ito.Linear); ok {
		phi, cov = make([]float64, d*d), make([]float64, d*d)
		l.Transition(t, phi, cov)
		return phi, cov
	}
	return diagonalTransition(p.(ito.Diagonal), t, d)
}

// driftOf returns F(t) and GGᵀ(t) of the forward SDE of any path: f = α̇/α and g² for a diagonal one.
func driftOf(p ito.Path, t float64) (f, ggT []float64) {
	d := dim(p)
	if l, ok := p.(ito.Linear); ok {
		f, ggT = make([]float64, d*d), make([]float64, d*d)
		l.Drift(t, f, ggT)
		return f, ggT
	}
	q := p.(ito.Diagonal)
	m := q.Modes()
	a, da, g2 := make([]float64, m), make([]float64, m), make([]float64, m)
	q.Schedule(t, a, nil, da, nil)
	q.Diffusion(t, g2)
	w, v := make([]float64, d), make([]float64, d)
	for k := range d {
		w[k], v[k] = da[k%m]/a[k%m], g2[k%m]
	}
	s := symmetric{d: d, q: q.Basis()}
	return s.with(w), s.with(v)
}

// momentODE carries (Φ,Σ) from t0 to t1 by classical Runge–Kutta on Φ' = FΦ, Σ' = FΣ+ΣFᵀ+GGᵀ, in the
// clock u with t = t0 + (t1−t0)u³, which is smooth where β_t has an infinite derivative.
func momentODE(p ito.Path, t0, t1 float64, phi, cov []float64, steps int) ([]float64, []float64) {
	d := dim(p)
	last := math.Nextafter(t1, t0) // a border belongs to the cell on its right
	rhs := func(u float64, y []float64) []float64 {
		f, g := driftOf(p, min(t0+(t1-t0)*u*u*u, last))
		dy := make([]float64, 2*d*d)
		matrix.Multiply(dy[:d*d], f, y[:d*d], d)
		fs := product(d, f, y[d*d:])
		matrix.AddScaled(dy[d*d:], 1, fs)
		matrix.AddScaled(dy[d*d:], 1, matrix.Transposed(fs, d))
		matrix.AddScaled(dy[d*d:], 1, g)
		for i := range dy {
			dy[i] *= 3 * u * u * (t1 - t0)
		}
		return dy
	}
	y := append(append([]float64(nil), phi...), cov...)
	h := 1 / float64(steps)
	shifted := func(s float64, k []float64) []float64 {
		z := append([]float64(nil), y...)
		matrix.AddScaled(z, s, k)
		return z
	}
	for i := range steps {
		u := float64(i) * h
		k1 := rhs(u, y)
		k2 := rhs(u+h/2, shifted(h/2, k1))
		k3 := rhs(u+h/2, shifted(h/2, k2))
		k4 := rhs(u+h, shifted(h, k3))
		matrix.AddScaled(y, h/6, k1)
		matrix.AddScaled(y, h/3, k2)
		matrix.AddScaled(y, h/3, k3)
		matrix.AddScaled(y, h/6, k4)
	}
	return y[:d*d], y[d*d:]
}

// worst is the largest difference in units of the largest entry.
func worst(got, want []float64) float64 {
	big, diff := 0.0, 0.0
	for i, v := range want {
		big = math.Max(big, math.Abs(v))
		diff = math.Max(diff, math.Abs(got[i]-v))
	}
	if math.IsNaN(diff) || math.IsNaN(big) {
		return math.Inf(1)
	}
	return diff / big
}

// stops are times inside the span, and for a piecewise path every border, between which its SDE is
// smooth. The flow stops where its diffusion is clipped.
func stops(p ito.Path) []float64 {
	lo, hi := p.Span()
	switch q := p.(type) {
	case *Piecewise:
		return append([]float64{lo}, q.cfg.Grid[1:]...)
	case *Discrete:
		var at []float64
		for i := range q.Steps() {
			if t := q.Time(i); t < hi { // the last cell of one with zero SNR has an end without a drift
				at = append(at, t)
			}
		}
		return at
	case *Reverting:
		var at []float64
		for i := range q.Steps() {
			at = append(at, float64(i+1)/float64(q.Steps()))
		}
		return at
	case Flow, *Kinetic, OneSided:
		hi = .949
	case EDM:
		return []float64{lo, .01, .1, 1, 10, hi}
	}
	return []float64{lo, lo + .01*(hi-lo), lo + .3*(hi-lo), hi}
}

// The kernels solve their own moment equations (1e-9 relative), which are also Chapman–Kolmogorov: the
// equation is started from the kernel at each stop, and its Φ from I.
func TestKernelsSolveMomentODE(t *testing.T) {
	for i, p := range paths(t) {
		t.Run(label(i, p), func(t *testing.T) {
			d := dim(p)
			at := stops(p)
			for j, s := range at[1:] {
				from := at[j]
				phi0, cov0 := kernelOf(p, from)
				step, cov := momentODE(p, from, s, identity(d), cov0, 6000)
				wantPhi, wantCov := kernelOf(p, s)
				if e := worst(product(d, step, phi0), wantPhi); e > 1e-9 {
					t.Errorf("Φ from %g to %g differs by %.2g", from, s, e)
				}
				if e := worst(cov, wantCov); e > 1e-9 {
					t.Errorf("Σ from %g to %g differs by %.2g", from, s, e)
				}
			}
		})
	}
}

// firstBorder is where a path made of cells has the first end of one.
func firstBorder(p ito.Path) float64 {
	switch q := p.(type) {
	case *Discrete:
		return q.Time(0)
	case *Reverting:
		return 1 / float64(q.Steps())
	}
	return 1
}

// The kernels begin at the identity, without noise, at t = 0: the first stop checked from there.
func TestKernelsFromZero(t *testing.T) {
	for i, p := range paths(t) {
		switch p.(type) {
		case VE, EDM:
			continue // noise σ_min at the sampled end
		}
		t.Run(label(i, p), func(t *testing.T) {
			d := dim(p)
			lo, _ := p.Span()
			for _, s := range []float64{lo, min(.2, firstBorder(p))} {
				phi, cov := momentODE(p, 0, s, identity(d), make([]float64, d*d), 3000)
				wantPhi, wantCov := kernelOf(p, s)
				if e := worst(phi, wantPhi); e > 1e-9 {
					t.Errorf("Φ at %g differs by %.2g", s, e)
				}
				if e := worst(cov, wantCov); e > 1e-9 {
					t.Errorf("Σ at %g differs by %.2g", s, e)
				}
			}
		})
	}
}

// Σ_t is symmetric positive definite on the whole span.
func TestCovariancePositiveDefinite(t *testing.T) {
	for i, p := range paths(t) {
		lo, hi := p.Span()
		for j := range 41 {
			s := lo + (hi-lo)*float64(j)/40
			_, cov := kernelOf(p, s)
			if s == 0 && p.Name() != "ve" {
				continue
			}
			e, err := eigen(cov, dim(p))
			if err != nil {
				t.Fatal(err)
			}
			for _, λ := range e.λ {
				if !(λ > 0) {
					t.Errorf("%s: Σ at %g has the eigenvalue %g", label(i, p), s, λ)
				}
			}
		}
	}
}

// Schedule's derivatives are those of its values, and g² = dσ²/dt − 2(α̇/α)σ².
func TestScheduleDerivatives(t *testing.T) {
	for i, path := range paths(t) {
		p, ok := path.(ito.Diagonal)
		if !ok {
			continue
		}
		m := p.Modes()
		vec := func() []float64 { return make([]float64, m) }
		for _, s := range stops(p) {
			if firstBorder(p) < 1 {
				s += .3 * firstBorder(p) // inside a cell
			}
			h := 1e-5 * (s + 1e-4)
			a, σ, da, dσ, g2 := vec(), vec(), vec(), vec(), vec()
			p.Schedule(s, a, σ, da, dσ)
			p.Diffusion(s, g2)
			var α, ς [4][]float64 // at −2h, −h, +h, +2h
			for j, c := range []float64{-2, -1, 1, 2} {
				α[j], ς[j] = vec(), vec()
				p.Schedule(s+c*h, α[j], ς[j], nil, nil)
			}
			for k := range m {
				slope := func(v [4][]float64) float64 {
					return (v[0][k] - 8*v[1][k] + 8*v[2][k] - v[3][k]) / (12 * h)
				}
				check := func(what string, got, want, scale float64) {
					if !(math.Abs(got-want) <= 1e-7*scale) {
						t.Errorf("%s at %g, mode %d: %s = %.12g, want %.12g", label(i, p), s, k, what, got, want)
					}
				}
				// A difference quotient resolves ε·|value|/h.
				check("α̇", da[k], slope(α), math.Abs(da[k])+1e-7*a[k]/h)
				check("σ̇", dσ[k], slope(ς), math.Abs(dσ[k])+1e-7*σ[k]/h)
				want := 2*σ[k]*dσ[k] - 2*da[k]/a[k]*σ[k]*σ[k]
				if math.Abs(g2[k]-want) > 1e-12*math.Max(math.Abs(2*σ[k]*dσ[k]), math.Abs(2*da[k]/a[k]*σ[k]*σ[k])) {
					t.Errorf("%s at %g, mode %d: g² = %.15g, want %.15g", label(i, p), s, k, g2[k], want)
				}
			}
			if q, r := vec(), vec(); true { // nil slices are skipped, the others unchanged by it
				p.Schedule(s, nil, q, nil, nil)
				p.Schedule(s, nil, nil, r, nil)
				if q[0] != σ[0] || r[0] != da[0] {
					t.Errorf("%s: a nil slice changes the others", label(i, p))
				}
			}
		}
	}
}
