package field

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
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
			f := must(NewNet(p, network(t, nn.MLP{}, nn.Flat(2, 2, 0)), data, kind))
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
	m := path.NewModes(p)
	y, e := make([]float64, 2), make([]float64, 2)
	for i := range x0.N {
		m.At(at[i])
		m.Point(y, x0.Row(i))
		m.Turn(e, eps.Row(i))
		for k := range y {
			j := path.Mode(k, len(m.Alpha))
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

// TestNetOfConstantData: a direction in which the data do not vary is predicted as constant.
func TestNetOfConstantData(t *testing.T) {
	data := ito.Gaussian{Mean: []float64{1, -2}, Cov: []float64{1, 0, 0, 0}}
	f := must(NewNet(path.VP{}, network(t, nn.MLP{Width: 8}, nn.Flat(2, 2, 0)), data, ito.PredX0))
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
