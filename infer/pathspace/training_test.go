package pathspace

import (
	"bytes"
	"context"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
)

// Where ρ is a multiple of the uncontrolled process's end and the control is zero, both losses are at their
// optimum: Var R and its gradient vanish, every path costs −log Z.
func TestLossesAtTheirOptimum(t *testing.T) {
	target := infer.NormalMixture{Weights: []float64{math.E}, Means: [][]float64{{0, 0}}, Vars: [][]float64{{1, 1}}}
	for _, pr := range []Process{PIS{K: 6}, DDS{K: 6}} {
		l, err := newLearned(pr, 2, NetworkShape{Width: 8, Depth: 1}, 1, true, ad.F64)
		if err != nil {
			t.Fatal(err)
		}
		clear(l.wide[len(l.wide)-1:]) // NN₂
		c := &Training{Target: target, Control: l, Batch: 16}
		p, err := c.simulate(t.Context(), 16, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.cost {
			if math.Abs(r+1) > 1e-12 {
				t.Errorf("%s: cost %v, want −1", pr.Name(), r)
			}
		}
		for _, v := range c.gradients(t, 16)[0] {
			if math.Abs(v) > 1e-12 {
				t.Fatalf("%s: gradient %v", pr.Name(), v)
			}
		}
	}
}

// A path whose cost is not finite counts for nothing in either loss, and is counted.
func TestLossesDropPaths(t *testing.T) {
	target := cutMixture{infertest.Asymmetric}
	for _, o := range []PathLoss{LogVariance{}, KL{}} {
		l, err := NewLearned(DIS{K: 5}, 2, NetworkShape{Width: 8, Depth: 1}, 1)
		if err != nil {
			t.Fatal(err)
		}
		c := &Training{Target: target, Control: l, PathLoss: o, Batch: 64, Iterations: 3}
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
type cutMixture struct{ infer.NormalMixture }

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

// Both losses lead to the same control: for a normal target from δ_0 that is Föllmer's drift (b − ax)/(1 + a(1−t)),
// a = 1/s²−1, b = m/s², which each meets within .06 in the mean over the exact process, and so each other.
func TestLossesShareTheirMinimum(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of training")
	}
	target := infer.NormalMixture{Weights: []float64{1}, Means: [][]float64{{.8}}, Vars: [][]float64{{.5}}}
	const a, b, steps = 1/.5 - 1, .8 / .5, 20
	controls := map[string][]float64{}
	var at [][2]float64
	for k := range steps {
		for _, z := range []float64{-1, 0, 1} { // X_t of the exact process: mean tm, variance t(1−t) + t²s²
			s := float64(k) / steps
			at = append(at, [2]float64{float64(k), .8*s + z*math.Sqrt(s*(1-s)+s*s*.5)})
		}
	}
	for _, o := range []PathLoss{LogVariance{}, KL{}} {
		l, err := NewLearned(PIS{K: steps, Sigma: 1, T: 1}, 1, NetworkShape{Width: 32, Depth: 2}, 1)
		if err != nil {
			t.Fatal(err)
		}
		c := &Training{Target: target, Control: l, PathLoss: o, Batch: 256, Iterations: 400, LearningRate: .01}
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

// A few hundred iterations turn paths of little weight into nearly equal ones, with the right log Z of an
// asymmetric mixture; and a continued training has the bytes of one that was not interrupted.
func TestLogVarianceTrains(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of training")
	}
	target := infertest.Mixture([]float64{.5 * math.E, 1.5 * math.E}, [][]float64{{-1.5}, {1.5}}, .6)
	for _, pr := range []Process{PIS{K: 20}, DIS{K: 20}} {
		l, err := NewLearned(pr, 1, NetworkShape{Width: 32, Depth: 2}, 1)
		if err != nil {
			t.Fatal(err)
		}
		quality := func() (infer.Evidence, float64) {
			e, s, _ := infertest.Evidence(t, target, Controlled{Process: pr, Control: l, Particles: 2000}, 3)
			return e, infer.Qualities(s)[0].ESS / 2000
		}
		_, before := quality()
		c := &Training{Target: target, Control: l, Batch: 256, Iterations: 200, LearningRate: .01}
		for range 200 {
			if _, err := c.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		e, after := quality()
		t.Logf("%s: weights' ESS %.3f → %.3f, log Z %.4f ± %.4f (%.4f)", pr.Name(), before, after, e.LogZ, e.SD,
			1+math.Log(2))
		if after < .7 || math.Abs(e.LogZ-1-math.Log(2)) > .05 {
			t.Errorf("%s: ESS %v → %v, log Z %v", pr.Name(), before, after, e.LogZ)
		}
	}
}

// The program of a loss sees the paths that plain numbers see: the same costs, for every process, target with NaN
// included, and both losses.
func TestProgramSeesThePaths(t *testing.T) {
	for what, l := range processes(t) {
		for _, o := range []PathLoss{LogVariance{}, KL{}} {
			for _, target := range []ito.Target{infertest.Asymmetric, cutMixture{infertest.Asymmetric}} {
				c := &Training{Target: target, Control: l, PathLoss: o, Seed: 3}
				p, err := c.simulate(t.Context(), 70, 2)
				if err != nil {
					t.Fatal(err)
				}
				cost, _ := c.evaluate(t, 70, 2)
				for i, r := range cost {
					if want := p.cost[i]; !(math.Abs(r-want) <= 1e-10*(1+math.Abs(want))) && math.Abs(want) < mostCost {
						t.Errorf("%s, %s: path %d costs %v, want %v", what, o.Name(), i, r, want)
					}
					if (math.Abs(r) < mostCost) != (math.Abs(p.cost[i]) < mostCost) {
						t.Errorf("%s, %s: path %d costs %v, want %v", what, o.Name(), i, r, p.cost[i])
					}
				}
			}
		}
	}
}

// Paths whose derivative runs away are lost alone: the gradient of the others stays a number.
func TestRunawayDerivatives(t *testing.T) {
	l, err := NewLearned(DIS{K: 5}, 2, NetworkShape{Width: 8, Depth: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	c := &Training{Target: wildMixture{infertest.Asymmetric}, Control: l, PathLoss: KL{}, Batch: 64, Iterations: 2}
	if err := c.Run(t.Context(), nil); err != nil || c.Dropped != 0 {
		t.Fatal(err, c.Dropped)
	}
	for _, v := range l.Params {
		if v-v != 0 {
			t.Fatalf("a weight is %v", v)
		}
	}
}

// wildMixture has no Hessian where x_0 < 0, though a density and a gradient.
type wildMixture struct{ infer.NormalMixture }

func (m wildMixture) HVP(ctx context.Context, hv, x, v ito.States) error {
	if err := m.NormalMixture.HVP(ctx, hv, x, v); err != nil {
		return err
	}
	for i := range x.N {
		if x.Row(i)[0] < 0 {
			hv.Row(i)[1] = math.Inf(1)
		}
	}
	return nil
}

// Training is addressed: interrupted and continued it gives the same weights.
func TestLogVarianceResumes(t *testing.T) {
	target := infertest.Normal(0, []float64{1}, []float64{.5})
	make := func() *Training {
		l, err := NewLearned(DDS{K: 5}, 1, NetworkShape{Width: 8, Depth: 1}, 1)
		if err != nil {
			t.Fatal(err)
		}
		return &Training{Target: target, Control: l, Batch: 16, Seed: 2}
	}
	steps := func(c *Training, n int) {
		for range n {
			if _, err := c.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	whole, first, second := make(), make(), make()
	steps(whole, 6)
	steps(first, 3)
	if err := second.Restore(infertest.StateOf(t, first)); err != nil {
		t.Fatal(err)
	}
	steps(second, 3)
	for i, v := range second.Control.Params {
		if v != whole.Control.Params[i] {
			t.Fatalf("weight %d is %v, want %v", i, v, whole.Control.Params[i])
		}
	}
}

// The weights do not depend on the number of workers, for either loss and with two networks.
func TestTrainingIgnoresWorkers(t *testing.T) {
	train := func(o PathLoss, pool *ad.Pool) []byte {
		b, err := NewBridge(DIS{K: 6}, false, 2, NetworkShape{Width: 16, Depth: 1}, 2)
		if err != nil {
			t.Fatal(err)
		}
		l, err := NewLearned(b, 2, NetworkShape{Width: 16, Depth: 1}, 1)
		if err != nil {
			t.Fatal(err)
		}
		c := &Training{Target: infertest.Asymmetric, Control: l, PathLoss: o, Batch: 300, Iterations: 3, Pool: pool}
		if err := c.Run(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		return infertest.StateBytes(t, c)
	}
	pool := ad.NewPool(3)
	defer pool.Close()
	for _, o := range []PathLoss{LogVariance{}, KL{}} {
		if !bytes.Equal(train(o, nil), train(o, pool)) {
			t.Errorf("%s: other weights with three workers", o.Name())
		}
	}
}
