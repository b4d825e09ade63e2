package nn

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
)

func besideCases() []layerCase {
	p := shapePorts(6, 2)
	p.Cond = []Port{{Name: "cond", Shape: []int{6*3 + 2}}}
	return []layerCase{
		{"tcn_beside", TCN{Width: 4, Depth: 2, Beside: 3}, p, nil},
		{"s4_beside", S4{Width: 4, Layers: 1, States: 2, TimeDim: 4, Beside: 3}, p, nil},
	}
}

// Channels that stand in the condition are channels as those of the state: the same weights write the same.
func TestBesideIsAsChannels(t *testing.T) {
	wide := Ports{X: []Port{{Name: "x", Shape: []int{6, 5}}}, Out: []Port{{Name: "out", Shape: []int{6, 2}}},
		Cond: []Port{{Name: "cond", Shape: []int{2}}}}
	for i, c := range besideCases() {
		same := layerCase{c.name, []Network{TCN{Width: 4, Depth: 2}, S4{Width: 4, Layers: 1, States: 2, TimeDim: 4}}[i],
			wide, nil}
		w, x, time, cond := c.drawn(t, 1)
		v, err := FromParams(same.net, wide, w.Params)
		if err != nil {
			t.Fatal(err)
		}
		write := func(c layerCase, w *Weights, x, cond []float64) []float64 {
			p := c.program(t, w, ad.F64, func(_ *ad.Graph, _, _, _ ad.Value, _ []ad.Value, out ad.Value) []ad.Value {
				return []ad.Value{out}
			})
			out := make([]float64, 12)
			run64(t, p, w, x, time, cond, w.Params64(), out)
			return out
		}
		var all []float64
		for l := range 6 {
			all = append(append(all, x[2*l:2*l+2]...), cond[3*l:3*l+3]...)
		}
		if got, want := write(c, w, x, cond), write(same, v, all, cond[18:]); !slices.Equal(got, want) {
			t.Errorf("%s writes %v, with as many channels of its own %v", c.name, got, want)
		}
	}
}

func TestBesideRefuses(t *testing.T) {
	short := shapePorts(6, 2)
	short.Cond = []Port{{Name: "cond", Shape: []int{17}}}
	tokens := Ports{X: []Port{{Name: "w", Shape: []int{3}, Levels: 2}}, Out: []Port{{Name: "o", Shape: []int{3, 2}}}}
	for _, c := range []struct {
		net   Network
		ports Ports
		want  string
	}{
		{TCN{Beside: 3}, short, "18 numbers, and has 17; give them, or take beside=0"},
		{S4{Beside: 3}, shapePorts(6, 2), "18 numbers, and has 0"},
		{S4{Beside: 3}, tokens, "not beside tokens"},
	} {
		_, err := New(c.net, c.ports, 1)
		var e *ConfigError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.net, err, c.want)
		}
	}
}
