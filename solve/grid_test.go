package solve_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

func TestGridValues(t *testing.T) {
	for _, c := range []struct {
		name     string
		p        ito.Path
		from, to float64
		want     []float64
	}{
		{"karras", path.EDM{}, 80, .002, []float64{80, 24.40834179, 5.83894763, .96541693, .0850872, .002}},
		{"logsnr", path.VP{}, 1, 1e-3, []float64{1, .785568075, .493439534, .1406364135, .0180953998, .001}},
		{"quadratic", path.VP{}, 1, 0, []float64{1, .64, .36, .16, .04, 0}},
		{"uniform", path.VP{}, 1, 0, []float64{1, .8, .6, .4, .2, 0}},
		{"ends", path.Interpolant{}, 1, 0, []float64{1, 64. / 65, 27. / 35, 8. / 35, 1. / 65, 0}},
	} {
		g, err := must(solve.GridByName(c.name))(c.p, c.from, c.to, 5)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range c.want {
			if math.Abs(g[i]-w) > 1e-8*(1+w) {
				t.Errorf("%s: time %d is %.10g, want %.10g", c.name, i, g[i], w)
			}
		}
		up := must(must(solve.GridByName(c.name))(c.p, c.to, c.from, 5))
		for i := range up {
			if math.Abs(up[i]-g[5-i]) > 1e-12 {
				t.Errorf("%s upwards: %v, downwards %v", c.name, up, g)
			}
		}
	}
}

// On EDM the levels of k-diffusion: exp(log .002 + (i/5)² log 40000) for i = 5 … 0, from noise to data and back; u¹
// is LogSNR.
func TestPolyexponential(t *testing.T) {
	g := must(solve.Polyexponential(2)(path.EDM{}, 80, .002, 5))
	up := must(solve.Polyexponential(2)(path.EDM{}, .002, 80, 5))
	for i, want := range []float64{80, 1.763390066952, .090734320783, .010898320969, .003055711828, .002} {
		if math.Abs(g[i]-want) > 1e-9*(1+want) || math.Abs(up[5-i]-g[i]) > 1e-12*want {
			t.Errorf("level %d is %.10g, upwards %.10g, want %.10g", i, g[i], up[5-i], want)
		}
	}
	plain := must(solve.LogSNR(path.VP{}, 1, 1e-3, 7))
	for i, v := range must(solve.Polyexponential(1)(path.VP{}, 1, 1e-3, 7)) {
		if math.Abs(v-plain[i]) > 1e-12 {
			t.Errorf("node %d is %g, by log-SNR %g", i, v, plain[i])
		}
	}
}

// With many modes the log-SNR grid is even in the mean log-SNR.
func TestGridOfManyModes(t *testing.T) {
	p := problems()[5].p.(ito.Diagonal)
	g := must(solve.LogSNR(p, 1, 1e-3, 10))
	m := path.NewModes(p)
	λ := func(t float64) float64 {
		m.At(t)
		return (math.Log(m.Alpha[0]/m.Sigma[0]) + math.Log(m.Alpha[1]/m.Sigma[1])) / 2
	}
	for i, at := range g {
		if want := λ(1) + float64(i)/10*(λ(1e-3)-λ(1)); math.Abs(λ(at)-want) > 1e-9 {
			t.Errorf("node %d at log-SNR %g, want %g", i, λ(at), want)
		}
	}
}

// Between narrow sets the velocity of an interpolant with γ = √(t(1−t)) is steep at both ends. On the grid ends
// Heun has its order from 100 steps on at widths .05 to .003 (slope at least 1.8), and at 25 steps less than a
// hundredth of the error on even steps. The median over rows: those beside the border of two modes go to the other
// one.
func TestEndsOfAnInterpolant(t *testing.T) {
	p := path.Interpolant{}
	for _, w := range []float64{.05, .01, .003} {
		from := field.Mixture{D: 1, Means: []float64{-1, 1}, Var: []float64{w * w, w * w}}
		to := field.Mixture{D: 1, Means: []float64{-1.5, 0, 1.5}, Var: []float64{w * w, w * w, w * w}}
		b := must(field.NewInterpolant(p, must(field.Independent(to, from))))
		start := ito.NewStates(63, 1, 0)
		if err := from.Draw(start, ito.Seed(1)); err != nil {
			t.Fatal(err)
		}
		at := func(g ito.Grid, s ito.Solver) ito.States {
			x := start.Clone()
			must(solve.Run(ctx, p, b, x, g, s, solve.RunOptions{}))
			return x
		}
		want := at(ito.Grid{1, 0}, solve.Dopri5{Tol: 1e-9})
		median := func(f solve.GridFunc, k int) float64 {
			x := at(must(f(p, 1, 0, k)), solve.Heun{})
			for i, v := range want.X {
				x.X[i] = math.Abs(x.X[i] - v)
			}
			slices.Sort(x.X)
			return x.X[x.N/2]
		}
		if even, fine := median(solve.Uniform, 25), median(solve.Ends, 25); fine > even/100 {
			t.Errorf("width %g: error %.2g at 25 steps, on even ones %.2g", w, fine, even)
		}
		if a, b := median(solve.Ends, 100), median(solve.Ends, 200); math.Log2(a/b) < 1.8 {
			t.Errorf("width %g: errors %.2g and %.2g at 100 and 200 steps, slope %.2f", w, a, b, math.Log2(a/b))
		}
	}
}

func TestGridRefusals(t *testing.T) {
	for _, err := range []error{
		second(solve.LogSNR(path.Flow{}, 1, 0, 5)), second(solve.Karras(path.Flow{}, 1, 0, 5)),
		second(solve.LogSNR(path.EDM{}, 80, 0, 5)),
		second(solve.Karras(problems()[9].p, 1, .1, 5)), second(solve.Uniform(path.VP{}, 1, 1, 5)),
		second(solve.Uniform(path.VP{}, 1, 0, 0)),
		second(solve.Polyexponential(2)(path.Flow{}, 1, .1, 5)), second(solve.Polyexponential(0)(path.VP{}, 1, .1, 5)),
		second(solve.Quadratic(path.VP{}, 1, -1, 5)), second(solve.Uniform(path.VP{}, 1, math.Nextafter(1, 0), 5)),
	} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("accepted, or %v", err)
		}
	}
}

func second(_ ito.Grid, err error) error { return err }

// halves is a grid of another module.
type halves struct {
	Factor float64 `default:"0.5" above:"0" below:"1"`
}

func (halves) Name() string { return "halves" }

func (h halves) Times(_ ito.Path, from, to float64, k int) (ito.Grid, error) {
	g := ito.Grid{from}
	for i := 1; i < k; i++ {
		g = append(g, to+(g[i-1]-to)*h.Factor)
	}
	return append(g, to), nil
}

func init() {
	solve.RegisterGrid("each step a part of what is left", func() solve.GridRule { return halves{} })
}

func TestRegisterGrid(t *testing.T) {
	for word, want := range map[string]ito.Grid{"halves": {1, .5, .25, 0}, "halves:factor=0.25": {1, .25, .0625, 0}} {
		if g := must(must(solve.GridByName(word))(nil, 1, 0, 3)); !slices.Equal(g, want) {
			t.Errorf("%s is %v", word, g)
		}
	}
	help := solve.GridHelp()
	if last := help[len(help)-1]; last != [2]string{"halves[:factor=0.5]", "each step a part of what is left"} {
		t.Error(last)
	}
	if _, err := solve.GridByName("halves:factor=1"); err == nil || !strings.Contains(err.Error(),
		"nearest that works is factor=0.5") {
		t.Error(err)
	}
}
