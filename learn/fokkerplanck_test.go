package learn

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/wrap"
)

// potentialTrainer is a small one on rows of a correlated mixture.
func potentialTrainer(t *testing.T, o FokkerPlanck, steps, batch int) (*Trainer, field.Mixture) {
	t.Helper()
	m := field.Mixture{D: 2, Means: []float64{-2, 0, 2, 1}, Cov: []float64{.3, .1, .1, .2}}
	x := ito.NewStates(20000, 2, 0)
	if err := m.Draw(x, ito.Seed(1)); err != nil {
		t.Fatal(err)
	}
	c := short(steps)
	c.Objective, c.Batch, c.EMA.Decay, c.LR = o, batch, .99, 2e-3
	tr := must(NewTrainer(c, must(nn.New(nn.MLP{Width: 32, Depth: 2}, nn.Flat(2, 1, 0), 3)), Data{X: x}, Drawn{}))
	if err := tr.Bind(path.VP{}); err != nil {
		t.Fatal(err)
	}
	return tr, m
}

// spreads is the mean over times of the variance of the residual over x times σ²/s, and the mean square error of ε.
func spreads(t *testing.T, f *field.Net, m field.Mixture) (residual, eps float64) {
	t.Helper()
	ctx := context.Background()
	x0, x, times := ito.NewStates(2000, 2, 0), ito.NewStates(2000, 2, 0), make(ito.Times, 2000)
	if err := m.Draw(x0, ito.Seed(7)); err != nil {
		t.Fatal(err)
	}
	for i := range times {
		times[i] = .01 + .98*float64(i/100)/19
	}
	r, a, b := make([]float64, x.N), x.Like(2), x.Like(2)
	if err := errors.Join(f.Bound().Perturb(x, x0, times, ito.Cond{}, ito.Seed(8)), f.Residual(ctx, r, x, times,
		ito.Cond{}), f.Predict(ctx, a, x, times, ito.Cond{}),
		must(must(field.NewMixture(f.Bound(), m)).As(ito.PredEps)).Predict(ctx, b, x, times, ito.Cond{})); err != nil {
		t.Fatal(err)
	}
	for i := range a.X {
		eps += (a.X[i] - b.X[i]) * (a.X[i] - b.X[i]) / float64(len(a.X))
	}
	return groupVariance(f.Wrap.(*wrap.Potential), r, times), eps
}

// groupVariance is the mean of σ²/s times the variance, of divisor n−1, of neighbours of one time.
func groupVariance(c *wrap.Potential, r []float64, at ito.Times) float64 {
	sum, rho := 0.0, make([]float64, 2)
	for lo, hi := 0, 0; lo < len(r); lo = hi {
		for hi = lo; hi < len(r) && at[hi] == at[lo]; hi++ {
		}
		mean, v, n := 0.0, 0.0, float64(hi-lo)
		for _, x := range r[lo:hi] {
			mean += x / n
		}
		for _, x := range r[lo:hi] {
			v += (x - mean) * (x - mean) / (n - 1)
		}
		c.Clock(at[lo], rho)
		sum += v * (rho[0] + rho[1]) / 2 * n / float64(len(r))
	}
	return sum
}

// The penalty of a step is the weight times the variance, over the rows of each time, of the residual that the
// field itself reports, in float32.
func TestPenaltyIsTheResidual(t *testing.T) {
	for _, c := range []struct{ rows, batch int }{{4, 64}, {4, 63}, {0, 61}} { // 63 rows are 12 groups of 4 and 3 of 5
		t.Run(fmt.Sprintf("%d of %d", c.rows, c.batch), func(t *testing.T) { penaltyIsTheResidual(t, c.rows, c.batch) })
	}
}

func penaltyIsTheResidual(t *testing.T, rows, batch int) {
	ctx := context.Background()
	with, _ := potentialTrainer(t, FokkerPlanck{Weight: 50, Rows: rows}, 60, batch)
	plain, _ := potentialTrainer(t, FokkerPlanck{Rows: rows}, 60, batch)
	if err := plain.Run(ctx, 50, LoopOptions{}); err != nil {
		t.Fatal(err)
	}
	s := plain.State()
	if err := with.Restore(s); err != nil {
		t.Fatal(err)
	}
	now := must(with.Networks()[0].With(append([]float32(nil), s.Params...)))
	f := must(field.NewPotential(path.VP{}, now, with.Moments(), ito.PredEps))
	if err := errors.Join(with.step(ctx, nil), plain.step(ctx, nil)); err != nil {
		t.Fatal(err)
	}
	// The rows of that step, and their x_t.
	l := with.bound.(*penalised)
	x0, eps := l.drawn()
	at := l.t
	x, r := x0.Like(2), make([]float64, x0.N)
	var α, σ [1]float64
	for i := range x0.N {
		path.VP{}.Schedule(at[i], α[:], σ[:], nil, nil)
		for k, e := range eps.Row(i) {
			x.Row(i)[k] = α[0]*x0.Row(i)[k] + σ[0]*e
		}
	}
	if err := f.Residual(ctx, r, x, at, ito.Cond{}); err != nil {
		t.Fatal(err)
	}
	want, got := 50*groupVariance(f.Wrap.(*wrap.Potential), r, at)/2, float64(with.value[0])-float64(plain.value[0])
	if !(math.Abs(got-want) < 1e-4*want+1e-6) || want < 1e-4 {
		t.Errorf("the penalty is %g, the field's residual says %g", got, want)
	}
}

// The gradient of the penalised loss, reverse mode over forward over reverse and with the mean of a time held
// still, is that of its values: along itself and along the parameters, by central differences in float32.
func TestPenaltyGradient(t *testing.T) {
	ctx := context.Background()
	tr, _ := potentialTrainer(t, FokkerPlanck{Weight: 20, Rows: 4}, 60, 64)
	if err := tr.Run(ctx, 50, LoopOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := tr.bound.Draw(ctx, 50, nil); err != nil {
		t.Fatal(err)
	}
	loss := func() float64 {
		if err := tr.sizes[0].prog.Run(ctx, tr.sizes[0].call); err != nil {
			t.Fatal(err)
		}
		return float64(tr.value[0])
	}
	loss()
	g, p := append([]float32(nil), tr.grad...), append([]float32(nil), tr.Networks()[0].Params...)
	for what, dir := range map[string][]float32{"the gradient": g, "the parameters": p} {
		norm, want := 0.0, 0.0
		for i, v := range dir {
			norm += float64(v) * float64(v)
			want += float64(v) * float64(g[i])
		}
		norm = math.Sqrt(norm)
		const h = 3e-3
		at := func(h float64) float64 {
			for i := range p {
				tr.Networks()[0].Params[i] = p[i] + float32(h/norm*float64(dir[i]))
			}
			return loss()
		}
		got := (at(h) - at(-h)) / (2 * h)
		if want /= norm; !(math.Abs(got-want) < .01*math.Abs(want)+1e-3) {
			t.Errorf("along %s: difference %g, gradient %g", what, got, want)
		}
		copy(tr.Networks()[0].Params, p)
	}
}

// On a mixture the penalty makes the residual smaller, and both potentials learn the exact ε. The seed gives .0080
// and .0023, and errors of .0035 and .0059.
func TestPenaltyShrinksTheResidual(t *testing.T) {
	if testing.Short() {
		t.Skip("two trainings")
	}
	var r, e [2]float64
	for i, w := range []float64{0, 1} {
		tr, m := potentialTrainer(t, FokkerPlanck{Weight: w}, 1500, 128)
		if err := tr.Run(context.Background(), 1500, LoopOptions{}); err != nil {
			t.Fatal(err)
		}
		r[i], e[i] = spreads(t, must(tr.Field()).Float64(), m)
		t.Logf("weight %g: residual %.4f, error of ε %.5f", w, r[i], e[i])
	}
	if !(r[1] < r[0]/2 && e[0] < .01 && e[1] < .01) {
		t.Errorf("residuals %v, errors %v", r, e)
	}
}

// The same bytes with two workers as with one, and after a resume.
func TestPenaltySameBytes(t *testing.T) {
	o := FokkerPlanck{Weight: .1}
	one, _ := potentialTrainer(t, o, 12, 256)
	two, _ := potentialTrainer(t, o, 12, 256)
	rest, _ := potentialTrainer(t, o, 12, 256)
	pool := ad.NewPool(2)
	defer pool.Close()
	if err := errors.Join(one.Run(context.Background(), 12, LoopOptions{}), two.Run(context.Background(), 5,
		LoopOptions{Pool: pool}), rest.Restore(two.State()),
		rest.Run(context.Background(), 12, LoopOptions{Pool: pool})); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(one.State(), rest.State()) {
		t.Error("two workers and a resume ended elsewhere")
	}
}

func TestFokkerPlanckRefuses(t *testing.T) {
	d := Data{X: moons(10).X}
	net := must(nn.New(nn.MLP{Width: 8}, nn.Flat(2, 1, 0), 1))
	for name, o := range map[string]FokkerPlanck{"weight": {Weight: -1}, "infinite": {Weight: math.Inf(1)},
		"one row": {Rows: 1}, "more than the batch": {Rows: 70}} {
		c := short(1)
		c.Objective = o
		if _, err := NewTrainer(c, net, d, Drawn{}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := short(1)
	c.Objective = FokkerPlanck{}
	if _, err := NewTrainer(c, small(t, 2, 0), d, Drawn{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("two outputs: %v", err)
	}
	tr := must(NewTrainer(c, net, d, Drawn{}))
	if err := tr.Bind(must(path.NewVSDM(path.VSDMConfig{D: 2, A: []float64{-.1, -.2}}))); !errors.Is(err,
		ito.ErrInput) {
		t.Errorf("modes: %v", err)
	}
}

// A step of score matching of a field, of a potential, and with the penalty.
func BenchmarkFokkerPlanckStep(b *testing.B) {
	x := must(data.Builtin("spiral", 2000, 1)).States()
	for _, width := range []int{64, 128} {
		for _, o := range []Objective{ScoreMatching{}, FokkerPlanck{}, FokkerPlanck{Weight: .1}} {
			name, out := o.Name(), 2
			if fp, ok := o.(FokkerPlanck); ok {
				name, out = fmt.Sprintf("potential weight %g", fp.Weight), 1
			}
			b.Run(fmt.Sprintf("%s/%dx3", name, width), func(b *testing.B) {
				c := DefaultConfig()
				c.Objective, c.Steps = o, b.N
				tr := must(NewTrainer(c, must(nn.New(nn.MLP{Width: width}, nn.Flat(2, out, 0), 1)), Data{X: x},
					Drawn{}))
				if err := tr.Bind(path.VP{}); err != nil {
					b.Fatal(err)
				}
				b.ResetTimer()
				if err := tr.Run(context.Background(), b.N, LoopOptions{}); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
			})
		}
	}
}
