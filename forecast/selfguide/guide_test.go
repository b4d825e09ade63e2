package selfguide

import (
	"errors"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// Quantile guidance at s = 4 forecasts within 5 % of the exact conditional's own score, by steps of DDPM and by few
// steps with the score guided. Scores are expectations over the truth, so that windows add no noise of theirs; what
// samples add is 1 % here.
func TestQuantileGuidanceIsNearlyTheExactConditional(t *testing.T) {
	p := newProcess(t, 36, 24, 50)
	f, windows, best := p.field(t), p.draw(20, 3), p.best()
	none := p.score(p.forecast(t, f, windows, 20, Guide{Loss: Quantile}, solve.DDIM{Eta: 1}, 49), windows)
	if none < 1.3*best {
		t.Errorf("without guidance the score is %.4f, the exact conditional's %.4f: the test shows nothing", none, best)
	}
	for _, c := range []struct {
		name  string
		h     Guide
		steps int
	}{
		{"after steps", Guide{Loss: Quantile, Scale: 4}, 49},
		{"the score, in 12 steps", Guide{Loss: Quantile, Scale: 4, Score: true}, 12},
		{"squares", Guide{Loss: Square, Scale: 2}, 49},
	} {
		got := p.score(p.forecast(t, f, windows, 20, c.h, solve.DDIM{Eta: 1}, c.steps), windows)
		if got > 1.05*best || got < .97*best {
			t.Errorf("%s: score %.4f, the exact conditional's %.4f, without guidance %.4f", c.name, got, best, none)
		}
	}
}

// Guidance by squares diverges where it is strong, and clipped does not.
func TestClippedSquaresDoNotDiverge(t *testing.T) {
	p := newProcess(t, 36, 24, 50)
	f, windows, best := p.field(t), p.draw(8, 3), p.best()
	wild := p.score(p.forecast(t, f, windows, 8, Guide{Loss: Square, Scale: 16}, solve.DDIM{Eta: 1}, 49), windows)
	tame := p.score(p.forecast(t, f, windows, 8, Guide{Loss: Square, Scale: 16, Clip: 1}, solve.DDIM{Eta: 1}, 49),
		windows)
	if wild < 10*best || tame > 1.3*best {
		t.Errorf("scores %.4g, and clipped %.4g; the exact conditional's is %.4f", wild, tame, best)
	}
}

// Scale 0 is the model without guidance, bit for bit, and costs nothing.
func TestNoGuidanceIsNoGuidance(t *testing.T) {
	p := newProcess(t, 36, 24, 20)
	f := p.field(t)
	lo, hi := p.path.Span()
	grid, err := solve.Uniform(p.path, hi, lo, 19)
	if err != nil {
		t.Fatal(err)
	}
	draw := func(hooks ...ito.Hook) (ito.States, int) {
		x := ito.NewStates(4, p.length, 0)
		if err := p.path.Prior(x, ito.Cond{}, ito.Seed(1)); err != nil {
			t.Fatal(err)
		}
		info, err := solve.Run(t.Context(), p.path, f, x, grid, solve.DDIM{Eta: 1}, solve.RunOptions{Noise: ito.Seed(1),
			Hooks: hooks})
		if err != nil {
			t.Fatal(err)
		}
		return x, info.Evals[0]
	}
	want, calls := draw()
	seen := func(uint64) Observed { panic("asked for what is observed") }
	for _, score := range []bool{false, true} {
		got, n := draw(Guide{Loss: Square, Observed: seen, Score: score})
		if !slices.Equal(got.X, want.X) || n != calls {
			t.Errorf("score %v: scale 0 changes samples, or costs %d calls where %d do", score, n, calls)
		}
	}
}

// The gradient of the energy of squares of a Gaussian is −2GᵀPᵀ(y−PGx), x̂0 = Gx, and that of both losses is the
// difference quotient of the energy.
func TestGradientInClosedForm(t *testing.T) {
	p := newProcess(t, 30, 20, 20)
	f, x := p.field(t), p.draw(3, 5)
	y, known := p.draw(3, 6), make([]bool, p.length)
	for i := range known {
		known[i] = i%3 != 1
	}
	for _, loss := range []string{Square, Quantile} {
		h := Guide{Loss: loss, Scale: 1, Observed: func(id uint64) Observed {
			return Observed{Y: y.Row(int(id)), Known: known, Q: .3}
		}}
		time := ito.Times{.4}
		energy, g := make([]float64, 3), x.Like(p.length)
		if err := h.Energy(t.Context(), p.path, f, energy, g, x, time, ito.Cond{}); err != nil {
			t.Fatal(err)
		}
		if loss == Square {
			α, σ := at(p.path, time[0])
			var s, inverse, gain mat.Dense
			s.Scale(α*α, mat.NewDense(p.length, p.length, p.law.Cov))
			for i := range p.length {
				s.Set(i, i, s.At(i, i)+σ*σ)
			}
			if err := inverse.Inverse(&s); err != nil {
				t.Fatal(err)
			}
			gain.Mul(mat.NewDense(p.length, p.length, p.law.Cov), &inverse)
			gain.Scale(α, &gain)
			var x0, want mat.VecDense
			x0.MulVec(&gain, mat.NewVecDense(p.length, x.Row(1)))
			r := mat.NewVecDense(p.length, nil)
			for i, k := range known {
				if k {
					r.SetVec(i, -2*(y.Row(1)[i]-x0.AtVec(i)))
				}
			}
			want.MulVec(gain.T(), r)
			for i := range p.length {
				if d := math.Abs(want.AtVec(i) - g.Row(1)[i]); d > 1e-9 {
					t.Errorf("∇E[%d] differs from its closed form by %g", i, d)
				}
			}
		}
		const step = 1e-5
		for _, i := range []int{0, 7, 29} {
			at := func(d float64) float64 {
				moved, e := x.Clone(), make([]float64, 3)
				moved.Row(2)[i] += d
				if err := h.Energy(t.Context(), p.path, f, e, ito.States{}, moved, time, ito.Cond{}); err != nil {
					t.Fatal(err)
				}
				return e[2]
			}
			want := (at(step) - at(-step)) / (2 * step)
			if got := g.Row(2)[i]; math.Abs(got-want) > 1e-6*max(1, math.Abs(want)) {
				t.Errorf("%s: ∂E/∂x[%d] = %g, difference quotient %g", loss, i, got, want)
			}
		}
	}
}

// A row's bytes do not depend on the rows beside it.
func TestGuidedRowsStandAlone(t *testing.T) {
	p := newProcess(t, 24, 16, 20)
	f, windows := p.field(t), p.draw(3, 3)
	for _, h := range []Guide{{Loss: Quantile, Scale: 4}, {Loss: Square, Scale: 16, Clip: .5, Score: true}} {
		all := p.forecast(t, f, windows, 4, h, solve.DDIM{Eta: 1}, 15)
		known := make([]bool, p.length)
		for i := range p.seen {
			known[i] = true
		}
		h.Observed = func(id uint64) Observed {
			return Observed{Y: windows.Row(int(id) / 4), Known: known, Q: Level(int(id)%4, 4)}
		}
		one := ito.NewStates(1, p.length, 6)
		if err := p.path.Prior(one, ito.Cond{}, ito.Seed(7)); err != nil {
			t.Fatal(err)
		}
		lo, hi := p.path.Span()
		grid, err := solve.Uniform(p.path, hi, lo, 15)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := solve.Run(t.Context(), p.path, f, one, grid, solve.DDIM{Eta: 1}, solve.RunOptions{
			Noise: ito.Seed(7), Hooks: []ito.Hook{h}}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(one.Row(0), all.Row(6)) {
			t.Errorf("%+v: sample 6 alone has other bytes", h.Loss)
		}
	}
}

// What cannot be guided is refused.
func TestGuidanceRefuses(t *testing.T) {
	p := newProcess(t, 12, 8, 10)
	f := p.field(t)
	o := Observed{Y: make([]float64, 12), Known: make([]bool, 12), Q: .5}
	good := func(uint64) Observed { return o }
	o2 := o
	o2.Y, o2.Known = []float64{math.NaN()}, []bool{true}
	bent, err := path.NewVSDM(path.VSDMConfig{Variant: path.DiagonalOnly, D: 12})
	if err != nil {
		t.Fatal(err)
	}
	diagonal, err := field.NewGaussian(bent, p.law)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		h Guide
		p ito.Path
		f ito.Field
	}{
		"loss":  {Guide{Loss: "cube", Scale: 1, Observed: good}, p.path, f},
		"scale": {Guide{Loss: Square, Scale: -1, Observed: good}, p.path, f},
		"shape": {Guide{Loss: Square, Scale: 1, Observed: func(uint64) Observed { return o2 }}, p.path, f},
		"level": {Guide{Loss: Quantile, Scale: 1, Observed: func(uint64) Observed { o := o; o.Q = 1; return o }},
			p.path, f},
		"nothing": {Guide{Loss: Square, Scale: 1}, p.path, f},
		"modes":   {Guide{Loss: Square, Scale: 1, Observed: good}, bent, diagonal},
	} {
		x := ito.NewStates(1, 12, 0)
		err := c.h.Energy(t.Context(), c.p, c.f, make([]float64, 1), ito.States{}, x, ito.Times{.5}, ito.Cond{})
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
