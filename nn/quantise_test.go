package nn

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
)

// The grid is the best of all that were to be tried, by brute force over the definition, and inside its ends a value is
// at most half a step away.
func TestFitGrid(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for trial := range 30 {
		values := make([]float32, 500)
		for i := range values {
			v := r.NormFloat64()
			if trial%3 == 1 {
				v = math.Exp(2 * v) // a long tail, none below 0
			}
			values[i] = float32(v * math.Pow(10, float64(trial%7-3)))
		}
		g, mse := FitGrid(values)
		low, high := min(0, float64(slices.Min(values))), max(0, float64(slices.Max(values)))
		for k := 10; k <= 50; k++ {
			s := float64(k) / 50 * (high - low) / 255
			zero := math.Round(-low * float64(k) / 50 / s)
			sum := 0.
			for _, v := range values {
				q := min(max(math.Round(float64(v)/s)+zero, 0), 255)
				d := float64(v) - (q-zero)*s
				sum += d * d
			}
			if sum/500 < mse*(1-1e-4) {
				t.Fatalf("trial %d: %+v has an error of %g, and ends at %d/50 %g", trial, g, mse, k, sum/500)
			}
		}
		s, zero := float64(g.Scale), float64(g.Zero)
		for _, v := range values {
			if x := float64(v); x >= -zero*s && x <= (255-zero)*s {
				if d := math.Abs(x - s*math.Round(x/s)); d > s/2*(1+1e-6) {
					t.Fatalf("%v is %v away, steps of %v", x, d, s)
				}
			}
		}
		if trial%3 == 1 && g.Zero != 0 {
			t.Fatalf("nothing is below 0, whose byte is %d", g.Zero)
		}
	}
	if g, _ := FitGrid(make([]float32, 5)); g.Scale != 1 {
		t.Errorf("zeros have %+v", g)
	}
}

// A quantised network's weights are its bytes times its scales to the bit, a row's output does not depend on others,
// and it cannot be trained.
func TestQuantisedNetwork(t *testing.T) {
	for _, net := range []Network{MLP{Width: 32, Depth: 2}, UNet2D{UNet{Base: 8, Mult: "1-2", Groups: 4}}} {
		ports := Flat(12, 12, 0)
		if net.Kind() == "unet2d" {
			ports = Ports{X: []Port{{Name: "x", Shape: []int{8, 8, 1}}},
				Out: []Port{{Name: "x", Shape: []int{8, 8, 1}}}}
		}
		w, err := New(net, ports, 1)
		if err != nil {
			t.Fatal(err)
		}
		grids := map[string]ad.Grid{}
		if err := ad.Trace(func(g *ad.Graph) {
			w.Observe(g, w.Declare(g, ad.F32), g.Input("x", ad.F32, ports.Reads()), g.Input("t", ad.F32, 1), ad.Value{},
				func(layer string, x ad.Value) { grids[layer] = ad.Grid{Scale: .05, Zero: 128} })
		}); err != nil {
			t.Fatal(err)
		}
		q, err := w.Quantise(grids, "by hand")
		if err != nil {
			t.Fatal(err)
		}
		bytes := 0
		for _, l := range q.Layout() {
			if !l.Rows {
				continue
			}
			p := q.Params[l.Offset : l.Offset+l.Size()]
			if back := q.Quantised.Weights(l, q.Quantised.Bytes(l, p)); !slices.Equal(back, p) {
				t.Fatalf("%s: tensor %s is not its bytes", net.Kind(), l.Name)
			}
			bytes += l.Size()
		}
		if bytes < len(q.Params)*8/10 {
			t.Errorf("%s: %d of %d parameters are bytes", net.Kind(), bytes, len(q.Params))
		}
		if q.CheckTrainable() == nil || w.CheckTrainable() != nil {
			t.Errorf("%s: what can be trained", net.Kind())
		}
		if _, err := q.Quantise(grids, ""); err == nil {
			t.Errorf("%s: quantised twice", net.Kind())
		}
		prog, err := ad.Compile(func(g *ad.Graph) {
			x, time := g.Input("x", ad.F32, ports.Reads()), g.Input("t", ad.F32, 1)
			g.Output("y", q.Apply(g, q.Declare(g, ad.F32), x, time, ad.Value{}))
		})
		if err != nil {
			t.Fatal(err)
		}
		const n = 37
		x, y := make([]float32, n*ports.Reads()), make([]float32, n*ports.Writes())
		r := rand.New(rand.NewPCG(1, 1))
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		times := make([]float32, n)
		run := func(from, to int, y []float32) {
			in := append([]ad.Array{ad.F32s(x[from*ports.Reads() : to*ports.Reads()]), ad.F32s(times[from:to])},
				q.Arrays(q.Params)...)
			if err := prog.Run(t.Context(), ad.Call{N: to - from, In: in, Out: []ad.Array{ad.F32s(y)}}); err != nil {
				t.Fatal(err)
			}
		}
		run(0, n, y)
		one := make([]float32, ports.Writes())
		run(20, 21, one)
		if !slices.Equal(one, y[20*ports.Writes():21*ports.Writes()]) {
			t.Errorf("%s: a row alone is another", net.Kind())
		}
		x[5] = float32(math.NaN())
		run(0, n, y)
		if y[0] == y[0] || y[ports.Writes()] != y[ports.Writes()] {
			t.Errorf("%s: a NaN of row 0 gives %v there, and %v in row 1", net.Kind(), y[0], y[ports.Writes()])
		}
	}
	w, _ := New(MLP{Width: 4, Depth: 1}, Flat(2, 2, 0), 1)
	w.Params[3] = float32(math.Inf(1))
	if _, err := w.Quantise(nil, ""); err == nil {
		t.Error("an infinite weight is quantised")
	}
}
