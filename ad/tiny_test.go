package ad

import (
	"math"
	"testing"
)

// A loop runs its body on few numbers without a call an instruction, and by the kernels on many: the same bits, for
// every operation that has a short form, and the same as those of the body unrolled.
func TestTinyBodiesShareBits(t *testing.T) {
	const trips, most = 7, 40
	body := func(c, v []Value) (next, out []Value) {
		x, s := c[0], c[1]
		a := Add(Mul(x, v[0]), Slice(v[1], 0, 1, 4))
		b := Div(Sub(a, s), Shift(Square(x), 1))
		e := Exp(Neg(Abs(b)))
		m := Max(Recip(Shift(e, 1)), SliceStep(v[1], 0, 0, 5, 2))
		s = Add(Scale(Sum(m), .25), Sin(s))
		return []Value{Add(Scale(x, .5), m), s}, []Value{b, Mul(s, s)}
	}
	build := func(unrolled bool) *Program {
		p, err := Compile(func(g *Graph) {
			x, s := g.Input("x", F64, 3), g.Input("s", F64)
			v, w := g.Input("v", F64, trips), g.Shared("w", F64, trips, 5)
			var last, ys []Value
			if unrolled {
				last = []Value{x, s}
				var parts [2][]Value
				for i := range trips {
					var out []Value
					last, out = body(last, []Value{At(v, 0, i), At(w, 0, i)})
					for k := range out {
						parts[k] = append(parts[k], out[k])
					}
				}
				ys = []Value{Stack(0, parts[0]...), Stack(0, parts[1]...)}
			} else {
				last, ys = LoopWith(LoopOptions{KeepAll: true}, trips, []Value{x, s}, []Value{v, w},
					func(_ Value, c, in []Value) (next, out []Value) { return body(c, in) })
			}
			total := Add(Add(Sum(last[0]), last[1]), Add(Sum(ys[0]), Sum(ys[1])))
			for i, o := range append(append([]Value{}, last...), ys...) {
				g.Output(string(rune('a'+i)), o)
			}
			for i, d := range Grad(total, x, s, v) {
				g.Output(string(rune('p'+i)), d)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	widths := []int{3, 1, trips}
	in := [][]float64{nil, nil, nil, make([]float64, 5*trips)}
	for k, w := range widths {
		in[k] = make([]float64, most*w)
	}
	for k := range in {
		for i := range in[k] {
			in[k][i] = math.Sin(float64(3*i+k)) * 1.5
		}
	}
	loop, flat := build(false), build(true)
	whole := run64(t, loop, most, in, nil)
	plain := run64(t, flat, most, in, nil)
	for k := range plain[:4] { // sums over iterations have an order of their own, so the gradients are compared below
		for i, v := range plain[k] {
			if whole[k][i] != v {
				t.Fatalf("output %d, number %d: %v in a loop, %v unrolled", k, i, whole[k][i], v)
			}
		}
	}
	for k := range plain[4:] {
		for i, v := range plain[4+k] {
			if !close64(whole[4+k][i], v, 1e-12) {
				t.Fatalf("gradient %d, number %d: %v in a loop, %v unrolled", k, i, whole[4+k][i], v)
			}
		}
	}
	for _, n := range []int{1, 2, 5, 9} {
		for from := 0; from+n <= most; from += n {
			part := make([][]float64, len(in))
			for k, w := range widths {
				part[k] = in[k][from*w : (from+n)*w]
			}
			part[3] = in[3]
			for k, out := range run64(t, loop, n, part, nil) {
				w := len(out) / n
				for i, v := range out {
					if whole[k][from*w+i] != v {
						t.Fatalf("rows %d…%d of output %d: %v of %d rows, %v of %d", from, from+n, k, v, n,
							whole[k][from*w+i], most)
					}
				}
			}
		}
	}
}
