package solve_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

var twoPeaks = field.Mixture{D: 1, Weights: []float64{.7, .3}, Means: []float64{-1, 1}, Var: []float64{.09}}

func linearReward(b float64) func(context.Context, []float64, ito.States) error {
	return func(_ context.Context, dst []float64, x ito.States) error {
		for i := range dst {
			dst[i] = b * x.Row(i)[0]
		}
		return nil
	}
}

// kolmogorov is the largest difference between the frequencies of x and a distribution function.
func kolmogorov(x []float64, F func(float64) float64) float64 {
	x = slices.Clone(x)
	slices.Sort(x)
	worst, n := 0., float64(len(x))
	for i, v := range x {
		worst = math.Max(worst, math.Max(math.Abs(F(v)-float64(i)/n), math.Abs(F(v)-float64(i+1)/n)))
	}
	return worst
}

func mixtureCDF(w, c []float64, sd float64) func(float64) float64 {
	return func(x float64) float64 {
		s := 0.
		for k, v := range w {
			s += v * math.Erfc(-(x-c[k])/sd/math.Sqrt2) / 2
		}
		return s
	}
}

// The best of four has the fourth power of the distribution function, and resampled particles the law that the
// reward bx tilts: with components at c+bs² whose weights are multiplied by e^{bc+b²s²/2}. Kolmogorov's distance of
// 2,000 groups is below √(ln(2·10⁶)/2n) with probability 1−1e-6 each (Massart), plus .015 for the steps, the span
// and the number of particles. Without a selection it is far away.
func TestSelectorsHaveTheirLaw(t *testing.T) {
	p := path.VP{}
	f := must(field.NewMixture(p, twoPeaks))
	g := must(solve.LogSNR(p, 1, 1e-3, 30))
	const n, b = 2000, 1.5
	bound := math.Sqrt(math.Log(2e6)/(2*n)) + .015
	base := mixtureCDF(twoPeaks.Weights, twoPeaks.Means, .3)
	a0, a1 := .7*math.Exp(-b), .3*math.Exp(b)
	tilted := mixtureCDF([]float64{a0 / (a0 + a1), a1 / (a0 + a1)}, []float64{-1 + b*.09, 1 + b*.09}, .3)
	for _, c := range []struct {
		s ito.Selector
		k int
		F func(float64) float64
	}{{solve.BestOfN{}, 4, func(x float64) float64 { return math.Pow(base(x), 4) }}, {solve.Resample{}, 64, tilted}} {
		out := ito.NewStates(n, 1, 0)
		info := must(solve.Groups{Selector: c.s, Particles: c.k, Reward: linearReward(b)}.Run(ctx, p, f, out, g,
			solve.SDEDPMpp{Order: 2}, solve.RunOptions{Noise: ito.Seed(8)}))
		if info.Particles != c.k || info.Spent != c.k*30 {
			t.Errorf("%s: %+v", c.s.Name(), info.Spent)
		}
		if got := kolmogorov(out.X, c.F); got > bound {
			t.Errorf("%s: Kolmogorov's distance %.4f, at most %.4f", c.s.Name(), got, bound)
		}
		if got := kolmogorov(out.X, base); got < 2*bound {
			t.Errorf("%s: %.4f from the law without a selection", c.s.Name(), got)
		}
		for i, x := range out.X {
			if info.Reward[i] != b*x {
				t.Fatalf("%s: reward %g of %g", c.s.Name(), info.Reward[i], x)
			}
		}
	}
}

// counted counts the rows at which a field is evaluated.
type counted struct {
	ito.Field
	rows *int
}

func (c counted) Predict(ctx context.Context, dst, x ito.States, t ito.Times, cond ito.Cond) error {
	*c.rows += x.N
	return c.Field.Predict(ctx, dst, x, t, cond)
}

// A budget is never exceeded and what is spent is what the field has counted, for every budget from too little on;
// a group alone has the bytes that it has among others.
func TestGroupsKeepTheirBudget(t *testing.T) {
	p := path.VP{}
	rows := 0
	f := counted{must(field.NewMixture(p, twoPeaks)), &rows}
	g := must(solve.LogSNR(p, 1, 1e-3, 5))
	for _, s := range []ito.Solver{solve.Heun{}, solve.SDEDPMpp{Order: 2}, solve.Finish{Solver: solve.DDIM{},
		Action: solve.Denoise}} {
		for _, sel := range []ito.Selector{solve.BestOfN{}, solve.Resample{}} {
			for budget := 1; budget < 60; budget++ {
				rows = 0
				out := ito.NewStates(3, 1, 7)
				groups := solve.Groups{Selector: sel, Budget: budget, Reward: linearReward(4)}
				info, err := groups.Run(ctx, p, f, out, g, s, solve.RunOptions{})
				if err != nil {
					if !errors.Is(err, ito.ErrInput) || budget > 10 {
						t.Errorf("%s, %s, budget %d: %v", s.Info().Name, sel.Name(), budget, err)
					}
					continue
				}
				if rows > 3*budget || rows != 3*info.Spent {
					t.Errorf("%s, %s, budget %d: %d calls, said %d", s.Info().Name, sel.Name(), budget, rows,
						3*info.Spent)
				}
				one := ito.NewStates(1, 1, 8)
				must(groups.Run(ctx, p, f, one, g, s, solve.RunOptions{}))
				if one.X[0] != out.X[1] {
					t.Errorf("%s, %s, budget %d: a group alone gives %g, among others %g", s.Info().Name, sel.Name(),
						budget, one.X[0], out.X[1])
				}
			}
		}
	}
	// a hook that evaluates the field has its calls counted, and is stopped before it takes one too many
	guided := classes{p, ito.PredEps}
	for budget, fits := range map[int]bool{19: false, 20: true} {
		rows = 0
		x := ito.NewStates(1, 2, 0)
		groups := solve.Groups{Selector: solve.BestOfN{}, Particles: 2, Budget: budget, Reward: linearReward(1)}
		info, err := groups.Run(ctx, p, counted{guided, &rows}, x, g, solve.DDIM{},
			solve.RunOptions{Cond: ito.Cond{C: 2, X: []float64{1, -.5}}, Hooks: []ito.Hook{solve.Guide{W: 2}}})
		if fits != (err == nil) || rows > budget || fits && info.Spent != 20 {
			t.Errorf("guided with a budget of %d: %d calls, said %d, %v", budget, rows, info.Spent, err)
		}
	}
	for what, groups := range map[string]solve.Groups{
		"nothing":     {},
		"no size":     {Selector: solve.BestOfN{}, Reward: linearReward(1)},
		"no selector": {Particles: 2, Reward: linearReward(1)},
		"negative":    {Selector: solve.BestOfN{}, Particles: -1, Reward: linearReward(1)},
	} {
		if _, err := groups.Run(ctx, p, f, ito.NewStates(1, 1, 0), g, solve.DDIM{}, solve.RunOptions{}); !errors.Is(err,
			ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := (solve.Groups{Selector: solve.BestOfN{}, Particles: 2, Reward: linearReward(1)}).Run(ctx, p, f,
		ito.NewStates(1, 1, 0), g, solve.Dopri5{}, solve.RunOptions{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("an adaptive solver: %v", err)
	}
}
