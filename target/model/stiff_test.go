package model_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/target/model"
)

// Explicit steps that are too long for a stiff equation multiply the state at every step: the density is not a number
// there, instead of zero, and its explanation names the method that can do it.
func TestStepsThatBlowUp(t *testing.T) {
	const src = "k = param('k', positive, prior = lognormal(0, 1))\n" +
		"C = ode(lambda t, y: [-k * y[0], k * y[0] - .1 * y[1]], [1., 0.], [1., 2., 3., 40.], steps = 20METHOD)\n" +
		"observe(normal(C[:, 1], .1), [.5, .6, .5, .1])\n"
	ctx := context.Background()
	at := func(method string, k float64) (float64, string) {
		m, err := model.Compile("m.star", strings.Replace(src, "METHOD", method, 1), nil, model.CompileOptions{})
		if err != nil {
			t.Fatal(err)
		}
		x, lp := []float64{math.Log(k)}, []float64{0}
		if err := m.LogDensity(ctx, lp, ito.States{N: 1, D: 1, X: x, ID: []uint64{0}}); err != nil {
			t.Fatal(err)
		}
		return lp[0], m.Explain(ctx, x)
	}
	if lp, why := at("", 1); math.IsNaN(lp) || why != "" {
		t.Errorf("a slow equation: %v, %q", lp, why)
	}
	if lp, why := at("", 1e9); !math.IsNaN(lp) || !strings.Contains(why, `method = "stiff"`) ||
		!strings.Contains(why, "normal (line 3) is NaN") {
		t.Errorf("a stiff equation by explicit steps: %v, %q", lp, why)
	}
	// The implicit method follows it: the fast state is gone at once, and the slow one begins at 1.
	want := 0.
	for i, s := range []float64{1, 2, 3, 40} {
		z := ([]float64{.5, .6, .5, .1}[i] - math.Exp(-.1*s)) / .1
		want -= z*z/2 + math.Log(.1*math.Sqrt(2*math.Pi))
	}
	k := 1e9
	want -= math.Log(k)*math.Log(k)/2 + math.Log(math.Sqrt(2*math.Pi)) // the prior, with the Jacobian of log
	if lp, why := at(", method = 'stiff'", k); !(math.Abs(lp-want) < .05*math.Abs(want)) || why != "" {
		t.Errorf("a stiff equation by implicit steps: %v where %v is right, %q", lp, want, why)
	}
}
