package field

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// momentumCase is a momentum path with Gaussian data for which nothing is left to learn.
type momentumCase struct {
	name string
	path *path.Momentum
	data ito.Gaussian
}

func momentumCases() []momentumCase {
	turned := ito.Gaussian{Mean: []float64{1, -2}, Cov: []float64{2, .8, .8, 5}}
	axes := ito.Gaussian{Mean: []float64{1, -2}, Cov: []float64{2, 0, 0, 50}}
	return []momentumCase{
		{"cld", must(path.NewCLD(path.CLDConfig{D: 2})), turned},
		{"cld, centred", must(path.NewCLD(path.CLDConfig{Mean: []float64{.5, 1}, Gamma: 1.3})), turned},
		{"vsmd", must(path.NewVSMD(path.VSMDConfig{Av: []float64{.1, -.6}, Mean: []float64{1, -2}})), axes},
		{"vsmd, under-damped", must(path.NewVSMD(path.VSMDConfig{Av: []float64{.1, -.6}, Kappa: .9})), axes},
	}
}

var momentumTimes = []float64{1e-3, .02, .3, 1}

// A network that says 0 is the exact score of Gaussian data, positions and velocities, and the exact velocity.
func TestMomentumNetIsExactForGaussians(t *testing.T) {
	zero := must(nn.New(nn.MLP{Width: 8, Depth: 1}, nn.Flat(4, 2, 0), 1))
	for _, c := range momentumCases() {
		x0 := normals(9, 2, 4, 2)
		for _, kind := range []ito.Prediction{ito.PredScore, ito.PredVelocity} {
			exact := must(must(NewGaussian(c.path, c.data)).As(kind)).(*Exact)
			net := must(NewScaled(c.path, zero, c.data, kind))
			for _, at := range momentumTimes {
				x := x0.Like(4)
				want, got := x.Like(4), x.Like(4)
				d1, d2 := make([]float64, x.N), make([]float64, x.N)
				ts := ito.Times{at}
				if err := errors.Join(c.path.Perturb(x, x0, ts, ito.Cond{}, ito.Seed(1)),
					exact.Predict(ctx, want, x, ts, ito.Cond{}), net.Predict(ctx, got, x, ts, ito.Cond{}),
					exact.Divergence(ctx, d1, x, ts, ito.Cond{}), net.Divergence(ctx, d2, x, ts,
						ito.Cond{})); err != nil {
					t.Fatal(err)
				}
				for i, w := range want.X {
					if math.Abs(got.X[i]-w) > 1e-9*(1+math.Abs(w)) {
						t.Fatalf("%s, %v at %g: %g, exactly %g", c.name, kind, at, got.X[i], w)
					}
				}
				for i, w := range d1 {
					if math.Abs(d2[i]-w) > 1e-9*(1+math.Abs(w)) {
						t.Fatalf("%s, %v at %g: divergence %g, exactly %g", c.name, kind, at, d2[i], w)
					}
				}
			}
		}
	}
}

// VJP and divergence of a random network agree with differences of its prediction.
func TestMomentumNetDerivatives(t *testing.T) {
	for _, c := range momentumCases() {
		for _, kind := range []ito.Prediction{ito.PredScore, ito.PredVelocity} {
			f := must(NewScaled(c.path, network(t, nn.MLP{}, nn.Flat(4, 2, 0)), c.data, kind)).Float64()
			x, w := normals(3, 4, 5, 1.5), normals(3, 4, 6, 1)
			at := ito.Times{.2, .2, .7}
			vjp, up, down := x.Like(4), x.Like(4), x.Like(4)
			div, sum := make([]float64, 3), make([]float64, 3)
			if err := errors.Join(f.VJP(ctx, vjp, x, at, ito.Cond{}, w), f.Divergence(ctx, div, x, at,
				ito.Cond{})); err != nil {
				t.Fatal(err)
			}
			const h = 1e-4
			for j := range 4 {
				shift := func(dst ito.States, by float64) {
					y := x.Clone()
					for i := range 3 {
						y.Row(i)[j] += by
					}
					if err := f.Predict(ctx, dst, y, at, ito.Cond{}); err != nil {
						t.Fatal(err)
					}
				}
				shift(up, h)
				shift(down, -h)
				for i := range 3 {
					want, size := 0.0, 1.0
					for k, v := range up.Row(i) {
						slope := (v - down.Row(i)[k]) / (2 * h)
						want += w.Row(i)[k] * slope
						size += math.Abs(slope)
						if k == j {
							sum[i] += slope
						}
					}
					if got := vjp.Row(i)[j]; math.Abs(got-want) > 1e-5*size {
						t.Errorf("%s, %v: VJP %g, by differences %g", c.name, kind, got, want)
					}
				}
			}
			for i, want := range sum {
				if math.Abs(div[i]-want) > 1e-5*(1+math.Abs(want)) {
					t.Errorf("%s, %v: divergence %g, by differences %g", c.name, kind, div[i], want)
				}
			}
		}
	}
}

// A row's bytes do not depend on its batch.
func TestMomentumNetRows(t *testing.T) {
	c := momentumCases()[0]
	f := must(NewScaled(c.path, network(t, nn.MLP{}, nn.Flat(4, 2, 1)), c.data, ito.PredScore))
	const n = chunkRows + 40
	x := normals(n, 4, 5, 1)
	at := make(ito.Times, n)
	cond := ito.Cond{C: 1, X: make([]float64, n)}
	for i := range at {
		at[i], cond.X[i] = .1+float64(i%7)/10, float64(i%3)
	}
	all := x.Like(4)
	if err := f.Predict(ctx, all, x, at, cond); err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 5, chunkRows - 1, chunkRows, n - 1} {
		one := x.Slice(i, i+1).Like(4)
		if err := f.Predict(ctx, one, x.Slice(i, i+1), at[i:i+1], cond.Slice(i, i+1)); err != nil {
			t.Fatal(err)
		}
		for k, v := range one.X {
			if v != all.Row(i)[k] {
				t.Fatalf("row %d alone: %g, in its batch %g", i, v, all.Row(i)[k])
			}
		}
	}
}

func TestMomentumNetRefusals(t *testing.T) {
	c := momentumCases()[0]
	net := network(t, nn.MLP{}, nn.Flat(4, 2, 0))
	f := must(NewScaled(c.path, net, c.data, ito.PredScore))
	_, kind := f.As(ito.PredX0)
	_, shape := NewScaled(c.path, network(t, nn.MLP{}, nn.Flat(2, 2, 0)), c.data, ito.PredScore)
	_, moments := NewScaled(c.path, net, ito.Gaussian{Mean: []float64{1}, Cov: []float64{1}}, ito.PredScore)
	_, nan := NewScaled(c.path, net, ito.Gaussian{Mean: []float64{1, math.NaN()}, Cov: make([]float64, 4)},
		ito.PredScore)
	x := normals(2, 2, 1, 1)
	for name, err := range map[string]error{"x0": kind, "shape": shape, "moments": moments, "NaN": nan,
		"rows": f.Predict(ctx, x, x, ito.Times{.5}, ito.Cond{})} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
