package ad

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func layerProblems() []problem {
	return []problem{
		{"layer_norm", [][]int{{3, 2, 4}}, [][]int{{4}, {4}}, -1, 1,
			func(g *Graph, x, w []Value) Value { return LayerNorm(x[0], w[0], w[1], 1e-2) }},
		{"layer_norm_own", [][]int{{5, 3}, {3}, {3}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return LayerNorm(x[0], x[1], x[2], 1e-2) }},
		{"layer_norm_twice", [][]int{{2, 3}}, nil, -1, 1, func(g *Graph, x, w []Value) Value {
			// The scale depends on what is scaled.
			return LayerNorm(x[0], At(x[0], 0, 1), Sum(x[0], 0), 1e-1)
		}},
	}
}

// naiveLayerNorm is the definition, place by place, with its cotangents for the cotangent c.
func naiveLayerNorm(x, a, b, c []float64, epsilon float64) (y, dx, da, db []float64) {
	n := len(a)
	y, dx, da, db = make([]float64, len(x)), make([]float64, len(x)), make([]float64, n), make([]float64, n)
	for p := 0; p < len(x); p += n {
		mean, variance := 0., 0.
		for _, v := range x[p : p+n] {
			mean += v / float64(n)
		}
		for _, v := range x[p : p+n] {
			variance += (v - mean) * (v - mean) / float64(n)
		}
		s := 1 / math.Sqrt(variance+epsilon)
		m1, m2 := 0., 0.
		for i, v := range x[p : p+n] {
			h := (v - mean) * s
			y[p+i] = a[i]*h + b[i]
			da[i] += c[p+i] * h
			db[i] += c[p+i]
			m1 += a[i] * c[p+i] / float64(n)
			m2 += a[i] * c[p+i] * h / float64(n)
		}
		for i, v := range x[p : p+n] {
			dx[p+i] = s * (a[i]*c[p+i] - m1 - (v-mean)*s*m2)
		}
	}
	return y, dx, da, db
}

// TestLayerNorm compares the fast routines, in both precisions, with the definition, also where the mean is much larger
// than what lies about it, where a place is longer than a chunk and where chunks do not divide the places.
func TestLayerNorm(t *testing.T) {
	for _, shape := range [][]int{{7, 5, 6}, {1, 12}, {400, 36}, {3, 4096}, {130, 16}, {33, 64}, {9, 1}} {
		c := shape[len(shape)-1]
		for _, d := range []DType{F64, F32} {
			p := problem{in: [][]int{shape, shape, {c}, {c}}, lo: -1, hi: 1}
			prog := p.build(t, d, func(g *Graph, x, _ []Value) []Value {
				y := LayerNorm(x[0], x[2], x[3], 1e-5)
				return append([]Value{y}, VJP([]Value{y}, x[1:2], []Value{x[0], x[2], x[3]})...)
			})
			in := p.draw(2, 3)
			tol := 2e-4
			if d == F64 {
				tol = 1e-8
				for i := range in[0] {
					in[0][i] += 1000
				}
			}
			got := runAs(t, prog, d, 2, in)
			for r := range 2 {
				size := len(in[0]) / 2
				y, dx, da, db := naiveLayerNorm(in[0][r*size:(r+1)*size], in[2][r*c:(r+1)*c], in[3][r*c:(r+1)*c],
					in[1][r*size:(r+1)*size], 1e-5)
				for k, want := range [][]float64{y, dx, da, db} {
					have := got[k][r*len(want) : (r+1)*len(want)]
					most := 1.
					for _, v := range want {
						most = max(most, math.Abs(v))
					}
					for i, v := range want {
						if math.Abs(have[i]-v) > tol*most {
							t.Fatalf("%v in %v: output %d of row %d at %d is %g, want %g", shape, d, k, r, i, have[i], v)
						}
					}
				}
			}
		}
	}
}

// TestLayerNormBits: a row has the same bits alone.
func TestLayerNormBits(t *testing.T) {
	p := problem{in: [][]int{{9, 9, 8}}, shared: [][]int{{8}, {8}}, lo: -1, hi: 1}
	prog := p.build(t, F64, func(g *Graph, x, w []Value) []Value {
		y := LayerNorm(x[0], w[0], w[1], 1e-5)
		return []Value{y, VJP([]Value{y}, []Value{Sin(y)}, x)[0]}
	})
	in := p.draw(5, 3)
	all := run64(t, prog, 5, in, nil)
	one := run64(t, prog, 1, [][]float64{in[0][3*648 : 4*648], in[1], in[2]}, nil)
	for i := range one {
		if !slices.Equal(one[i], all[i][3*648:4*648]) {
			t.Errorf("output %d has other bits alone", i)
		}
	}
}

func TestLayerNormRefusals(t *testing.T) {
	for want, f := range map[string]func(x, a Value){
		"scale and shift":    func(x, a Value) { LayerNorm(x, a, Slice(a, 0, 0, 2), 1e-5) },
		"cannot be negative": func(x, a Value) { LayerNorm(x, a, a, -1) },
		"one axis or more":   func(x, a Value) { LayerNorm(At(a, 0, 1), a, a, 1e-5) },
		"added to variances": func(x, a Value) { LayerNorm(x, a, a, math.NaN()) },
	} {
		err := Trace(func(g *Graph) { f(g.Input("x", F32, 5, 4), g.Shared("a", F32, 4)) })
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// runAs is run64 of a program of either precision.
func runAs(t *testing.T, p *Program, d DType, n int, in [][]float64) [][]float64 {
	t.Helper()
	if d == F64 {
		return run64(t, p, n, in, nil)
	}
	c := Call{N: n}
	for _, x := range in {
		v := make([]float32, len(x))
		for i := range x {
			v[i] = float32(x[i])
			x[i] = float64(v[i])
		}
		c.In = append(c.In, F32s(v))
	}
	outs := make([][]float32, len(p.outs))
	for i, o := range p.outs {
		outs[i] = make([]float32, n*sizeOf(o.shape))
		c.Out = append(c.Out, F32s(outs[i]))
	}
	if err := p.Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	wide := make([][]float64, len(outs))
	for i, v := range outs {
		wide[i] = make([]float64, len(v))
		for j := range v {
			wide[i][j] = float64(v[j])
		}
	}
	return wide
}
