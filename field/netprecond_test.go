package field

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// TestNetIsExactForGaussians: a network that says 0 is the exact field of Gaussian data, in every kind.
func TestNetIsExactForGaussians(t *testing.T) {
	names, paths := diagonalPaths()
	for _, name := range names {
		p := paths[name]
		data := gaussianOn(p)
		zero := must(nn.New(nn.MLP{Width: 8, Depth: 1}, nn.Flat(2, 2, 0), 1))
		x := normals(9, 2, 4, 2)
		for _, kind := range kinds {
			want, got := x.Like(2), x.Like(2)
			exact := must(must(NewGaussian(p, data)).As(kind))
			net := must(NewScaled(p, zero, data, kind))
			for _, at := range []ito.Times{timesOn(p, 9), timesOn(p, 1), {spanLo(p)}, {spanHi(p)}} {
				if err := errors.Join(exact.Predict(ctx, want, x, at, ito.Cond{}), net.Predict(ctx, got, x, at,
					ito.Cond{})); err != nil {
					t.Fatal(err)
				}
				for i, w := range want.X {
					if math.Abs(got.X[i]-w) > 1e-10*(1+math.Abs(w)) {
						t.Fatalf("%s, %v at %g: %g, exactly %g", name, kind, at.At(i/2), got.X[i], w)
					}
				}
			}
		}
	}
}

func spanLo(p ito.Path) float64 { lo, _ := p.Span(); return lo }

func spanHi(p ito.Path) float64 { _, hi := p.Span(); return hi }

// TestNetOfConstantData: a direction in which the data do not vary is predicted as constant.
func TestNetOfConstantData(t *testing.T) {
	data := ito.Gaussian{Mean: []float64{1, -2}, Cov: []float64{1, 0, 0, 0}}
	f := must(NewScaled(path.VP{}, network(t, nn.MLP{Width: 8}, nn.Flat(2, 2, 0)), data, ito.PredX0))
	x := normals(5, 2, 1, 1)
	for i := range 5 {
		x.Row(i)[1] *= 1e-3
	}
	out := x.Like(2)
	if err := f.Predict(ctx, out, x, timesOn(path.VP{}, 5), ito.Cond{}); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if got := out.Row(i)[1]; math.Abs(got+2) > 1e-4 {
			t.Errorf("row %d: %g, the data are −2", i, got)
		}
	}
}
