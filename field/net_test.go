package field

import (
	"errors"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

var kinds = []ito.Prediction{ito.PredX0, ito.PredEps, ito.PredScore, ito.PredVelocity}

// diagonalPaths are the planePaths on which a network can be a field, in the order of their names.
func diagonalPaths() (names []string, paths map[string]ito.Diagonal) {
	paths = map[string]ito.Diagonal{}
	for name, p := range planePaths() {
		if d, ok := p.(ito.Diagonal); ok {
			paths[name] = d
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, paths
}

// gaussianOn makes plane moments whose covariance is diagonal in the modes of p: any, for a scalar schedule.
func gaussianOn(p ito.Diagonal) ito.Gaussian {
	mean := []float64{.7, -1.3}
	switch q := p.Basis(); {
	case q != nil:
		v := []float64{2.5, .1}
		cov := make([]float64, 4)
		for i := range 2 {
			for j := range 2 {
				cov[2*i+j] = q[2*i]*v[0]*q[2*j] + q[2*i+1]*v[1]*q[2*j+1]
			}
		}
		return ito.Gaussian{Mean: mean, Cov: cov}
	case p.Modes() == 1:
		return ito.Gaussian{Mean: mean, Cov: []float64{2.5, -.4, -.4, .1}}
	default:
		return ito.Gaussian{Mean: mean, Cov: []float64{2.5, 0, 0, .1}}
	}
}

// network makes a small network with weights everywhere, the output layer included.
func network(t testing.TB, net nn.Network, ports nn.Ports) *nn.Weights {
	t.Helper()
	n, err := nn.New(net, ports, 3)
	if err != nil {
		t.Fatal(err)
	}
	out := n.Layout()[len(n.Layout())-2]
	last := n.Params[out.Offset:]
	rng.NewKey(3, rng.PurposeInit, 1, 0).Normals32(last, len(last), []uint64{0})
	return n
}

func timesOn(p ito.Path, n int) ito.Times {
	lo, hi := p.Span()
	t := make(ito.Times, n)
	for i := range t {
		t[i] = lo + (hi-lo)*(float64(i)+.5)/float64(n)
	}
	return t
}

// TestNetKindsConvert: the native kinds are each other's conversions, whatever the network says.
func TestNetKindsConvert(t *testing.T) {
	names, paths := diagonalPaths()
	net := network(t, nn.MLP{Width: 8, Depth: 2}, nn.Flat(2, 2, 0))
	for _, name := range names {
		p := paths[name]
		x, at := normals(11, 2, 5, 2), timesOn(p, 11)
		data := ito.Gaussian{Mean: []float64{.3, .1}, Cov: []float64{1.2, .3, .3, .4}}
		for _, from := range kinds {
			f := must(NewScaled(p, net, data, from)).Float64()
			for _, to := range kinds {
				converted, native := x.Like(2), x.Like(2)
				if err := errors.Join(must(As(f, p, to)).Predict(ctx, converted, x, at, ito.Cond{}),
					must(f.As(to)).Predict(ctx, native, x, at, ito.Cond{})); err != nil {
					t.Fatal(err)
				}
				for i, w := range converted.X {
					if math.Abs(native.X[i]-w) > 1e-9*(1+math.Abs(w)) {
						t.Fatalf("%s: %v from %v at %g: %g natively, %g converted", name, to, from, at[i/2],
							native.X[i], w)
					}
				}
			}
		}
	}
}

// TestNetRowsAreTheirOwn: bytes do not depend on the batch, the chunk, the workers, or on whether the time is common.
func TestNetRowsAreTheirOwn(t *testing.T) {
	pool := ad.NewPool(3)
	defer pool.Close()
	a := []float64{-.34, .074, .074, -.05}
	p := must(path.NewVSDM(path.VSDMConfig{A: a, Mean: []float64{.3, -.2}}))
	f := must(NewScaled(p, network(t, nn.MLP{Width: 32}, nn.Flat(2, 2, 2)), gaussianOn(p), ito.PredEps))
	const n = 2*chunkRows + 77
	x := normals(n, 2, 5, 1)
	cond := ito.Cond{C: 2, X: normals(n, 2, 6, 1).X}
	whole := x.Like(2)
	if err := f.WithPool(pool).Predict(ctx, whole, x, ito.Times{.3}, cond); err != nil {
		t.Fatal(err)
	}
	own := make(ito.Times, n)
	for i := range own {
		own[i] = .3
	}
	var wg sync.WaitGroup
	for _, r := range [][2]int{{0, 1}, {1, 3}, {chunkRows - 1, chunkRows + 5}, {n - 200, n}} {
		wg.Go(func() {
			lo, hi := r[0], r[1]
			part := ito.NewStates(hi-lo, 2, 0)
			if err := f.Predict(ctx, part, x.Slice(lo, hi), own[lo:hi], cond.Slice(lo, hi)); err != nil {
				t.Error(err)
			}
			for i, v := range part.X {
				if math.Float64bits(v) != math.Float64bits(whole.X[2*lo+i]) {
					t.Errorf("rows %d to %d: value %d is %g alone and %g among all", lo, hi, i, v, whole.X[2*lo+i])
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestNetFloat32AgreesWithFloat64(t *testing.T) {
	f := must(NewScaled(path.VP{}, network(t, nn.MLP{Width: 64}, nn.Flat(2, 2, 2)), gaussianOn(path.VP{}), ito.PredEps))
	x, at := normals(50, 2, 5, 1), timesOn(path.VP{}, 50)
	a, b := x.Like(2), x.Like(2)
	// No condition is the absent condition, all zeros.
	if err := errors.Join(f.Predict(ctx, a, x, at, ito.Cond{}), f.Float64().Predict(ctx, b, x, at,
		ito.Cond{C: 2, X: make([]float64, 100)})); err != nil {
		t.Fatal(err)
	}
	for i, w := range b.X {
		if math.Abs(a.X[i]-w) > 2e-5*(1+math.Abs(w)) {
			t.Fatalf("value %d: %g in float32, %g in float64", i, a.X[i], w)
		}
	}
}

func TestNetRefusals(t *testing.T) {
	net := network(t, nn.MLP{Width: 4}, nn.Flat(2, 2, 2))
	good := gaussianOn(path.VP{})
	for what, data := range map[string]ito.Gaussian{
		"dimension": {Mean: []float64{1}, Cov: []float64{1}},
		"empty":     {},
		"ragged":    {Mean: []float64{1, 2}, Cov: []float64{1}},
		"NaN":       {Mean: []float64{1, math.NaN()}, Cov: []float64{1, 0, 0, 1}},
		"negative":  {Mean: []float64{1, 2}, Cov: []float64{1, 0, 0, -1}},
	} {
		if _, err := NewScaled(path.VP{}, net, data, ito.PredEps); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
	p := must(path.NewVSDM(path.VSDMConfig{A: []float64{0}}))
	if _, err := NewScaled(p, net, good, ito.PredEps); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a path of dimension 1: %v", err)
	}
	if _, err := NewScaled(path.VP{}, net, good, 9); !errors.Is(err, ito.ErrInput) {
		t.Errorf("kind 9: %v", err)
	}
	f := must(NewScaled(path.VP{}, net, good, ito.PredEps))
	x := normals(3, 2, 1, 1)
	for what, err := range map[string]error{
		"rows":       f.Predict(ctx, normals(2, 2, 1, 1), x, ito.Times{.5}, ito.Cond{}),
		"dimension":  f.Predict(ctx, normals(3, 3, 1, 1), normals(3, 3, 1, 1), ito.Times{.5}, ito.Cond{}),
		"times":      f.Predict(ctx, x.Like(2), x, ito.Times{.5, .5}, ito.Cond{}),
		"condition":  f.Predict(ctx, x.Like(2), x, ito.Times{.5}, ito.Cond{C: 3, X: make([]float64, 9)}),
		"tangents":   f.JVP(ctx, x.Like(2), x, ito.Times{.5}, ito.Cond{}, x, ito.Times{1, 2}),
		"divergence": f.Divergence(ctx, make([]float64, 2), x, ito.Times{.5}, ito.Cond{}),
	} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func BenchmarkNetPredict(b *testing.B) {
	f := must(NewScaled(path.VP{}, network(b, nn.MLP{}, nn.Flat(2, 2, 0)), gaussianOn(path.VP{}), ito.PredVelocity))
	x := normals(1000, 2, 1, 1)
	out := x.Like(2)
	for _, c := range []struct {
		name string
		t    ito.Times
	}{{"common time", ito.Times{.5}}, {"own times", timesOn(path.VP{}, 1000)}} {
		b.Run(c.name, func(b *testing.B) {
			for range b.N {
				if err := f.Predict(ctx, out, x, c.t, ito.Cond{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
