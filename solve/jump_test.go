package solve_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

func tokenPaths(levels int) []ito.Jump {
	var out []ito.Jump
	for _, schedule := range []string{path.LinearJump, path.CosineJump} {
		cfg := path.JumpConfig{Levels: levels, Schedule: schedule}
		out = append(out, must(path.NewAbsorbing(cfg)), must(path.NewUniform(cfg)))
	}
	return out
}

// draws runs a solver from the prior with the exact logits.
func tokenDraws(t *testing.T, p ito.Jump, m field.MarkovText, s ito.Solver, n, steps int) ito.States {
	t.Helper()
	x := ito.NewStates(n, m.Length, 3)
	if err := p.Prior(x, ito.Cond{}, ito.Seed(11)); err != nil {
		t.Fatal(err)
	}
	info := must(solve.Run(ctx, p, must(field.NewMarkovLogits(p, m)), x, must(solve.Uniform(p, 1, 0, steps)), s,
		solve.RunOptions{Noise: ito.Seed(12)}))
	if info.Evals[0] != steps {
		t.Errorf("%s: %d evaluations in %d steps", s.Info().Name, info.Evals[0], steps)
	}
	return x
}

// variation is the total variation between the frequencies of x and the law of m over all texts, and what n exact
// draws have of it on average: ½ Σ E|X/n − p| with X binomial, by de Moivre's formula.
func variation(x ito.States, m field.MarkovText) (got, floor float64) {
	v := len(m.Initial)
	count := map[int]int{}
	for i := range x.N {
		code := 0
		for _, a := range x.Row(i) {
			code = code*v + int(a)
		}
		count[code]++
	}
	texts := int(math.Round(math.Pow(float64(v), float64(m.Length))))
	n := float64(x.N)
	row := make([]float64, m.Length)
	for code := range texts {
		for j, c := m.Length-1, code; j >= 0; j, c = j-1, c/v {
			row[j] = float64(c % v)
		}
		p := m.Prob(row)
		got += math.Abs(float64(count[code])/n-p) / 2
		if p == 0 {
			continue
		}
		k := math.Floor(n*p) + 1
		a, _ := math.Lgamma(n + 1)
		b, _ := math.Lgamma(k + 1)
		c, _ := math.Lgamma(n - k + 1)
		floor += k * math.Exp(a-b-c+k*math.Log(p)+(n-k+1)*math.Log1p(-p)) / n
	}
	return got, floor
}

// slack is by how much a total variation of n exact draws exceeds its mean with probability 1e-6 at most:
// McDiarmid's bound e^{−2nε²}, each draw moving it by 1/n.
func slack(n int) float64 { return math.Sqrt(math.Log(1e6) / (2 * float64(n))) }

var fiveTokens = field.MarkovText{Length: 6, Initial: []float64{.4, .3, .2, .08, .02},
	Next: []float64{.05, .85, .05, .03, .02, .02, .1, .75, .1, .03, .1, .05, .05, .05, .75, .7, .05, .02, .05, .18, .05,
		.05, .1, .75, .05}}

// With exact logits a text of 6 of 5 tokens has its law, in total variation over all 15,625 texts: 4 comparisons,
// each a false alarm with probability 1e-6 at most. What ignores the neighbours is far from it.
func TestTokensHaveTheirLaw(t *testing.T) {
	const n = 4000
	for i, p := range tokenPaths(5) {
		if i == 1 || i == 2 { // absorbing with one schedule, uniform with the other
			continue
		}
		for _, s := range solve.Jumps() {
			x := tokenDraws(t, p, fiveTokens, s, n, 60)
			if got, floor := variation(x, fiveTokens); got > floor+slack(n) {
				t.Errorf("%s on %s: total variation %.4f, exact draws have %.4f ± %.4f", s.Info().Name, p.Name(), got,
					floor, slack(n))
			}
		}
	}
	p := tokenPaths(5)[0]
	alone := tokenDraws(t, p, fiveTokens, solve.Ancestral{}, n, 1) // one step draws the tokens independently
	if got, floor := variation(alone, fiveTokens); got < floor+10*slack(n) {
		t.Errorf("independent tokens have total variation %.4f, exact draws %.4f", got, floor)
	}
}

// One token has its law in any number of steps of Ancestral, and on an absorbing path of the other too, whose last
// step draws what is still masked: 20 comparisons, each a false alarm with probability 1e-6 at most.
func TestOneTokenIsExact(t *testing.T) {
	const n = 20000
	m := field.MarkovText{Length: 1, Initial: []float64{.6, 0, .3, .1}, Next: []float64{1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0,
		0, 1, 0, 0, 0}}
	for i, p := range tokenPaths(4) {
		for k, s := range solve.Jumps() {
			for _, steps := range []int{1, 2, 5} {
				if k == 1 && i%2 == 1 && steps > 1 {
					continue
				}
				if got, floor := variation(tokenDraws(t, p, m, s, n, steps), m); got > floor+slack(n) {
					t.Errorf("%s on %s, %d steps: total variation %.4f, exact draws have %.4f", s.Info().Name, p.Name(),
						steps, got, floor)
				}
			}
		}
	}
}

// The bytes of a row do not depend on its batch, and tokens of the data come out.
func TestTokenRowsAlone(t *testing.T) {
	for _, p := range tokenPaths(5) {
		f := must(field.NewMarkovLogits(p, fiveTokens))
		g := must(solve.Uniform(p, 1, 0, 7))
		for _, s := range solve.Jumps() {
			all := tokenDraws(t, p, fiveTokens, s, 9, 7)
			for i := range all.N {
				one := ito.NewStates(1, 6, all.ID[i])
				if err := p.Prior(one, ito.Cond{}, ito.Seed(11)); err != nil {
					t.Fatal(err)
				}
				must(solve.Run(ctx, p, f, one, g, s, solve.RunOptions{Noise: ito.Seed(12)}))
				if !slices.Equal(one.X, all.Row(i)) {
					t.Errorf("%s on %s: row %d is %v, alone %v", s.Info().Name, p.Name(), i, all.Row(i), one.X)
				}
			}
			for _, v := range all.X {
				if v < 0 || v > 4 || v != math.Trunc(v) {
					t.Errorf("%s on %s: token %g", s.Info().Name, p.Name(), v)
				}
			}
		}
	}
}

func TestTokenRefusals(t *testing.T) {
	p := tokenPaths(5)[0]
	f := must(field.NewMarkovLogits(p, fiveTokens))
	x := ito.NewStates(1, 6, 0)
	run := func(p ito.Path, f ito.Field, first float64, g ito.Grid, s ito.Solver) error {
		y := x.Clone()
		y.X[0] = first
		_, err := solve.Run(ctx, p, f, y, g, s, solve.RunOptions{})
		return err
	}
	vp := must(field.NewGaussian(path.VP{}, ito.Gaussian{Mean: make([]float64, 6), Cov: make([]float64, 36)}))
	for what, err := range map[string]error{
		"numbers on tokens": run(p, vp, 0, ito.Grid{1, 0}, solve.Ancestral{}),
		"logits on numbers": run(path.VP{}, f, 0, ito.Grid{1, .1}, solve.DDIM{}),
		"solver of numbers": run(p, f, 0, ito.Grid{1, 0}, solve.DDIM{}),
		"solver of tokens":  run(path.VP{}, vp, 0, ito.Grid{1, .1}, solve.TauLeaping{}),
		"no token":          run(p, f, 6, ito.Grid{1, 0}, solve.Ancestral{}),
		"half a token":      run(p, f, .5, ito.Grid{1, 0}, solve.Ancestral{}),
		"upwards":           run(p, f, 0, ito.Grid{0, 1}, solve.Ancestral{}),
	} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, s := range solve.Jumps() {
		if got, err := solve.ByName(s.Info().Name); err != nil || got != s {
			t.Errorf("%s: %v, %v", s.Info().Name, got, err)
		}
	}
}
