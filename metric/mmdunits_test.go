package metric

import (
	"context"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// MMD does not depend on the unit, to the bit for powers of two, where the squares of distances vanish or overflow too.
func TestMMDOfAnyUnit(t *testing.T) {
	x, y := ito.NewStates(60, 2, 0), ito.NewStates(50, 2, 60)
	ito.Seed(1).Normal(x, rng.PurposeTarget, 0, 0)
	ito.Seed(1).Normal(y, rng.PurposeTarget, 0, 0)
	for i := range y.X {
		y.X[i] += .5
	}
	want, err := MMD2(context.Background(), x, y, 0)
	if err != nil || !(want > .01) {
		t.Fatal(want, err)
	}
	for _, e := range []int{-900, -530, -40, 40, 400} {
		a, b := x.Clone(), y.Clone()
		for _, s := range []ito.States{a, b} {
			for i := range s.X {
				s.X[i] = math.Ldexp(s.X[i], e)
			}
		}
		got, err := MMD2(context.Background(), a, b, 0)
		if err != nil || got != want {
			t.Errorf("times 2^%d: %g (%v), want %g", e, got, err, want)
		}
		if got, err = MMD2(context.Background(), a, b, math.Ldexp(1, e)); err != nil || !(got > .01) {
			t.Errorf("times 2^%d with a bandwidth: %g, %v", e, got, err)
		}
	}
}
