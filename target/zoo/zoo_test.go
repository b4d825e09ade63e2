package zoo

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer/mcmc"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/target"
)

// The figures of the literature and of quadrature elsewhere.
func TestLogZ(t *testing.T) {
	for name, want := range map[string]float64{
		"two": 0, "grid9": 0, "grid16": 0, "gmm40": 0, "gmm40-vsm": 0, "gmm40-50d": 0, "funnel": 0,
		"dw5": -.54106, "dw50": 42.81724, "manywell": 164.695675, "rings": 2.304881, "rings-vsm": 6.692280,
		"moons": .804214,
	} {
		truth, err := Known("zoo:" + name)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(truth.LogZ-want) > 6e-6 {
			t.Errorf("%s: log Z %v, want %v", name, truth.LogZ, want)
		}
	}
	many, err := Known("eight_schools")
	if err != nil || !math.IsNaN(many.LogZ) || many.Sample != nil {
		t.Errorf("eight_schools knows %v, %v", many, err)
	}
}

// Moons: log Z by the midpoint rule over the plane, from the target itself.
func TestMoonsIntegrate(t *testing.T) {
	tg, err := Open("moons", nil)
	if err != nil {
		t.Fatal(err)
	}
	const n, reach = 240, 4.
	x, lp := ito.NewStates(n*n, 2, 0), make([]float64, n*n)
	for i := range n * n {
		x.X[2*i] = (float64(i/n)+.5)*2*reach/n - reach
		x.X[2*i+1] = (float64(i%n)+.5)*2*reach/n - reach
	}
	if err := tg.LogDensity(context.Background(), lp, x); err != nil {
		t.Fatal(err)
	}
	z := 0.
	for _, l := range lp {
		z += math.Exp(l) * 4 * reach * reach / (n * n)
	}
	if math.Abs(math.Log(z)-.804214) > 1e-5 {
		t.Errorf("log Z %v", math.Log(z))
	}
}

// Dimensions, gradients, and the draws: E[∇log ρ] = 0 and E[x·∇log ρ] = −d under the normalised target.
func TestTargetsAndDraws(t *testing.T) {
	ctx := context.Background()
	for _, e := range Entries() {
		if e.Dim > 1000 {
			continue // 1600 dimensions are tested where the model is
		}
		t.Run(e.Name, func(t *testing.T) {
			tg, err := Open(e.Name, nil)
			if err != nil {
				t.Fatal(err)
			}
			if tg.Dim() != e.Dim {
				t.Fatalf("dimension %d, want %d", tg.Dim(), e.Dim)
			}
			x := ito.NewStates(3, e.Dim, 0)
			ito.Seed(1).Normal(x, rng.PurposeTarget, 0, 0)
			if err := target.CheckGradient(ctx, tg, x, 2e-6); err != nil {
				t.Error(err)
			}
			truth, err := Known(e.Name)
			if err != nil {
				t.Fatal(err)
			}
			if len(truth.Modes) != len(truth.Weights) {
				t.Errorf("%d modes, %d weights", len(truth.Modes), len(truth.Weights))
			}
			if truth.Sample == nil {
				return
			}
			n := 4000
			draws := ito.NewStates(n, e.Dim, 100)
			truth.Sample(draws, 5)
			part := draws.Slice(17, 40).Clone()
			truth.Sample(part, 5)
			if !slices.Equal(part.X, draws.Slice(17, 40).X) {
				t.Error("a draw depends on its batch")
			}
			lp, g := make([]float64, n), draws.Like(e.Dim)
			if err := tg.Gradient(ctx, lp, g, draws); err != nil {
				t.Fatal(err)
			}
			if e.Name == "rings-vsm" {
				return // the density has a kink at 4.5π and nearly zeros: the identity's variance is huge
			}
			var m, s float64
			for i := range n {
				v := 0.
				for k := range e.Dim {
					v += draws.Row(i)[k] * g.Row(i)[k]
				}
				m += v / float64(n)
				s += v * v / float64(n)
			}
			if se := math.Sqrt((s - m*m) / float64(n)); math.Abs(m+float64(e.Dim)) > 4.5*se { // false alarm 7e-6
				t.Errorf("E[x·∇log ρ] is %v ± %v, want %d", m, se, -e.Dim)
			}
		})
	}
}

// The numbers of other programs.
func TestMeans(t *testing.T) {
	fab := fabMeans(40, 2)
	for i, want := range [][]float64{{-.2995, 21.4577}, {-32.9218, -29.4376}, {-15.4062, 10.7263}} {
		for j, w := range want {
			if math.Abs(fab[i][j]-w) > 5e-5 {
				t.Errorf("FAB's mean %d is %v, want %v", i, fab[i], want)
			}
		}
	}
	// Random123's known answers of Threefry-2x32-20, and jax.random.uniform(PRNGKey(0)).
	if a, b := threefry(0, 0, 0, 0); a != 0x6b200159 || b != 0x99ba4efe {
		t.Errorf("threefry of zeros is %x %x", a, b)
	}
	if a, b := threefry(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff); a != 0x1cb996fc || b != 0xbb002be7 {
		t.Errorf("threefry of ones is %x %x", a, b)
	}
	if a, b := threefry(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3); a != 0xc4923a9c || b != 0x483df7a0 {
		t.Errorf("threefry of π is %x %x", a, b)
	}
	if u := float32(jaxBits(0, 0, 1)[0]>>9) / (1 << 23); math.Abs(float64(u)-.41845703) > 1e-8 {
		t.Errorf("jax.random.uniform(PRNGKey(0)) is %v", u)
	}
	// MT19937's first words at the seed 5489 of its authors.
	next := mt19937(5489)
	if a, b := next(), next(); a != 3499211612 || b != 581869302 {
		t.Errorf("MT19937 begins with %d, %d", a, b)
	}
}

func TestUnknown(t *testing.T) {
	var ue *UnknownError
	if _, err := Open("gmm41", nil); !errors.As(err, &ue) {
		t.Errorf("gmm41 gave %v", err)
	}
	if _, err := Known("gmm41"); !errors.As(err, &ue) {
		t.Errorf("gmm41 gave %v", err)
	}
	if len(Names()) != len(Entries()) {
		t.Error("names and entries differ")
	}
}

// Gradients of 1000 particles a call, on one core.
func BenchmarkGradient(b *testing.B) {
	for _, name := range []string{"gmm40", "ionosphere", "eight_schools"} {
		b.Run(name, func(b *testing.B) {
			tg, err := Open(name, nil)
			if err != nil {
				b.Fatal(err)
			}
			x := ito.NewStates(1000, tg.Dim(), 0)
			ito.Seed(1).Normal(x, rng.PurposeTarget, 0, 0)
			lp, g := make([]float64, x.N), x.Like(tg.Dim())
			for b.Loop() {
				if err := tg.Gradient(context.Background(), lp, g, x); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(x.N)*float64(b.N)/b.Elapsed().Seconds(), "gradients/s")
		})
	}
}

// A mixture with no noise is itself, and with some the mixture of wider parts: by quadrature of the convolution in
// one dimension.
func TestMixturesSmooth(t *testing.T) {
	open, err := Open("two", nil)
	if err != nil {
		t.Fatal(err)
	}
	s := open.(mcmc.Smoothed)
	x := ito.NewStates(3, 1, 0)
	copy(x.X, []float64{-4.2, 0, 6})
	plain, zero, wide := make([]float64, 3), make([]float64, 3), make([]float64, 3)
	if err := errors.Join(open.LogDensity(t.Context(), plain, x), s.Smoothed(t.Context(), zero, ito.States{}, x,
		[]float64{0, 0, 0}),
		s.Smoothed(t.Context(), wide, ito.States{}, x, []float64{1.5, 1.5, 1.5})); err != nil {
		t.Fatal(err)
	}
	const n, span = 4001, 40.
	y, l := ito.NewStates(n, 1, 0), make([]float64, n)
	for i := range n {
		y.X[i] = -span/2 + span*float64(i)/(n-1)
	}
	if err := open.LogDensity(t.Context(), l, y); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		sum := 0.
		for k, v := range y.X {
			z := (x.X[i] - v) / 1.5
			sum += math.Exp(l[k]-z*z/2) / (1.5 * math.Sqrt(2*math.Pi)) * span / (n - 1)
		}
		if math.Abs(zero[i]-plain[i]) > 1e-12 || math.Abs(wide[i]-math.Log(sum)) > 1e-9 {
			t.Errorf("at %v: %v, %v without noise; %v, %v with noise", x.X[i], zero[i], plain[i], wide[i],
				math.Log(sum))
		}
	}
}
