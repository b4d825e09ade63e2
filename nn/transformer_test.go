package nn

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
)

func transformerCases() []layerCase {
	small := Transformer{Width: 8, Layers: 2, Heads: 2, Hidden: 6, TimeDim: 4}
	with := func(change func(*Transformer)) Transformer { c := small; change(&c); return c }
	cond := shapePorts(6, 2)
	cond.Cond = []Port{{Name: "cond", Shape: []int{3}}}
	return []layerCase{
		{"transformer", small, cond, nil},
		{"transformer_causal", with(func(c *Transformer) { c.Reads, c.Positions = ReadsCausal, PositionsSinusoidal }),
			shapePorts(6, 2), nil},
		{"transformer_hollow", with(func(c *Transformer) { c.Reads, c.Positions = ReadsHollow, PositionsLearned }),
			shapePorts(6, 2), nil},
		{"transformer_tokens", small, wordPorts(6, 5), func(row []float64) {
			for i := range row {
				row[i] = float64((2*i + 1) % 5)
			}
		}},
		{"transformer_row", small, shapePorts(5), nil},
	}
}

// wordPorts read n tokens and write their logits.
func wordPorts(n, levels int) Ports {
	return Ports{X: []Port{{Name: "w", Shape: []int{n}, Levels: levels}},
		Out: []Port{{Name: "out", Shape: []int{n, levels}}}}
}

// jacobian is ∂out/∂x of the first row, [out, x].
func (c layerCase) jacobian(t *testing.T) [][]float64 {
	t.Helper()
	w, x, time, cond := c.drawn(t, 1)
	p := c.program(t, w, ad.F64, func(g *ad.Graph, x, _, _ ad.Value, _ []ad.Value, out ad.Value) []ad.Value {
		var rows []ad.Value
		for i := range out.Size() {
			of := []ad.Value{ad.Slice(out, 0, i, i+1)}
			rows = append(rows, ad.VJP(of, []ad.Value{g.Const(ad.F64, []float64{1}, 1)}, []ad.Value{x})[0])
		}
		return rows
	})
	j := make([][]float64, c.ports.Writes())
	for i := range j {
		j[i] = make([]float64, len(x))
	}
	run64(t, p, w, x, time, cond, w.Params64(), j...)
	return j
}

// What a position may not read has a derivative of exactly 0, and what it reads has one that is not.
func TestTransformerReads(t *testing.T) {
	for i, reads := range []func(out, in int) bool{
		func(out, in int) bool { return true },
		func(out, in int) bool { return in <= out },
		func(out, in int) bool { return in != out },
	} {
		c := transformerCases()[i]
		for o, row := range c.jacobian(t) {
			for k, v := range row {
				if (v != 0) != reads(o/2, k/2) {
					t.Errorf("%s: ∂out[%d]/∂x[%d] = %g", c.name, o, k, v)
				}
			}
		}
	}
}

// With rotary positions a transformer over all positions reads distances alone: a series of which the rest is masked
// away cannot be told from the same one further on. Here: attention of turned queries and keys is the same for shifted
// positions.
func TestRotaryIsRelative(t *testing.T) {
	const l, heads, d = 6, 2, 4
	scores := func(shift int) []float64 {
		c := layerCase{"rotary", traced(func(s *Scope, in Inputs) []ad.Value {
			pad := func(x ad.Value) ad.Value {
				return ad.Slice(s.Rotary(ad.Pad(x, 0, shift, 0), heads), 0, shift, shift+l)
			}
			return []ad.Value{ad.Mul(ad.MatMulT(pad(in.X[0]), pad(in.X[1]), false, true), s.Param("one", Init{Value: 1}, 1))}
		}), between([]int{l, l}, []int{l, heads * d}, []int{l, heads * d}), nil}
		w, x, time, _ := c.drawn(t, 1)
		out := make([]float64, l*l)
		p := c.program(t, w, ad.F64, func(_ *ad.Graph, _, _, _ ad.Value, _ []ad.Value, out ad.Value) []ad.Value {
			return []ad.Value{out}
		})
		run64(t, p, w, x, time, nil, w.Params64(), out)
		return out
	}
	at, further := scores(0), scores(9)
	moved := 0.0
	for i, v := range at {
		if math.Abs(v-further[i]) > 1e-12*(1+math.Abs(v)) {
			t.Fatalf("product %d is %g, and %g further on", i, v, further[i])
		}
		moved = max(moved, math.Abs(v-at[0]))
	}
	if moved < .1 {
		t.Error("all products are alike")
	}
}

func TestTransformerRefuses(t *testing.T) {
	for _, c := range []struct {
		net   Network
		ports Ports
		want  string
	}{
		{Transformer{Heads: 3}, shapePorts(4, 2), "heads: 3 do not divide 128 channels"},
		{Transformer{Dropout: 1}, shapePorts(4, 2), "dropout: 1 is not 0 or more, and less than 1"},
		{Transformer{Width: 6, Heads: 2}, shapePorts(4, 2), "a head has an odd number"},
		{Transformer{Reads: "some"}, shapePorts(4, 2), `"some" is not one of all, causal, hollow`},
		{Transformer{}, Ports{X: shapePorts(4, 2).X, Out: shapePorts(3).X}, "writes as many positions as it reads"},
		{Transformer{}, Ports{X: append(shapePorts(4).X, Port{Name: "y", Shape: []int{2}}), Out: shapePorts(4).Out},
			"transformer reads one part and writes one"},
		{DiT{Heads: 5}, shapePorts(4, 4, 1), "heads: 5 do not divide 128"},
		{DiT{Patch: 4}, shapePorts(8, 6, 3), "dit: patches of 4 do not divide [8 6 3]; give patch=1"},
		{DiT{}, shapePorts(2, 2, 2, 2), "dit reads an image [H,W,C] or a series [L,C]"},
		{DiT{Width: 6, Heads: 2}, shapePorts(4, 4, 1), "give a multiple of four"},
		{DiT{}, wordPorts(4, 2), "dit reads one part of numbers"},
	} {
		_, err := New(c.net, c.ports, 1)
		var e *ConfigError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v between %+v: %v, want %q", c.net, c.ports, err, c.want)
		}
	}
}
