package ad

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/seed9a7962a8/ito/rng"
)

// mlp is a training step of a perceptron: noise is drawn inside, the loss is the mean square.
func mlp(t testing.TB, d DType, width int) *Program {
	t.Helper()
	p, err := Compile(func(g *Graph) {
		x, y := g.Input("x", d, 4), g.Input("y", d, 2)
		sizes := []int{4, width, width, width, 2}
		var params []Value
		h := Add(x, Scale(g.Normal(d, 4), .1))
		for i := range len(sizes) - 1 {
			w, b := g.Shared(fmt.Sprint("w", i), d, sizes[i], sizes[i+1]), g.Shared(fmt.Sprint("b", i), d, sizes[i+1])
			params = append(params, w, b)
			h = Add(MatMul(h, w), b)
			if i < len(sizes)-2 {
				h = SiLU(h)
			}
		}
		loss := BatchMean(Sum(Square(Sub(h, y))))
		g.Output("loss", loss)
		for i, dp := range Grad(loss, params...) {
			g.Output(fmt.Sprint("g", i), dp)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// mlpCall makes arrays for a run of mlp.
func mlpCall(p *Program, n int) Call {
	r := rand.New(rand.NewPCG(1, 2))
	c := Call{N: n, Seed: 5, Purpose: rng.PurposeProgram}
	array := func(po port, fill bool) Array {
		size := sizeOf(po.shape)
		if !po.shared {
			size *= n
		}
		a := Array{}
		if po.dtype == F64 {
			a.F64 = make([]float64, size)
		} else {
			a.F32 = make([]float32, size)
		}
		if fill {
			for i := range size {
				v := r.NormFloat64() * .3
				if po.dtype == F64 {
					a.F64[i] = v
				} else {
					a.F32[i] = float32(v)
				}
			}
		}
		return a
	}
	for _, po := range p.ins {
		c.In = append(c.In, array(po, true))
	}
	for _, po := range p.outs {
		c.Out = append(c.Out, array(po, false))
	}
	return c
}

// The bits of loss and gradients do not depend on the number of workers.
func TestWorkersDoNotChangeBits(t *testing.T) {
	for _, n := range []int{1, 7, 64, 500, 3001} {
		p := mlp(t, F32, 96)
		var first []float32
		for _, workers := range []int{0, 1, 2, 5} {
			c := mlpCall(p, n)
			if workers > 0 {
				c.Pool = NewPool(workers)
				defer c.Pool.Close()
			}
			for range 3 {
				if err := p.Run(context.Background(), c); err != nil {
					t.Fatal(err)
				}
				var all []float32
				for _, o := range c.Out {
					all = append(all, o.F32...)
				}
				if first == nil {
					first = all
				}
				for i := range all {
					if math.Float32bits(all[i]) != math.Float32bits(first[i]) {
						t.Fatalf("n=%d, %d workers: element %d is %g, was %g", n, workers, i, all[i], first[i])
					}
				}
			}
		}
	}
}

// A row's bits do not depend on the rows around it.
func TestRowsDoNotChangeBits(t *testing.T) {
	p, err := Compile(func(g *Graph) {
		x := g.Input("x", F32, 5)
		w := g.Shared("w", F32, 5, 33)
		h := Softmax(SiLU(Add(MatMul(x, w), g.Normal(F32, 33))), 0)
		last, _ := Loop(7, []Value{h}, nil, func(i Value, c, _ []Value) ([]Value, []Value) {
			return []Value{Tanh(Add(c[0], Scale(g.Normal(F32, 33), .1)))}, nil
		})
		g.Output("y", last[0])
	})
	if err != nil {
		t.Fatal(err)
	}
	const n = 300
	c := mlpCall(p, n)
	ids := make([]uint64, n)
	for i := range ids {
		ids[i] = uint64(i * i)
	}
	c.IDs = ids
	if err := p.Run(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	for _, lo := range []int{0, 17, 255} {
		for _, m := range []int{1, 2, 9, 40} {
			part := c
			part.N, part.IDs = m, ids[lo:lo+m]
			part.In = []Array{F32s(c.In[0].F32[lo*5 : (lo+m)*5]), c.In[1]}
			part.Out = []Array{F32s(make([]float32, m*33))}
			if err := p.Run(context.Background(), part); err != nil {
				t.Fatal(err)
			}
			for i, v := range part.Out[0].F32 {
				if math.Float32bits(v) != math.Float32bits(c.Out[0].F32[lo*33+i]) {
					t.Fatalf("rows %d…%d: element %d is %g, was %g", lo, lo+m, i, v, c.Out[0].F32[lo*33+i])
				}
			}
		}
	}
}

func TestFloat32AgreesWithFloat64(t *testing.T) {
	p32, p64 := mlp(t, F32, 40), mlp(t, F64, 40)
	c32, c64 := mlpCall(p32, 50), mlpCall(p64, 50)
	for i := range c32.In {
		for j, v := range c32.In[i].F32 {
			c64.In[i].F64[j] = float64(v)
		}
	}
	noiseless := func(p *Program, c Call) {
		if err := p.Run(context.Background(), c); err != nil {
			t.Fatal(err)
		}
	}
	// The two dtypes draw from different streams, so the noise inside is compared by its effect on the scale only.
	noiseless(p32, c32)
	noiseless(p64, c64)
	if a, b := float64(c32.Out[0].F32[0]), c64.Out[0].F64[0]; math.Abs(a-b) > .05*(a+b) {
		t.Errorf("losses %g and %g", a, b)
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	p := mlp(t, F32, 32)
	c := mlpCall(p, 200)
	ctx := context.Background()
	if err := p.Run(ctx, c); err != nil {
		t.Fatal(err)
	}
	if a := testing.AllocsPerRun(20, func() {
		if err := p.Run(ctx, c); err != nil {
			t.Fatal(err)
		}
	}); a != 0 {
		t.Errorf("%v allocations a run", a)
	}
}

func TestEmptyBatch(t *testing.T) {
	p := mlp(t, F32, 8)
	c := mlpCall(p, 0)
	if err := p.Run(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	for _, o := range c.Out[1:] {
		for _, v := range o.F32 {
			if v != 0 {
				t.Fatalf("gradient of nothing is %g", v)
			}
		}
	}
}

// The products whose rows a gradient sums are accumulated and never made: no value of the size of a weight
// matrix lives in a worker's arena.
func TestWeightGradientIsNotMadePerRow(t *testing.T) {
	p := mlp(t, F32, 512)
	if row := p.arena / p.rows; row > 40*512*4 {
		t.Errorf("%d bytes of arena a row", row)
	}
	// The same through a loop.
	p, err := Compile(func(g *Graph) {
		x, w := g.Input("x", F32, 64), g.Shared("w", F32, 64, 64)
		last, _ := Loop(30, []Value{x}, nil, func(i Value, c, _ []Value) ([]Value,
			[]Value) {
			return []Value{Tanh(MatMul(c[0], w))}, nil
		})
		g.Output("g", Grad(BatchSum(Sum(last[0])), w)[0])
	})
	if err != nil {
		t.Fatal(err)
	}
	if row := p.arena / p.rows; row > 30*64*4 {
		t.Errorf("%d bytes of arena a row in a loop", row)
	}
}
