package nn

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito/ad"
)

// What a position of a [Transformer] reads.
const (
	ReadsAll    = "all"    // every position
	ReadsCausal = "causal" // itself and those before it
	ReadsHollow = "hollow" // every position but itself
)

// The ways in which positions enter a [Transformer].
const (
	PositionsRotary     = "rotary"
	PositionsSinusoidal = "sinusoidal"
	PositionsLearned    = "learned"
	PositionsNone       = "none"
)

// Transformer is a transformer over the positions of one part, numbers or tokens, with norms in front of what they
// normalise (Xiong et al. 2020, arXiv:2002.04745):
//
//	h ← embed(x) + time and conditions + positions
//	h ← h + attn(norm(h)),  h ← h + ff(norm(h))      Layers times
//	out = W norm(h)
//
// Hollow is two causal ones, over the positions before and those behind, which are joined at the end: output i depends
// on every input but i (Sun et al. 2022, arXiv:2211.16750, §5.2).
type Transformer struct {
	// channels of a position; 0 means 128
	Width int `json:"width,omitempty" default:"128" min:"1" help:"Channels of a position."`
	// layers; 0 means 4
	Layers int `json:"layers,omitempty" default:"4" min:"1" max:"1000" help:"Layers."`
	// heads of attention; 0 means 4
	Heads int `json:"heads,omitempty" default:"4" min:"1" help:"Heads of attention; they divide the width."`
	// units between the Linears of a layer; 0 means 4·Width
	Hidden int `json:"hidden,omitempty" min:"0" help:"Units between the linear maps of a layer; 0: four times the width."`
	// all (the default), causal or hollow
	Reads string `json:"reads,omitempty" default:"all" enum:"all,causal,hollow" help:"What a position reads: ${enum}."`
	// rotary (the default), sinusoidal, learned or none
	Positions string `json:"positions,omitempty" default:"rotary" enum:"rotary,sinusoidal,learned,none" help:"How positions enter: ${enum}."`
	// gelu (the default), silu, tanh or relu
	Activation string `json:"activation,omitempty" default:"gelu" enum:"silu,gelu,tanh,relu" help:"Activation: ${enum}."`
	// Dropout is the share of what a layer adds that is left out in training
	Dropout float64 `json:"dropout,omitempty" min:"0" below:"1" help:"Share of what a layer adds that is left out in a step of training."`
	// features of time; 0 means 32
	TimeDim int `json:"time_dim,omitempty" default:"32" min:"2" max:"65536" help:"Features of time, even."`
}

func init() {
	Register("A transformer over positions, numbers or tokens.", func() Network { return Transformer{} })
}

// Kind implements Network.
func (Transformer) Kind() string { return "transformer" }

// Smooth says that relu is not: see [Weights.Smooth].
func (c Transformer) Smooth() bool { return c.Activation != "relu" }

// Resolve implements Network.
func (c Transformer) Resolve() (Network, error) {
	c.Width, c.Layers, c.Heads = cmp.Or(c.Width, 128), cmp.Or(c.Layers, 4), cmp.Or(c.Heads, 4)
	c.Hidden, c.TimeDim = cmp.Or(c.Hidden, 4*c.Width), cmp.Or(c.TimeDim, 32)
	c.Reads, c.Positions = cmp.Or(c.Reads, ReadsAll), cmp.Or(c.Positions, PositionsRotary)
	c.Activation = cmp.Or(c.Activation, "gelu")
	err := firstError(
		within("width", c.Width, 1, maxSize), within("layers", c.Layers, 1, maxDepth),
		divides("heads", c.Heads, "channels", c.Width), within("hidden", c.Hidden, 1, maxSize),
		evenWithin("time_dim", c.TimeDim), shareWithin("dropout", c.Dropout),
		oneOf("activation", c.Activation, activations...),
		oneOf("reads", c.Reads, ReadsAll, ReadsCausal, ReadsHollow),
		oneOf("positions", c.Positions, PositionsRotary, PositionsSinusoidal, PositionsLearned, PositionsNone))
	switch {
	case err != nil:
	case c.Positions == PositionsRotary && c.Width/c.Heads%2 != 0:
		err = &ConfigError{"heads", "rotary positions turn pairs of channels, and a head has an odd number of them; " +
			"give other heads or positions"}
	case c.Positions == PositionsSinusoidal && c.Width%2 != 0:
		err = &ConfigError{"width", "sinusoidal positions have a sine and a cosine, and the width is " +
			"odd; give an even one, or other positions"}
	}
	return c, err
}

// Trace implements Network.
func (c Transformer) Trace(s *Scope, in Inputs) []ad.Value {
	q := s.sequenceOf(c.Kind(), in)
	x := q.embed(s, c.Width)
	e := s.embedInputs(in, c.TimeDim, c.Width)
	if c.Reads != ReadsHollow {
		return q.head(s, s.LayerNorm("norm", c.layers(s, x, e, c.Reads == ReadsCausal)), in)
	}
	before := c.side(s.Within("before"), x, e)
	behind := flipped(s, c.side(s.Within("behind"), flipped(s, x), e))
	h := activate(c.Activation, s.Linear("join", ad.Concat(1, before, behind), c.Width))
	return q.head(s, h, in)
}

// side is a causal transformer of which position i reads those in front of it.
func (c Transformer) side(s *Scope, x, e ad.Value) ad.Value {
	first := s.Param("first", uniform(c.Width), c.Width)
	return s.LayerNorm("norm", c.layers(s, later(x, first), e, true))
}

// layers are the layers of one transformer over embedded positions [L,W], with what all positions read, [W].
func (c Transformer) layers(s *Scope, x, e ad.Value, causal bool) ad.Value {
	n := x.Shape()[0]
	h := ad.Add(x, e)
	switch c.Positions {
	case PositionsSinusoidal:
		h = ad.Add(h, s.Positions(n, c.Width))
	case PositionsLearned:
		h = ad.Add(h, s.Param("positions", uniform(c.Width), n, c.Width))
	}
	a := Attention{Heads: c.Heads, Causal: causal, Rotary: c.Positions == PositionsRotary}
	for i := range c.Layers {
		l := s.Within("layer%d", i)
		h = ad.Add(h, l.Dropout(l.Attention("attn", l.LayerNorm("norm0", h), a), c.Dropout))
		h = ad.Add(h, l.Dropout(l.FeedForward("ff", l.LayerNorm("norm1", h), c.Hidden, c.Activation), c.Dropout))
	}
	return h
}

// oneOf reports a word that is none of those known.
func oneOf(field, v string, known ...string) error {
	if !slices.Contains(known, v) {
		return &ConfigError{field, "\"" + v + "\" is not one of " + strings.Join(known, ", ")}
	}
	return nil
}
