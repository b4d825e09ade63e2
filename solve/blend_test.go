package solve_test

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

func TestOptionPrice(t *testing.T) {
	if got := solve.OptionPrice(100, 100, .05, .2, 1); math.Abs(got-10.450583572185565) > 1e-12 {
		t.Errorf("price %.15g", got)
	}
	for _, c := range [][5]float64{{100, 80, .03, .4, 2}, {.3, .25, .02, .7, 9}} {
		S, K, r, s, τ := c[0], c[1], c[2], c[3], c[4]
		// put–call parity, with the put as the discounted mean of its payoff by Simpson's rule over the normal
		put, n := 0., 4000
		for i := range n + 1 {
			z := -10 + 20*float64(i)/float64(n)
			w := float64(2 + 2*(i%2))
			if i == 0 || i == n {
				w = 1
			}
			payoff := math.Max(0, K-S*math.Exp((r-s*s/2)*τ+s*math.Sqrt(τ)*z))
			put += w * payoff * math.Exp(-z*z/2-r*τ) / math.Sqrt(2*math.Pi) * 20 / float64(n) / 3
		}
		if got, want := solve.OptionPrice(S, K, r, s, τ)-put, S-K*math.Exp(-r*τ); math.Abs(got-want) > 1e-5*S {
			t.Errorf("C − P = %g, want %g", got, want)
		}
	}
	for _, c := range [][6]float64{{0, 1, .1, .2, 3, 0}, {2, 1, 0, .2, 0, 1}, {2, 1, math.Ln2, 0, 1, 1.5},
		{1, 2, 0, 0, 1, 0}} {
		if got := solve.OptionPrice(c[0], c[1], c[2], c[3], c[4]); math.Abs(got-c[5]) > 1e-15 {
			t.Errorf("price%v = %g", c, got)
		}
	}
}

// Blending two concepts ends between them; one concept is that concept.
func TestBlend(t *testing.T) {
	f := classes{path.VP{}, ito.PredEps}
	a, b := []float64{1, -.5}, []float64{-1, -.5}
	reward := func(i int, x0 []float64) float64 { // the probability of the concept's class
		return 1 / (1 + math.Exp(-8*x0[0]*[]float64{1, -1}[i]))
	}
	plain, _, _ := hooked(t, f, solve.DDIM{}, 6, 20)
	x, _, _ := hooked(t, f, solve.DDIM{}, 6, 20, solve.Blend{Concepts: [][]float64{a}, Reward: reward, Steps: 20})
	closeTo(t, "one concept", x, plain, 0)
	x, _, _ = hooked(t, f, solve.DDIM{}, 200, 20, solve.Blend{Concepts: [][]float64{a, b}, Reward: reward, Steps: 20})
	far := 0.
	for i := range x.N {
		far += math.Abs(x.Row(i)[0]) / float64(x.N)
	}
	// blended, |x| is smaller than 1: each concept alone has a mean of |x| above 1
	if far > .8 {
		t.Errorf("mean distance %.3f from the middle", far)
	}
	_, err := solve.Run(ctx, path.VP{}, f, x, ito.Grid{1, .5}, solve.Dopri5{},
		solve.RunOptions{Hooks: []ito.Hook{solve.Blend{Concepts: [][]float64{a, b}, Reward: reward, Steps: 1}}})
	if !errors.Is(err, ito.ErrInput) {
		t.Errorf("blending by a solver that chooses its steps: %v", err)
	}
}
