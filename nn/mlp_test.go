package nn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/rng"
)

// golden is one case of testdata/golden.json, computed by PyTorch in float64.
type golden struct {
	Config struct {
		In, Out, Cond int
		Kind          string
		MLP
	}
	N             int
	X, C, Cond, Y []float64
	Params, Out   []float64
	Loss          float64
	Grad, After   []float64
}

func readGolden(t *testing.T) []golden {
	t.Helper()
	b, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []golden
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func narrow(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

func (c golden) name() string {
	return fmt.Sprintf("%s-%s-%s", c.Config.Kind, c.Config.Activation, c.Config.Time)
}

func (c golden) mlp() MLP {
	c.Config.MLP.Residual = c.Config.Kind == "residual"
	return c.Config.MLP
}

// net makes the network of a case.
func (c golden) net(t *testing.T) *Weights {
	t.Helper()
	n, err := FromParams(c.mlp(), Flat(c.Config.In, c.Config.Out, c.Config.Cond), narrow(c.Params))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// lossProgram traces outputs, the mean squared error and its gradient with respect to the parameters and x.
func lossProgram(t testing.TB, n *Weights, d ad.DType) *ad.Program {
	t.Helper()
	p, err := ad.Compile(func(g *ad.Graph) {
		x, feat, y := g.Input("x", d, n.Ports.Reads()), g.Input("c", d, 1), g.Input("y", d, n.Ports.Writes())
		var cond ad.Value
		if c := n.Ports.CondWidth(); c > 0 {
			cond = g.Input("cond", d, c)
		}
		params := n.Declare(g, d)
		out := n.Apply(g, params, x, feat, cond)
		loss := ad.BatchMean(ad.Mean(ad.Square(ad.Sub(out, y))))
		g.Output("out", out)
		g.Output("loss", loss)
		for _, v := range ad.Grad(loss, append([]ad.Value{x}, params...)...) {
			g.Output("grad", v)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

type result struct {
	out, loss, dx, grad []float64
}

func (c golden) run64(t *testing.T, p *ad.Program, n *Weights, params []float64) result {
	t.Helper()
	r := result{make([]float64, len(c.Out)), make([]float64, 1), make([]float64, len(c.X)),
		make([]float64, len(params))}
	in := []ad.Array{ad.F64s(c.X), ad.F64s(c.C), ad.F64s(c.Y)}
	if n.Ports.CondWidth() > 0 {
		in = append(in, ad.F64s(c.Cond))
	}
	err := p.Run(context.Background(), ad.Call{N: c.N, In: append(in, n.Arrays64(params)...),
		Out: append([]ad.Array{ad.F64s(r.out), ad.F64s(r.loss), ad.F64s(r.dx)}, n.Arrays64(r.grad)...)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (c golden) run32(t *testing.T, p *ad.Program, n *Weights, params []float32, pool *ad.Pool) (out, loss,
	grad []float32) {
	t.Helper()
	out, loss, grad = make([]float32, len(c.Out)), make([]float32, 1), make([]float32, len(params))
	in := []ad.Array{ad.F32s(narrow(c.X)), ad.F32s(narrow(c.C)), ad.F32s(narrow(c.Y))}
	if n.Ports.CondWidth() > 0 {
		in = append(in, ad.F32s(narrow(c.Cond)))
	}
	err := p.Run(context.Background(), ad.Call{N: c.N, Pool: pool, In: append(in, n.Arrays(params)...),
		Out: append([]ad.Array{ad.F32s(out), ad.F32s(loss), ad.F32s(make([]float32, len(c.X)))}, n.Arrays(grad)...)})
	if err != nil {
		t.Fatal(err)
	}
	return out, loss, grad
}

// near fails when two slices differ by more than tol relative to 1 + |want|.
func near[T float32 | float64](t *testing.T, what string, got []T, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		if g := float64(got[i]); !(math.Abs(g-w) <= tol*(1+math.Abs(w))) {
			t.Fatalf("%s[%d] = %g, want %g", what, i, g, w)
		}
	}
}

func TestPyTorch(t *testing.T) {
	for _, c := range readGolden(t) {
		t.Run(c.name(), func(t *testing.T) {
			n := c.net(t)
			p64, p32 := lossProgram(t, n, ad.F64), lossProgram(t, n, ad.F32)
			r := c.run64(t, p64, n, n.Params64())
			near(t, "out", r.out, c.Out, 1e-12)
			near(t, "loss", r.loss, []float64{c.Loss}, 1e-12)
			near(t, "grad", r.grad, c.Grad, 1e-12)
			out, loss, grad := c.run32(t, p32, n, n.Params, nil)
			near(t, "float32 out", out, c.Out, 2e-6)
			near(t, "float32 loss", loss, []float64{c.Loss}, 2e-6)
			near(t, "float32 grad", grad, c.Grad, 2e-6)

			adam := DefaultAdam()
			adam.WeightDecay = .1
			s := NewMoments(len(n.Params))
			for range 3 {
				_, _, g := c.run32(t, p32, n, n.Params, nil)
				factor, _ := Clip(g, 1)
				adam.Step(s, n.Params, g, 1e-2, factor)
			}
			// Adam divides a gradient by its own size: where it is near 0 its rounding decides the sign of a
			// step. Three steps cannot differ by more than twice their length there.
			for i, w := range c.After {
				tol := 1e-5
				if math.Abs(c.Grad[i]) < 1e-6 {
					tol = 6e-2
				}
				if math.Abs(float64(n.Params[i])-w) > tol {
					t.Fatalf("parameter %d after three steps is %g, want %g (gradient %g)", i, n.Params[i], w,
						c.Grad[i])
				}
			}
		})
	}
}

func TestGradientMatchesDifferences(t *testing.T) {
	for _, c := range readGolden(t) {
		t.Run(c.name(), func(t *testing.T) {
			n := c.net(t)
			p := lossProgram(t, n, ad.F64)
			params := n.Params64()
			r := c.run64(t, p, n, params)
			const h = 1e-5
			check := func(what string, x []float64, i int, got float64) {
				t.Helper()
				old := x[i]
				x[i] = old + h
				up := c.run64(t, p, n, params).loss[0]
				x[i] = old - h
				down := c.run64(t, p, n, params).loss[0]
				x[i] = old
				if want := (up - down) / (2 * h); math.Abs(got-want) > 1e-8*(1+math.Abs(want)) {
					t.Fatalf("%s %d: gradient %g, difference quotient %g", what, i, got, want)
				}
			}
			for i := range params {
				check("parameter", params, i, r.grad[i])
			}
			for i := range c.X {
				check("x", c.X, i, r.dx[i])
			}
		})
	}
}

func TestNewIsAddressed(t *testing.T) {
	cfg, ports := MLP{Residual: true, Width: 16, Depth: 2}, Flat(2, 3, 4)
	a, err := New(cfg, ports, 7)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := New(cfg, ports, 7)
	other, _ := New(cfg, ports, 8)
	if !slices.Equal(a.Params, b.Params) || slices.Equal(a.Params, other.Params) {
		t.Fatal("initial weights must follow the seed and nothing else")
	}
	end := 0
	for i, tensor := range a.Layout() {
		if tensor.Offset != end {
			t.Fatalf("tensor %s begins at %d, not %d", tensor.Name, tensor.Offset, end)
		}
		end += tensor.Size()
		bound, seen := 1/math.Sqrt(float64(a.Layout()[i&^1].Shape[1])), 0.0
		if i%2 == 0 {
			bound *= math.Sqrt(6)
		}
		if i >= len(a.Layout())-2 {
			bound = 0
		}
		for _, v := range a.Params[tensor.Offset:end] {
			seen = max(seen, math.Abs(float64(v)))
		}
		if seen > bound || seen < .8*bound {
			t.Errorf("tensor %s: largest weight %g, bound %g", tensor.Name, seen, bound)
		}
	}
	if end != len(a.Params) {
		t.Fatalf("%d parameters, the layout ends at %d", len(a.Params), end)
	}
	// The first numbers of tensor 0, by their address.
	u := make([]float32, 3)
	rng.NewKey(7, rng.PurposeInit, 0, 0).Uniforms32(u, 3, []uint64{0})
	for i, v := range u {
		if want := float32((2*float64(v) - 1) * math.Sqrt(6) / math.Sqrt(2+32+4)); math.Abs(
			float64(a.Params[i]-want)) > 1e-7 {
			t.Errorf("weight %d is %g, want %g", i, a.Params[i], want)
		}
	}
	c := a.Clone()
	c.Params[0]++
	if a.Params[0] == c.Params[0] {
		t.Error("a clone shares its parameters")
	}
}

func TestConfigRefusals(t *testing.T) {
	for _, c := range []struct {
		field string
		net   MLP
		ports Ports
	}{
		{"in", MLP{}, Flat(0, 2, 0)},
		{"out", MLP{}, Flat(2, -1, 0)},
		{"cond", MLP{}, Flat(2, 2, -1)},
		{"in", MLP{}, Ports{X: []Port{{Name: "x", Shape: []int{1 << 13, 1 << 13}}}, Out: Flat(1, 1, 0).Out}},
		{"in", MLP{}, Ports{X: []Port{{Name: "x", Shape: []int{2}}, {Name: "x", Shape: []int{2}}},
			Out: Flat(1, 1, 0).Out}},
		{"ports", MLP{}, Ports{}},
		{"width", MLP{Width: -1}, Flat(2, 2, 0)},
		{"mlp", MLP{Width: 1 << 20}, Flat(2, 2, 0)}, // more parameters than there may be
		{"width", MLP{Width: 1 << 60}, Flat(2, 2, 0)},
		{"depth", MLP{Depth: 1001}, Flat(2, 2, 0)},
		{"activation", MLP{Activation: "elu"}, Flat(2, 2, 0)},
		{"time", MLP{Time: "linear"}, Flat(2, 2, 0)},
		{"time_dim", MLP{TimeDim: 7}, Flat(2, 2, 0)},
		{"time_dim", MLP{TimeDim: 8, Time: TimeRaw}, Flat(2, 2, 0)},
		{"time_scale", MLP{TimeScale: 2}, Flat(2, 2, 0)},
		{"time_scale", MLP{TimeScale: math.Inf(1), Time: TimeFourier}, Flat(2, 2, 0)},
	} {
		_, err := New(c.net, c.ports, 1)
		var e *ConfigError
		if !errors.As(err, &e) || e.Field != c.field {
			t.Errorf("%+v between %+v: error %v, want one of field %s", c.net, c.ports, err, c.field)
		}
	}
	r, err := MLP{}.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := r.Resolve(); err != nil || again != r {
		t.Errorf("a resolved config resolves to %+v, %v", again, err)
	}
	if _, err := FromParams(MLP{}, Flat(2, 2, 0), make([]float32, 5)); err == nil {
		t.Error("5 parameters made a network")
	}
	n, _ := New(MLP{}, Flat(2, 2, 0), 1)
	_, err = ad.Compile(func(g *ad.Graph) { n.Apply(g, nil, g.Input("x", ad.F32, 2), ad.Value{}, ad.Value{}) })
	var e *ad.Error
	if !errors.As(err, &e) {
		t.Errorf("a trace without parameters: %v", err)
	}
}
