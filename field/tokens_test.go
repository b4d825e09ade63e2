package field

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

var threeTokens = MarkovText{Length: 3, Initial: []float64{.5, .2, .3}, Next: []float64{.1, .6, .3, 0, .25, .75, .8, .2,
	0}}

// The logits are Bayes' rule over all texts, token by token, on both paths.
func TestMarkovLogitsAreBayes(t *testing.T) {
	cfg := path.JumpConfig{Levels: 3}
	for _, p := range []ito.Jump{must(path.NewAbsorbing(cfg)), must(path.NewUniform(cfg))} {
		f := must(NewMarkovLogits(p, threeTokens))
		K := p.Levels()
		m := make([]float64, K*K)
		x, out := ito.NewStates(1, 3, 0), ito.NewStates(1, 9, 0)
		for _, at := range []float64{.2, .75, 1} {
			p.Transition(0, at, m)
			if path.Mask(p) >= 0 {
				p.Transition(0, .5, m) // the same at all times
			}
			for code := range K * K * K {
				x.X[0], x.X[1], x.X[2] = float64(code%K), float64(code/K%K), float64(code/K/K)
				var want [9]float64
				total := 0.
				for text := range 27 {
					y := []float64{float64(text % 3), float64(text / 3 % 3), float64(text / 9)}
					w := threeTokens.Prob(y)
					for j, v := range y {
						w *= m[int(v)*K+int(x.X[j])]
					}
					total += w
					for j, v := range y {
						want[3*j+int(v)] += w
					}
				}
				if total == 0 { // no text can have become this
					if err := f.Predict(context.Background(), out, x, ito.Times{at}, ito.Cond{}); !errors.Is(err,
						ito.ErrInput) {
						t.Fatalf("%s at %g, %v: %v", p.Name(), at, x.X, err)
					}
					continue
				}
				if err := f.Predict(context.Background(), out, x, ito.Times{at}, ito.Cond{}); err != nil {
					t.Fatal(err)
				}
				for k, w := range want {
					if math.Abs(math.Exp(out.X[k])-w/total) > 1e-13 {
						t.Fatalf("%s at %g, %v: token %d is %d with %g, want %g", p.Name(), at, x.X, k/3, k%3,
							math.Exp(out.X[k]), w/total)
					}
				}
			}
		}
		x.X[0] = 7
		if err := f.Predict(context.Background(), out, x, ito.Times{.5}, ito.Cond{}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("no token: %v", err)
		}
	}
	for what, m := range map[string]MarkovText{"sum": {2, []float64{.5, .4}, []float64{1, 0, 0, 1}},
		"shape": {2, []float64{.5, .5}, []float64{1}}, "negative": {2, []float64{1.5, -.5}, []float64{1, 0, 0, 1}}} {
		if err := m.Check(); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
