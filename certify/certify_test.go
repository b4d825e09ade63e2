package certify

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
)

// halves is the linear classifier w·x > b.
func halves(w []float64, b float64) Classifier {
	return func(_ context.Context, class []int, x ito.States) error {
		for i := range class {
			s := -b
			for k, v := range x.Row(i) {
				s += w[k] * v
			}
			class[i] = 0
			if s > 0 {
				class[i] = 1
			}
		}
		return nil
	}
}

// The radii where all copies agree, in units of σ, at α = .001.
func TestRadiusOfAll(t *testing.T) {
	for n, want := range map[int]float64{1000: 2.4633, 10000: 3.1986, 100000: 3.8115} {
		if got := Radius(2, Lower(n, n, .001)) / 2; math.Abs(got-want) > 5e-5 {
			t.Errorf("%d of %d: radius %.5f σ, want %.4f", n, n, got, want)
		}
	}
}

// The bound is the p at which k successes or more have probability α: against the sum of binomials.
func TestLowerIsClopperPearson(t *testing.T) {
	for _, c := range []struct {
		k, n  int
		alpha float64
	}{{1, 10, .05}, {7, 10, .05}, {9, 10, .001}, {60, 100, .001}, {99, 100, .01}, {500, 900, .001}} {
		p := Lower(c.k, c.n, c.alpha)
		tail := 0.
		for j := c.k; j <= c.n; j++ {
			a, _ := math.Lgamma(float64(c.n + 1))
			b, _ := math.Lgamma(float64(j + 1))
			d, _ := math.Lgamma(float64(c.n - j + 1))
			tail += math.Exp(a - b - d + float64(j)*math.Log(p) + float64(c.n-j)*math.Log1p(-p))
		}
		if math.Abs(tail-c.alpha) > 1e-9 {
			t.Errorf("%d of %d: at %g the tail is %g, want %g", c.k, c.n, p, tail, c.alpha)
		}
	}
	if Lower(0, 10, .01) != 0 || Lower(10, 10, 1e-3) != math.Pow(1e-3, .1) {
		t.Error("the ends of the bound are wrong")
	}
}

// A smoothed linear classifier is itself, and its radius is the distance from the boundary: certificates come up to it
// and, but for a chance of α, not beyond. Near the boundary nothing is certified.
func TestLinearClassifierHasItsMargin(t *testing.T) {
	w, b := []float64{.6, .8}, .5
	x := ito.States{N: 4, D: 2, X: []float64{2, 1, -1, .5, .5, .251, .9, -.6}, ID: []uint64{3, 9, 11, 14}}
	s := Smoothing{Classes: 2, Sigma: .5, N: 20000, Seed: 4}
	got, err := s.Certify(t.Context(), halves(w, b), x)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range got {
		margin := x.Row(i)[0]*w[0] + x.Row(i)[1]*w[1] - b
		class := 0
		if margin > 0 {
			class = 1
		}
		margin = math.Abs(margin)
		most := math.Min(margin, Radius(s.Sigma, Lower(s.N, s.N, .001)))
		switch {
		case margin < .02:
			if c.Class != Abstained || c.Radius != 0 {
				t.Errorf("row %d, %.3g from the boundary: %+v", i, margin, c)
			}
		case c.Class != class || c.Radius > margin || c.Radius < .85*most:
			t.Errorf("row %d, %.3g from the boundary: %+v", i, margin, c)
		}
	}
	s.Chunk = 7 // neither the chunks nor the other rows change a certificate
	for i := range x.N {
		one, err := s.Certify(t.Context(), halves(w, b), x.Slice(i, i+1))
		if err != nil || one[0] != got[i] {
			t.Errorf("row %d alone: %+v, with others %+v: %v", i, one, got[i], err)
		}
	}
	truth := []int{1, 0, 1, 0}
	if a := Accuracy(got, truth, 0); a < .5 || a > .75 {
		t.Errorf("certified accuracy %g", a)
	}
	if a := Accuracy(got, truth, 100); a != 0 {
		t.Errorf("certified accuracy %g at radius 100", a)
	}
}

// Behind the exact denoiser of two far and narrow normals the boundary is the middle, whatever the path: the noise of σ
// is taken off before the classifier sees a row, on vp after it was brought to the path's own scale.
func TestDenoised(t *testing.T) {
	mix := field.Mixture{D: 2, Means: []float64{-2, 0, 2, 0}, Var: []float64{.01, .01}}
	x := ito.States{N: 2, D: 2, X: []float64{1, .4, -.8, 3}, ID: []uint64{1, 2}}
	for _, p := range []ito.Path{path.EDM{}, path.VP{}} {
		f, err := field.NewMixture(p, mix)
		if err != nil {
			t.Fatal(err)
		}
		// It is wrong about noisy rows: far out it sees nothing but the second column.
		fragile := func(ctx context.Context, class []int, y ito.States) error {
			for i := range class {
				class[i] = 2
				if r := y.Row(i); math.Abs(math.Abs(r[0])-2) < .5 && math.Abs(r[1]) < .5 {
					class[i] = 0
					if r[0] > 0 {
						class[i] = 1
					}
				}
			}
			return nil
		}
		s := Smoothing{Classes: 3, Sigma: .5, N: 4000, Seed: 2}
		c, err := Denoised(f, p, s.Sigma, fragile)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Certify(t.Context(), c, x)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []struct {
			class  int
			margin float64
		}{{1, 1}, {0, .8}} {
			if g := got[i]; g.Class != want.class || g.Radius > want.margin*1.05 || g.Radius < .75*want.margin {
				t.Errorf("%s, row %d, %g from the boundary: %+v", p.Name(), i, want.margin, g)
			}
		}
		plain, err := s.Certify(t.Context(), fragile, x)
		if err != nil {
			t.Fatal(err)
		}
		if plain[0].Class == 1 || plain[1].Class == 0 {
			t.Errorf("without a denoiser the classifier certifies its classes: %+v", plain)
		}
	}
}

// What cannot be certified is said.
func TestRefusals(t *testing.T) {
	x := ito.NewStates(1, 2, 0)
	f := halves([]float64{1, 0}, 0)
	for _, s := range []Smoothing{{Classes: 2}, {Classes: 1, Sigma: 1}, {Classes: 2, Sigma: -1},
		{Classes: 2, Sigma: 1, Alpha: 1}, {Classes: 2, Sigma: 1, N: -3}, {Classes: 2, Sigma: math.Inf(1)}} {
		if _, err := s.Certify(t.Context(), f, x); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%+v is taken: %v", s, err)
		}
	}
	third := func(_ context.Context, class []int, _ ito.States) error { class[0] = 2; return nil }
	if _, err := (Smoothing{Classes: 2, Sigma: 1}).Certify(t.Context(), third, x); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a class that there is not is taken: %v", err)
	}
	exact, err := field.NewMixture(path.EDM{}, field.Mixture{D: 2, Means: []float64{0, 0}, Var: []float64{1, 1}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Denoised(exact, path.EDM{}, 1e6, f); !errors.Is(err, ito.ErrInput) {
		t.Errorf("σ outside the path is taken: %v", err)
	}
	if _, err := Denoised(exact, path.Interpolant{}, 1, f); err == nil {
		t.Error("an interpolant is taken")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := (Smoothing{Classes: 2, Sigma: 1}).Certify(ctx, f, x); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
