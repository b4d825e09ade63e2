package nn

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
)

func s4Cases() []layerCase {
	return []layerCase{
		{"s4", S4{Width: 5, Layers: 2, States: 3, TimeDim: 4}, shapePorts(6, 2), nil},
		{"s4_both", S4{Width: 5, Layers: 2, States: 3, Both: true, TimeDim: 4}, shapePorts(6, 2), nil},
	}
}

// The frequencies of a state space begin at 0, π, 2π, … (S4D-Lin) and its steps between .001 and .1.
func TestStateSpaceBegins(t *testing.T) {
	w, err := New(S4{Width: 3, Layers: 1, States: 4}, shapePorts(5), 1)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, l := range w.Layout() {
		for j, v := range w.Params[l.Offset : l.Offset+l.Size()] {
			switch l.Name {
			case "layer0.s4d.A_imag":
				if math.Abs(float64(v)-math.Pi*float64(j%4)) > 1e-6 {
					t.Errorf("frequency %d is %g", j%4, v)
				}
				seen++
			case "layer0.s4d.log_dt":
				if v < float32(math.Log(.001))-1e-5 || v > float32(math.Log(.1))+1e-5 {
					t.Errorf("step %g", v)
				}
				seen++
			}
		}
	}
	if seen != 12+3 {
		t.Errorf("%d numbers seen", seen)
	}
}

// scanned is [Scope.S4D] place by place: what the chunks are held against.
func scanned(s *Scope, x ad.Value, states int) ad.Value {
	l, h := x.Shape()[0], x.Shape()[1]
	k := s.stateSpace("s", h, states)
	size := ad.Exp(k.dr)
	ar, ai := ad.Mul(size, ad.Cos(k.di)), ad.Mul(size, ad.Sin(k.di))
	zero := ad.Rows(ad.BroadcastTo(s.Graph().Scalar(s.DType(), 0), h, states))
	_, ys := ad.Loop(l, []ad.Value{zero, zero}, []ad.Value{x},
		func(_ ad.Value, z, in []ad.Value) ([]ad.Value, []ad.Value) {
			u := ad.BroadcastTo(ad.Reshape(in[0], h, 1), h, states)
			re := ad.Add(ad.Sub(ad.Mul(ar, z[0]), ad.Mul(ai, z[1])), u)
			im := ad.Add(ad.Mul(ar, z[1]), ad.Mul(ai, z[0]))
			y := ad.Sum(ad.Sub(ad.Mul(k.cr, re), ad.Mul(k.ci, im)), -1)
			return []ad.Value{re, im}, []ad.Value{y}
		})
	return ad.Add(ys[0], ad.Mul(x, s.Param("s.D", Init{Bound: math.Sqrt(3)}, h)))
}

// Chunks give the outputs and gradients of a scan, for lengths of one chunk, less, more, and no multiple of one.
func TestStateSpaceChunks(t *testing.T) {
	const h, states, n = 3, 4, 2
	for _, l := range []int{1, 7, stateChunk, stateChunk + 1, 2*stateChunk + 5} {
		var got [2][][]float64
		for i, f := range []func(s *Scope, x ad.Value) ad.Value{
			func(s *Scope, x ad.Value) ad.Value { return s.S4D("s", x, states) },
			func(s *Scope, x ad.Value) ad.Value { return scanned(s, x, states) },
		} {
			c := layerCase{"s4d", one(f), between([]int{l, h}, []int{l, h}), nil}
			w, x, time, cond := c.drawn(t, n)
			p := c.program(t, w, ad.F64, func(g *ad.Graph, x, _, _ ad.Value, ps []ad.Value, out ad.Value) []ad.Value {
				y := ad.BatchSum(weightedSum(g, out))
				return append([]ad.Value{out}, ad.Grad(y, append([]ad.Value{x}, ps...)...)...)
			})
			outs := [][]float64{make([]float64, n*l*h), make([]float64, n*l*h)}
			for _, v := range w.Layout() {
				outs = append(outs, make([]float64, v.Size()))
			}
			run64(t, p, w, x, time, cond, w.Params64(), outs...)
			got[i] = outs
		}
		for k, want := range got[1] {
			for j, v := range want {
				if math.Abs(got[0][k][j]-v) > 1e-10*(1+math.Abs(v)) {
					t.Fatalf("length %d, output %d, number %d: %g, by a scan %g", l, k, j, got[0][k][j], v)
				}
			}
		}
	}
}
