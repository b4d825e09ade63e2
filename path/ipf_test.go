package path

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

// iterateA runs least-squares IPF on the moments of a Gaussian: the backward SDE of the path with the
// exact score, started from N(0,I), and A ← −(ΣβE[φxᵀ]+ζΣβI)(ΣβE[xxᵀ])⁻¹ with φ = s − Ax (vsdm forward
// loss, time-invariant A, no bias). It returns the new A and is not symmetrised.
func iterateA(t *testing.T, a []float64, data ito.Gaussian, cfg PiecewiseConfig, zeta float64, steps int) []float64 {
	t.Helper()
	d := len(data.Mean)
	cfg.Grid, cfg.A = []float64{0, 1}, [][]float64{a}
	p, err := NewPiecewise(cfg)
	if err != nil {
		t.Fatal(err)
	}
	full := identity(d)
	matrix.AddScaled(full, -2, a)
	affine := func(s float64) (k, c []float64) { // s = Kx + c
		g, err := Marginal(p, s, data)
		if err != nil {
			t.Fatal(err)
		}
		inv, err := inverse(g.Cov, d)
		if err != nil {
			t.Fatal(err)
		}
		c = apply(inv, g.Mean)
		for i := range inv {
			inv[i] = -inv[i]
		}
		return inv, c
	}
	// y = (m, P, ∫β E[φxᵀ], ∫β P) with P the second moment; backward in t on a clock that
	// resolves the data end.
	n := d * d
	rhs := func(s float64, y []float64) []float64 {
		β := p.Beta(s)
		k, c := affine(s)
		m, s2 := y[:d], y[d:d+n]
		out := make([]float64, len(y))
		j := append([]float64(nil), k...) // dx = −β[(½D + K)x + c]dt, dt < 0
		matrix.AddScaled(j, .5, full)
		matrix.AddScaled(out[:d], -β, apply(j, m))
		matrix.AddScaled(out[:d], -β, c)
		for i := range d {
			for l := range d {
				cm := c[i]*m[l] + c[l]*m[i]
				v := cm
				for r := range d {
					v += j[i*d+r]*s2[r*d+l] + j[l*d+r]*s2[r*d+i]
				}
				out[d+i*d+l] = -β * v
				if i == l {
					out[d+i*d+l] -= β
				}
			}
		}
		φ := append([]float64(nil), k...)
		matrix.AddScaled(φ, -1, a)
		fx := product(d, φ, s2)
		for i := range d {
			for l := range d {
				out[d+n+i*d+l] = -β * (fx[i*d+l] + c[i]*m[l])
				out[d+2*n+i*d+l] = -β * s2[i*d+l]
			}
		}
		return out
	}
	y := make([]float64, d+3*n)
	copy(y[d:], identity(d))
	lo := 1e-3
	h := (lo - 1) / float64(steps)
	at := func(s float64, k []float64) []float64 {
		z := append([]float64(nil), y...)
		matrix.AddScaled(z, s, k)
		return z
	}
	for i := range steps {
		u := 1 + float64(i)*h
		k1 := rhs(u, y)
		k2 := rhs(u+h/2, at(h/2, k1))
		k3 := rhs(u+h/2, at(h/2, k2))
		k4 := rhs(u+h, at(h, k3))
		matrix.AddScaled(y, h/6, k1)
		matrix.AddScaled(y, h/3, k2)
		matrix.AddScaled(y, h/3, k3)
		matrix.AddScaled(y, h/6, k4)
	}
	num := append([]float64(nil), y[d+n:d+2*n]...)
	matrix.AddScaled(num, zeta*(p.B(1)-p.B(lo)), identity(d))
	inv, err := inverse(y[d+2*n:], d)
	if err != nil {
		t.Fatal(err)
	}
	out := product(d, num, inv)
	for i := range out {
		out[i] = -out[i]
	}
	return out
}

func TestMomentIPFOnGaussian(t *testing.T) {
	if testing.Short() {
		t.Skip("sixty iterations")
	}
	// Not centred: the linear class then keeps a bias in A, and A is not symmetric.
	data := ito.Gaussian{Mean: []float64{-8, 2}, Cov: []float64{1, 1, 1, 5}}
	cfg := PiecewiseConfig{BetaMin: 4, BetaMax: 4}
	a := iterateA(t, make([]float64, 4), data, cfg, 1, 400)
	for i, want := range []float64{-.0579, .0115, .0118, -.0136} {
		if math.Abs(a[i]-want) > 1e-3 {
			t.Errorf("first step, entry %d: %.5f, want %.4f", i, a[i], want)
		}
	}
	for range 69 {
		a = iterateA(t, a, data, cfg, 1, 300)
	}
	for i, want := range []float64{-.340, .074, .074, -.050} {
		if math.Abs(a[i]-want) > 5e-3 {
			t.Errorf("limit, entry %d: %.5f, want %.3f", i, a[i], want)
		}
	}
	cfg.Grid, cfg.A = []float64{0, 1}, [][]float64{a}
	p, err := NewPiecewise(cfg)
	if err != nil {
		t.Fatal(err)
	}
	cov := make([]float64, 4)
	p.Transition(1, make([]float64, 4), cov)
	for k := range 2 {
		// The published pair (.595,.898) is the kernel of the diagonal of D alone; with the entries
		// off the diagonal Σ_T is larger.
		alone := decay(1-2*a[3*k], 4)
		if want := []float64{.595, .898}[k]; math.Abs(alone-want) > 3e-3 {
			t.Errorf("kernel of D's diagonal, axis %d: %.4f, want %.3f", k, alone, want)
		}
		if want := []float64{.6024, .9063}[k]; math.Abs(cov[3*k]-want) > 1e-3 {
			t.Errorf("Σ_T, axis %d: %.4f, want %.4f", k, cov[3*k], want)
		}
	}
}

// ζ = .75: the sd of N(0,Σ_T) at the fixed point is (1.23, .80) to 5 %.
func TestMomentIPFOnSpiral(t *testing.T) {
	if testing.Short() {
		t.Skip("eighty iterations")
	}
	x2, y2 := spiralMoments()
	data := ito.Gaussian{Mean: []float64{0, 0}, Cov: []float64{x2, 0, 0, y2}}
	a := make([]float64, 4)
	for range 80 {
		a = iterateA(t, a, data, PiecewiseConfig{}, .75, 600)
	}
	for k, want := range []float64{1.23, .80} {
		if sd := math.Sqrt(decay(1-2*a[3*k], .1+9.9/2.7)); math.Abs(sd/want-1) > .05 {
			t.Errorf("sd of N(0,Σ_T) on axis %d = %.4f, want %.2f ± 5 %%", k, sd, want)
		}
	}
}

// With ζ = 1 and centred moments the iteration stops at the root of VSDMFixedPoint.
func TestMomentIPFReachesFixedPoint(t *testing.T) {
	data := ito.Gaussian{Mean: []float64{0, 0}, Cov: []float64{2, 0, 0, .3}}
	a := make([]float64, 4)
	for range 12 {
		a = iterateA(t, a, data, PiecewiseConfig{BetaMin: 4, BetaMax: 4}, 1, 200)
	}
	for k, s0 := range []float64{2, .3} {
		if D := 1 - 2*a[3*k]; math.Abs(D-VSDMFixedPoint(s0, 4)) > 1e-3 {
			t.Errorf("axis %d: D = %.5f, want %.5f", k, D, VSDMFixedPoint(s0, 4))
		}
	}
}
