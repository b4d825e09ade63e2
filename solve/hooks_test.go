package solve_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// classes is the exact field of data N(c, ¼) given c, a condition as wide as the states; the null condition is c = 0.
type classes struct {
	p    ito.Diagonal
	kind ito.Prediction
}

func (f classes) Kind() ito.Prediction { return f.kind }
func (f classes) OutDim(d int) int     { return d }
func (f classes) Predict(_ context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error {
	m := path.NewModes(f.p)
	var P, R [1]float64
	for i := range x.N {
		m.At(t.At(i))
		m.Affine(ito.PredX0, f.kind, P[:], R[:])
		α, σ := m.Alpha[0], m.Sigma[0]
		for j, v := range x.Row(i) {
			μ := 0.
			if r := c.Row(i); r != nil {
				μ = r[j]
			}
			x0 := μ + α*.25*(v-α*μ)/(α*α*.25+σ*σ)
			dst.Row(i)[j] = P[0]*x0 + R[0]*v
		}
	}
	return nil
}

// hooked is a run of n rows of dimension 2 on VP from 1 to 1e-3 with the condition (1, −.5).
func hooked(t *testing.T, f ito.Field, s ito.Solver, n, steps int, hooks ...ito.Hook) (x, start ito.States,
	info solve.RunInfo) {
	t.Helper()
	x = ito.NewStates(n, 2, 30)
	if err := (path.VP{}).Prior(x, ito.Cond{}, ito.Seed(5)); err != nil {
		t.Fatal(err)
	}
	start = x.Clone()
	c := ito.Cond{C: 2}
	for range n {
		c.X = append(c.X, 1, -.5)
	}
	g := must(solve.LogSNR(path.VP{}, 1, 1e-3, steps))
	info, err := solve.Run(ctx, path.VP{}, f, x, g, s, solve.RunOptions{Cond: c, Noise: ito.Seed(6), Hooks: hooks})
	if err != nil {
		t.Fatal(err)
	}
	return x, start, info
}

func every() []ito.Prediction {
	return []ito.Prediction{ito.PredX0, ito.PredEps, ito.PredScore, ito.PredVelocity}
}

func closeTo(t *testing.T, what string, x, y ito.States, tol float64) {
	t.Helper()
	for i, v := range x.X {
		if !(math.Abs(v-y.X[i]) <= tol*(1+math.Abs(y.X[i]))) {
			t.Fatalf("%s: value %d is %.15g, want %.15g", what, i, v, y.X[i])
		}
	}
}

// flowOf is the exact probability flow of data N(μ, ¼) on VP from 1 to 1e-3.
func flowOf(start ito.States, μ []float64) ito.States {
	var a, s [2]float64
	path.VP{}.Schedule(1, a[:1], s[:1], nil, nil)
	path.VP{}.Schedule(1e-3, a[1:], s[1:], nil, nil)
	v := func(i int) float64 { return a[i]*a[i]/4 + s[i]*s[i] }
	y := start.Clone()
	for i := range y.X {
		m := μ[i%2]
		y.X[i] = a[1]*m + math.Sqrt(v(1)/v(0))*(y.X[i]-a[0]*m)
	}
	return y
}

type spy struct {
	f func(*ito.Step, ito.Evaluation) error
}

func (spy) Before(context.Context, *ito.Step) error                            { return nil }
func (h spy) Predicted(_ context.Context, s *ito.Step, e ito.Evaluation) error { return h.f(s, e) }
func (spy) After(context.Context, *ito.Step) error                             { return nil }

// Independent coordinates: what is known is known, and the rest does not notice.
func TestInpaint(t *testing.T) {
	f := classes{path.VP{}, ito.PredX0}
	y := ito.States{N: 1, D: 2, X: []float64{7, -3}, ID: []uint64{0}}
	for _, s := range []ito.Solver{solve.DPMpp{}, solve.UniPC{}, solve.EM{}, solve.Heun{}} {
		plain, _, _ := hooked(t, f, s, 5, 12)
		x, _, _ := hooked(t, f, s, 5, 12, solve.Inpaint{Mask: []bool{false, true}, Known: y})
		var a, σ [1]float64
		path.VP{}.Schedule(1e-3, a[:], σ[:], nil, nil)
		for i := range x.N {
			if x.Row(i)[0] != plain.Row(i)[0] {
				t.Errorf("%s: the unknown coordinate of row %d is %g, was %g", s.Info().Name, i, x.Row(i)[0],
					plain.Row(i)[0])
			}
			if d := math.Abs(x.Row(i)[1] + 3*a[0]); d > 5*σ[0] {
				t.Errorf("%s: the known coordinate of row %d is off by %g, the noise is %g", s.Info().Name, i, d, σ[0])
			}
		}
	}
}

// Features of a Gaussian that is the same in every direction: the mean of a row is given, its spread goes on.
func TestProject(t *testing.T) {
	f := must(field.NewGaussian(path.VP{}, ito.Gaussian{Mean: []float64{.2, .2}, Cov: []float64{.25, 0, 0, .25}}))
	h := solve.Project{A: solve.GreyRows(1, 2), Value: ito.States{N: 1, D: 1, X: []float64{math.Sqrt2},
		ID: []uint64{0}}}
	plain, _, _ := hooked(t, f, solve.DPMpp{}, 5, 12)
	x, _, _ := hooked(t, f, solve.DPMpp{}, 5, 12, h)
	for i := range x.N {
		r, p := x.Row(i), plain.Row(i)
		if math.Abs((r[0]-r[1])-(p[0]-p[1])) > 1e-12 {
			t.Errorf("row %d: the difference is %g, was %g", i, r[0]-r[1], p[0]-p[1])
		}
		if math.Abs((r[0]+r[1])/2-1) > .06 {
			t.Errorf("row %d: the mean is %g, want 1 up to noise", i, (r[0]+r[1])/2)
		}
	}
	h.A = []float64{1, 1}
	_, err := solve.Run(ctx, path.VP{}, f, x, ito.Grid{1, .5}, solve.DDIM{}, solve.RunOptions{Hooks: []ito.Hook{h}})
	if !errors.Is(err, ito.ErrInput) {
		t.Errorf("rows that are not orthonormal: %v", err)
	}
}

func TestThreshold(t *testing.T) {
	row := []float64{-4, .5, 2, 0, 1}
	solve.Threshold{}.Limit(row)
	for i, want := range []float64{-1, .5, 1, 0, 1} {
		if row[i] != want {
			t.Errorf("clipped to %v", row)
		}
	}
	row = []float64{-4, .5, 2, 0, 1} // |x| sorted: 0, .5, 1, 2, 4; the quantile .75 is 2
	solve.Threshold{Quantile: .75}.Limit(row)
	for i, want := range []float64{-1, .25, 1, 0, .5} {
		if math.Abs(row[i]-want) > 1e-15 {
			t.Errorf("thresholded to %v", row)
		}
	}
	for _, kind := range every() { // a bound that is never met changes nothing, one that is met holds at the end
		f := classes{path.VP{}, kind}
		x, _, _ := hooked(t, f, solve.DPMpp{}, 4, 8)
		y, _, _ := hooked(t, f, solve.DPMpp{}, 4, 8, solve.Threshold{Bound: 1e3})
		closeTo(t, "a wide bound by "+kind.String(), y, x, 1e-9)
		y, _, _ = hooked(t, f, solve.Finish{Solver: solve.DPMpp{}, Action: solve.Denoise}, 4, 8,
			solve.Threshold{Bound: .3})
		for _, v := range y.X {
			if math.Abs(v) > .3+1e-12 {
				t.Errorf("by %s: x0 = %g beyond ±.3", kind, v)
			}
		}
	}
}

func TestCondSchedule(t *testing.T) {
	f := classes{path.VP{}, ito.PredEps}
	first, second := []float64{1, -.5}, []float64{-2, 0}
	got := make([][2]float64, 0, 4)
	look := spy{func(s *ito.Step, e ito.Evaluation) error {
		got = append(got, [2]float64{s.Cond.Row(0)[0], s.T})
		return nil
	}}
	x := ito.NewStates(2, 2, 0)
	for _, hold := range []bool{true, false} {
		got = got[:0]
		h := solve.CondSchedule{T: []float64{1, .5}, Cond: [][]float64{first, second}, Hold: hold}
		if _, err := solve.Run(ctx, path.VP{}, f, x, ito.Grid{1, .75, .5, .25, .1}, solve.Euler{},
			solve.RunOptions{Hooks: []ito.Hook{h, look}}); err != nil {
			t.Fatal(err)
		}
		want := []float64{1, -.5, -2, -2}
		if hold {
			want[1] = 1
		}
		for i, w := range want {
			if got[i][0] != w {
				t.Errorf("hold %v: the condition at t=%g is %g, want %g", hold, got[i][1], got[i][0], w)
			}
		}
	}
}

// A batch of eight is eight batches of one, bit for bit, under every hook.
func TestHooksKeepRowsApart(t *testing.T) {
	known := ito.NewStates(8, 2, 30)
	for i := range known.X {
		known.X[i] = float64(i) / 8
	}
	grad := func(_ context.Context, dst, x ito.States, _ ito.Times, _ ito.Cond) error {
		for i, v := range x.X {
			dst.X[i] = 1 - v
		}
		return nil
	}
	value := ito.States{N: 8, D: 1, X: known.X[:8], ID: known.ID}
	for name, h := range map[string]ito.Hook{
		"guide":      solve.Guide{W: 2, Lo: .1, Hi: 3, Rescale: .7},
		"classifier": solve.Classifier{Scale: 2, Gradient: grad},
		"inpaint":    solve.Inpaint{Mask: []bool{true, false}, Known: known},
		"project":    solve.Project{A: solve.GreyRows(1, 2), Value: value},
		"threshold":  solve.Threshold{Quantile: .9},
		"schedule":   solve.CondSchedule{T: []float64{1, 0}, Cond: [][]float64{{1, 1}, {0, 2}}},
		"blend": solve.Blend{Concepts: [][]float64{{1, 0}, {-1, 0}}, Steps: 6,
			Reward: func(i int, x0 []float64) float64 { return math.Exp(float64(2*i-1) * x0[0]) }},
	} {
		for _, s := range []ito.Solver{solve.DPMpp{}, solve.EM{}, solve.UniPC{}, solve.Heun{}} {
			f := classes{path.VP{}, ito.PredX0}
			x, start, _ := hooked(t, f, s, 8, 6, h)
			g := must(solve.LogSNR(path.VP{}, 1, 1e-3, 6))
			for i := range 8 {
				one := start.Slice(i, i+1)
				opts := solve.RunOptions{Cond: ito.Cond{C: 2, X: []float64{1, -.5}}, Noise: ito.Seed(6),
					Hooks: []ito.Hook{h}}
				if _, err := solve.Run(ctx, path.VP{}, f, one, g, s, opts); err != nil {
					t.Fatal(err)
				}
				for j, v := range one.X {
					if v != x.Row(i)[j] {
						t.Fatalf("%s with %s: row %d alone is %g, in its batch %g", name, s.Info().Name, i, v,
							x.Row(i)[j])
					}
				}
			}
		}
	}
}

// Hooks get the context of the run: a classifier that takes long can stop with it.
func TestHooksGetTheContext(t *testing.T) {
	type key struct{}
	inner, stop := context.WithCancel(context.WithValue(ctx, key{}, 7))
	defer stop()
	h := solve.Classifier{Scale: 1, Gradient: func(ctx context.Context, _, _ ito.States, _ ito.Times,
		_ ito.Cond) error {
		if ctx.Value(key{}) != 7 {
			t.Error("the hook has another context")
		}
		stop()
		return ctx.Err()
	}}
	f := must(field.NewGaussian(path.VP{}, ito.Gaussian{Mean: []float64{0}, Cov: []float64{1}}))
	if _, err := solve.Run(inner, path.VP{}, f, ito.NewStates(1, 1, 0), ito.Grid{1, .5}, solve.DDIM{},
		solve.RunOptions{Hooks: []ito.Hook{h}}); !errors.Is(err, context.Canceled) {
		t.Errorf("the run ended with %v", err)
	}
}
