package nn

import (
	"testing"

	"github.com/seed9a7962a8/ito/ad"
)

func recurrentCases() []layerCase {
	over := func(name string, c int, f func(s *Scope, x ad.Value) ad.Value, out int) layerCase {
		return layerCase{name, one(f), between([]int{7, out}, []int{7, c}), nil}
	}
	return []layerCase{
		over("gru", 4, func(s *Scope, x ad.Value) ad.Value { return s.GRU("rnn", x, 5) }, 5),
		over("lstm", 4, func(s *Scope, x ad.Value) ad.Value { return s.LSTM("rnn", x, 5) }, 5),
		over("s4d", 3, func(s *Scope, x ad.Value) ad.Value { return s.S4D("s4d", x, 4) }, 3),
	}
}

func rnnCases() []layerCase {
	return []layerCase{
		{"rnn", RNN{Width: 5, Layers: 2, TimeDim: 4}, shapePorts(6, 2), nil},
		{"rnn_both", RNN{Cell: CellLSTM, Width: 5, Both: true, TimeDim: 4}, shapePorts(6, 2), nil},
	}
}

// A network that reads in order does not see what comes later; one that reads both ways sees all.
func TestOrderOfReading(t *testing.T) {
	for _, c := range append(rnnCases(), s4Cases()...) {
		both := c.name == "rnn_both" || c.name == "s4_both"
		for o, row := range c.jacobian(t) {
			for k, v := range row {
				if (v != 0) != (both || k/2 <= o/2) {
					t.Errorf("%s: ∂out[%d]/∂x[%d] = %g", c.name, o, k, v)
				}
			}
		}
	}
}
