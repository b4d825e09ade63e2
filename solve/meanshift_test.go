package solve_test

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// hills are three points of unequal weights and little width in two dimensions.
func hills() field.Mixture {
	return field.Mixture{D: 2, Weights: []float64{.5, .3, .2}, Means: []float64{-2, 0, 2, 1, 2, -2},
		Var: []float64{.01, .01}}
}

func denoised(t *testing.T, p ito.Path, m field.Mixture) (*field.Exact, ito.Field) {
	t.Helper()
	f := must(field.NewMixture(p, m))
	return f, must(f.As(ito.PredX0))
}

// Euler's step of EDM's flow is a convex combination of the state and of the prediction of the data, and so is DDIM's.
func TestEulerIsAConvexCombination(t *testing.T) {
	p := path.EDM{}
	_, d := denoised(t, p, hills())
	const σ, next = 3.0, .8
	start := ito.States{N: 1, D: 2, X: []float64{1.3, -2.2}, ID: []uint64{0}}
	x0 := start.Like(2)
	if err := d.Predict(ctx, x0, start, ito.Times{σ}, ito.Cond{}); err != nil {
		t.Fatal(err)
	}
	for _, s := range []ito.Solver{solve.Euler{}, solve.DDIM{}} {
		x := start.Clone()
		if _, err := solve.Run(ctx, p, d, x, ito.Grid{σ, next}, s, solve.RunOptions{}); err != nil {
			t.Fatal(err)
		}
		for j, v := range x.X {
			if want := next/σ*start.X[j] + (1-next/σ)*x0.X[j]; math.Abs(v-want) > 1e-12 {
				t.Errorf("%s: column %d is %v, want %v", s.Info().Name, j, v, want)
			}
		}
	}
}

// On points the prediction of the data is the mean of the points under a softmax of their distances: one step of mean
// shift with a Gaussian kernel of bandwidth σ.
func TestMeanShiftOfPoints(t *testing.T) {
	points := [][]float64{{-2, 0}, {2, 1}, {2, -2}}
	m := hills()
	m.Weights, m.Var = nil, []float64{1e-12, 1e-12}
	_, d := denoised(t, path.EDM{}, m)
	x := ito.States{N: 2, D: 2, X: []float64{.3, .4, 1.9, -.2}, ID: []uint64{0, 1}}
	const σ = 1.1
	want := make([]float64, 4)
	for i := range x.N {
		total := 0.0
		for _, q := range points {
			w := math.Exp(-(math.Pow(x.Row(i)[0]-q[0], 2) + math.Pow(x.Row(i)[1]-q[1], 2)) / (2 * σ * σ))
			total += w
			want[2*i] += w * q[0]
			want[2*i+1] += w * q[1]
		}
		want[2*i] /= total
		want[2*i+1] /= total
	}
	if _, err := (solve.MeanShift{Times: []float64{σ}, Steps: 1}).Run(ctx, path.EDM{}, d, x, ito.Cond{}); err != nil {
		t.Fatal(err)
	}
	for j, v := range x.X {
		if math.Abs(v-want[j]) > 1e-9 {
			t.Errorf("value %d is %v, want %v", j, v, want[j])
		}
	}
}

// No step of mean shift, nor any part of it, lowers the density of the noised data; on vp as on edm.
func TestMeanShiftGoesUphill(t *testing.T) {
	for _, p := range []ito.Path{path.EDM{}, path.VP{}, path.Flow{}} {
		f, d := denoised(t, p, hills())
		at := .5
		var α, σ [1]float64
		p.(ito.Diagonal).Schedule(at, α[:], σ[:], nil, nil)
		density := func(z ito.States) []float64 {
			y, out := z.Clone(), make([]float64, z.N)
			for i := range y.X {
				y.X[i] *= α[0]
			}
			if err := f.LogDensity(ctx, out, y, ito.Times{at}); err != nil {
				t.Fatal(err)
			}
			return out
		}
		z := ito.NewStates(200, 2, 0)
		ito.Seed(4).Normal(z, 0, 0, 0)
		for i := range z.X {
			z.X[i] *= 3
		}
		rose := 0
		for range 6 {
			before, to := density(z), z.Clone()
			if _, err := (solve.MeanShift{Times: []float64{at}, Steps: 1}).Run(ctx, p, d, to, ito.Cond{}); err != nil {
				t.Fatal(err)
			}
			for _, part := range []float64{.3, 1} {
				y := z.Clone()
				for i := range y.X {
					y.X[i] += part * (to.X[i] - z.X[i])
				}
				for i, v := range density(y) {
					if v < before[i]-1e-9 {
						t.Fatalf("%s: %.1f of a step takes row %d from %v down to %v", p.Name(), part, i, before[i], v)
					}
					if v > before[i]+1e-6 {
						rose++
					}
				}
			}
			z = to
		}
		if rose < 500 {
			t.Errorf("%s: only %d of 2400 steps rose", p.Name(), rose)
		}
	}
}

// From everywhere the modes are found, in bandwidths that fall all starts find the heaviest, and on a path of many
// modes the same.
func TestModes(t *testing.T) {
	weights := []float64{.5, .3, .2}
	vsdm := must(path.NewVSDM(path.VSDMConfig{A: []float64{-.2, .15, .15, .1}}))
	for _, p := range []ito.Path{path.EDM{}, path.VP{}, vsdm} {
		f, d := denoised(t, p, hills())
		_, hi := p.Span()
		tail := []float64{must(solve.TimeOfLevel(p, .5))}
		g := must(solve.LogSNR(p, hi, tail[0], 30))
		x := ito.NewStates(300, 2, 0)
		if err := p.Prior(x, ito.Cond{}, ito.Seed(1)); err != nil {
			t.Fatal(err)
		}
		if _, err := solve.Run(ctx, p, f, x, g, solve.DDIM{}, solve.RunOptions{}); err != nil {
			t.Fatal(err)
		}
		solve.Unscale(p.(ito.Diagonal), x, tail[0])
		info, err := solve.MeanShift{Times: tail}.Run(ctx, p, d, x, ito.Cond{})
		if err != nil {
			t.Fatal(err)
		}
		modes := solve.GroupModes(x, info.Bandwidth/2)
		if len(modes) != 3 {
			t.Errorf("%s: %d modes, want 3", p.Name(), len(modes))
			continue
		}
		for k, w := range weights {
			// 300 starts: a standard error of .029; the noise moves mass across the hills' borders
			if share := float64(len(modes[k].Rows)) / 300; math.Abs(share-w) > .1 {
				t.Errorf("%s: mode %d has %.3f, want %g", p.Name(), k, share, w)
			}
			if d := math.Hypot(modes[k].At[0]-hills().Means[2*k], modes[k].At[1]-hills().Means[2*k+1]); d > .1 {
				t.Errorf("%s: mode %d is at %v", p.Name(), k, modes[k].At)
			}
		}
		for i, moved := range info.Moved {
			if moved > 1e-3 {
				t.Errorf("%s: row %d still moves by %g after %d steps", p.Name(), i, moved, info.Steps[i])
			}
		}
		y := ito.NewStates(40, 2, 0)
		ito.Seed(5).Normal(y, 0, 0, 0)
		falling := must(solve.LogSNR(p, hi, tail[0], 40))
		if _, err := (solve.MeanShift{Times: falling}).Run(ctx, p, d, y, ito.Cond{}); err != nil {
			t.Fatal(err)
		}
		if modes := solve.GroupModes(y, info.Bandwidth/2); len(modes) != 1 || modes[0].At[0] > -1.5 {
			t.Errorf("%s: bandwidths that fall end at %d modes, first %v", p.Name(), len(modes), modes[0].At)
		}
	}
}

// Row by row it is what it is in a batch, and paths without noise levels are refused.
func TestMeanShiftRowByRow(t *testing.T) {
	p := path.EDM{}
	_, d := denoised(t, p, hills())
	x := ito.NewStates(9, 2, 0)
	ito.Seed(2).Normal(x, 0, 0, 0)
	one := x.Clone()
	if _, err := (solve.MeanShift{Times: []float64{2, .5}}).Run(ctx, p, d, x, ito.Cond{}); err != nil {
		t.Fatal(err)
	}
	for i := range one.N {
		row := one.Slice(i, i+1).Clone()
		if _, err := (solve.MeanShift{Times: []float64{2, .5}}).Run(ctx, p, d, row, ito.Cond{}); err != nil {
			t.Fatal(err)
		}
		if row.X[0] != x.Row(i)[0] || row.X[1] != x.Row(i)[1] {
			t.Fatalf("row %d alone is %v, in its batch %v", i, row.X, x.Row(i))
		}
	}
	if _, err := (solve.MeanShift{}).Run(ctx, p, d, x, ito.Cond{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("no times: %v", err)
	}
}
