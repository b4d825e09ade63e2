package learn

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
)

// exactly is the Fitter of a perfect score of Gaussian data.
func exactly(g ito.Gaussian) Fitter {
	return FitterFunc(func(_ context.Context, p ito.Path, _ int) (ito.Field, error) { return field.NewGaussian(p, g) })
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// plain is η ≡ 1, from A = 0 when the path begins there.
func plain(stages, paths int) Alternate {
	a := DefaultAlternate()
	a.Stages, a.Paths, a.EtaPower, a.Seed, a.Workers = stages, paths, 0, 1, 2
	return a
}

func alternate(t *testing.T, a Alternate, cfg path.VSDMConfig, g ito.Gaussian) *path.VSDM {
	t.Helper()
	s, err := a.Run(context.Background(), Alternation{Path: must(path.NewVSDM(cfg))}, exactly(g), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.Path.(*path.VSDM)
}

// From A = 0 with η ≡ 1, no moment start and 3000 paths, 40 stages come within .1 of the roots.
func TestFixedPointsOfExactScores(t *testing.T) {
	if testing.Short() {
		t.Skip("120 stages")
	}
	spiral := [2]float64{2.09*2.09 + .90*.90, 18.67*18.67 + 1.58*1.58} // second moments about zero
	for _, c := range []struct {
		name     string
		cfg      path.VSDMConfig
		variance [2]float64
		want     [2]float64
	}{
		{"spiral", path.VSDMConfig{D: 2}, spiral, [2]float64{1.0791, 1.7755}},
		{"spiral, diagonal", path.VSDMConfig{D: 2, Variant: path.DiagonalOnly}, spiral, [2]float64{1.0791, 1.7755}},
		{"64", path.VSDMConfig{D: 2, BetaMin: 4, BetaMax: 4}, [2]float64{1, 64}, [2]float64{1, 1.3661}},
	} {
		g := ito.Gaussian{Mean: make([]float64, 2), Cov: []float64{c.variance[0], 0, 0, c.variance[1]}}
		p := alternate(t, plain(40, 3000), c.cfg, g)
		a := p.A(0)
		for k, want := range c.want {
			root := path.VSDMFixedPoint(c.variance[k], p.B(1))
			if math.Abs(root-want) > 2e-3 {
				t.Errorf("%s: the root is %.4f, published %.4f", c.name, root, want)
			}
			// A tolerance of .1 alone holds where D began, at 1.
			if D := 1 - 2*a[3*k]; math.Abs(D-want) > .1 || want != 1 && math.Abs(D-want) > .5*math.Abs(1-want) {
				t.Errorf("%s: D[%d] = %.4f, want %.4f ± .1 and nearer than half of the way from 1", c.name, k, D, want)
			}
		}
	}
}

// The published Gaussian example, not centred: the first step of the moment iteration and its limit.
func TestGaussianExample(t *testing.T) {
	if testing.Short() {
		t.Skip("40 stages of 6000 paths")
	}
	g := ito.Gaussian{Mean: []float64{-8, 2}, Cov: []float64{1, 1, 1, 5}}
	cfg := path.VSDMConfig{D: 2, BetaMin: 4, BetaMax: 4}
	for _, c := range []struct {
		stages, paths int
		want          [3]float64 // xx, xy, yy
		tol           float64
	}{
		{1, 40000, [3]float64{-.0579, .01165, -.0136}, .005}, // four standard errors of 40000 paths
		{40, 6000, [3]float64{-.340, .074, -.050}, .03},
	} {
		a := alternate(t, plain(c.stages, c.paths), cfg, g).A(0)
		for i, k := range []int{0, 1, 3} {
			if math.Abs(a[k]-c.want[i]) > c.tol {
				t.Errorf("%d stages: A[%d] = %.4f, want %.4f ± %g", c.stages, k, a[k], c.want[i], c.tol)
			}
		}
	}
}

// The logistic path follows the Gaussian Schrödinger bridge: in twelve stages the marginals agree at all times.
func TestLogisticFollowsTheBridge(t *testing.T) {
	for _, cov := range [][]float64{{1, 1, 1, 5}, {64, 0, 0, 1}, {5.18, 0, 0, 351}} {
		g := ito.Gaussian{Mean: []float64{0, 0}, Cov: cov}
		p := alternate(t, plain(12, 1000), path.VSDMConfig{D: 2, Variant: path.Logistic}, g)
		end := must(path.LogisticFromGaussian(g, p.B(1)))
		bridge := must(path.NewVSDM(path.VSDMConfig{D: 2, Variant: path.Logistic, A: end}))
		for _, s := range []float64{.1, .3, .5, .7, .9, 1} {
			got, want := must(path.Marginal(p, s, g)), must(path.Marginal(bridge, s, g))
			for k := range got.Cov {
				scale := math.Sqrt(want.Cov[k/2*3] * want.Cov[k%2*3])
				if math.Abs(got.Cov[k]-want.Cov[k]) > .02*scale {
					t.Errorf("data %v at t=%g: covariance %.4f, the bridge's %.4f", cov, s, got.Cov, want.Cov)
				}
			}
			a, b := p.A(s), bridge.A(s)
			for k := range a {
				if math.Abs(a[k]-b[k]) > .02 {
					t.Errorf("data %v at t=%g: A = %.4f, the bridge's %.4f", cov, s, a, b)
				}
			}
		}
	}
}

// Workers and interruptions after any stage do not change a bit.
func TestAlternateSameBytes(t *testing.T) {
	g := ito.Gaussian{Mean: []float64{1, 2}, Cov: []float64{2, .5, .5, 30}}
	for _, variant := range []string{path.Constant, path.DiagonalOnly, path.Logistic} {
		a := DefaultAlternate()
		a.Stages, a.Paths, a.Grid, a.Seed = 4, 700, 20, 9
		begin := Alternation{Path: must(path.NewVSDM(path.VSDMConfig{D: 2, Variant: variant, Mean: g.Mean}))}
		want := must(a.Run(context.Background(), begin, exactly(g), nil))
		a.Workers = 3
		stop := errors.New("stop")
		s := begin
		for len(s.History) < a.Stages {
			var err error
			if s, err = a.Run(context.Background(), s, exactly(g),
				func(Alternation) error { return stop }); err != stop {
				t.Fatal(err)
			}
		}
		if !reflect.DeepEqual(s.Path, want.Path) || !reflect.DeepEqual(s.History, want.History) {
			t.Errorf("%s: stage by stage on three workers %v, at once on one %v", variant, s.Path, want.Path)
		}
	}
}

// ζ = .75 ends with the published sd of N(0,Σ_T), (1.23, .80).
func TestSmallerZeta(t *testing.T) {
	if testing.Short() {
		t.Skip("30 stages")
	}
	a := plain(30, 2000)
	a.Zeta, a.Eta = .75, 2
	g := ito.Gaussian{Mean: []float64{0, 0}, Cov: []float64{5.18, 0, 0, 351}}
	p := alternate(t, a, path.VSDMConfig{D: 2}, g)
	σ := make([]float64, 2)
	p.Schedule(1, nil, σ, nil, nil)
	big, small := max(σ[0], σ[1]), min(σ[0], σ[1])
	if math.Abs(big/1.23-1) > .05 || math.Abs(small/.80-1) > .05 {
		t.Errorf("sd of N(0,Σ_T) = %.3f, %.3f, want 1.23, .80 ± 5 %%", big, small)
	}
}

func TestRefitRespectsBounds(t *testing.T) {
	g := ito.Gaussian{Mean: []float64{0, 0}, Cov: []float64{1, 0, 0, 1e4}}
	a := plain(3, 300)
	a.Eta, a.DMax = 50, 2
	begin := Alternation{Path: must(path.NewVSDM(path.VSDMConfig{D: 2}))}
	s := must(a.Run(context.Background(), begin, exactly(g), nil))
	last := s.History[len(s.History)-1]
	if !last.Projected || last.Modes[0] < (1-2)/2.-1e-12 || last.Modes[1] > (1-.05)/2+1e-12 {
		t.Errorf("bounds of D [.05, 2] gave A with %v, projected %v", last.Modes, last.Projected)
	}
}

func TestAlternateRefuses(t *testing.T) {
	p := must(path.NewVSDM(path.VSDMConfig{D: 2}))
	for name, spoil := range map[string]func(*Alternate, *Alternation){
		"path":   func(_ *Alternate, s *Alternation) { s.Path = nil },
		"paths":  func(a *Alternate, _ *Alternation) { a.Paths = 0 },
		"eta":    func(a *Alternate, _ *Alternation) { a.Eta = math.NaN() },
		"zeta":   func(a *Alternate, _ *Alternation) { a.Zeta = -1 },
		"bounds": func(a *Alternate, _ *Alternation) { a.DMax = .01 },
		"too few": func(a *Alternate, _ *Alternation) {
			a.Paths = 1 // one path cannot span two dimensions at the drawn end
		},
	} {
		a, s := DefaultAlternate(), Alternation{Path: p}
		if name == "too few" {
			s.Path = must(path.NewVSDM(path.VSDMConfig{D: 2, Variant: path.Logistic}))
		}
		spoil(&a, &s)
		_, err := a.Run(context.Background(), s, exactly(ito.Gaussian{Mean: make([]float64, 2), Cov: []float64{1, 0, 0,
			1}}), nil)
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
