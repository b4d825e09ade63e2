package ad

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// naiveAttention is the definition for one row without leading axes, query by query and key by key.
func naiveAttention(q, k, v, keys, bias []float64, m, n, d, e int, o AttentionOptions) []float64 {
	h := o.Heads
	out := make([]float64, m*h*e)
	for g := range h {
		for i := range m {
			sum := 0.0
			for pass := range 2 {
				for j := range n {
					if o.Causal && j > i || o.Hollow && j == i || keys != nil && keys[j] == 0 {
						continue
					}
					s := 0.0
					for c := range d {
						s += q[i*h*d+g*d+c] * k[j*h*d+g*d+c]
					}
					s /= math.Sqrt(float64(d))
					if bias != nil {
						s += bias[(g*m+i)*n+j]
					}
					if pass == 0 {
						sum += math.Exp(s)
						continue
					}
					for c := range e {
						out[i*h*e+g*e+c] += math.Exp(s) / sum * v[j*h*e+g*e+c]
					}
				}
			}
		}
	}
	return out
}

// attentionProblem is one attention with inputs q, k, v and, where they are there, keys and bias.
type attentionProblem struct {
	name       string
	lead       []int
	m, n, d, e int
	keys, bias bool
	o          AttentionOptions
}

func attentionProblems() []attentionProblem {
	return []attentionProblem{
		{"plain", nil, 5, 4, 3, 2, false, false, AttentionOptions{Heads: 2}},
		{"causal", nil, 6, 6, 2, 2, false, false, AttentionOptions{Heads: 2, Causal: true}},
		{"hollow", nil, 6, 6, 2, 2, false, true, AttentionOptions{Heads: 1, Hollow: true}},
		{"strictly causal", nil, 4, 4, 2, 3, false, false, AttentionOptions{Heads: 2, Causal: true, Hollow: true}},
		{"masked", []int{2}, 4, 5, 2, 2, true, true, AttentionOptions{Heads: 2}},
		{"long", nil, 70, 9, 2, 1, true, true, AttentionOptions{Heads: 2}},
		{"long causal", nil, 131, 131, 1, 1, true, false, AttentionOptions{Heads: 1, Causal: true}},
		{"long hollow", nil, 67, 67, 2, 1, false, true, AttentionOptions{Heads: 2, Hollow: true}},
		{"wide", nil, 40, 40, 16, 16, false, false, AttentionOptions{Heads: 2}},
	}
}

func (p attentionProblem) shapes() [][]int {
	h, s := p.o.Heads, [][]int{}
	wide := func(shape ...int) { s = append(s, append(append([]int(nil), p.lead...), shape...)) }
	wide(p.m, h*p.d)
	wide(p.n, h*p.d)
	wide(p.n, h*p.e)
	if p.keys {
		wide(p.n)
	}
	if p.bias {
		wide(h, p.m, p.n)
	}
	return s
}

// of traces the attention; keys are those of which the input is above −.5, so that a difference does not see them.
func (p attentionProblem) of(g *Graph, x []Value) Value {
	var keys, bias Value
	rest := x[3:]
	if p.keys {
		// By a product with 1, so that the mask depends on an input that is differentiated.
		keys = Cast(Greater(rest[0], full(rest[0], -.5)), x[0].DType())
		keys = Mul(keys, Add(full(keys, 1), Square(Scale(rest[0], 0))))
		rest = rest[1:]
	}
	if p.bias {
		bias = rest[0]
	}
	return Attention(x[0], x[1], x[2], keys, bias, p.o)
}

func (p attentionProblem) problem() problem {
	return problem{name: p.name, in: p.shapes(), lo: -1, hi: 1,
		f: func(g *Graph, x, w []Value) Value { return p.of(g, x) }}
}

func TestAttentionIsItsDefinition(t *testing.T) {
	for _, p := range attentionProblems() {
		prog := p.problem().build(t, F64, func(g *Graph, x, w []Value) []Value { return []Value{p.of(g, x)} })
		const n = 3
		in := p.problem().draw(n, 5)
		got := run64(t, prog, n, in, nil)[0]
		lead, at := sizeOf(p.lead), 0
		for r := range n * lead {
			row := func(i int) []float64 {
				size := len(in[i]) / n / lead
				return in[i][r*size : (r+1)*size]
			}
			var keys, bias []float64
			next := 3
			if p.keys {
				for _, v := range row(next) {
					k := 0.0
					if v > -.5 {
						k = 1
					}
					keys = append(keys, k)
				}
				next++
			}
			if p.bias {
				bias = row(next)
			}
			for _, want := range naiveAttention(row(0), row(1), row(2), keys, bias, p.m, p.n, p.d, p.e, p.o) {
				if !close64(got[at], want, 1e-13) {
					t.Fatalf("%s: element %d is %g, want %g", p.name, at, got[at], want)
				}
				at++
			}
		}
	}
}

func TestAttentionDerivatives(t *testing.T) {
	for _, p := range attentionProblems() {
		q := p.problem()
		checkGradient(t, q, func(g *Graph, x, w []Value) Value { return scalar(g, p.of(g, x)) }, 2, 1e-7)
		checkTangent(t, q, func(g *Graph, x, w []Value) Value { return p.of(g, x) }, 2, 1e-7)
		if p.m > 20 {
			continue
		}
		// Reverse of reverse, and reverse of forward.
		checkGradient(t, q, func(g *Graph, x, w []Value) Value {
			return Sum(Square(VJP([]Value{scalar(g, p.of(g, x))}, []Value{g.Scalar(F64, 1)}, x[:1])[0]))
		}, 1, 1e-6)
		checkGradient(t, q, func(g *Graph, x, w []Value) Value {
			return Sum(Square(JVP([]Value{p.of(g, x)}, x[:3], []Value{x[0], Square(x[1]), x[2]})[0]))
		}, 1, 1e-6)
	}
}

// Attention keeps its memory linear in the length: twice the length takes at most about twice the arena of a block of
// rows, where one that kept its scores would take four times.
func TestAttentionMemoryIsLinear(t *testing.T) {
	arena := func(l int) int {
		p, err := Compile(func(g *Graph) {
			q, k, v := g.Input("q", F32, l, 16), g.Input("k", F32, l, 16), g.Input("v", F32, l, 16)
			y := Sum(Square(Attention(q, k, v, Value{}, Value{}, AttentionOptions{Heads: 4})))
			for _, d := range VJP([]Value{y}, []Value{g.Scalar(F32, 1)}, []Value{q, k, v}) {
				g.Output("d", d)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		return p.arena
	}
	short, long := arena(2048), arena(8192)
	if long > 9*short/2 {
		t.Errorf("2048 positions take %d bytes, 8192 take %d", short, long)
	}
}

func TestAttentionMistakes(t *testing.T) {
	for _, c := range []struct {
		q, k, v []int
		o       AttentionOptions
		want    string
	}{
		{[]int{4, 6}, []int{4, 6}, []int{4, 6}, AttentionOptions{Heads: 4}, "4 heads do not divide"},
		{[]int{4, 6}, []int{4, 6}, []int{5, 6}, AttentionOptions{Heads: 2}, "do not fit"},
		{[]int{4, 6}, []int{5, 6}, []int{5, 6}, AttentionOptions{Heads: 2, Causal: true}, "no common order"},
		{[]int{6}, []int{6}, []int{6}, AttentionOptions{Heads: 2}, "two axes or more"},
	} {
		_, err := Compile(func(g *Graph) {
			g.Output("y", Attention(g.Input("q", F32, c.q...), g.Input("k", F32, c.k...), g.Input("v", F32, c.v...),
				Value{}, Value{}, c.o))
		})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c, err, c.want)
		}
	}
}

// BenchmarkAttention is one attention of 8 heads of 8 channels over 35 rows of 48 positions, forward and backward.
func BenchmarkAttention(b *testing.B) {
	for _, c := range []struct {
		name       string
		lead, l, h int
		d          int
	}{{"35x48x8x8", 35, 48, 8, 8}, {"64x4x32", 1, 64, 4, 32}, {"1024x4x32", 1, 1024, 4, 32}} {
		b.Run(c.name, func(b *testing.B) {
			shape := []int{c.lead, c.l, c.h * c.d}
			p, err := Compile(func(g *Graph) {
				q, k, v := g.Input("q", F32, shape...), g.Input("k", F32, shape...), g.Input("v", F32, shape...)
				y := Sum(Square(Attention(q, k, v, Value{}, Value{}, AttentionOptions{Heads: c.h})))
				for _, d := range VJP([]Value{y}, []Value{g.Scalar(F32, 1)}, []Value{q, k, v}) {
					g.Output("d", d)
				}
			})
			if err != nil {
				b.Fatal(err)
			}
			r := rand.New(rand.NewPCG(1, 1))
			call := Call{N: 1}
			for range 3 {
				x := make([]float32, sizeOf(shape))
				for i := range x {
					x[i] = float32(r.NormFloat64())
				}
				call.In = append(call.In, F32s(x))
				call.Out = append(call.Out, F32s(make([]float32, len(x))))
			}
			for b.Loop() {
				if err := p.Run(b.Context(), call); err != nil {
					b.Fatal(err)
				}
			}
			scores := float64(c.lead * c.l * c.l * c.h)
			b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/scores, "ns/score")
		})
	}
}
