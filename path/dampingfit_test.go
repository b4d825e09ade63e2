package path

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/seed9a7962a8/ito"
)

// The fit is the least loss on a fine scan of the bounds.
func TestDampingFitIsTheMinimum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := func(name string, lo, hi float64) float64 { return rapid.Float64Range(lo, hi).Draw(t, name) }
		m := DampingMoments{Weight: f("w", .1, 5), XX: f("xx", 0, 20), VV: f("vv", 0, 20), PhiX: f("px", -9, 9), PhiV: f("pv", -9, 9),
			Gamma: f("γ", .5, 4), Kappa: f("κ", .5, 2), Zeta: f("ζ", .5, 1)}
		m.XV = f("xv", -1, 1) * math.Sqrt(m.XX*m.VV)
		c, err := m.Fit()
		if err != nil {
			t.Fatal(err)
		}
		best := math.Inf(1)
		for i := range 2001 {
			best = math.Min(best, m.Loss(-4.5+4.975*float64(i)/2000))
		}
		if got := m.Loss(c); got > best+1e-9*(1+math.Abs(best)) || c < -4.5 || c > .475 {
			t.Fatalf("Γ(%g) = %.12g, %.12g on a scan", c, got, best)
		}
	})
	for i, m := range []DampingMoments{{}, {Weight: math.NaN(), Gamma: 1, Kappa: 1}, {Weight: 1, Gamma: 1, Kappa: 1, CMin: 1, CMax: 0}, {Weight: 1, Gamma: 1, Kappa: 1, CMin: -1, CMax: .5}} {
		if _, err := m.Fit(); !errors.Is(err, ito.ErrInput) {
			t.Errorf("case %d: %v", i, err)
		}
	}
}

// Both numbers at once solve the normal equations: the loss, written out, does not fall in any direction from them, and is below
// that of the damping transform.
func TestDampingFitBoth(t *testing.T) {
	m := DampingMoments{Weight: 2, XX: 3, XV: -.7, VV: 2.5, PhiX: .4, PhiV: -1.9, Gamma: 2, Kappa: 1, Zeta: 1}
	loss := func(ax, av float64) float64 {
		return (ax*ax*m.XX+2*ax*av*m.XV+av*av*m.VV)/2 + ax*m.PhiX + av*m.PhiV + m.Zeta*av*m.Weight
	}
	ax, av, err := m.FitBoth()
	c, err2 := m.Fit()
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	for _, d := range [][2]float64{{1, 0}, {0, 1}, {1, 1}, {1, -1}} {
		const h = 1e-4
		if up := min(loss(ax+h*d[0], av+h*d[1]), loss(ax-h*d[0], av-h*d[1])); up <= loss(ax, av) {
			t.Errorf("the loss falls from (%g, %g) along %v", ax, av, d)
		}
	}
	if at := loss(Damping(m.Gamma, m.Kappa, c), c); math.Abs(at-m.Loss(c)) > 1e-12 || at < loss(ax, av) {
		t.Errorf("loss of the transform %g and %g, of both %g", at, m.Loss(c), loss(ax, av))
	}
	for i, m := range []DampingMoments{{}, {Weight: 1, XX: 1, XV: 1, VV: 1}, {Weight: 1, XX: 1, VV: 1, PhiX: math.NaN()}, {Weight: 1, XX: 1, VV: 1, PhiV: math.Inf(1)}} {
		if _, _, err := m.FitBoth(); !errors.Is(err, ito.ErrInput) {
			t.Errorf("case %d: %v", i, err)
		}
	}
}

// dampingStep is one exact half step for Gaussian data N(0,s0): the moments of the reverse SDE with the exact score, from
// N(0,I), by Runge–Kutta.
func dampingStep(t *testing.T, p *Momentum, s0 float64) (DampingMoments, float64) {
	t.Helper()
	cfg, ok := p.VSMDConfig()
	if !ok {
		t.Fatal("not a vsmd path")
	}
	av := cfg.Av[0]
	ax := Damping(cfg.Gamma, cfg.Kappa, av)
	data := ito.Gaussian{Mean: []float64{0}, Cov: []float64{s0}}
	m := DampingMoments{Gamma: cfg.Gamma, Kappa: cfg.Kappa, Zeta: 1}
	f, g := make([]float64, 4), make([]float64, 4)
	// y = E(xx, xv, vv) and the five integrals.
	rhs := func(at float64, y [8]float64) (dy [8]float64) {
		law, err := Marginal(p, at, data)
		if err != nil {
			t.Fatal(err)
		}
		det := law.Cov[0]*law.Cov[3] - law.Cov[1]*law.Cov[1]
		kx, kv := law.Cov[1]/det, -law.Cov[0]/det // s_v = kx x + kv v
		p.Drift(at, f, g)
		w := g[3]
		fx, fv := f[2]-w*kx, f[3]-w*kv
		xx, xv, vv := y[0], y[1], y[2]
		dy[0] = 2 * f[1] * xv
		dy[1] = f[1]*vv + fx*xx + fv*xv
		dy[2] = 2*(fx*xv+fv*vv) - w
		a, b := kx-ax, kv-av
		dy[3], dy[4], dy[5], dy[6], dy[7] = w*xx, w*xv, w*vv, w*(a*xx+b*xv), w*(a*xv+b*vv)
		return dy
	}
	y := [8]float64{1, 0, 1}
	lo, hi := p.Span()
	const steps = 1500
	h := (lo - hi) / steps
	add := func(y, k [8]float64, s float64) [8]float64 {
		for i := range y {
			y[i] += s * k[i]
		}
		return y
	}
	for i := range steps {
		at := hi + float64(i)*h
		k1 := rhs(at, y)
		k2 := rhs(at+h/2, add(y, k1, h/2))
		k3 := rhs(at+h/2, add(y, k2, h/2))
		k4 := rhs(max(at+h, lo), add(y, k3, h))
		y = add(add(add(add(y, k1, h/6), k2, h/3), k3, h/3), k4, h/6)
	}
	m.Weight = cfg.Gamma * (p.B(hi) - p.B(lo))
	m.XX, m.XV, m.VV, m.PhiX, m.PhiV = -y[3], -y[4], -y[5], -y[6], -y[7]
	end, err := Marginal(p, hi, data)
	if err != nil {
		t.Fatal(err)
	}
	det := end.Cov[0]*end.Cov[3] - end.Cov[1]*end.Cov[1]
	return m, (end.Cov[0] + end.Cov[3] - 2 - math.Log(det)) / 2 // KL(p_T, N(0,I))
}

// Training by the damping transform on Gaussian data, exactly: on wide data the steps settle, c has moved away from 0, and
// the end of the path is nearer to its prior than that of the critically damped path without a score. On data that are
// N(0,1) already there is nothing to learn.
func TestDampingIterations(t *testing.T) {
	path := func(c, beta float64) *Momentum {
		p, err := NewVSMD(VSMDConfig{Av: []float64{c}, BetaMin: beta, BetaMax: beta})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, s0 := range []float64{16, 64} {
		c, change := 0.0, 0.0
		_, first := dampingStep(t, path(0, 4), s0)
		for range 12 {
			m, _ := dampingStep(t, path(c, 4), s0)
			next, err := m.Fit()
			if err != nil {
				t.Fatal(err)
			}
			change, c = math.Abs(next-c), c+(next-c)/2
		}
		_, last := dampingStep(t, path(c, 4), s0)
		t.Logf("s0=%g: c=%.4f, last change %.2g, KL %.4f from %.4f", s0, c, change, last, first)
		if !(last < first) || change > .05 || math.Abs(c) < 1e-3 {
			t.Errorf("s0=%g: c=%g, change %g, KL %g from %g", s0, c, change, last, first)
		}
	}
	m, kl := dampingStep(t, path(0, 4), 1)
	if c, err := m.Fit(); err != nil || math.Abs(c) > 1e-6 || kl > 1e-12 {
		t.Errorf("normal data: c=%g, KL %g, %v", c, kl, err)
	}
	if _, ok := paths(t)[11].(*Momentum).VSMDConfig(); ok {
		t.Error("a cld path has a vsmd configuration")
	}
}
