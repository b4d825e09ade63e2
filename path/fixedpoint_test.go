package path

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
)

func TestVSDMFixedPoint(t *testing.T) {
	const spiralB = .1 + 9.9/2.7
	for _, c := range []struct{ s0, B, want float64 }{
		{64, 4, 1.3661}, {5.18, spiralB, 1.0791}, {351.1, spiralB, 1.7755}, {1, 3, 1},
	} {
		D := VSDMFixedPoint(c.s0, c.B)
		if math.Abs(D-c.want) > 1e-4 {
			t.Errorf("D(s0=%g, B=%g) = %.5f, want %.5f", c.s0, c.B, D, c.want)
		}
	}
	for _, s0 := range []float64{0, 1e-3, .5, 1, 1e6} { // the root is Var x_T = 1 of the path itself
		for _, B := range []float64{.05, 1, 4, 20} {
			D := VSDMFixedPoint(s0, B)
			if v := math.Exp(-B*D)*s0 + decay(D, B); !(math.Abs(v-1) < 1e-12) {
				t.Errorf("s0=%g, B=%g: D=%g gives variance %.15g at T", s0, B, D, v)
			}
		}
	}
	if !math.IsNaN(VSDMFixedPoint(-1, 1)) || !math.IsNaN(VSDMFixedPoint(1, 0)) {
		t.Error("moments that cannot be must give NaN")
	}
}

// A warm start makes the moment prior standard normal, for both variants.
func TestWarmStartsEndAtThePrior(t *testing.T) {
	data := ito.Gaussian{Mean: []float64{-8, 2}, Cov: []float64{1, 1, 1, 5}}
	for _, v := range []string{Constant, Logistic} {
		cfg := VSDMConfig{Variant: v, BetaMin: 4, BetaMax: 4, Mean: data.Mean}
		from := ConstantFromGaussian
		if v == Logistic {
			from = LogisticFromGaussian
		}
		var err error
		if cfg.A, err = from(data, 4); err != nil {
			t.Fatal(err)
		}
		p, err := NewVSDM(cfg)
		if err != nil {
			t.Fatal(err)
		}
		end, err := MomentPrior(p, data)
		if err != nil {
			t.Fatal(err)
		}
		if e := worst(end.Cov, identity(2)); e > 1e-12 {
			t.Errorf("%s: covariance at T %v", v, end.Cov)
		}
		if e := worst(end.Mean, data.Mean); e > 1e-15 {
			t.Errorf("%s: mean at T %v", v, end.Mean)
		}
	}
}

// iterateA runs least-squares IPF on the moments of a Gaussian: the backward SDE of the path with the
// exact score, started from N(0,I), and A ← −(ΣβE[φxᵀ]+ζΣβI)(ΣβE[xxᵀ])⁻¹ with φ = s − Ax (vsdm forward
// loss, time-invariant A, no bias). It returns the new A and is not symmetrised.
func iterateA(a []float64, data ito.Gaussian, cfg PiecewiseConfig, zeta float64, steps int) []float64 {
	d := len(data.Mean)
	cfg.Grid, cfg.A = []float64{0, 1}, [][]float64{a}
	p, err := NewPiecewise(cfg)
	if err != nil {
		panic(err)
	}
	full := identity(d)
	addScaled(full, -2, a)
	affine := func(t float64) (k, c []float64) { // s = Kx + c
		g, err := Marginal(p, t, data)
		if err != nil {
			panic(err)
		}
		inv, err := inverse(g.Cov, d)
		if err != nil {
			panic(err)
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
	rhs := func(t float64, y []float64) []float64 {
		β := p.Beta(t)
		k, c := affine(t)
		m, s2 := y[:d], y[d:d+n]
		out := make([]float64, len(y))
		j := append([]float64(nil), k...) // dx = −β[(½D + K)x + c]dt, dt < 0
		addScaled(j, .5, full)
		addScaled(out[:d], -β, apply(j, m))
		addScaled(out[:d], -β, c)
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
		addScaled(φ, -1, a)
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
		addScaled(z, s, k)
		return z
	}
	for i := range steps {
		u := 1 + float64(i)*h
		k1 := rhs(u, y)
		k2 := rhs(u+h/2, at(h/2, k1))
		k3 := rhs(u+h/2, at(h/2, k2))
		k4 := rhs(u+h, at(h, k3))
		addScaled(y, h/6, k1)
		addScaled(y, h/3, k2)
		addScaled(y, h/3, k3)
		addScaled(y, h/6, k4)
	}
	num := append([]float64(nil), y[d+n:d+2*n]...)
	addScaled(num, zeta*(p.B(1)-p.B(lo)), identity(d))
	inv, err := inverse(y[d+2*n:], d)
	if err != nil {
		panic(err)
	}
	out := product(d, num, inv)
	for i := range out {
		out[i] = -out[i]
	}
	return out
}

func TestProbe(t *testing.T) {
	data := ito.Gaussian{Mean: []float64{-8, 2}, Cov: []float64{1, 1, 1, 5}}
	cfg := PiecewiseConfig{BetaMin: 4, BetaMax: 4, Power: 1}
	for _, centred := range []bool{false, true} {
		if centred {
			data.Mean = []float64{0, 0}
		}
		a := make([]float64, 4)
		for k := range 60 {
			a = iterateA(a, data, cfg, 1, 400)
			if k < 2 || k%10 == 9 {
				t.Logf("centred=%v %d %.4f", centred, k+1, a)
			}
		}
	}
	{
		data = ito.Gaussian{Mean: []float64{0, 0}, Cov: []float64{5.18, 0, 0, 351.1}}
		cfg := PiecewiseConfig{}
		a := make([]float64, 4)
		for k := range 100 {
			a = iterateA(a, data, cfg, .75, 1000)
			if k < 2 || k%10 == 9 {
				q := []float64{decay(1-2*a[0], .1+9.9/2.7), decay(1-2*a[3], .1+9.9/2.7)}
				t.Logf("spiral %d %.4f sd %.3f %.3f", k+1, a, math.Sqrt(q[0]), math.Sqrt(q[1]))
			}
		}
	}
}
