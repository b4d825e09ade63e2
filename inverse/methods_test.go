package inverse

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
)

// problem is a small one on a path: a mixture in 8 dimensions, half measured.
func problem(t *testing.T, p ito.Path, word string, sigma float64, n int) (Measured, ito.States) {
	t.Helper()
	prior, err := PriorOf("mixture", 8)
	if err != nil {
		t.Fatal(err)
	}
	f, err := field.NewMixture(p, prior)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Parse(word, Setting{Shape: []int{8}, Open: files})
	if err != nil {
		t.Fatal(err)
	}
	_, m := a.Dims()
	x := ito.NewStates(n, 8, 5)
	if err := prior.Draw(x, ito.Seed(3)); err != nil {
		t.Fatal(err)
	}
	y := x.Like(m)
	for i := range n {
		a.Apply(y.Row(i), x.Row(i))
	}
	return Measured{Path: p, Field: f, Operator: a, Noise: Gaussian{sigma}, Y: y}, x
}

// A batch of 8 is 8 batches of 1, for every method on several operators.
func TestRowsDoNotDependOnTheBatch(t *testing.T) {
	for _, word := range []string{"mask", "blur", "random:ratio=.5", "fourier:accel=2"} {
		for _, m := range Methods() {
			p, _ := problem(t, path.EDM{}, word, .1, 8)
			all := ito.NewStates(8, 8, 100)
			if _, err := Restore(context.Background(), p, m, all, RestoreOptions{Levels: 12}); err != nil {
				t.Fatalf("%s on %s: %v", m.Info().Name, word, err)
			}
			for i := range 8 {
				one, alone := p, ito.NewStates(1, 8, 100+uint64(i))
				one.Y = p.Y.Slice(i, i+1)
				if _, err := Restore(context.Background(), one, m, alone, RestoreOptions{Levels: 12}); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(alone.X, all.Row(i)) {
					t.Errorf("%s on %s: row %d alone differs", m.Info().Name, word, i)
					break
				}
			}
		}
	}
}

// Every method works on every one-mode path and comes nearer to what was measured than the prior's mean does.
func TestMethodsOnPaths(t *testing.T) {
	for _, p := range []ito.Path{path.EDM{}, path.VP{}, path.Flow{}, path.VE{}} {
		for _, m := range Methods() {
			pr, truth := problem(t, p, "mask", .05, 6)
			x := ito.NewStates(6, 8, 0)
			if _, err := Restore(context.Background(), pr, m, x, RestoreOptions{}); err != nil {
				t.Errorf("%s on %s: %v", m.Info().Name, p.Name(), err)
				continue
			}
			got, zero := 0., 0.
			for i := range 6 {
				got += Residual(pr.Operator, pr.Y.Row(i), x.Row(i))
				zero += Residual(pr.Operator, pr.Y.Row(i), make([]float64, 8))
			}
			if !(got < .35*zero) || truth.N != 6 {
				t.Errorf("%s on %s: residual %.3f, of nothing %.3f", m.Info().Name, p.Name(), got, zero)
			}
		}
	}
}

// Methods that need no linear operator restore through a clip, phases and a program, under Poisson noise too.
func TestNonlinear(t *testing.T) {
	for _, word := range []string{"clip:low=-2,high=2,gain=1.5", "quantise:levels=40,low=-3,high=3"} {
		for _, m := range []Method{DPS{Zeta: 1}, REDDiff{Lambda: .25, LR: .1}} {
			p, _ := problem(t, path.EDM{}, word, .05, 4)
			x := ito.NewStates(4, 8, 0)
			if _, err := Restore(context.Background(), p, m, x, RestoreOptions{}); err != nil {
				t.Fatalf("%s on %s: %v", m.Info().Name, word, err)
			}
			for i := range 4 {
				if r := Residual(p.Operator, p.Y.Row(i), x.Row(i)); r > .5 {
					t.Errorf("%s on %s: residual %.3f", m.Info().Name, word, r)
				}
			}
		}
	}
	p, _ := problem(t, path.EDM{}, "identity", 0, 4)
	for i, v := range p.Y.X {
		p.Y.X[i] = math.Abs(v)
	}
	p.Noise = Poisson{50}
	x := ito.NewStates(4, 8, 0)
	if _, err := Restore(context.Background(), p, DPS{Zeta: 1}, x, RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
}

// The exact posterior is that of brute force: mean and covariance of importance-weighted draws of the prior.
func TestExactPosteriorIsThatOfWeightedDraws(t *testing.T) {
	prior, err := PriorOf("mixture", 3)
	if err != nil {
		t.Fatal(err)
	}
	a, err := NewMatrix("random", normals(6, 7), 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewExact(prior, a, .4)
	if err != nil {
		t.Fatal(err)
	}
	y := []float64{.3, -.2}
	x := ito.NewStates(200000, 3, 0)
	if err := prior.Draw(x, ito.Seed(1)); err != nil {
		t.Fatal(err)
	}
	mean, sum := make([]float64, 3), 0.
	r := make([]float64, 2)
	for i := range x.N {
		a.Apply(r, x.Row(i))
		w := math.Exp(-((y[0]-r[0])*(y[0]-r[0]) + (y[1]-r[1])*(y[1]-r[1])) / (2 * .16))
		sum += w
		for j, v := range x.Row(i) {
			mean[j] += w * v
		}
	}
	divide(mean, sum)
	exact, drawn := make([]float64, 3), make([]float64, 3)
	e.Mean(exact, y)
	d := ito.NewStates(50000, 3, 0)
	e.Draw(d, y, ito.Seed(2))
	for i := range d.N {
		for j, v := range d.Row(i) {
			drawn[j] += v / float64(d.N)
		}
	}
	for j := range exact { // some 0.01 of standard error
		if math.Abs(exact[j]-mean[j]) > .04 || math.Abs(drawn[j]-exact[j]) > .02 {
			t.Errorf("mean %d: %.4f, weighted %.4f, drawn %.4f", j, exact[j], mean[j], drawn[j])
		}
	}
}

// What a method cannot serve is refused before anything is computed.
func TestBadProblems(t *testing.T) {
	ok, _ := problem(t, path.EDM{}, "mask", .1, 2)
	for name, c := range map[string]struct {
		change func(p *Measured, m *Method, x *ito.States, o *RestoreOptions)
		says   string
	}{
		"no noise for moments": {func(p *Measured, m *Method, _ *ito.States, _ *RestoreOptions) {
			p.Noise, *m = Gaussian{}, Moments{}
		}, "without noise"},
		"poisson for ddrm": {func(p *Measured, m *Method, _ *ito.States, _ *RestoreOptions) {
			p.Noise, *m = Poisson{10}, DDRM{}
		}, "method dps"},
		"a clip for pigdm": {func(p *Measured, m *Method, _ *ito.States, _ *RestoreOptions) {
			p.Operator, *m = clip{d: 8}, PiGDM{}
			p.Y = p.Y.Like(8)
		}, "singular values"},
		"another size":      {func(_ *Measured, _ *Method, x *ito.States, _ *RestoreOptions) { *x = ito.NewStates(2, 9, 0) }, "9"},
		"too few measured":  {func(p *Measured, _ *Method, _ *ito.States, _ *RestoreOptions) { p.Y = p.Y.Like(3) }, "3"},
		"too few rows":      {func(_ *Measured, _ *Method, x *ito.States, _ *RestoreOptions) { *x = ito.NewStates(5, 8, 0) }, "2 measurements"},
		"nothing measured":  {func(p *Measured, _ *Method, _ *ito.States, _ *RestoreOptions) { p.Y = p.Y.Slice(0, 0) }, "0 measurements"},
		"a NaN":             {func(p *Measured, _ *Method, _ *ito.States, _ *RestoreOptions) { p.Y.X[5] = math.NaN() }, "not finite"},
		"one level":         {func(_ *Measured, _ *Method, _ *ito.States, o *RestoreOptions) { o.Levels = 1 }, "levels"},
		"no operator":       {func(p *Measured, _ *Method, _ *ito.States, _ *RestoreOptions) { p.Operator = nil }, "missing"},
		"a path of momenta": {func(p *Measured, _ *Method, _ *ito.States, _ *RestoreOptions) { p.Path = path.Interpolant{} }, "schedule"},
	} {
		p, x, o := ok, ito.NewStates(2, 8, 0), RestoreOptions{Levels: 5}
		p.Y = ok.Y.Clone()
		var m Method = DiffPIR{}
		c.change(&p, &m, &x, &o)
		_, err := Restore(context.Background(), p, m, x, o)
		if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, w := range []string{"dpss", "dps:zeta=0", "ddrm:eta=2", "mcg:particles=0", ""} {
		if _, err := ParseMethod(w); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%q: %v", w, err)
		}
	}
	for _, w := range []string{"-.1", "nan", "inf", "poisson:gain=0", "uniform:width=0", "normal"} {
		if _, err := ParseNoise(w); !errors.Is(err, ito.ErrInput) {
			t.Errorf("noise %q: %v", w, err)
		}
	}
}
