package field

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// labelled is a field whose prediction is c·x, by the condition's first column.
type labelled struct{ *Exact }

func (labelled) Predict(_ context.Context, dst, x ito.States, _ ito.Times, c ito.Cond) error {
	for i := range x.N {
		for j, v := range x.Row(i) {
			dst.Row(i)[j] = (1 + c.Row(i)[0]) * v
		}
	}
	return nil
}

func TestGuided(t *testing.T) {
	f := labelled{must(NewMixture(planePaths()["vp"], planeMixtures()["variances"]))}
	x, out := normals(3, 2, 1, 1), normals(3, 2, 2, 1)
	c := ito.Cond{C: 1, X: []float64{1, 2, 0}}
	for _, w := range []float64{0, 1, 2.5} {
		g := Guided{f, w}
		if g.Calls() != 2 || ito.Calls(g) != 2 {
			t.Errorf("guidance counts %d calls", g.Calls())
		}
		if err := g.Predict(ctx, out, x, ito.Times{.5}, c); err != nil {
			t.Fatal(err)
		}
		for i := range x.N {
			for j, v := range x.Row(i) {
				if want := (1 + w*c.X[i]) * v; math.Abs(out.Row(i)[j]-want) > 1e-14 {
					t.Errorf("w=%g row %d: %g, want %g", w, i, out.Row(i)[j], want)
				}
			}
		}
	}
	if err := (Guided{f, 1}).Predict(ctx, out, x, ito.Times{.5}, ito.Cond{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("guidance without a condition: %v", err)
	}
	jac := must(NewMixture(planePaths()["vp"], planeMixtures()["variances"]))
	derivatives(t, "guided", guidedBy{Guided{jac, 2}}, planePaths()["vp"])
}

// guidedBy gives a guided field a condition of its own.
type guidedBy struct{ Guided }

func (g guidedBy) cond(n int) ito.Cond { return ito.Cond{C: 1, X: make([]float64, n)} }

func (g guidedBy) Predict(ctx context.Context, dst, x ito.States, t ito.Times, _ ito.Cond) error {
	return g.Guided.Predict(ctx, dst, x, t, g.cond(x.N))
}

func (g guidedBy) VJP(ctx context.Context, dx, x ito.States, t ito.Times, _ ito.Cond, w ito.States) error {
	return g.Guided.VJP(ctx, dx, x, t, g.cond(x.N), w)
}

func (g guidedBy) JVP(ctx context.Context, df, x ito.States, t ito.Times, _ ito.Cond, dx ito.States,
	dt ito.Times) error {
	return g.Guided.JVP(ctx, df, x, t, g.cond(x.N), dx, dt)
}
