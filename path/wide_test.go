package path

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// Variances alone go through a path as the same covariances in full do: to the last bit where the path has no
// basis, and as the full matrix where it has one.
func TestMarginalPerColumn(t *testing.T) {
	data := ito.Gaussian{Mean: []float64{2, -1, .5}, Cov: []float64{4, .3, 0}}
	full, err := data.Full()
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range paths(t) {
		q, ok := p.(ito.Diagonal)
		if !ok || dim(p) != 3 && p.Dim() != 0 {
			continue
		}
		lo, hi := p.Span()
		for _, s := range []float64{lo, .4 * hi, hi} {
			if !ito.Has(p, ito.CapGaussian) {
				continue
			}
			got, err := Marginal(p, s, data)
			if err != nil {
				t.Fatal(err)
			}
			want, err := Marginal(p, s, full)
			if err != nil {
				t.Fatal(err)
			}
			if per := got.PerColumn(); per != (q.Basis() == nil) {
				t.Errorf("%s: variances alone: %v", label(i, p), per)
			}
			for a := range 3 {
				if got.Mean[a] != want.Mean[a] {
					t.Errorf("%s: mean %g, want %g", label(i, p), got.Mean[a], want.Mean[a])
				}
				for b := range 3 {
					if got.Covariance(a, b) != want.Covariance(a, b) {
						t.Errorf("%s: covariance %g, want %g", label(i, p), got.Covariance(a, b), want.Covariance(a, b))
					}
				}
			}
		}
	}
}

// The same in 1, 2, 256, 257 and 12,288 dimensions against the closed form; the kernel's prior goes by columns
// beyond 256.
func TestWideMarginals(t *testing.T) {
	vp := VP{BetaMin: .1, BetaMax: 4, Power: 1}
	e := math.Exp(-vp.B(1))
	for _, d := range []int{1, 2, 256, 257, 2000, 5000, 12288} {
		a, mean := make([]float64, d), make([]float64, d)
		for i := range a {
			a[i], mean[i] = -.4*float64(i%7)/7, float64(i%5)
		}
		wide, err := NewVSDM(VSDMConfig{Variant: DiagonalOnly, A: a, Mean: mean})
		if err != nil {
			t.Fatal(err)
		}
		if wide.Basis() != nil || len(wide.Spectrum()) != d || len(wide.Config().A) != d {
			t.Fatalf("%d: the path has a basis or another A", d)
		}
		data := ito.StandardNormal(d)
		for i := range data.Cov {
			data.Cov[i] = 1 + float64(i%3)
		}
		g, err := MomentPrior(vp, data)
		if err != nil {
			t.Fatal(err)
		}
		h, err := MomentPrior(wide, data)
		if err != nil {
			t.Fatal(err)
		}
		k, err := KernelPrior(wide, d)
		if err != nil {
			t.Fatal(err)
		}
		if d > 256 && !k.PerColumn() {
			t.Errorf("%d: the kernel's prior has %d covariances", d, len(k.Cov))
		}
		last := d - 1
		if got, want := g.Variance(last), e*data.Cov[last]+1-e; math.Abs(got-want) > 1e-14 {
			t.Errorf("%d: variance %g on vp, want %g", d, got, want)
		}
		λ, B := 1-2*a[last], wide.B(1)
		left, noise := math.Exp(-λ*B), -math.Expm1(-λ*B)/λ
		if got, want := h.Variance(last), left*data.Cov[last]+noise; math.Abs(got-want) > 1e-12*want {
			t.Errorf("%d: variance %g on vsdm, want %g", d, got, want)
		}
		if got := k.Variance(last); math.Abs(got-noise) > 1e-12*noise || k.Mean[last] != mean[last] {
			t.Errorf("%d: kernel prior %g, want %g", d, got, noise)
		}
		fixed, err := ConstantFromGaussian(data, B)
		if err != nil {
			t.Fatal(err)
		}
		if want := (1 - VSDMFixedPoint(data.Cov[last], B)) / 2; len(fixed) != d || fixed[last] != want {
			t.Errorf("%d: %d numbers of A at the fixed point", d, len(fixed))
		}
	}
}

// What needs a matrix of more than 2048 columns is refused before it is made.
func TestFullMatricesHaveABound(t *testing.T) {
	var refused *ito.UnsupportedError
	d := ito.MostFull + 1
	if _, err := NewVSDM(VSDMConfig{D: d, A: make([]float64, d*d)}); !errors.As(err, &refused) {
		t.Errorf("a full A: %v", err)
	}
	if _, err := ito.StandardNormal(d).Full(); !errors.As(err, &refused) {
		t.Errorf("full covariances: %v", err)
	}
	cld, err := NewCLD(CLDConfig{D: d})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := MomentPrior(cld, ito.StandardNormal(d)); !errors.As(err, &refused) {
		t.Errorf("moments with velocities: %v", err)
	}
	if p, err := NewVSDM(VSDMConfig{Variant: Full, D: 2}); err != nil || p.Variant() != Constant {
		t.Errorf("full is another word for constant: %v", err)
	}
}

// The projection of a diagonal is that of the matrix.
func TestProjectDiagonal(t *testing.T) {
	a := []float64{.6, .2, -9}
	want, err := Project([]float64{.6, 0, 0, 0, .2, 0, 0, 0, -9}, .05, 5)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ProjectDiagonal(a, .05, 5)
	if err != nil || got[0] != want[0] || got[1] != want[4] || got[2] != want[8] || a[0] != .6 {
		t.Errorf("%v (%v), want the diagonal of %v", got, err, want)
	}
	if _, err := ProjectDiagonal(a, 1, .5); err == nil {
		t.Error("bounds the wrong way round")
	}
	if _, err := ProjectDiagonal([]float64{math.NaN()}, 0, 1); err == nil {
		t.Error("a diagonal that is not finite")
	}
}
