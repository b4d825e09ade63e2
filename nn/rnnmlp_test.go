package nn

import (
	"errors"
	"strings"
	"testing"
)

func rnnMLPCases() []layerCase {
	p := shapePorts(3, 2)
	p.Cond = []Port{{Name: "cond", Shape: []int{8}}}
	return []layerCase{
		{"rnn_mlp", RNNMLP{Channels: 2, Units: 3, Width: 5, Depth: 2, TimeDim: 4}, p, nil},
		{"rnn_mlp_gru", RNNMLP{Channels: 4, Cell: CellGRU, Units: 3, Layers: 2, Width: 5, Depth: 1, TimeDim: 4}, p,
			nil},
		{"rnn_mlp_plain", RNNMLP{Width: 5, Depth: 1, TimeDim: 4}, shapePorts(3, 2), nil},
	}
}

func TestRNNMLPRefuses(t *testing.T) {
	p := shapePorts(3)
	p.Cond = []Port{{Name: "cond", Shape: []int{7}}}
	_, err := New(RNNMLP{Channels: 2}, p, 1)
	var e *ConfigError
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "give channels that divide them") {
		t.Errorf("channels that do not divide the condition: %v", err)
	}
}
