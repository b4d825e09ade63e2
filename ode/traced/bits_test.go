package traced_test

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/ode"
	"github.com/seed9a7962a8/ito/ode/traced"
)

// training is a loss over k steps of an equation whose drift and diffusion are layers with shared weights, with
// gradients.
func training(t testing.TB, s traced.Scheme, o traced.ReverseOptions, k int) program {
	const d = 4
	return compiled(t, func(g *ad.Graph) []ad.Value {
		in := []ad.Value{g.Input("x", ad.F64, d), g.Shared("w", ad.F64, d, d), g.Shared("b", ad.F64, d)}
		f := func(t ad.Value, x []ad.Value) (f, g []ad.Value) {
			h := ad.Tanh(ad.Add(ad.MatMul(x[0], in[1]), in[2]))
			drift := ad.Sub(ad.Mul(h, ad.BroadcastTo(t, d)), x[0])
			return []ad.Value{drift}, []ad.Value{ad.Scale(ad.Sigmoid(ad.Mul(x[0], in[2])), .5)}
		}
		m := traced.SDE{Scheme: s, Noise: traced.White(g), ReverseOptions: o}
		y := m.Integrate(f, constant(g, even(0, 1, k)), in[0]).X[0]
		return append([]ad.Value{y}, ad.Grad(ad.BatchMean(ad.Sum(ad.Square(y))), in...)...)
	})
}

// Checkpoints and everything kept give the same bits; the inverse of the reversible scheme gives their numbers to
// rounding.
func TestWhatIsKeptDoesNotChangeBits(t *testing.T) {
	const n = 5
	for _, s := range schemes {
		for _, k := range []int{1, 9, 17, 50, 100} {
			in := [][]float64{wave(n*4, 1), wave(16, 2), wave(4, 3)}
			a := training(t, s, traced.ReverseOptions{}, k).run(n, nil, nil, in...)
			b := training(t, s, traced.ReverseOptions{KeepAll: true}, k).run(n, nil, nil, in...)
			for i := range a {
				for j, v := range a[i] {
					if v != b[i][j] && (s != traced.ReversibleHeun || math.Abs(v-b[i][j]) > 1e-12) {
						t.Fatalf("%v, %d steps: output %d, number %d is %v and %v", s, k, i, j, v, b[i][j])
					}
				}
			}
		}
	}
}

// The memory of the first run: K states of everything kept, some √K of checkpoints, and of the reversible scheme none.
func TestMemory(t *testing.T) {
	once := func(s traced.Scheme, o traced.ReverseOptions, k int) int {
		p := training(t, s, o, k)
		in := [][]float64{wave(8*4, 1), wave(16, 2), wave(4, 3)}
		out := [][]float64{make([]float64, 32), make([]float64, 32), make([]float64, 16), make([]float64, 4)}
		c := ad.Call{N: 8}
		for _, x := range in {
			c.In = append(c.In, ad.F64s(x))
		}
		for _, x := range out {
			c.Out = append(c.Out, ad.F64s(x))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := p.p.Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return int(after.TotalAlloc - before.TotalAlloc)
	}
	// the least of three: the runtime allocates now and then
	bytes := func(s traced.Scheme, o traced.ReverseOptions, k int) int {
		return min(once(s, o, k), once(s, o, k), once(s, o, k))
	}
	keep, little := traced.ReverseOptions{KeepAll: true}, traced.ReverseOptions{}
	all, all4 := bytes(traced.EulerMaruyama, keep, 50), bytes(traced.EulerMaruyama, keep, 200)
	root, root4 := bytes(traced.EulerMaruyama, little, 200), bytes(traced.EulerMaruyama, little, 3200)
	none, none4 := bytes(traced.ReversibleHeun, little, 200), bytes(traced.ReversibleHeun, little, 3200)
	t.Logf("bytes: kept %d at 50 and %d at 200 steps; at 200 and 3200 steps checkpoints %d and %d, inverted %d and %d",
		all, all4, root, root4, none, none4)
	if float64(all4) < 2.5*float64(all) || 5*root > all4 {
		t.Errorf("kept: %d bytes at 50, %d at 200 steps; checkpoints %d", all, all4, root)
	}
	if root4 > 4*root || root4 < 2*root {
		t.Errorf("checkpoints: %d bytes at 200, %d at 3200 steps", root, root4)
	}
	if none4-none > 1000 {
		t.Errorf("inverted: %d bytes at 200, %d at 3200 steps", none, none4)
	}
}

// A row has the same bytes whatever the batch and the number of workers; the gradient of shared weights has the same
// whatever the workers.
func TestBytes(t *testing.T) {
	const n = 300
	pool := ad.NewPool(3)
	defer pool.Close()
	for _, s := range schemes {
		p := training(t, s, traced.ReverseOptions{}, 20)
		x, w, b := wave(n*4, 1), wave(16, 2), wave(4, 3)
		ids := make([]uint64, n)
		for i := range ids {
			ids[i] = uint64(i * i)
		}
		want := p.run(n, ids, nil, x, w, b)
		got := p.run(n, ids, pool, x, w, b)
		for i := range want {
			if !slices.Equal(want[i], got[i]) {
				t.Errorf("%v: output %d is another with three workers", s, i)
			}
		}
		for _, row := range []int{0, 17, 299} {
			alone := p.run(1, ids[row:row+1], nil, x[row*4:row*4+4], w, b)[0]
			if !slices.Equal(alone, want[0][row*4:row*4+4]) {
				t.Errorf("%v: row %d alone ends at %v, among %d at %v", s, row, alone, n, want[0][row*4:row*4+4])
			}
		}
	}
}

// Benchmarks report steps of rows a second of a program with the gradient of the weights, 256 rows, one core.
func BenchmarkSteps(b *testing.B) {
	const n, k = 256, 100
	bench := func(name string, p program) {
		b.Run(name, func(b *testing.B) {
			in := [][]float64{wave(n*4, 1), wave(16, 2), wave(4, 3)}
			for b.Loop() {
				p.run(n, nil, nil, in...)
			}
			b.ReportMetric(float64(n*k)*float64(b.N)/b.Elapsed().Seconds(), "steps/s")
		})
	}
	for _, tb := range []*ode.Tableau{ode.Euler, ode.Heun, ode.RK4, ode.Tsit5} {
		for _, keep := range []bool{false, true} {
			p := compiled(b, func(g *ad.Graph) []ad.Value {
				in := []ad.Value{g.Input("x", ad.F64, 4), g.Shared("w", ad.F64, 4, 4), g.Shared("b", ad.F64, 4)}
				f := func(_ ad.Value, x []ad.Value) []ad.Value {
					return []ad.Value{ad.Tanh(ad.Add(ad.MatMul(x[0], in[1]), in[2]))}
				}
				m := traced.ODE{Tableau: tb, ReverseOptions: traced.ReverseOptions{KeepAll: keep}}
				y := m.Integrate(f, constant(g, even(0, 1, k)), in[0]).X[0]
				return append([]ad.Value{y}, ad.Grad(ad.BatchMean(ad.Sum(ad.Square(y))), in...)...)
			})
			bench(fmt.Sprintf("%s/keep=%v", tb.Name, keep), p)
		}
	}
	for _, s := range schemes {
		for _, keep := range []bool{false, true} {
			bench(fmt.Sprintf("%v/keep=%v", s, keep), training(b, s, traced.ReverseOptions{KeepAll: keep}, k))
		}
	}
}
