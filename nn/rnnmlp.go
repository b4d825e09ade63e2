package nn

import (
	"cmp"
	"fmt"

	"github.com/seed9a7962a8/ito/ad"
)

// RNNMLP is a denoiser of short states that depend on a history: a recurrent network reads the condition in order,
// Channels numbers a step, and what it ends with conditions residual layers over the state,
//
//	e = time + W GRU(condition),  h ← h + V SiLU(U FiLM(norm(h), e)).
//
// (The denoiser of Rasul et al. 2021, arXiv:2101.12072, with layers in the place of convolutions.)
type RNNMLP struct {
	// numbers of the condition a step; 0 means 1
	Channels int `json:"channels,omitempty" default:"1" min:"1" max:"65536" help:"Numbers of the condition that are one step of history."`
	// gru or lstm (the default)
	Cell string `json:"cell,omitempty" default:"lstm" enum:"lstm,gru" help:"Cell: ${enum}."`
	// units of a recurrent layer; 0 means 40
	Units int `json:"units,omitempty" default:"40" min:"1" help:"Units of a recurrent layer."`
	// recurrent layers; 0 means 1
	Layers int `json:"layers,omitempty" default:"1" min:"1" max:"1000" help:"Recurrent layers."`
	// width of the layers over the state; 0 means 64
	Width int `json:"width,omitempty" default:"64" min:"1" help:"Width of the layers over the state."`
	// residual layers over the state; 0 means 3
	Depth int `json:"depth,omitempty" default:"3" min:"1" max:"1000" help:"Residual layers over the state."`
	// features of time; 0 means 32
	TimeDim int `json:"time_dim,omitempty" default:"32" min:"2" max:"65536" help:"Features of time, even."`
}

func init() {
	Register("A recurrent reading of the condition, and residual layers over the state.",
		func() Network { return RNNMLP{} })
}

// Kind implements Network.
func (RNNMLP) Kind() string { return "rnn-mlp" }

// Resolve implements Network.
func (c RNNMLP) Resolve() (Network, error) {
	c.Channels, c.Cell, c.Units = cmp.Or(c.Channels, 1), cmp.Or(c.Cell, CellLSTM), cmp.Or(c.Units, 40)
	c.Layers, c.Width, c.Depth = cmp.Or(c.Layers, 1), cmp.Or(c.Width, 64), cmp.Or(c.Depth, 3)
	c.TimeDim = cmp.Or(c.TimeDim, 32)
	return c, firstError(within("channels", c.Channels, 1, 1<<16), oneOf("cell", c.Cell, CellLSTM, CellGRU),
		within("units", c.Units, 1, maxSize), within("layers", c.Layers, 1, maxDepth),
		within("width", c.Width, 1, maxSize), within("depth", c.Depth, 1, maxDepth), evenWithin("time_dim", c.TimeDim))
}

// Trace implements Network.
func (c RNNMLP) Trace(s *Scope, in Inputs) []ad.Value {
	if len(in.X) != 1 || len(in.Ports.Out) != 1 || in.Ports.X[0].Levels > 0 {
		s.Refuse("rnn-mlp reads and writes one part of numbers, not %v to %v; take another network", in.Ports.X,
			in.Ports.Out)
	}
	e := s.embedInputs(Inputs{Time: in.Time}, c.TimeDim, c.Width)
	if n := in.Ports.CondWidth(); n > 0 {
		if n%c.Channels != 0 {
			s.Refuse("rnn-mlp reads %d numbers a step of history, and the condition has %d; give channels that divide "+
				"them", c.Channels, n)
		}
		history, _ := s.beside(c.Kind(), in, n/c.Channels, c.Channels)
		for i := range c.Layers {
			name := fmt.Sprint("layer", i)
			if c.Cell == CellLSTM {
				history = s.LSTM(name, history, c.Units)
			} else {
				history = s.GRU(name, history, c.Units)
			}
		}
		e = ad.Add(e, s.Linear("history", ad.At(history, 0, n/c.Channels-1), c.Width))
	}
	e = ad.SiLU(e)
	h := s.Linear("in", ad.Flatten(ad.Cast(in.X[0], s.DType())), c.Width)
	for i := range c.Depth {
		b := s.Within("%s", fmt.Sprint("block", i))
		g := b.Linear("0", b.FiLM("film", b.LayerNorm("norm", h), e), c.Width)
		h = ad.Add(h, b.Head("1", ad.SiLU(g), c.Width))
	}
	out := in.Ports.Out[0]
	return []ad.Value{ad.Reshape(s.Head("out", s.LayerNorm("norm", h), out.Size()), out.Shape...)}
}
