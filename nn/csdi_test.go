package nn

import (
	"errors"
	"strings"
	"testing"
)

func csdiCases() []layerCase {
	small := CSDI{Channels: 6, Layers: 2, Heads: 3, Hidden: 5, TimeDim: 4, PositionDim: 6, FeatureDim: 2}
	with := func(c CSDI, change func(*CSDI)) CSDI { change(&c); return c }
	cond := func(p Ports, n int) Ports {
		p.Cond = []Port{{Name: "cond", Shape: []int{n}}}
		return p
	}
	return []layerCase{
		{"csdi", small, shapePorts(3, 4), nil},
		{"csdi_impute", with(small, func(c *CSDI) { c.Impute = true }), cond(shapePorts(3, 4), 24+2), nil},
		{"csdi_steps", with(small, func(c *CSDI) { c.Impute, c.Steps = true, 10 }), cond(shapePorts(3, 4), 24), nil},
		{"csdi_row", small, shapePorts(5), nil},
	}
}

func TestCSDIRefuses(t *testing.T) {
	for _, c := range []struct {
		net   CSDI
		ports Ports
		want  string
	}{
		{CSDI{Heads: 7}, shapePorts(3, 4), "heads: 7 do not divide 64 channels; give a divisor"},
		{CSDI{TimeDim: 5}, shapePorts(3, 4), "time_dim: 5 is odd"},
		{CSDI{Impute: true}, shapePorts(3, 4), "2·3·4 numbers, and has 0; give them, or take impute=false"},
		{CSDI{}, shapePorts(3, 4, 5), "csdi reads features × times [K,L] and writes the same, not [3 4 5]"},
		{CSDI{}, Ports{X: []Port{{Name: "w", Shape: []int{3}, Levels: 2}}, Out: []Port{{Name: "o", Shape: []int{3, 2}}}},
			"csdi reads one part of numbers"},
	} {
		_, err := New(c.net, c.ports, 1)
		var e *ConfigError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v between %+v: %v, want %q", c.net, c.ports, err, c.want)
		}
	}
	late := layerCase{"late", CSDI{Channels: 6, Heads: 2, Steps: 10}, shapePorts(3, 4), nil}
	w, x, time, _ := late.drawn(t, 1)
	time[0] = 10
	err := late.forward(t, w, x, time)
	if err == nil || !strings.Contains(err.Error(), "layer time: index 10 is outside 0…9 in row 0") {
		t.Errorf("a step that there is not: %v", err)
	}
}
