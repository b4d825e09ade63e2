package learn

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// families is every interpolant, and whether both of its ends are the same rows.
func families() map[string]ito.TwoEnded {
	return map[string]ito.TwoEnded{
		"linear": path.Interpolant{}, "linear quadratic": path.Interpolant{Noise: path.QuadraticNoise},
		"linear sine": path.Interpolant{Noise: path.SineNoise},
		"linear none": path.Interpolant{Noise: path.NoNoise}, "trig": path.Interpolant{Family: path.TrigFamily},
		"encdec": path.Interpolant{Family: path.EncDec},
		"sb":     path.Interpolant{Family: path.Schrodinger, Kappa: 2}, "mirror": path.Interpolant{Family: path.Mirror,
			Kappa: 3},
		"one-sided": path.OneSided{}, "one-sided trig": path.OneSided{Family: path.TrigFamily},
	}
}

func without(p ito.TwoEnded, what path.InterpolantTarget) bool {
	return p.Interpolation(.5).Gamma == 0 && (what == path.TargetEta || what == path.TargetS)
}

// On Gaussian ends the minimiser of each objective among linear maps is the exact field. Least squares on 1e5 draws
// must come within 2 % of it in root mean square, at times near and far from the ends. That is many standard errors
// for b, v and s, whose draws are antithetic or without noise; the target of η has variance 1 where the field
// itself is small, so three standard errors √(3/n) of its three coefficients are allowed too. 2e4 draws and 4 % in
// short mode.
func TestLinearMinimiserOfInterpolants(t *testing.T) {
	n, limit := 100000, .02
	if testing.Short() {
		n, limit = 20000, .04
	}
	g0 := ito.Gaussian{Mean: []float64{-3, 2}, Cov: []float64{1, .8, .8, 2}}
	g1 := ito.Gaussian{Mean: []float64{1, 0}, Cov: []float64{1.5, -.4, -.4, .5}}
	x0, x1 := ito.NewStates(n, 2, 0), ito.NewStates(n, 2, 0)
	if err := errors.Join(field.Gaussian(g0).Draw(x0, ito.Seed(5)), field.Gaussian(g1).Draw(x1,
		ito.Seed(6))); err != nil {
		t.Fatal(err)
	}
	for name, p := range families() {
		src, drawn, pairs := Data{X: x0}, Drawn{X: x1}, must(field.Independent(field.Gaussian(g0), field.Gaussian(g1)))
		mirror := name == "mirror"
		if _, one := p.(path.OneSided); one || mirror {
			pairs = must(field.Same(field.Gaussian(g0)))
		}
		for what := path.TargetB; what <= path.TargetS; what++ {
			if without(p, what) {
				continue
			}
			o := Interpolation{[]path.InterpolantTarget{what}}
			for _, at := range []float64{.03, .4, .9} {
				l := must(o.Bind(p, Setup{Source: src, Drawn: drawn, Batch: n, Seed: 7})).(*interpolating)
				l.clock = clock{lo: at, hi: at}
				if err := l.Draw(t.Context(), 0, nil); err != nil {
					t.Fatal(err)
				}
				// F = W x̃ + c by least squares, and the field of a network that says so at three points of a frame.
				if err := matches(p, pairs, what, must(drawn.moments(src, mirror)), l, at, limit); err != nil {
					t.Errorf("%s, %s at %g: %v", name, what, at, err)
				}
			}
		}
	}
}

// matches fits F = W x̃ + c to a batch and compares the field of that linear network with the exact one.
func matches(p ito.TwoEnded, pairs field.Pairs, what path.InterpolantTarget, m ito.Gaussian, l *interpolating, at,
	limit float64) error {
	var xx, xy mat.Dense
	b := l.in
	x, y := mat.NewDense(b.N, 3, nil), mat.NewDense(b.N, 2, nil)
	for i := range b.N {
		x.SetRow(i, []float64{float64(b.X[2*i]), float64(b.X[2*i+1]), 1})
		y.SetRow(i, []float64{float64(b.Target[2*i]), float64(b.Target[2*i+1])})
	}
	xx.Mul(x.T(), x)
	xy.Mul(x.T(), y)
	var w mat.Dense
	if err := w.Solve(&xx, &xy); err != nil {
		return err
	}
	net, err := nn.New(nn.MLP{Width: 4, Depth: 1, Activation: "relu", Time: nn.TimeNone}, nn.Flat(2, 2, 0), 1)
	if err != nil {
		return err
	}
	// relu(z) − relu(−z) = z: the first layer is ±x̃, the last is ±W with the bias c.
	clear(net.Params)
	for _, l := range net.Layout() {
		v := net.Params[l.Offset : l.Offset+l.Size()]
		switch {
		case l.Offset == 0:
			v[0], v[3], v[4], v[7] = 1, 1, -1, -1
		case len(l.Shape) == 2:
			for j := range 2 {
				for i := range 2 {
					v[j*4+i], v[j*4+2+i] = float32(w.At(i, j)), -float32(w.At(i, j))
				}
			}
		case l.Size() == 2:
			v[0], v[1] = float32(w.At(2, 0)), float32(w.At(2, 1))
		}
	}
	o := Interpolation{[]path.InterpolantTarget{what}}
	kind := o.Predicts()
	targets := o.Targets
	f, err := field.NewBetween(p, net, m, targets, kind)
	if err != nil {
		return err
	}
	exact, err := field.NewInterpolant(p, pairs)
	if err != nil {
		return err
	}
	var e ito.Field = exact
	switch kind {
	case ito.PredScore:
		e = exact.Score()
	case ito.PredEps:
		e = exact.Eta()
	case path.PredReduced:
		e = exact.Reduced()
	}
	pts := ito.NewStates(300, 2, 0)
	for i := range pts.N {
		c := p.Interpolation(at)
		for k := range 2 {
			pts.Row(i)[k] = c.A*l.rows.x0.Row(i)[k] + c.B*l.x1.Row(i)[k] + c.Gamma*l.z.Row(i)[k]
		}
	}
	u, v := pts.Like(2), pts.Like(2)
	if err := errors.Join(f.Predict(context.Background(), u, pts, ito.Times{at}, ito.Cond{}),
		e.Predict(context.Background(), v, pts, ito.Times{at}, ito.Cond{})); err != nil {
		return err
	}
	num, den := 0.0, 0.0
	for i := range u.X {
		num += (u.X[i] - v.X[i]) * (u.X[i] - v.X[i])
		den += v.X[i] * v.X[i]
	}
	off, size := math.Sqrt(num/float64(len(u.X))), math.Sqrt(den/float64(len(u.X)))
	allowed := limit*size + 1e-6
	if what == path.TargetEta {
		allowed += 3 * math.Sqrt(3/float64(b.N))
	}
	if !(off <= allowed) {
		return fmt.Errorf("the minimiser is off by %.3g, the field's size is %.3g", off, size)
	}
	return nil
}

// pairConfig is a small training on two targets.
func pairConfig(n int, targets ...path.InterpolantTarget) (Config, nn.MLP, nn.Ports) {
	c := short(n)
	c.Objective, c.Times = Interpolation{targets}, 0
	return c, nn.MLP{Width: 64}, nn.Flat(2, 2*len(targets), 0)
}

// Uncorrelated Gaussian ends are exact before the first step, on every family and for every target.
func TestGaussianEndsAtTheStart(t *testing.T) {
	g0, g1 := field.Mixture{D: 2, Means: []float64{-3, 2}, Var: []float64{1, 2}},
		field.Mixture{D: 2, Means: []float64{1, 0}, Var: []float64{1.5, .5}}
	free, same := must(field.Independent(g0, g1)), must(field.Same(g0))
	for name, p := range families() {
		law := free
		if _, one := p.(path.OneSided); one || name == "mirror" {
			law = same
		}
		for _, targets := range [][]path.InterpolantTarget{{path.TargetB, path.TargetS}, {path.TargetV, path.TargetEta},
			{path.TargetV}} {
			if len(targets) == 2 && without(p, targets[1]) || len(targets) == 1 && !without(p, path.TargetS) {
				continue
			}
			net := must(nn.New(nn.MLP{Width: 8, Depth: 1}, nn.Flat(2, 2*len(targets), 0), 1))
			f := must(field.NewBetween(p, net, law.Moments(), targets, ito.PredVelocity))
			exact := must(field.NewInterpolant(p, law))
			x := ito.NewStates(20, 2, 0)
			if err := g0.Draw(x, ito.Seed(2)); err != nil {
				t.Fatal(err)
			}
			check := func(kind ito.Prediction, e ito.Field) {
				t.Helper()
				g := must(f.As(kind)).(*field.Net)
				for _, at := range []float64{.01, .3, .5, .97} {
					u, v := x.Like(2), x.Like(2)
					if err := errors.Join(g.Predict(context.Background(), u, x, ito.Times{at}, ito.Cond{}),
						e.Predict(context.Background(), v, x, ito.Times{at}, ito.Cond{})); err != nil {
						t.Fatal(name, err)
					}
					for i := range u.X {
						if math.Abs(u.X[i]-v.X[i]) > 1e-9*(1+math.Abs(v.X[i])) {
							t.Fatalf("%s, %v: %s at %g is %g, want %g", name, targets, kind, at, u.X[i], v.X[i])
						}
					}
				}
			}
			check(ito.PredVelocity, exact)
			if len(targets) == 2 {
				check(ito.PredScore, exact.Score())
				check(ito.PredEps, exact.Eta())
			}
		}
	}
}

// A network learns the exact velocity and score between two mixtures, by every pair of objectives. The errors are
// relative mean squares over x_t of uniform times in [.05,.95]; the fixed seed gives at most .02 and .06.
func TestLearnsTheExactInterpolant(t *testing.T) {
	if testing.Short() {
		t.Skip("four trainings")
	}
	m0 := field.Mixture{D: 2, Means: []float64{-2, 0, 2, 1}, Var: []float64{.3, .2}}
	m1 := field.Mixture{D: 2, Means: []float64{0, -2, 0, 2}, Var: []float64{.5, .4}}
	src, drawn := Data{X: ito.NewStates(20000, 2, 0)}, Drawn{X: ito.NewStates(20000, 2, 0)}
	if err := errors.Join(m0.Draw(src.X, ito.Seed(1)), m1.Draw(drawn.X, ito.Seed(2))); err != nil {
		t.Fatal(err)
	}
	for _, o := range interpolations[4:] {
		p := path.Interpolant{Noise: path.BrownianNoise}
		c, shape, ports := pairConfig(2500, o.Targets...)
		c.Batch, c.EMA.Decay, c.LR = 128, .99, 2e-3
		tr := must(NewTrainer(c, must(nn.New(shape, ports, 3)), src, drawn))
		if err := tr.Bind(p); err != nil {
			t.Fatal(err)
		}
		if err := tr.Run(context.Background(), c.Steps, LoopOptions{}); err != nil {
			t.Fatal(err)
		}
		b := must(tr.Field())
		exact := must(field.NewInterpolant(p, must(field.Independent(m0, m1))))
		x, times := ito.NewStates(4000, 2, 0), make(ito.Times, 4000)
		for i := range times {
			times[i] = .05 + .9*(float64(i)+.5)/4000
		}
		if err := p.Between(x, src.X.Slice(0, 4000), drawn.X.Slice(0, 4000), times, ito.Seed(9)); err != nil {
			t.Fatal(err)
		}
		relative := func(f, e ito.Field) float64 {
			u, v := x.Like(2), x.Like(2)
			if err := errors.Join(f.Predict(context.Background(), u, x, times, ito.Cond{}),
				e.Predict(context.Background(), v, x, times, ito.Cond{})); err != nil {
				t.Fatal(err)
			}
			num, den := 0.0, 0.0
			for i := range u.X {
				num += (u.X[i] - v.X[i]) * (u.X[i] - v.X[i])
				den += v.X[i] * v.X[i]
			}
			return num / den
		}
		eb, es := relative(b, exact), relative(must(b.As(ito.PredScore)), exact.Score())
		t.Logf("%s: relative error of b %.4f, of s %.4f", o.Name(), eb, es)
		if !(eb < .04 && es < .1) {
			t.Errorf("%s: relative error of b %.4f, of s %.4f", o.Name(), eb, es)
		}
	}
}

// Stopping and resuming gives the same bytes, with conditions and coupled ends.
func TestInterpolantTrainerSameBytes(t *testing.T) {
	d := moons(50)
	src, drawn := d, Drawn{X: moons(50).X.Clone(), Coupled: true}
	c, shape, ports := pairConfig(20, path.TargetB, path.TargetEta)
	shape.Width, ports = 16, nn.Flat(2, 4, 2)
	fresh := func() *Trainer {
		tr := must(NewTrainer(c, must(nn.New(shape, ports, 3)), src, drawn))
		if err := tr.Bind(path.Interpolant{}); err != nil {
			t.Fatal(err)
		}
		return tr
	}
	whole, part, rest := fresh(), fresh(), fresh()
	if err := errors.Join(whole.Run(context.Background(), 20, LoopOptions{}), part.Run(context.Background(), 7,
		LoopOptions{}),
		rest.Restore(part.State()), rest.Run(context.Background(), 20, LoopOptions{})); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(whole.State(), rest.State()) {
		t.Error("a resumed training ended elsewhere")
	}
}

func TestInterpolantTrainerRefuses(t *testing.T) {
	d := moons(10)
	c, shape, ports := pairConfig(5, path.TargetB, path.TargetEta)
	net := must(nn.New(shape, ports, 3))
	bad := d.X.Clone()
	bad.X[3] = math.Inf(1)
	src := Data{X: d.X}
	for name, p := range map[string]Drawn{
		"coupled to nothing": {Coupled: true}, "coupled to fewer": {X: d.X.Slice(0, 5), Coupled: true},
		"another dimension": {X: ito.NewStates(4, 3, 0)}, "both": {X: d.X, Prior: &ito.Gaussian{}},
		"a prior that is none": {Prior: &ito.Gaussian{}},
	} {
		if _, err := NewTrainer(c, net, src, p); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewTrainer(c, net, Data{}, Drawn{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("no rows: %v", err)
	}
	var nf *ito.NonFiniteError
	if _, err := NewTrainer(c, net, src, Drawn{X: bad}); !errors.As(err, &nf) {
		t.Errorf("an infinity at the drawn end: %v", err)
	}
	dsm := c
	dsm.Objective = ScoreMatching{}
	if err := must(NewTrainer(dsm, small(t, 2, 0), src, Drawn{})).Bind(path.Interpolant{}); !errors.Is(err,
		ito.ErrInput) {
		t.Errorf("score matching: %v", err)
	}
	if err := must(NewTrainer(c, net, src, Drawn{})).Bind(path.VP{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a path of one end: %v", err)
	}
	tr := must(NewTrainer(c, net, src, Drawn{}))
	if err := tr.Run(context.Background(), 1, LoopOptions{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("no path: %v", err)
	}
	if err := tr.Bind(path.Interpolant{Noise: path.NoNoise}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("η without noise: %v", err)
	}
	c, shape, ports = pairConfig(5, path.TargetEta)
	tr = must(NewTrainer(c, must(nn.New(shape, ports, 3)), src, Drawn{}))
	if err := tr.Bind(path.Interpolant{}); err != nil {
		t.Fatal(err)
	}
	if _, err := must(tr.Field()).As(ito.PredVelocity); !errors.Is(err, ito.ErrInput) {
		t.Errorf("b from η: %v", err)
	}
}
