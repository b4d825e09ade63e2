package ad

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// A random program gives the same bits whether its values share memory or each has a place of its own: an
// output has, so the same trace is compiled with its last value and with every value as outputs.
func TestSharedMemoryDoesNotChangeBits(t *testing.T) {
	for seed := range uint64(150) {
		trace := func(all bool) *Program {
			p, err := Compile(func(g *Graph) {
				r := rand.New(rand.NewPCG(seed, 9))
				vs := []Value{g.Input("x", F64, 3, 4), g.Input("y", F64, 3, 4), g.Shared("w", F64, 4, 4),
					g.Shared("v", F64, 4)}
				pick := func() Value { return vs[max(0, len(vs)-1-r.IntN(min(len(vs), 6)))] }
				state := func() Value {
					for {
						if v := pick(); v.Rank() == 2 && v.Shape()[0] == 3 {
							return v
						}
					}
				}
				for range 5 + r.IntN(30) {
					if len(vs) < 6 {
						vs = append(vs, Add(vs[0], vs[1]))
					}
					a := state()
					var v Value
					switch r.IntN(14) {
					case 0:
						v = Add(a, state())
					case 1:
						v = Mul(a, vs[3])
					case 2:
						v = SiLU(Add(a, vs[3]))
					case 3:
						v = Tanh(MatMul(a, vs[2]))
					case 4:
						v = Transpose(Transpose(Sin(a)))
					case 5:
						v = Softmax(a, 1)
					case 6:
						v = Sub(a, BroadcastTo(Reshape(Mean(a, 1), 3, 1), 3, 4))
					case 7:
						v = Concat(1, Slice(a, 1, 2, 4), Slice(state(), 1, 0, 2))
					case 8:
						v = Mul(a, Tanh(BatchMean(a)))
					case 9:
						last, ys := Loop(3, []Value{a, state()}, nil, func(i Value, c, _ []Value) ([]Value, []Value) {
							return []Value{c[1], Tanh(Add(MatMul(c[0], vs[2]), c[1]))}, []Value{Cos(c[0])}
						})
						v = Add(last[1], Sum(ys[0], 0))
					case 10:
						v = Grad(BatchSum(Sum(SiLU(Add(MatMul(a, vs[2]), vs[3])))), a)[0]
					case 11:
						v = Reshape(Sort(Flatten(a), 0), 3, 4)
					case 12:
						v = Map1(func(row Value) Value { return Cos(MatMul(row, vs[2])) }, 0, a)
					case 13:
						v = Mul(a, Tanh(MatMul(Transpose(a), state())).sumTo(3, 4))
					}
					vs = append(vs, v)
				}
				if all {
					for i, v := range vs[4:] {
						g.Output(fmt.Sprint(i), v)
					}
				} else {
					g.Output("last", vs[len(vs)-1])
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		shared, alone := trace(false), trace(true)
		const n = 37
		r := rand.New(rand.NewPCG(seed, 10))
		var in [][]float64
		for _, size := range []int{n * 12, n * 12, 16, 4} {
			v := make([]float64, size)
			for i := range v {
				v[i] = r.NormFloat64()
			}
			in = append(in, v)
		}
		a := run64(t, shared, n, in, nil)[0]
		outs := run64(t, alone, n, in, nil)
		b := outs[len(outs)-1]
		for i := range a {
			if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
				t.Fatalf("seed %d: element %d is %g with shared memory and %g alone", seed, i, a[i], b[i])
			}
		}
	}
}

// sumTo reduces to a scalar and repeats it.
func (v Value) sumTo(shape ...int) Value { return BroadcastTo(Sum(v), shape...) }
