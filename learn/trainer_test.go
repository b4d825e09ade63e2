package learn

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

// short is a small training of n steps.
func short(n int) Config {
	c := DefaultConfig()
	c.Steps, c.Batch, c.Seed, c.Schedule.WarmUp = n, 64, 3, 10
	return c
}

func small(t *testing.T, d, cond int) *nn.Weights {
	t.Helper()
	return must(nn.New(nn.MLP{Width: 32, Depth: 2}, nn.Flat(d, d, cond), 3))
}

// moons are rows with their half circle as the condition.
func moons(n int) Data {
	d := Data{X: must(data.Builtin("moons", n, 1)).States(), Cond: ito.Cond{C: 2, X: make([]float64, 2*n)}}
	for i := range n {
		d.Cond.X[2*i+i%2] = 1
	}
	return d
}

func trainer(t *testing.T, c Config, d Data, p ito.Diagonal) *Trainer {
	t.Helper()
	tr := must(NewTrainer(c, small(t, d.X.D, d.Cond.C), d, Drawn{}))
	if err := tr.Bind(p); err != nil {
		t.Fatal(err)
	}
	return tr
}

// A network learns the exact field of a mixture, by either objective, on a path of one mode and of several.
func TestLearnsTheExactField(t *testing.T) {
	if testing.Short() {
		t.Skip("ten trainings")
	}
	mix := field.Mixture{D: 2, Means: []float64{-2, 0, 2, 1}, Var: []float64{.3, .2}}
	x := ito.NewStates(20000, 2, 0)
	if err := mix.Draw(x, ito.Seed(1)); err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]ito.Diagonal{
		"vp": path.VP{}, "flow": path.Flow{}, "edm": path.EDM{SigmaMax: 20},
		"vsdm": must(path.NewVSDM(path.VSDMConfig{A: []float64{-.3, .1, .1, 0}, Mean: []float64{.1, .2}})),
	} {
		for _, o := range []Objective{ScoreMatching{}, FlowMatching{}, Denoising{}} {
			if name == "edm" && o.Name() == "flow" || name == "vsdm" && o.Name() == "edm" {
				continue // α̇ = 0: the same loss up to its weights; many modes: refused
			}
			c := short(2500)
			c.Objective, c.Batch, c.EMA.Decay, c.LR = o, 128, .99, 2e-3
			net := must(nn.New(nn.MLP{Width: 64}, nn.Flat(2, 2, 0), 3))
			tr := must(NewTrainer(c, net, Data{X: x}, Drawn{}))
			if err := tr.Bind(p); err != nil {
				t.Fatal(err)
			}
			if err := tr.Run(context.Background(), c.Steps, LoopOptions{}); err != nil {
				t.Fatal(err)
			}
			// Mean square error of ε beside the mean square of ε itself, at draws of x_t at the objective's times.
			eps := must(field.As(must(tr.Field()), p, ito.PredEps))
			exact := must(must(field.NewMixture(p, mix)).As(ito.PredEps))
			lo, hi := p.Span()
			times := make(ito.Times, 2000)
			clock := newClock(p, 0)
			clock.levels = tr.bound.(*regression).clock.levels
			clock.draw(times, x.ID[:2000], 5, 0)
			xt := x.Slice(0, 2000).Like(2)
			if err := p.Perturb(xt, x.Slice(0, 2000), times, ito.Cond{}, ito.Seed(9)); err != nil {
				t.Fatal(err)
			}
			a, b := xt.Like(2), xt.Like(2)
			if err := errors.Join(eps.Predict(context.Background(), a, xt, times, ito.Cond{}),
				exact.Predict(context.Background(), b, xt, times, ito.Cond{})); err != nil {
				t.Fatal(err)
			}
			sum := 0.0
			for i := range a.X {
				sum += (a.X[i] - b.X[i]) * (a.X[i] - b.X[i]) / float64(len(a.X))
			}
			t.Logf("%s, %s on [%g, %g]: error %.4f", name, o.Name(), lo, hi, sum)
			if sum > .005 {
				t.Errorf("%s, %s: mean square error of ε %.4f, want below .005", name, o.Name(), sum)
			}
		}
	}
}

// The minimiser on Gaussian data is the exact score, at once: the scaling leaves nothing to learn.
func TestGaussianScoreAtTheStart(t *testing.T) {
	g := ito.Gaussian{Mean: []float64{1, -2}, Cov: []float64{2, .8, .8, 5}}
	x := ito.NewStates(100000, 2, 0)
	if err := field.Gaussian(g).Draw(x, ito.Seed(1)); err != nil {
		t.Fatal(err)
	}
	p := path.VP{}
	tr := trainer(t, short(1), Data{X: x}, p)
	f := must(field.As(must(tr.Field()), p, ito.PredScore))
	exact := must(field.NewGaussian(p, g))
	pts := x.Slice(0, 100).Clone()
	for _, s := range []float64{.01, .3, .9} {
		a, b := pts.Like(2), pts.Like(2)
		if err := errors.Join(f.Predict(context.Background(), a, pts, ito.Times{s}, ito.Cond{}),
			exact.Predict(context.Background(), b, pts, ito.Times{s}, ito.Cond{})); err != nil {
			t.Fatal(err)
		}
		for i := range a.X {
			if math.Abs(a.X[i]-b.X[i]) > .02*(1+math.Abs(b.X[i])) {
				t.Fatalf("t=%g: score %.4f, exact %.4f", s, a.X[i], b.X[i])
			}
		}
	}
}

// Stopping after any step and resuming from the state, and one worker or two, give the same bytes.
func TestTrainerSameBytes(t *testing.T) {
	d, p := moons(50), must(path.NewVSDM(path.VSDMConfig{A: []float64{-.3, .1, .1, 0}})) // fewer rows than a batch
	const steps = 30
	whole := trainer(t, short(steps), d, p)
	if err := whole.Run(context.Background(), steps, LoopOptions{}); err != nil {
		t.Fatal(err)
	}
	want := whole.State()
	pool := ad.NewPool(2)
	defer pool.Close()
	stop := errors.New("stop")
	tr := trainer(t, short(steps), d, p)
	for tr.Step() < steps {
		err := tr.Run(context.Background(), steps, LoopOptions{Pool: pool, After: func(int) error { return stop }})
		if err != stop {
			t.Fatal(err)
		}
		next := trainer(t, short(steps), d, p)
		if err := next.Restore(tr.State()); err != nil {
			t.Fatal(err)
		}
		tr = next
	}
	if !reflect.DeepEqual(tr.State(), want) {
		t.Error("a training that was interrupted after every step ended elsewhere")
	}
}

func TestNotFiniteNamesTheStep(t *testing.T) {
	c := short(50)
	c.LR, c.Clip, c.Schedule.WarmUp = 1e30, 0, 0
	tr := trainer(t, c, moons(100), path.VP{})
	err := tr.Run(context.Background(), c.Steps, LoopOptions{})
	var nf *ito.NonFiniteError
	if !errors.As(err, &nf) || nf.Step < 1 || nf.Step > 50 || nf.Step != tr.Step()+1 {
		t.Fatalf("%v after %d steps", err, tr.Step())
	}
	for _, v := range tr.State().EMA {
		if math.IsNaN(float64(v)) {
			t.Fatal("the average was spoiled")
		}
	}
	d := moons(10)
	d.X.X[7] = math.NaN()
	if _, err := NewTrainer(short(1), small(t, 2, 2), d, Drawn{}); !errors.As(err, &nf) || nf.Sample != 3 {
		t.Errorf("data with a NaN in row 3: %v", err)
	}
}

func TestDroppedConditions(t *testing.T) {
	d := moons(64)
	for _, dropout := range []float64{0, .25, 1} {
		b := newBatch(Setup{Source: d, Batch: 4096, Dropout: dropout, Seed: 1})
		if err := b.fill(0); err != nil {
			t.Fatal(err)
		}
		absent := 0
		for i := range b.x0.N {
			switch b.cond[2*i] + b.cond[2*i+1] {
			case 0:
				absent++
			case 1:
			default:
				t.Fatalf("row %d has the condition %v", i, b.cond[2*i:2*i+2])
			}
		}
		if part := float64(absent) / 4096; math.Abs(part-dropout) > 5*math.Sqrt(dropout*(1-dropout)/4096) {
			t.Errorf("dropout %g left out %g", dropout, part)
		}
	}
}

// A trained network belongs to its path.
func TestBoundToItsPath(t *testing.T) {
	p := must(path.NewVSDM(path.VSDMConfig{D: 2}))
	q := must(path.NewVSDM(path.VSDMConfig{D: 2, A: []float64{-.1, 0, 0, 0}}))
	f := must(trainer(t, short(1), moons(10), p).Field())
	same := must(path.NewVSDM(p.Config()))
	if err := CheckBound(f, same); err != nil {
		t.Error(err)
	}
	for _, other := range []ito.Path{q, path.VP{}} {
		if err := CheckBound(field.Guided{Field: f}, other); !errors.Is(err, ito.ErrInput) {
			t.Errorf("on %s: %v", other.Name(), err)
		}
	}
	if _, err := Reverse(context.Background(), q, f, ito.Cond{}, 10, 5, 1, ito.Seed(1)); !errors.Is(err, ito.ErrInput) {
		t.Errorf("simulating another path: %v", err)
	}
	if err := must(NewTrainer(short(1), small(t, 2, 2), moons(10), Drawn{})).Run(context.Background(), 1,
		LoopOptions{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a network without a path: %v", err)
	}
}

func TestTrainerRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*Config){
		"batch": func(c *Config) { c.Batch = 0 }, "lr": func(c *Config) { c.LR = 0 },
		"objective": func(c *Config) { c.Objective = nil },
		"ema":       func(c *Config) { c.EMA.Decay = 1 }, "dropout": func(c *Config) { c.Dropout = 2 },
		"clip": func(c *Config) { c.Clip = math.NaN() },
		"adam": func(c *Config) { c.Adam.Eps = 0 }, "schedule": func(c *Config) { c.Schedule.Kind = "steps" },
	} {
		c := short(1)
		spoil(&c)
		if _, err := NewTrainer(c, small(t, 2, 2), moons(10), Drawn{}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewTrainer(short(1), small(t, 3, 2), moons(10), Drawn{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("another dimension: %v", err)
	}
	if _, err := ParseObjective("dms"); !errors.Is(err, ito.ErrInput) {
		t.Errorf("unknown objective: %v", err)
	}
}

// One dimension and one row.
func TestSmallestData(t *testing.T) {
	x := ito.NewStates(1, 1, 0)
	x.X[0] = 5
	tr := trainer(t, short(20), Data{X: x}, path.VP{})
	if err := tr.Run(context.Background(), 20, LoopOptions{}); err != nil {
		t.Fatal(err)
	}
}

// The rows of a step are addressed by it.
func TestBatchAddress(t *testing.T) {
	d := moons(1000)
	d.Cond = ito.Cond{}
	r := must(bindRows(ScoreMatching{}, path.VP{}, Setup{Source: d, Moments: must(momentsOf(d)), Batch: 8, Seed: 7}))
	if err := r.Draw(t.Context(), 5, nil); err != nil {
		t.Fatal(err)
	}
	x0, eps := r.drawn()
	e := make([]float64, 16)
	rng.NewKey(7, rng.PurposePath, 5, 0).Normals64(e, 2, x0.ID)
	if !reflect.DeepEqual(e, eps.X) {
		t.Error("the noise is not that of (seed, path, step)")
	}
	if r := rng.NewKey(7, rng.PurposeData, 5, 0).Intn(3, 0, 1000); !reflect.DeepEqual(x0.Row(3), d.X.Row(r)) {
		t.Error("the rows are not those of (seed, data, step)")
	}
}

// gamma is a diagonal path whose noise is of a kind that the trainer does not know.
type gamma struct{ path.VP }

func (g gamma) Has(c ito.Capability) bool { return c != ito.CapGaussian && ito.Offers(g, c) }

// Such a path would be learnt wrongly without a word.
func TestTrainerRefusesOtherNoise(t *testing.T) {
	x := ito.NewStates(4, 2, 0)
	for i := range x.X {
		x.X[i] = float64(i * i)
	}
	tr := must(NewTrainer(short(1), small(t, 2, 0), Data{X: x}, Drawn{}))
	if err := tr.Bind(gamma{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("got %v", err)
	}
}
