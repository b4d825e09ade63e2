package nn

import (
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
)

// Dropout of a transformer changes a step of training and nothing else.
func TestDropoutOfTransformers(t *testing.T) {
	for _, c := range []struct {
		with, without Network
		shape         []int
	}{
		{Transformer{Width: 8, Layers: 1, Heads: 2, Dropout: .5}, Transformer{Width: 8, Layers: 1, Heads: 2},
			[]int{6, 2}},
		{DiT{Width: 8, Layers: 1, Heads: 2, Dropout: .5}, DiT{Width: 8, Layers: 1, Heads: 2}, []int{6, 2}},
		{CSDI{Channels: 8, Layers: 1, Heads: 2, Dropout: .5}, CSDI{Channels: 8, Layers: 1, Heads: 2}, []int{6, 2}},
	} {
		k := layerCase{c.with.Kind(), c.with, shapePorts(c.shape...), nil}
		w, x, time, _ := k.drawn(t, 2)
		plain, err := FromParams(c.without, k.ports, w.Params)
		if err != nil {
			t.Fatal(err)
		}
		p := k.program(t, w, ad.F64, func(g *ad.Graph, x, time, _ ad.Value, ps []ad.Value, out ad.Value) []ad.Value {
			return []ad.Value{out, w.ApplyTraining(g, ps, x, time, ad.Value{}), plain.Apply(g, ps, x, time, ad.Value{})}
		})
		out, dropped, want := make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
		run64(t, p, w, x, time, nil, w.Params64(), out, dropped, want)
		if !slices.Equal(out, want) {
			t.Errorf("%s: dropout changes what is said outside of training", k.name)
		}
		if slices.Equal(dropped, want) {
			t.Errorf("%s: dropout changes nothing in training", k.name)
		}
	}
}
