package nn

import (
	"cmp"
	"fmt"

	"github.com/seed9a7962a8/ito/ad"
)

// The cells of an [RNN].
const (
	CellGRU  = "gru"
	CellLSTM = "lstm"
)

// RNN is a recurrent network over the positions of one part, numbers or tokens: time, conditions and position are
// embedded and added, layers of GRU or LSTM read them in order, and with Both also in reverse, and a Linear writes each
// position. Without Both output i depends on the inputs up to i alone.
type RNN struct {
	// gru (the default) or lstm
	Cell string `json:"cell,omitempty" default:"gru" enum:"gru,lstm" help:"Cell: ${enum}."`
	// units of a layer in each direction; 0 means 64
	Width int `json:"width,omitempty" default:"64" min:"1" help:"Units of a layer in each direction."`
	// layers; 0 means 1
	Layers int `json:"layers,omitempty" default:"1" min:"1" max:"1000" help:"Layers."`
	// Both: the layers read in both directions
	Both bool `json:"both,omitempty" help:"Read in both directions."`
	// features of time; 0 means 32
	TimeDim int `json:"time_dim,omitempty" default:"32" min:"2" max:"65536" help:"Features of time, even."`
}

func init() {
	Register("Recurrent layers over positions, numbers or tokens.", func() Network { return RNN{} })
}

// Kind implements Network.
func (RNN) Kind() string { return "rnn" }

// Resolve implements Network.
func (c RNN) Resolve() (Network, error) {
	c.Cell, c.Width, c.Layers = cmp.Or(c.Cell, CellGRU), cmp.Or(c.Width, 64), cmp.Or(c.Layers, 1)
	c.TimeDim = cmp.Or(c.TimeDim, 32)
	return c, firstError(oneOf("cell", c.Cell, CellGRU, CellLSTM), within("width", c.Width, 1, maxSize),
		within("layers", c.Layers, 1, maxDepth), evenWithin("time_dim", c.TimeDim))
}

// Trace implements Network.
func (c RNN) Trace(s *Scope, in Inputs) []ad.Value {
	q := s.sequenceOf(c.Kind(), in)
	h := ad.Add(q.embed(s, c.Width), s.embedInputs(in, c.TimeDim, c.Width))
	for i := range c.Layers {
		on := c.layer(s, fmt.Sprint("layer", i), h)
		if c.Both {
			on = ad.Concat(1, on, flipped(s, c.layer(s, fmt.Sprint("reverse", i), flipped(s, h))))
		}
		h = on
	}
	return q.head(s, h, in)
}

func (c RNN) layer(s *Scope, name string, x ad.Value) ad.Value {
	if c.Cell == CellLSTM {
		return s.LSTM(name, x, c.Width)
	}
	return s.GRU(name, x, c.Width)
}
