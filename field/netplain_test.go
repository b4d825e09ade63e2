package field

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// TestPlainNet: a linear network 3 → 1 → 2 by hand, and every other kind as a conversion of what it says.
func TestPlainNet(t *testing.T) {
	net, err := nn.FromParams(nn.MLP{Width: 1, Depth: 1, Time: nn.TimeRaw, Activation: "tanh"}, nn.Flat(2, 2, 0),
		[]float32{.5, -.25, 2, .125, 3, -1, .5, .75})
	if err != nil {
		t.Fatal(err)
	}
	names, paths := diagonalPaths()
	for _, name := range names {
		p := paths[name]
		x, at := normals(7, 2, 3, 1), timesOn(p, 7)
		for _, from := range kinds {
			f := must(NewPlain(p, net, from, .5)).Float64()
			if f.Kind() != from || len(f.Moments().Mean) > 0 {
				t.Fatalf("%s: kind %v, moments %v", name, f.Kind(), f.Moments())
			}
			said := x.Like(2)
			if err := f.Predict(ctx, said, x, at, ito.Cond{}); err != nil {
				t.Fatal(err)
			}
			for i := range 7 {
				h := math.Tanh(.5*x.Row(i)[0] - .25*x.Row(i)[1] + 2*.5*at[i] + .125)
				for k, want := range []float64{3*h + .5, -h + .75} {
					if math.Abs(said.Row(i)[k]-want) > 1e-12 {
						t.Fatalf("%s: %g, by hand %g", name, said.Row(i)[k], want)
					}
				}
			}
			for _, to := range kinds {
				converted, native := x.Like(2), x.Like(2)
				g := must(f.as(to))
				if err := errors.Join(must(As(f, p, to)).Predict(ctx, converted, x, at, ito.Cond{}),
					g.Predict(ctx, native, x, at, ito.Cond{})); err != nil {
					t.Fatal(err)
				}
				for i, w := range converted.X {
					closeTo(t, name, native.X[i], w, 1e-9)
				}
				cot, a, b := normals(7, 2, 4, 1), x.Like(2), x.Like(2)
				if err := errors.Join(must(As(f, p, to)).(ito.VJPer).VJP(ctx, a, x, at, ito.Cond{}, cot),
					g.VJP(ctx, b, x, at, ito.Cond{}, cot)); err != nil {
					t.Fatal(err)
				}
				for i, w := range a.X {
					closeTo(t, name, b.X[i], w, 1e-9)
				}
			}
		}
	}
	if _, err := NewPlain(path.VP{}, net, 9, 1); !errors.Is(err, ito.ErrInput) {
		t.Errorf("kind: %v", err)
	}
	if _, err := NewPlain(path.VP{}, net, ito.PredX0, math.NaN()); !errors.Is(err, ito.ErrInput) {
		t.Errorf("scale: %v", err)
	}
	if _, err := NewPlain(must(path.NewVSDM(path.VSDMConfig{A: []float64{0}})), net, ito.PredX0, 0); !errors.Is(err,
		ito.ErrInput) {
		t.Errorf("a path of another dimension: %v", err)
	}
}
