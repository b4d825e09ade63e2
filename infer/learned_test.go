package infer

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/rng"
)

// asymmetric is a mixture without symmetry that knows its Hessian.
var asymmetric = NormalMixture{Weights: []float64{.3, .7}, Means: [][]float64{{-1, 0}, {2, 1}}, Vars: [][]float64{{.64, .5}, {.8, .64}}}

// processes are short processes with float64 networks in dimension 2, away from the zeros of their start.
func processes(t *testing.T) map[string]*Learned {
	t.Helper()
	out := map[string]*Learned{}
	add := func(name string, pr Process, err error) {
		if err != nil {
			t.Fatal(err)
		}
		l, err := newLearned(pr, 2, Shape{Width: 12, Depth: 2}, 3, true, ad.F64)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = l
		for _, n := range (&Training{Control: l}).networks() {
			z := make([]float64, len(n.wide))
			rng.NewKey(5, rng.PurposeUser, 0, 0).Normals64(z, len(z), []uint64{uint64(len(name))})
			for i, v := range z {
				n.wide[i] += .1 * v
			}
		}
	}
	add("pis", PIS{K: 5}, nil)
	add("dds", DDS{K: 5}, nil)
	add("dis", DIS{K: 5}, nil)
	add("dis, Euler", DIS{K: 5, Euler: true}, nil)
	for name, c := range map[string]struct {
		form  DIS
		probe bool
	}{"bridge": {DIS{K: 5}, false}, "bridge, Euler": {DIS{K: 5, Euler: true}, false}, "bridge, Hutchinson": {DIS{K: 5, Euler: true}, true}} {
		b, err := newBridge(c.form, c.probe, 2, Shape{Width: 12, Depth: 2}, 7, ad.F64)
		add(name, b, err)
	}
	return out
}

// slopes compares a gradient with central differences of f in every network, along the gradient and along a fixed direction, to 1e-6 of the gradient's norm.
func slopes(t *testing.T, what string, c *Training, grads [][]float64, f func() float64) {
	t.Helper()
	for n, l := range c.networks() {
		start := slices.Clone(l.wide)
		norm := math.Sqrt(dot(grads[n], grads[n]))
		fixed := make([]float64, len(start))
		rng.NewKey(6, rng.PurposeUser, 0, 0).Normals64(fixed, len(fixed), []uint64{1})
		for _, dir := range [][]float64{grads[n], fixed} {
			long := math.Sqrt(dot(dir, dir))
			at := func(h float64) float64 {
				for i, v := range dir {
					l.wide[i] = start[i] + h*v/long
				}
				defer copy(l.wide, start)
				return f()
			}
			const h = 2e-5
			got, want := dot(grads[n], dir)/long, (at(h)-at(-h))/(2*h)
			if !(math.Abs(got-want) <= 1e-6*norm) || norm == 0 {
				t.Errorf("%s, network %d: slope %v, want %v (norm %v)", what, n, got, want, norm)
			}
		}
	}
}

func (c *Training) gradients(t *testing.T, p *paths) [][]float64 {
	t.Helper()
	var grads [][]float64
	for _, l := range c.networks() {
		grads = append(grads, make([]float64, len(l.Params)))
	}
	if _, err := c.objective().gradient(t.Context(), c, p, grads); err != nil {
		t.Fatal(err)
	}
	return grads
}

// The gradient of KL, which passes through the paths, is the slope of the mean cost over the same noise.
func TestKLGradient(t *testing.T) {
	for what, l := range processes(t) {
		c := &Training{Target: asymmetric, Control: l, Objective: KL{}, Batch: 24, Seed: 1}
		mean := func() float64 {
			p, err := c.simulate(t.Context(), 24)
			if err != nil {
				t.Fatal(err)
			}
			loss, _, err := p.summary(0)
			if err != nil || loss.Dropped > 0 {
				t.Fatal(loss, err)
			}
			return -loss.ELBO / 2
		}
		p, err := c.simulate(t.Context(), 24)
		if err != nil {
			t.Fatal(err)
		}
		slopes(t, what, c, c.gradients(t, p), mean)
	}
}

// The gradient of the log-variance loss, computed without passing through the paths, is the slope of Var R along held paths.
func TestLogVarianceGradient(t *testing.T) {
	for what, l := range processes(t) {
		c := &Training{Target: asymmetric, Control: l, Batch: 24, Seed: 1}
		p, err := c.simulate(t.Context(), 24)
		if err != nil {
			t.Fatal(err)
		}
		slopes(t, what, c, c.gradients(t, p), func() float64 { return heldVariance(t, c, p) })
	}
}

// Where ρ is a multiple of the uncontrolled process's end and the control is zero, both losses are at their optimum: Var R and its gradient vanish, every path costs −log Z.
func TestLossesAtTheirOptimum(t *testing.T) {
	target := NormalMixture{Weights: []float64{math.E}, Means: [][]float64{{0, 0}}, Vars: [][]float64{{1, 1}}}
	for _, pr := range []Process{PIS{K: 6}, DDS{K: 6}} {
		l, err := newLearned(pr, 2, Shape{Width: 8, Depth: 1}, 1, true, ad.F64)
		if err != nil {
			t.Fatal(err)
		}
		clear(l.wide[len(l.wide)-1:]) // NN₂
		c := &Training{Target: target, Control: l, Batch: 16}
		p, err := c.simulate(t.Context(), 16)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.cost {
			if math.Abs(r+1) > 1e-12 {
				t.Errorf("%s: cost %v, want −1", pr.Name(), r)
			}
		}
		for _, v := range c.gradients(t, p)[0] {
			if math.Abs(v) > 1e-12 {
				t.Fatalf("%s: gradient %v", pr.Name(), v)
			}
		}
	}
}

// A path whose cost is not finite counts for nothing in either loss, and is counted.
func TestLossesDropPaths(t *testing.T) {
	target := cutMixture{asymmetric}
	for _, o := range []Objective{LogVariance{}, KL{}} {
		l, err := NewLearned(DIS{K: 5}, 2, Shape{Width: 8, Depth: 1}, 1)
		if err != nil {
			t.Fatal(err)
		}
		c := &Training{Target: target, Control: l, Objective: o, Batch: 64, Iterations: 3}
		if err := c.Run(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if c.Dropped == 0 || c.Dropped == 3*64 {
			t.Errorf("%s: %d of 192 paths dropped", o.Name(), c.Dropped)
		}
		for _, v := range l.Params {
			if v-v != 0 {
				t.Fatalf("%s: a weight is %v", o.Name(), v)
			}
		}
	}
}

// cutMixture has no density, gradient or Hessian where x_0 < −1.
type cutMixture struct{ NormalMixture }

func (m cutMixture) Gradient(ctx context.Context, logp []float64, grad, x ito.States) error {
	if err := m.NormalMixture.Gradient(ctx, logp, grad, x); err != nil {
		return err
	}
	for i := range x.N {
		if x.Row(i)[0] < -1 {
			logp[i], grad.Row(i)[0] = math.NaN(), math.NaN()
		}
	}
	return nil
}

func (m cutMixture) HVP(ctx context.Context, hv, x, v ito.States) error {
	if err := m.NormalMixture.HVP(ctx, hv, x, v); err != nil {
		return err
	}
	for i := range x.N {
		if x.Row(i)[0] < -1 {
			hv.Row(i)[1] = math.NaN()
		}
	}
	return nil
}

// heldVariance is Var R/d of the present controls along the places of p, the noise absorbing the change of the control.
func heldVariance(t *testing.T, c *Training, p *paths) float64 {
	t.Helper()
	pr, d := c.Control.Process, p.d
	cost := slices.Clone(p.cost)
	for k := range p.steps {
		x, y, old, ε := p.at(p.x, k, d), p.at(p.x, k+1, d), p.at(p.u, k, d), p.at(p.ε, k, d)
		u, v, div := make([]float64, len(x)), make([]float64, len(x)), make([]float64, p.b)
		if err := c.Control.Control(t.Context(), k, d, u, x, p.at(p.guide, k, d)); err != nil {
			t.Fatal(err)
		}
		b, both := pr.(Bridge)
		if both {
			if err := b.evaluate(t.Context(), k, v, div, x, y, p.at(p.z, k, d)); err != nil {
				t.Fatal(err)
			}
		}
		move, rate := pr.Move(k), pr.Rate(k)
		for i := range p.b {
			e := make([]float64, d)
			for j := range e {
				e[j] = ε[i*d+j] - rate*(u[i*d+j]-old[i*d+j])
			}
			row := func(x []float64) []float64 { return slices.Clone(p.row(x, i)) }
			cost[i] += move(row(x), row(u), e) - move(row(x), row(old), p.row(ε, i))
			if both {
				cost[i] += b.extra(k, row(x), row(y), row(u), e, row(v), div[i]) - b.extra(k, row(x), row(y), row(old), p.row(ε, i), p.row(p.at(p.v, k, d), i), p.div[k*p.b+i])
			}
		}
	}
	held := *p
	held.cost = cost
	loss, _, err := held.summary(0)
	if err != nil {
		t.Fatal(err)
	}
	return loss.Variance
}

// KL needs the Hessian of log ρ and says so of a target that has none.
func TestKLRefuses(t *testing.T) {
	l, err := NewLearned(PIS{K: 3}, 1, Shape{Width: 8, Depth: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	c := &Training{Target: normal(0, []float64{1}, []float64{1}), Control: l, Objective: KL{}}
	if _, err := c.Step(t.Context()); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), "Hessian-vector") {
		t.Errorf("%v", err)
	}
}

// Both losses lead to the same control: for a normal target from δ_0 that is Föllmer's drift (b − ax)/(1 + a(1−t)), a = 1/s²−1, b = m/s², which each meets within .06 in the mean over the exact process, and so each other.
func TestLossesShareTheirMinimum(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of training")
	}
	target := NormalMixture{Weights: []float64{1}, Means: [][]float64{{.8}}, Vars: [][]float64{{.5}}}
	const a, b, steps = 1/.5 - 1, .8 / .5, 20
	controls := map[string][]float64{}
	var at [][2]float64
	for k := range steps {
		for _, z := range []float64{-1, 0, 1} { // X_t of the exact process: mean tm, variance t(1−t) + t²s²
			s := float64(k) / steps
			at = append(at, [2]float64{float64(k), .8*s + z*math.Sqrt(s*(1-s)+s*s*.5)})
		}
	}
	for _, o := range []Objective{LogVariance{}, KL{}} {
		l, err := NewLearned(PIS{K: steps, Sigma: 1, T: 1}, 1, Shape{Width: 32, Depth: 2}, 1)
		if err != nil {
			t.Fatal(err)
		}
		c := &Training{Target: target, Control: l, Objective: o, Batch: 256, Iterations: 400, LearningRate: .01}
		if err := c.Run(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		off := 0.
		for _, p := range at {
			x, u, g := []float64{p[1]}, make([]float64, 1), make([]float64, 1)
			guideRows(l.Process, int(p[0]), g, x, []float64{(.8 - p[1]) / .5})
			if err := l.Control(t.Context(), int(p[0]), 1, u, x, g); err != nil {
				t.Fatal(err)
			}
			controls[o.Name()] = append(controls[o.Name()], u[0])
			off += math.Abs(u[0]-(b-a*p[1])/(1+a*(1-p[0]/steps))) / float64(len(at))
		}
		t.Logf("%s: mean distance from Föllmer's drift %.3f", o.Name(), off)
		if off > .06 {
			t.Errorf("%s: the control is off by %v in the mean", o.Name(), off)
		}
	}
	apart := 0.
	for i, u := range controls["kl"] {
		apart += math.Abs(u-controls["log-variance"][i]) / float64(len(at))
	}
	t.Logf("apart by %.3f", apart)
	if apart > .06 {
		t.Errorf("the controls of the two losses are %v apart", apart)
	}
}

// A few hundred iterations turn paths of little weight into nearly equal ones, with the right log Z of an asymmetric mixture; and a continued training has the bytes of one that was not interrupted.
func TestLogVarianceTrains(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of training")
	}
	target := mixture([]float64{.5 * math.E, 1.5 * math.E}, [][]float64{{-1.5}, {1.5}}, .6)
	for _, pr := range []Process{PIS{K: 20}, DIS{K: 20}} {
		l, err := NewLearned(pr, 1, Shape{Width: 32, Depth: 2}, 1)
		if err != nil {
			t.Fatal(err)
		}
		quality := func() (Evidence, float64) {
			e, s, _ := evidence(t, target, Controlled{Process: pr, Control: l, Particles: 2000}, 3)
			return e, Qualities(s)[0].ESS / 2000
		}
		_, before := quality()
		c := &Training{Target: target, Control: l, Batch: 256, Iterations: 200, LearningRate: .01}
		for range 200 {
			if _, err := c.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		e, after := quality()
		t.Logf("%s: weights' ESS %.3f → %.3f, log Z %.4f ± %.4f (%.4f)", pr.Name(), before, after, e.LogZ, e.SD, 1+math.Log(2))
		if after < .7 || math.Abs(e.LogZ-1-math.Log(2)) > .05 {
			t.Errorf("%s: ESS %v → %v, log Z %v", pr.Name(), before, after, e.LogZ)
		}
	}
}

// Training is addressed: interrupted and continued it gives the same weights.
func TestLogVarianceResumes(t *testing.T) {
	target := normal(0, []float64{1}, []float64{.5})
	make := func() *Training {
		l, err := NewLearned(DDS{K: 5}, 1, Shape{Width: 8, Depth: 1}, 1)
		if err != nil {
			t.Fatal(err)
		}
		return &Training{Target: target, Control: l, Batch: 16, Seed: 2}
	}
	whole := make()
	for range 6 {
		if _, err := whole.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	first := make()
	for range 3 {
		if _, err := first.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	second := make()
	copy(second.Control.Params, first.Control.Params)
	second.Done, second.Moments = first.Done, first.Moments
	for range 3 {
		if _, err := second.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for i, v := range second.Control.Params {
		if v != whole.Control.Params[i] {
			t.Fatalf("weight %d is %v, want %v", i, v, whole.Control.Params[i])
		}
	}
}
