package path

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

// With A = 0 every variant is VP, mode by mode and bit for bit within 2 ulp.
func TestVSDMWithoutScoreIsVP(t *testing.T) {
	vp := VP{BetaMin: .1, BetaMax: 10, Power: 1.7}
	for _, v := range []string{Constant, DiagonalOnly, Logistic} {
		p, err := NewVSDM(VSDMConfig{Variant: v, D: 2})
		if err != nil {
			t.Fatal(err)
		}
		if p.Basis() != nil {
			t.Errorf("%s: A = 0 has a basis", v)
		}
		for _, s := range []float64{1e-3, .3, 1} {
			got, want := make([]float64, 8), make([]float64, 4)
			p.Schedule(s, got[:2], got[2:4], got[4:6], got[6:])
			vp.Schedule(s, want[:1], want[1:2], want[2:3], want[3:])
			for i, w := range want {
				for k := range 2 {
					if math.Abs(got[2*i+k]/w-1) > 4e-16 {
						t.Errorf("%s at %g: %.17g, want %.17g", v, s, got[2*i+k], w)
					}
				}
			}
		}
	}
}

// A(t) has the eigenvalues Coefficients(t) in the path's basis; a basis is orthogonal with its signs fixed.
func TestVSDMSpectrum(t *testing.T) {
	a := []float64{-.4, .3, .1, .3, .2, -.2, .1, -.2, -.7}
	for _, v := range []string{Constant, Logistic} {
		p, err := NewVSDM(VSDMConfig{Variant: v, A: a})
		if err != nil {
			t.Fatal(err)
		}
		q := p.Basis()
		qq := make([]float64, 9)
		matrix.MultiplyT(qq, q, q, 3)
		if e := worst(qq, identity(3)); e > 1e-14 {
			t.Errorf("QQᵀ differs from I by %.2g", e)
		}
		for k := range 3 {
			big := 0
			for i := range 3 {
				if math.Abs(q[i*3+k]) > math.Abs(q[big*3+k]) {
					big = i
				}
			}
			if q[big*3+k] < 0 {
				t.Errorf("the largest component of mode %d is negative", k)
			}
		}
		for _, s := range []float64{0, .4, 1} {
			w := make([]float64, 3)
			p.Coefficients(s, w)
			if e := worst(symmetric{d: 3, q: q}.with(w), p.A(s)); e > 1e-14 {
				t.Errorf("%s: A(%g) differs from its spectrum by %.2g", v, s, e)
			}
		}
		if e := worst(p.A(1), a); e > 1e-14 {
			t.Errorf("%s: A(T) differs from A by %.2g", v, e)
		}
	}
}

func TestVSDMRefusals(t *testing.T) {
	nan := math.NaN()
	for what, cfg := range map[string]VSDMConfig{
		"no dimension":         {},
		"absurd dimension":     {D: 1 << 40},
		"wrong A":              {D: 2, A: []float64{1, 2, 3}},
		"wrong mean":           {D: 2, Mean: []float64{1}},
		"not symmetric":        {D: 2, A: []float64{0, .1, .2, 0}},
		"NaN in A":             {D: 2, A: []float64{0, nan, nan, 0}},
		"infinite mean":        {Mean: []float64{math.Inf(1)}},
		"unknown variant":      {D: 1, Variant: "constnat"},
		"entries off":          {D: 2, Variant: DiagonalOnly, A: []float64{0, .1, .1, 0}},
		"negative rate":        {D: 1, BetaMin: -1},
		"lo beyond T":          {D: 1, Lo: 2},
		"negative lo":          {D: 1, Lo: -.1},
		"overflow":             {D: 1, A: []float64{500}},
		"variance negative":    {D: 1, Variant: Logistic, A: []float64{1.1}},
		"NaN rate":             {D: 1, Power: nan},
		"T that is not a time": {D: 1, T: math.Inf(1)},
	} {
		p, err := NewVSDM(cfg)
		var in *ito.InputError
		if !errors.As(err, &in) || p != nil {
			t.Errorf("%s: %v, %v", what, p, err)
		}
	}
}

// The path keeps nothing of the slices it was given, and Config makes it again.
func TestVSDMIsImmutable(t *testing.T) {
	cfg := VSDMConfig{A: []float64{-.4, .3, .3, .2}, Mean: []float64{1, 2}}
	p, err := NewVSDM(cfg)
	if err != nil {
		t.Fatal(err)
	}
	before := p.Config()
	cfg.A[0], cfg.Mean[0] = 9, 9
	p.Config().A[0] = 9
	if diff := cmp.Diff(before, p.Config()); diff != "" {
		t.Error(diff)
	}
	again, err := NewVSDM(p.Config())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(again.Config(), p.Config()); diff != "" {
		t.Error(diff)
	}
}

// Project clips the eigenvalues of D, is idempotent, and leaves what is inside alone.
func TestProject(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.IntRange(1, 5).Draw(t, "d")
		a := rapid.SliceOfN(rapid.Float64Range(-3, 3), d*d, d*d).Draw(t, "a")
		const dmin, dmax = .05, 4
		p, err := Project(a, dmin, dmax)
		if err != nil {
			t.Fatal(err)
		}
		s, err := eigen(p, d)
		if err != nil {
			t.Fatal(err)
		}
		for _, λ := range s.λ {
			if D := 1 - 2*λ; D < dmin-1e-12 || D > dmax+1e-12 {
				t.Fatalf("D has the eigenvalue %g", D)
			}
		}
		again, err := Project(p, dmin, dmax)
		if err != nil {
			t.Fatal(err)
		}
		matrix.AddScaled(again, -1, p)
		for _, v := range again {
			if math.Abs(v) > 1e-13 {
				t.Fatalf("projecting again moves an entry by %g", v)
			}
		}
	})
	inside := []float64{.1, .2, .2, -.3}
	if p, err := Project(inside, .05, 4); err != nil || cmp.Diff(p, inside) != "" {
		t.Errorf("%v, %v", p, err)
	}
	for _, bad := range [][]float64{nil, {1, 2}, {math.NaN()}} {
		if _, err := Project(bad, 0, 1); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if _, err := Project(inside, 2, 1); !errors.Is(err, ito.ErrInput) {
		t.Error(err)
	}
}
