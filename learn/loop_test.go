package learn

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/rng"
)

// cubed is the mean of (w·x − x³)² over the rows with |x| < 1.5 of standard normals that the program draws itself.
type cubed struct{ x []float32 }

func (c cubed) Rows() int                  { return len(c.x) }
func (c cubed) Inputs() []ad.Array         { return nil }
func (c cubed) Outputs() []ad.Array        { return []ad.Array{ad.F32s(c.x)} }
func (cubed) Noise() (uint64, rng.Purpose) { return 7, rng.PurposeUser }

func (cubed) Draw(context.Context, uint32, *ad.Pool) error { return nil }

func (c cubed) Trace(g *ad.Graph, nets []Apply) ad.Value {
	sum, over := c.TraceRatio(g, nets)
	return ad.Div(sum, over)
}

func (cubed) TraceRatio(g *ad.Graph, nets []Apply) (sum, over ad.Value) {
	x := g.Stream().Normal(g.Scalar(ad.I32, 0), ad.F32, 1)
	g.Output("x", ad.At(x, 0, 0))
	off := ad.Square(ad.Sub(nets[0](x, ad.Value{}, ad.Value{}), ad.Mul(x, ad.Square(x))))
	near := ad.Less(ad.Abs(x), ad.Shift(ad.Zeros(x), 1.5))
	one := ad.Cast(near, ad.F32)
	return ad.BatchSum(ad.Sum(ad.Mul(one, off))), ad.BatchSum(ad.Sum(one))
}

// quotient is cubed without being a Ratio.
type quotient struct{ c cubed }

func (p quotient) Rows() int                                  { return p.c.Rows() }
func (p quotient) Inputs() []ad.Array                         { return nil }
func (p quotient) Outputs() []ad.Array                        { return p.c.Outputs() }
func (p quotient) Noise() (uint64, rng.Purpose)               { return p.c.Noise() }
func (quotient) Draw(context.Context, uint32, *ad.Pool) error { return nil }
func (p quotient) Trace(g *ad.Graph, nets []Apply) ad.Value   { return p.c.Trace(g, nets) }

func loopOf(t *testing.T, cfg Optimiser, loss Loss, net *nn.Weights) *Loop {
	t.Helper()
	l := must(NewLoop(cfg, net))
	if err := l.Bind(loss); err != nil {
		t.Fatal(err)
	}
	return l
}

// The gradient of a Ratio is that of the quotient; a Random loss draws the normals of its address, in every step
// others, and goes on with them after an interruption.
func TestRatioAndRandom(t *testing.T) {
	cfg := Optimiser{Steps: 20, LR: .01, Adam: nn.DefaultAdam()}
	net := must(nn.New(nn.MLP{Width: 8, Depth: 1, Time: nn.TimeNone}, nn.Flat(1, 1, 0), 1))
	x := make([]float32, 100)
	a, b := loopOf(t, cfg, cubed{x}, net), loopOf(t, cfg, quotient{cubed{slices.Clone(x)}}, net)
	c := loopOf(t, cfg, cubed{slices.Clone(x)}, net)
	seen := map[float32]bool{}
	for k := range 20 {
		if err := a.Run(t.Context(), k+1, LoopOptions{}); err != nil {
			t.Fatal(err)
		}
		if seen[x[0]] {
			t.Fatalf("step %d draws what a step before drew", k)
		}
		seen[x[0]] = true
	}
	if err := b.Run(t.Context(), 20, LoopOptions{}); err != nil {
		t.Fatal(err)
	}
	for i, v := range a.State().Params {
		if w := b.State().Params[i]; math.Abs(float64(v-w)) > 1e-5 {
			t.Errorf("parameter %d is %v by the ratio and %v by the quotient", i, v, w)
		}
	}
	if err := c.Run(t.Context(), 9, LoopOptions{}); err != nil {
		t.Fatal(err)
	}
	d := loopOf(t, cfg, cubed{slices.Clone(x)}, net)
	if err := d.Restore(c.State()); err != nil {
		t.Fatal(err)
	}
	if err := d.Run(t.Context(), 20, LoopOptions{}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.State().Params, d.State().Params) {
		t.Error("the continued training has other weights")
	}
}

// scale is ½(log s)² as a function of a displacement of log s, with s kept in float64 and multiplied.
type scale struct {
	s     float64
	slope [1]float32
}

func (*scale) Rows() int            { return 1 }
func (c *scale) Inputs() []ad.Array { return []ad.Array{ad.F32s(c.slope[:])} }
func (*scale) Outputs() []ad.Array  { return nil }
func (c *scale) Move(by []float32)  { c.s *= math.Exp(float64(by[0])) }

func (c *scale) Draw(context.Context, uint32, *ad.Pool) error {
	c.slope[0] = float32(math.Log(c.s))
	return nil
}

func (*scale) Trace(g *ad.Graph, nets []Apply) ad.Value {
	return ad.Dot(g.Shared("slope", ad.F32, 1), nets[0](g.Const(ad.F32, []float64{0}, 1), ad.Value{}, ad.Value{}))
}

// bias is a network of one parameter, which it writes.
type bias struct{}

func (bias) Kind() string                 { return "bias" }
func (bias) Resolve() (nn.Network, error) { return bias{}, nil }
func (bias) Trace(s *nn.Scope, _ nn.Inputs) []ad.Value {
	return []ad.Value{s.Param("bias", nn.Init{}, 1)}
}

// A Mover has the steps of Adam in its own coordinates: those of Adam on log s itself, to rounding of float32.
func TestMover(t *testing.T) {
	cfg := Optimiser{Steps: 300, LR: .05, Adam: nn.DefaultAdam()}
	c := &scale{s: 20}
	l := loopOf(t, cfg, c, must(nn.New(bias{}, nn.Flat(1, 1, 0), 0)))
	m, logs := nn.NewMoments(1), []float32{float32(math.Log(20))}
	for k := range 300 {
		if err := l.Run(t.Context(), k+1, LoopOptions{}); err != nil {
			t.Fatal(err)
		}
		cfg.Adam.Step(m, logs, []float32{logs[0]}, cfg.rate(k), 1)
		if got := math.Log(c.s); math.Abs(got-float64(logs[0])) > 1e-4 {
			t.Fatalf("step %d: log s = %v, want %v", k, got, logs[0])
		}
	}
	if math.Abs(math.Log(c.s)) > .05 || l.State().Params[0] != 0 {
		t.Errorf("s = %v, a displacement of %v is left", c.s, l.State().Params[0])
	}
}
