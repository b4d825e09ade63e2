package path

import (
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

func TestVSMDCriticalCheck(t *testing.T) {
	_, cov := dampedCell(2, 1, .1).kernel(1.7)
	for i, want := range []float64{.998559, .380756, 1.087026} {
		if math.Abs(cov[i]-want) > 5e-7 {
			t.Errorf("Σ[%d] = %.7f, want %.6f", i, cov[i], want)
		}
	}
}

// blockExponential is the matrix fraction of Van Loan by gonum's Padé exponential.
func blockExponential(f, q []float64, d int, s float64) (phi, cov []float64) {
	m := mat.NewDense(2*d, 2*d, nil)
	for i := range d {
		for j := range d {
			m.Set(i, j, s*f[i*d+j])
			m.Set(i, d+j, s*q[i*d+j])
			m.Set(d+i, d+j, -s*f[j*d+i])
		}
	}
	var e mat.Dense
	e.Exp(m)
	phi, g := make([]float64, d*d), make([]float64, d*d)
	for i := range d {
		for j := range d {
			phi[i*d+j], g[i*d+j] = e.At(i, j), e.At(i, d+j)
		}
	}
	cov = make([]float64, d*d)
	matrix.MultiplyT(cov, g, phi, d)
	return phi, cov
}

// Scaling and doubling gives what the block exponential does, where that has not lost its digits.
func TestTransitionIsBlockExponential(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.IntRange(1, 4).Draw(t, "d")
		n := d * d
		entry := rapid.Float64Range(-1, 1)
		f := rapid.SliceOfN(entry, n, n).Draw(t, "f")
		r := rapid.SliceOfN(entry, n, n).Draw(t, "r")
		q := sandwich(r, identity(d), d)
		s := rapid.Float64Range(0, 2).Draw(t, "s")
		phi, cov := transition(f, q, d, s)
		wantPhi, wantCov := blockExponential(f, q, d, s)
		if e := worst(phi, wantPhi); e > 1e-11 {
			t.Fatalf("Φ differs by %.2g", e)
		}
		matrix.AddScaled(wantCov, 1, identity(d)) // relative to 1 where Q vanishes
		matrix.AddScaled(cov, 1, identity(d))
		if e := worst(cov, wantCov); e > 1e-11 {
			t.Fatalf("Σ differs by %.2g", e)
		}
	})
}

// The closed form at critical damping equals the general kernel, also at times so short that Σxx is of
// order s³, and long ones.
func TestCriticalIsTheGeneralKernel(t *testing.T) {
	for _, o := range []oscillator{dampedCell(2, 1, .1), dampedCell(2, 1, -.4), {a: 4, k: 1, r: 4, q: 2}} {
		for _, s := range []float64{1e-6, 1e-3, .1, 1, 1.7, 20} {
			phi, cov := o.critical(s)
			f, c := transition([]float64{0, o.a, -o.k, -o.r}, []float64{0, 0, 0, o.q}, 2, s)
			for i, w := range f {
				if math.Abs(phi[i]-w) > 1e-12*math.Abs(w)+1e-18 {
					t.Errorf("%v at %g: Φ[%d] = %.17g, want %.17g", o, s, i, phi[i], w)
				}
			}
			for i, w := range []float64{c[0], c[1], c[3]} {
				scale := w
				if i == 1 { // the covariance vanishes in the long run: relative to the variances
					scale = math.Sqrt(c[0] * c[3])
				}
				if math.Abs(cov[i]-w) > 1e-11*scale {
					t.Errorf("%v at %g: Σ[%d] = %.17g, want %.17g", o, s, i, cov[i], w)
				}
			}
		}
	}
}

// So does the closed form at any damping, within the digits that it keeps, and it keeps them at the times of a sampler.
func TestDampedIsTheGeneralKernel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := func(name string, lo, hi float64) float64 { return rapid.Float64Range(lo, hi).Draw(t, name) }
		o := oscillator{a: f("a", .5, 4), k: f("k", .05, 4), r: f("r", .2, 6), q: f("q", .5, 4)}
		if rapid.Bool().Draw(t, "nearly critical") {
			o.k = o.r * o.r / (4 * o.a) * (1 + f("off", -1e-9, 1e-9))
		}
		s := f("s", 1e-4, 8)
		phi, cov, ok := o.damped(s)
		if !ok {
			return
		}
		g, c := transition([]float64{0, o.a, -o.k, -o.r}, []float64{0, 0, 0, o.q}, 2, s)
		if e := worst(phi[:], g); e > 1e-11 {
			t.Fatalf("Φ of %v at %g differs by %.2g", o, s, e)
		}
		for i, w := range []float64{c[0], c[1], c[3]} {
			scale := w
			if i == 1 {
				scale = math.Sqrt(c[0] * c[3])
			}
			if math.Abs(cov[i]-w) > 1e-10*scale {
				t.Fatalf("Σ[%d] of %v at %g is %.17g, want %.17g", i, o, s, cov[i], w)
			}
		}
	})
	if _, _, ok := (oscillator{a: 1, k: 1.2, r: 1.9, q: 4}).damped(.3); !ok {
		t.Error("no closed form at .3")
	}
}

// The mean of CLD is the paper's closed form, with 𝓑 = ∫β and g = 1/Γ.
func TestCLDMean(t *testing.T) {
	p, err := NewCLD(CLDConfig{D: 1, M: 1, Gamma: 2})
	if err != nil {
		t.Fatal(err)
	}
	phi, cov := make([]float64, 4), make([]float64, 3)
	p.Kernel(.3, phi, cov)
	B, g := p.B(.3), .5
	e := math.Exp(-2 * B * g)
	want := []float64{e * (1 + 2*B*g), e * 4 * B * g * g, -e * B, e * (1 - 2*B*g)}
	if d := worst(phi, want); d > 1e-15 {
		t.Errorf("Φ = %v, want %v", phi, want)
	}
}

// CLD with Γ = 2, M = 1 and rate β/2 is VSMD with γ = 2, c = 0 and rate β: they share the kernel.
func TestVSMDWithoutScoreIsCLD(t *testing.T) {
	cld, err := NewCLD(CLDConfig{D: 1, M: 1, Gamma: 2, BetaMin: 5, BetaMax: 5})
	if err != nil {
		t.Fatal(err)
	}
	vsmd, err := NewVSMD(VSMDConfig{D: 1})
	if err != nil {
		t.Fatal(err)
	}
	f, c, g, e := make([]float64, 4), make([]float64, 4), make([]float64, 4), make([]float64, 4)
	for _, s := range []float64{.01, .5, 1} {
		cld.Transition(s, f, c)
		vsmd.Transition(s, g, e)
		if d := max(worst(f, g), worst(c, e)); d > 1e-14 {
			t.Errorf("at %g they differ by %.2g", s, d)
		}
	}
}

// The damping transform puts the spring at 1−2γA_x.
func TestDamping(t *testing.T) {
	for _, c := range []float64{0, .1, -.5} {
		for _, κ := range []float64{.9, 1, 1.3} {
			if k := dampedCell(2, κ, c).k; math.Abs(k-(1-4*Damping(2, κ, c))) > 1e-15 {
				t.Errorf("c=%g, κ=%g: spring %g, 1−2γA_x = %g", c, κ, k, 1-4*Damping(2, κ, c))
			}
		}
	}
}

// A_x given is the spring 1−2γA_x; with that of the damping transform the path is the transform's.
func TestVSMDGivenAx(t *testing.T) {
	c := []float64{.1, -.3}
	a, err := NewVSMD(VSMDConfig{Av: c, Kappa: .8})
	b, err2 := NewVSMD(VSMDConfig{Av: c, Ax: []float64{Damping(2, .8, c[0]), Damping(2, .8, c[1])}})
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	f, u, g, v := make([]float64, 16), make([]float64, 16), make([]float64, 16), make([]float64, 16)
	for _, s := range []float64{.01, .5, 1} {
		a.Transition(s, f, u)
		b.Transition(s, g, v)
		if d := max(worst(f, g), worst(u, v)); d > 1e-12 {
			t.Errorf("at %g they differ by %.2g", s, d)
		}
	}
}

// ℓ of hybrid score matching is 1/L_vv of the kernel with v_0 integrated out, and the marginal of a
// point mass has that kernel's covariance.
func TestHSM(t *testing.T) {
	for _, cfg := range []CLDConfig{{D: 1}, {D: 1, M: .5, Gamma: .7}} {
		p, err := NewCLD(cfg)
		if err != nil {
			t.Fatal(err)
		}
		point := ito.Gaussian{Mean: []float64{.7}, Cov: []float64{0}}
		for _, s := range []float64{1e-3, .1, 1} {
			g, err := Marginal(p, s, point)
			if err != nil {
				t.Fatal(err)
			}
			S := g.Cov
			want := math.Sqrt(S[0] / (S[0]*S[3] - S[1]*S[1]))
			ell := make([]float64, 1)
			p.HSM(s, ell)
			if math.Abs(ell[0]/want-1) > 1e-8 {
				t.Errorf("ℓ at %g = %.12g, want %.12g", s, ell[0], want)
			}
		}
	}
}

// The noise has the kernel's moments, with v_0 given and with v_0 integrated out. 1e5 draws; each mean
// within 4.5 σ/√n and each covariance within 4.5 of its own: about 1e-4 false alarms.
func TestMomentumPerturbMoments(t *testing.T) {
	p, err := NewVSMD(VSMDConfig{Av: []float64{.1, -.3}, Mean: []float64{1, -1}})
	if err != nil {
		t.Fatal(err)
	}
	const n, s = 100000, .2
	for _, width := range []int{4, 2} {
		x0 := ito.NewStates(n, width, 0)
		for i := range n {
			copy(x0.Row(i), []float64{2, 3, -1, .5})
		}
		got := x0.Like(4)
		if err := p.Perturb(got, x0, ito.Times{s}, ito.Cond{}, ito.Seed(3)); err != nil {
			t.Fatal(err)
		}
		phi, cov := make([]float64, 16), make([]float64, 16)
		p.Transition(s, phi, cov)
		want := ito.Gaussian{Mean: apply(phi, []float64{1, 4, -1, .5}), Cov: cov}
		matrix.AddScaled(want.Mean, 1, p.Mean())
		if width == 2 {
			if want, err = Marginal(p, s, ito.Gaussian{Mean: []float64{2, 3}, Cov: make([]float64, 4)}); err != nil {
				t.Fatal(err)
			}
		}
		checkMoments(t, got, want)
	}
}

func TestMomentumRefusals(t *testing.T) {
	for i, f := range []func() error{
		func() error { _, err := NewCLD(CLDConfig{}); return err },
		func() error { _, err := NewCLD(CLDConfig{D: 1, M: -1}); return err },
		func() error { _, err := NewCLD(CLDConfig{D: 2, Mean: []float64{1}}); return err },
		func() error { _, err := NewVSMD(VSMDConfig{Av: []float64{.5}}); return err },
		func() error { _, err := NewVSMD(VSMDConfig{D: 2, Av: []float64{0}}); return err },
		func() error { _, err := NewVSMD(VSMDConfig{D: 1, Kappa: math.NaN()}); return err },
		func() error { _, err := NewVSMD(VSMDConfig{Av: []float64{0}, Ax: []float64{.25}}); return err },
		func() error { _, err := NewVSMD(VSMDConfig{Av: []float64{0}, Ax: []float64{math.NaN()}}); return err },
		func() error { _, err := NewVSMD(VSMDConfig{Av: []float64{0}, Ax: []float64{0, 0}}); return err },
		func() error { _, err := NewVSMD(VSMDConfig{D: 1, Ax: []float64{0}}); return err },
		func() error { _, err := NewVSMD(VSMDConfig{D: 1, Lo: 2}); return err },
		func() error { _, err := NewVSMD(VSMDConfig{D: 1, Kappa: .9, Gamma: 1e200}); return err },
		func() error { _, err := NewCLD(CLDConfig{D: 1, Gamma: 1e308, BetaMin: 1e308}); return err },
	} {
		if err := f(); !errors.Is(err, ito.ErrInput) {
			t.Errorf("case %d: %v", i, err)
		}
	}
}
