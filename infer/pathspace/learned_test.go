package pathspace

import (
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/rng"

	"gonum.org/v1/gonum/floats"
)

// processes are short processes with float64 networks in dimension 2, away from the zeros of their start.
func processes(t *testing.T) map[string]*Learned {
	t.Helper()
	out := map[string]*Learned{}
	add := func(name string, pr Process, err error) {
		if err != nil {
			t.Fatal(err)
		}
		l, err := newLearned(pr, 2, NetworkShape{Width: 12, Depth: 2}, 3, true, ad.F64)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = l
		for _, n := range (&Training{Control: l}).controls() {
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
	}{"bridge": {DIS{K: 5}, false}, "bridge, Euler": {DIS{K: 5, Euler: true}, false},
		"bridge, Hutchinson": {DIS{K: 5, Euler: true}, true}} {
		b, err := newBridge(c.form, c.probe, 2, NetworkShape{Width: 12, Depth: 2}, 7, ad.F64)
		add(name, b, err)
	}
	return out
}

// slopes compares a gradient with central differences of f in every network, along the gradient and along a fixed
// direction, to 1e-6 of the gradient's norm.
func slopes(t *testing.T, what string, c *Training, grads [][]float64, f func() float64) {
	t.Helper()
	for n, l := range c.controls() {
		start := slices.Clone(l.wide)
		norm := math.Sqrt(floats.Dot(grads[n], grads[n]))
		fixed := make([]float64, len(start))
		rng.NewKey(6, rng.PurposeUser, 0, 0).Normals64(fixed, len(fixed), []uint64{1})
		for _, dir := range [][]float64{grads[n], fixed} {
			long := math.Sqrt(floats.Dot(dir, dir))
			at := func(h float64) float64 {
				for i, v := range dir {
					l.wide[i] = start[i] + h*v/long
				}
				defer copy(l.wide, start)
				return f()
			}
			const h = 2e-5
			got, want := floats.Dot(grads[n], dir)/long, (at(h)-at(-h))/(2*h)
			if !(math.Abs(got-want) <= 1e-6*norm) || norm == 0 {
				t.Errorf("%s, network %d: slope %v, want %v (norm %v)", what, n, got, want, norm)
			}
		}
	}
}

func (c *Training) gradients(t *testing.T, b int) [][]float64 {
	t.Helper()
	_, grads := c.evaluate(t, b, 0)
	return grads
}

// evaluate is the loss of b paths of a step with float64 networks: the costs, and the gradient of every control.
func (c *Training) evaluate(t *testing.T, b, step int) (cost []float64, grads [][]float64) {
	t.Helper()
	loss := newControlLoss(c, b)
	var nets []*nn.Weights
	var weights, out []ad.Array
	for _, l := range c.controls() {
		nets = append(nets, l.networks()...)
		grads = append(grads, make([]float64, len(l.Params)))
		weights, out = append(weights, l.weights()...), append(out, l.split64(grads[len(grads)-1])...)
	}
	prog, err := ad.Compile(func(g *ad.Graph) {
		fs, params := applies(g, nets, ad.F64)
		sum, over := loss.TraceRatio(g, fs)
		for _, v := range ad.Grad(sum, params...) {
			g.Output("gradient", ad.Div(v, ad.BroadcastTo(over, v.Shape()...)))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := loss.Draw(t.Context(), uint32(step), nil); err != nil {
		t.Fatal(err)
	}
	seed, purpose := loss.Noise()
	if err := prog.Run(t.Context(), ad.Call{N: b, Seed: seed, Purpose: purpose, Step: uint32(step),
		In: append(weights, loss.Inputs()...), Out: append(loss.Outputs(), out...)}); err != nil {
		t.Fatal(err)
	}
	return loss.cost, grads
}
