package field

import (
	"errors"
	"fmt"
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
func network(t testing.TB, cfg nn.Config) *nn.Net {
	t.Helper()
	n, err := nn.New(cfg, 3)
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

// TestNetIsExactForGaussians: a network that says 0 is the exact field of Gaussian data, in every kind.
func TestNetIsExactForGaussians(t *testing.T) {
	names, paths := diagonalPaths()
	for _, name := range names {
		p := paths[name]
		data := gaussianOn(p)
		zero := must(nn.New(nn.Config{In: 2, Out: 2, Width: 8, Depth: 1}, 1))
		x := normals(9, 2, 4, 2)
		for _, kind := range kinds {
			want, got := x.Like(2), x.Like(2)
			exact := must(must(NewGaussian(p, data)).As(kind))
			net := must(NewNet(p, zero, data, kind))
			for _, at := range []ito.Times{timesOn(p, 9), timesOn(p, 1), {spanLo(p)}, {spanHi(p)}} {
				if err := errors.Join(exact.Predict(ctx, want, x, at, ito.Cond{}), net.Predict(ctx, got, x, at, ito.Cond{})); err != nil {
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

// TestNetKindsConvert: the native kinds are each other's conversions, whatever the network says.
func TestNetKindsConvert(t *testing.T) {
	names, paths := diagonalPaths()
	net := network(t, nn.Config{In: 2, Out: 2, Width: 8, Depth: 2})
	for _, name := range names {
		p := paths[name]
		x, at := normals(11, 2, 5, 2), timesOn(p, 11)
		data := ito.Gaussian{Mean: []float64{.3, .1}, Cov: []float64{1.2, .3, .3, .4}}
		for _, from := range kinds {
			f := must(NewNet(p, net, data, from)).Float64()
			for _, to := range kinds {
				converted, native := x.Like(2), x.Like(2)
				if err := errors.Join(must(As(f, p, to)).Predict(ctx, converted, x, at, ito.Cond{}), must(f.As(to)).Predict(ctx, native, x, at, ito.Cond{})); err != nil {
					t.Fatal(err)
				}
				for i, w := range converted.X {
					if math.Abs(native.X[i]-w) > 1e-9*(1+math.Abs(w)) {
						t.Fatalf("%s: %v from %v at %g: %g natively, %g converted", name, to, from, at[i/2], native.X[i], w)
					}
				}
			}
		}
	}
}

// TestPrepare: the target that Prepare writes is the one that makes the field's prediction the truth, and the
// loss in its units is the distance of the predictions.
func TestPrepare(t *testing.T) {
	names, paths := diagonalPaths()
	for _, name := range names {
		p := paths[name]
		data := ito.Gaussian{Mean: []float64{.3, .1}, Cov: []float64{1.2, .3, .3, .4}}
		pre := must(NewPrecond(p, data))
		const n = 7
		x0, eps, at := normals(n, 2, 6, 1.5), normals(n, 2, 7, 1), timesOn(p, n)
		xt := x0.Like(2)
		if err := p.Perturb(xt, x0, at, ito.Cond{}, replay{eps}); err != nil {
			t.Fatal(err)
		}
		for _, kind := range kinds {
			b := NewBatch(n, 2)
			if err := errors.Join(pre.Prepare(b.Slice(0, 3), x0.Slice(0, 3), eps.Slice(0, 3), at[:3], kind),
				pre.Prepare(b.Slice(3, n), x0.Slice(3, n), eps.Slice(3, n), at[3:], kind)); err != nil {
				t.Fatal(err)
			}
			f := must(NewNet(p, network(t, nn.Config{In: 2, Out: 2}), data, kind))
			s := f.progs.scratch.Get().(*netScratch)
			s.sched = pre.newSchedule()
			f.prepare(s, xt, at, ito.Cond{}, 0)
			truth := truthOf(p, data, x0, eps, at, kind)
			for i := range n {
				o := s.scale(i)
				if got, want := float64(b.Feat[i]), o.feat[0]; math.Abs(got-want) > 1e-6*(1+math.Abs(want)) {
					t.Fatalf("%s: feature %g in training, %g in use", name, got, want)
				}
				said, norm, unit := make([]float64, 2), 0.0, 0.0
				for k := range 2 {
					j := 2*i + k
					if math.Abs(float64(b.X[j])-s.in[j]) > 1e-6*(1+math.Abs(s.in[j])) {
						t.Fatalf("%s: input %g in training, %g in use", name, b.X[j], s.in[j])
					}
					said[k] = o.skip[k]*(s.y[j]-o.centre[k]) + o.out[k]*float64(b.Target[j]) + o.offset[k]
					if got, want := float64(b.Weight[j]), o.out[k]*o.out[k]; math.Abs(got-want) > 1e-6*want {
						t.Fatalf("%s: weight %g, want %g", name, got, want)
					}
					norm += float64(b.X[j])*float64(b.X[j]) + float64(b.Target[j])*float64(b.Target[j])
					unit += eps.X[j] * eps.X[j]
				}
				unit += whitened(pre, x0.Row(i))
				if math.Abs(norm-unit) > 1e-5*unit {
					t.Errorf("%s: |x̃|²+|F|² is %g and |u|²+|ε|² %g: not a rotation", name, norm, unit)
				}
				pred := make([]float64, 2)
				pre.back(pred, said, 1)
				for k := range 2 {
					if kind == ito.PredX0 && pre.mean != nil {
						pred[k] += pre.mean[k]
					}
					if want := truth.Row(i)[k]; math.Abs(pred[k]-want) > 2e-6*(1+math.Abs(want))*(1+math.Abs(o.out[k])) {
						t.Fatalf("%s, %v at %g: the target makes %g, the truth is %g", name, kind, at[i], pred[k], want)
					}
				}
			}
		}
	}
}

// replay is noise that is given.
type replay struct{ eps ito.States }

func (r replay) Normal(dst ito.States, _ rng.Purpose, _, _ uint32) { copy(dst.X, r.eps.X) }

// whitened is |u|².
func whitened(pre *Precond, x0 []float64) float64 {
	c, u, sum := make([]float64, 2), make([]float64, 2), 0.0
	for k := range c {
		c[k] = x0[k] - pre.data.Mean[k]
	}
	pre.turn(u, c, 1)
	for k, v := range u {
		sum += v * v / pre.s0[k]
	}
	return sum
}

// truthOf is what a field that knew x_0 and ε would say.
func truthOf(p ito.Diagonal, data ito.Gaussian, x0, eps ito.States, at ito.Times, kind ito.Prediction) ito.States {
	out := x0.Like(2)
	m := NewModes(p)
	y, e := make([]float64, 2), make([]float64, 2)
	for i := range x0.N {
		m.At(at[i])
		m.Point(y, x0.Row(i))
		m.Turn(e, eps.Row(i))
		for k := range y {
			j := mode(k, len(m.Alpha))
			switch kind {
			case ito.PredEps:
				y[k] = e[k]
			case ito.PredScore:
				y[k] = -e[k] / m.Sigma[j]
			case ito.PredVelocity:
				y[k] = m.DAlpha[j]*y[k] + m.DSigma[j]*e[k]
			}
		}
		m.To(out.Row(i), y, kind)
	}
	return out
}

// TestNetDerivatives compares VJP, JVP and Divergence with difference quotients of Predict in float64.
func TestNetDerivatives(t *testing.T) {
	names, paths := diagonalPaths()
	net := network(t, nn.Config{In: 2, Out: 2, Cond: 3, Width: 8, Depth: 2, Activation: "gelu"})
	const n, h = 5, 1e-5
	cond := ito.Cond{C: 3, X: normals(n, 3, 8, 1).X}
	for _, name := range names {
		p := paths[name]
		data := ito.Gaussian{Mean: []float64{.3, .1}, Cov: []float64{1.2, .3, .3, .4}}
		x, at, w, v := normals(n, 2, 5, 1), timesOn(p, n), normals(n, 2, 9, 1), normals(n, 2, 10, 1)
		dt := ito.Times{.3, 0, -1, .5, 2}
		for _, kind := range kinds {
			f := must(NewNet(p, net, data, kind)).Float64()
			at64 := func(x ito.States, t ito.Times) ito.States {
				out := x.Like(2)
				if err := f.Predict(ctx, out, x, t, cond); err != nil {
					panic(err)
				}
				return out
			}
			dx, df, div := x.Like(2), x.Like(2), make([]float64, n)
			if err := errors.Join(f.VJP(ctx, dx, x, at, cond, w), f.JVP(ctx, df, x, at, cond, v, dt), f.Divergence(ctx, div, x, at, cond)); err != nil {
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
					closeTo(t, fmt.Sprint(name, " ", kind, " JVP"), df.Row(i)[k], (fu.Row(i)[k]-fd.Row(i)[k])/(2*ht), 2e-5)
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
	f := must(NewNet(path.VP{}, network(t, nn.Config{In: d, Out: d, Width: 16, Depth: 2}), data, ito.PredScore)).Float64()
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

// TestNetRowsAreTheirOwn: bytes do not depend on the batch, the chunk, the workers, or on whether the time is common.
func TestNetRowsAreTheirOwn(t *testing.T) {
	pool := ad.NewPool(3)
	defer pool.Close()
	a := []float64{-.34, .074, .074, -.05}
	p := must(path.NewVSDM(path.VSDMConfig{A: a, Mean: []float64{.3, -.2}}))
	f := must(NewNet(p, network(t, nn.Config{In: 2, Out: 2, Cond: 2, Width: 32}), gaussianOn(p), ito.PredEps))
	const n = 2*netChunk + 77
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
	for _, r := range [][2]int{{0, 1}, {1, 3}, {netChunk - 1, netChunk + 5}, {n - 200, n}} {
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
	f := must(NewNet(path.VP{}, network(t, nn.Config{In: 2, Out: 2, Cond: 2, Width: 64}), gaussianOn(path.VP{}), ito.PredEps))
	x, at := normals(50, 2, 5, 1), timesOn(path.VP{}, 50)
	a, b := x.Like(2), x.Like(2)
	// No condition is the absent condition, all zeros.
	if err := errors.Join(f.Predict(ctx, a, x, at, ito.Cond{}), f.Float64().Predict(ctx, b, x, at, ito.Cond{C: 2, X: make([]float64, 100)})); err != nil {
		t.Fatal(err)
	}
	for i, w := range b.X {
		if math.Abs(a.X[i]-w) > 2e-5*(1+math.Abs(w)) {
			t.Fatalf("value %d: %g in float32, %g in float64", i, a.X[i], w)
		}
	}
}

func TestNetRefusals(t *testing.T) {
	net := network(t, nn.Config{In: 2, Out: 2, Cond: 2, Width: 4})
	good := gaussianOn(path.VP{})
	for what, data := range map[string]ito.Gaussian{
		"dimension": {Mean: []float64{1}, Cov: []float64{1}},
		"empty":     {},
		"ragged":    {Mean: []float64{1, 2}, Cov: []float64{1}},
		"NaN":       {Mean: []float64{1, math.NaN()}, Cov: []float64{1, 0, 0, 1}},
		"negative":  {Mean: []float64{1, 2}, Cov: []float64{1, 0, 0, -1}},
	} {
		if _, err := NewNet(path.VP{}, net, data, ito.PredEps); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
	p := must(path.NewVSDM(path.VSDMConfig{A: []float64{0}}))
	if _, err := NewNet(p, net, good, ito.PredEps); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a path of dimension 1: %v", err)
	}
	if _, err := NewNet(path.VP{}, net, good, 9); !errors.Is(err, ito.ErrInput) {
		t.Errorf("kind 9: %v", err)
	}
	f := must(NewNet(path.VP{}, net, good, ito.PredEps))
	x := normals(3, 2, 1, 1)
	for what, err := range map[string]error{
		"rows":       f.Predict(ctx, normals(2, 2, 1, 1), x, ito.Times{.5}, ito.Cond{}),
		"dimension":  f.Predict(ctx, normals(3, 3, 1, 1), normals(3, 3, 1, 1), ito.Times{.5}, ito.Cond{}),
		"times":      f.Predict(ctx, x.Like(2), x, ito.Times{.5, .5}, ito.Cond{}),
		"condition":  f.Predict(ctx, x.Like(2), x, ito.Times{.5}, ito.Cond{C: 3, X: make([]float64, 9)}),
		"tangents":   f.JVP(ctx, x.Like(2), x, ito.Times{.5}, ito.Cond{}, x, ito.Times{1, 2}),
		"divergence": f.Divergence(ctx, make([]float64, 2), x, ito.Times{.5}, ito.Cond{}),
		"batch":      f.Precond().Prepare(NewBatch(2, 2), x, x, ito.Times{.5}, ito.PredEps),
	} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestNetOfConstantData: a direction in which the data do not vary is predicted as constant.
func TestNetOfConstantData(t *testing.T) {
	data := ito.Gaussian{Mean: []float64{1, -2}, Cov: []float64{1, 0, 0, 0}}
	f := must(NewNet(path.VP{}, network(t, nn.Config{In: 2, Out: 2, Width: 8}), data, ito.PredX0))
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

func BenchmarkNetPredict(b *testing.B) {
	f := must(NewNet(path.VP{}, network(b, nn.Config{In: 2, Out: 2}), gaussianOn(path.VP{}), ito.PredVelocity))
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

func BenchmarkPrepare(b *testing.B) {
	for _, name := range []string{"vp", "vsdm"} {
		_, paths := diagonalPaths()
		p := paths[name]
		b.Run(name, func(b *testing.B) {
			pre := must(NewPrecond(p, gaussianOn(p)))
			batch, x0, eps, at := NewBatch(512, 2), normals(512, 2, 1, 1), normals(512, 2, 2, 1), timesOn(p, 512)
			for range b.N {
				if err := pre.Prepare(batch, x0, eps, at, ito.PredEps); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(512*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
