package path

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/rng"
)

// checkMoments compares sample moments with exact ones at 4.5 standard errors each.
func checkMoments(t *testing.T, x ito.States, want ito.Gaussian) {
	t.Helper()
	d, n := x.D, float64(x.N)
	mean, cov := make([]float64, d), make([]float64, d*d)
	for i := range x.N {
		matrix.AddScaled(mean, 1/n, x.Row(i))
	}
	for i := range x.N {
		row := x.Row(i)
		for a := range d {
			for b := range d {
				cov[a*d+b] += (row[a] - mean[a]) * (row[b] - mean[b]) / n
			}
		}
	}
	for a := range d {
		if e := math.Abs(mean[a] - want.Mean[a]); e > 4.5*math.Sqrt(want.Cov[a*d+a]/n) {
			t.Errorf("mean %d = %g, want %g", a, mean[a], want.Mean[a])
		}
		for b := range d {
			v := want.Cov[a*d+a]*want.Cov[b*d+b] + want.Cov[a*d+b]*want.Cov[a*d+b]
			if e := math.Abs(cov[a*d+b] - want.Cov[a*d+b]); e > 4.5*math.Sqrt(v/n) {
				t.Errorf("covariance (%d,%d) = %g, want %g", a, b, cov[a*d+b], want.Cov[a*d+b])
			}
		}
	}
}

// Every path draws x_t from N(μ+Φ(x_0−μ), Σ): exactly, given its noise. For paths with the symmetric
// root, x_t − Φ-part is Σ^{½}ε.
func TestPerturbIsTheKernel(t *testing.T) {
	for i, p := range paths(t) {
		if p.Name() == "cld" || p.Name() == "vsmd" {
			continue // Cholesky, see TestMomentumPerturbMoments
		}
		t.Run(label(i, p), func(t *testing.T) {
			d := dim(p)
			lo, hi := p.Span()
			s := lo + .37*(hi-lo)
			x0 := ito.NewStates(3, d, 7)
			ito.Seed(1).Normal(x0, rng.PurposeData, 0, 0)
			ε := x0.Like(d)
			ito.Seed(2).Normal(ε, rng.PurposePath, 0, 0)
			got := x0.Like(d)
			if err := p.Perturb(got, x0, ito.Times{s}, ito.Cond{}, ito.Seed(2)); err != nil {
				t.Fatal(err)
			}
			phi, cov := kernelOf(p, s)
			e, err := eigen(cov, d)
			if err != nil {
				t.Fatal(err)
			}
			root := e.apply(math.Sqrt)
			var mean []float64
			switch q := p.(type) {
			case ito.Diagonal:
				mean = q.Mean()
			case ito.Linear:
				mean = q.Mean()
			}
			for r := range got.N {
				c := append([]float64(nil), x0.Row(r)...)
				matrix.AddScaled(c, -1, mean)
				want := apply(phi, c)
				matrix.AddScaled(want, 1, mean)
				matrix.AddScaled(want, 1, apply(root, ε.Row(r)))
				if d := worst(got.Row(r), want); d > 1e-13 {
					t.Errorf("row %d: %v, want %v", r, got.Row(r), want)
				}
			}
		})
	}
}

// A row has the same bytes in any batch, with a common time or its own, whatever stands beside it.
func TestPerturbRowsAreIndependent(t *testing.T) {
	for i, p := range append(paths(t), PFGM{Aug: 8}) {
		t.Run(label(i, p), func(t *testing.T) {
			d := dim(p)
			lo, hi := p.Span()
			const n = 9
			x0 := ito.NewStates(n, d, 40)
			ito.Seed(1).Normal(x0, rng.PurposeData, 0, 0)
			times := make(ito.Times, n)
			for r := range times {
				times[r] = lo + float64(r%4)/3*(hi-lo)
			}
			all := x0.Like(d)
			if err := p.Perturb(all, x0, times, ito.Cond{}, ito.Seed(2)); err != nil {
				t.Fatal(err)
			}
			for r := range n {
				one := x0.Slice(r, r+1).Like(d)
				if err := p.Perturb(one, x0.Slice(r, r+1), times[r:r+1], ito.Cond{}, ito.Seed(2)); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(all.Row(r), one.X); diff != "" {
					t.Errorf("row %d: %s", r, diff)
				}
			}
			if r := all.FirstNonFinite(); r >= 0 {
				t.Errorf("row %d is not finite at t=%g", r, times[r])
			}
		})
	}
}

func TestPriors(t *testing.T) {
	sd := map[string]float64{"ve": 50, "edm": 80}
	for i, p := range paths(t) {
		t.Run(label(i, p), func(t *testing.T) {
			d := dim(p)
			x := ito.NewStates(20000, d, 0)
			if err := p.Prior(x, ito.Cond{}, ito.Seed(5)); err != nil {
				t.Fatal(err)
			}
			s := 1.
			if v, ok := sd[p.Name()]; ok {
				s = v
			}
			if r, ok := p.(*Reverting); ok {
				s = r.cfg.SigmaInf
			}
			if k, ok := p.(*Kinetic); ok {
				s = k.cfg.Scale
			}
			want := ito.Gaussian{Mean: make([]float64, d), Cov: identity(d)}
			for k := range want.Cov {
				want.Cov[k] *= s * s
			}
			if m, ok := p.(interface{ Mean() []float64 }); ok && m.Mean() != nil {
				want.Mean = m.Mean()
			}
			if m, ok := p.(*Momentum); ok {
				for k := m.d; k < d; k++ {
					want.Cov[k*d+k] = m.vT
				}
			}
			checkMoments(t, x, want)
		})
	}
}

func TestPerturbRefusals(t *testing.T) {
	v, err := NewVSDM(VSDMConfig{D: 3})
	if err != nil {
		t.Fatal(err)
	}
	s := func(n, d int) ito.States { return ito.NewStates(n, d, 0) }
	for i, c := range []struct {
		p       ito.Path
		dst, x0 ito.States
		t       ito.Times
	}{
		{v, s(2, 2), s(2, 2), ito.Times{.5}},
		{v, s(2, 3), s(2, 2), ito.Times{.5}},
		{VP{}, s(2, 3), s(2, 2), ito.Times{.5}},
		{VP{}, s(3, 2), s(2, 2), ito.Times{.5}},
		{VP{}, s(3, 2), s(3, 2), ito.Times{.5, .6}},
		{VP{}, s(3, 2), s(3, 2), nil},
		{VP{}, ito.States{N: 3, D: 2}, s(3, 2), ito.Times{.5}},
	} {
		var in *ito.InputError
		if err := c.p.Perturb(c.dst, c.x0, c.t, ito.Cond{}, ito.Seed(1)); !errors.As(err, &in) {
			t.Errorf("case %d: %v", i, err)
		}
	}
	if err := v.Prior(s(1, 2), ito.Cond{}, ito.Seed(1)); !errors.Is(err, ito.ErrInput) {
		t.Errorf("prior of another dimension: %v", err)
	}
}

func BenchmarkPerturb(b *testing.B) {
	full, err := NewVSDM(VSDMConfig{A: []float64{-.1, .05, .05, -.4}})
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		p    ito.Path
	}{{"vp", VP{}}, {"vsdm", full}} {
		b.Run(c.name, func(b *testing.B) {
			x0 := ito.NewStates(4096, 2, 0)
			dst := x0.Like(2)
			times := make(ito.Times, x0.N)
			for i := range times {
				times[i] = .001 + float64(i)/4200
			}
			for b.Loop() {
				if err := c.p.Perturb(dst, x0, times, ito.Cond{}, ito.Seed(1)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*x0.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
