package field

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// TestNetDerivatives compares VJP, JVP and Divergence with difference quotients of Predict in float64.
func TestNetDerivatives(t *testing.T) {
	names, paths := diagonalPaths()
	net := network(t, nn.MLP{Width: 8, Depth: 2, Activation: "gelu"}, nn.Flat(2, 2, 3))
	const n, h = 5, 1e-5
	cond := ito.Cond{C: 3, X: normals(n, 3, 8, 1).X}
	for _, name := range names {
		p := paths[name]
		data := ito.Gaussian{Mean: []float64{.3, .1}, Cov: []float64{1.2, .3, .3, .4}}
		x, at, w, v := normals(n, 2, 5, 1), timesOn(p, n), normals(n, 2, 9, 1), normals(n, 2, 10, 1)
		dt := ito.Times{.3, 0, -1, .5, 2}
		for _, kind := range kinds {
			f := must(NewScaled(p, net, data, kind)).Float64()
			at64 := func(x ito.States, t ito.Times) ito.States {
				out := x.Like(2)
				if err := f.Predict(ctx, out, x, t, cond); err != nil {
					panic(err)
				}
				return out
			}
			dx, df, div := x.Like(2), x.Like(2), make([]float64, n)
			if err := errors.Join(f.VJP(ctx, dx, x, at, cond, w), f.JVP(ctx, df, x, at, cond, v, dt),
				f.Divergence(ctx, div, x, at, cond)); err != nil {
				t.Fatal(err)
			}
			wantDiv := make([]float64, n)
			for k := range 2 {
				up, down := x.Clone(), x.Clone()
				for i := range n {
					up.Row(i)[k] += h
					down.Row(i)[k] -= h
				}
				fu, fd := at64(up, at), at64(down, at)
				for i := range n {
					wantDiv[i] += (fu.Row(i)[k] - fd.Row(i)[k]) / (2 * h)
					sum := 0.0
					for j := range 2 {
						sum += w.Row(i)[j] * (fu.Row(i)[j] - fd.Row(i)[j]) / (2 * h)
					}
					closeTo(t, fmt.Sprint(name, " ", kind, " VJP"), dx.Row(i)[k], sum, 1e-6)
				}
			}
			lo, hi := p.Span()
			up, down, tu, td := x.Clone(), x.Clone(), slices.Clone(at), slices.Clone(at)
			ht := h * (hi - lo)
			for i := range n {
				ht = math.Min(ht, 1e-4*at[i])
			}
			for i := range n {
				tu[i] += ht * dt[i]
				td[i] -= ht * dt[i]
				for k := range 2 {
					up.Row(i)[k] += ht * v.Row(i)[k]
					down.Row(i)[k] -= ht * v.Row(i)[k]
				}
			}
			fu, fd := at64(up, tu), at64(down, td)
			for i := range n {
				closeTo(t, fmt.Sprint(name, " ", kind, " divergence"), div[i], wantDiv[i], 1e-6)
				for k := range 2 {
					closeTo(t, fmt.Sprint(name, " ", kind, " JVP"), df.Row(i)[k], (fu.Row(i)[k]-fd.Row(i)[k])/(2*ht),
						2e-5)
				}
			}
		}
	}
}

func closeTo(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*(1+math.Abs(want))) {
		t.Fatalf("%s: %g, difference quotient %g", what, got, want)
	}
}

// TestDivergenceOfManyDimensions has more dimensions than the program has tangents, and a basis.
func TestDivergenceOfManyDimensions(t *testing.T) {
	const d, n = 11, 3
	data := ito.Gaussian{Mean: make([]float64, d), Cov: make([]float64, d*d)}
	for i := range d {
		for j := range d {
			data.Cov[i*d+j] = math.Exp(-math.Abs(float64(i - j)))
		}
	}
	f := must(NewScaled(path.VP{}, network(t, nn.MLP{Width: 16, Depth: 2}, nn.Flat(d, d, 0)), data,
		ito.PredScore)).Float64()
	x, at, div := normals(n, d, 1, 1), ito.Times{.4}, make([]float64, n)
	if err := f.Divergence(ctx, div, x, at, ito.Cond{}); err != nil {
		t.Fatal(err)
	}
	want := make([]float64, n)
	for k := range d {
		e, col := x.Like(d), x.Like(d)
		for i := range n {
			e.Row(i)[k] = 1
		}
		if err := f.VJP(ctx, col, x, at, ito.Cond{}, e); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			want[i] += col.Row(i)[k]
		}
	}
	for i := range n {
		closeTo(t, "divergence", div[i], want[i], 1e-12)
	}
}
