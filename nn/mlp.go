package nn

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito/ad"
)

// The ways in which the time feature c enters; see [MLP.Time].
const (
	TimeSinusoidal = "sinusoidal"
	TimeFourier    = "fourier"
	TimeRaw        = "raw"
	TimeNone       = "none"
)

// MLP is a dense or residual network between flat arrays:
//
//	dense     in → W → … → W → out, an activation after every hidden layer
//	residual  in → W, then h ← h + V·act(U·h), then out
//
// All that it reads is one row, and all that it writes another: parts of other shapes are laid flat. Time and condition
// are joined to x before the first layer, whose product with the joined row is the sum of three linear maps: an
// embedding of time and one of the condition are added to the first hidden layer's input. A separate layer for the
// embedding would cost a product of Width by Width three times a step; this costs one of TimeDim+C by Width forward and
// one for the gradient of its weights. Every zero value is its default.
type MLP struct {
	Residual bool `json:"residual,omitempty" help:"Residual blocks instead of dense layers."`
	// W, units of a hidden layer; 0 means 128
	Width int `json:"width,omitempty" default:"128" min:"1" help:"Units of a hidden layer."`
	// hidden layers of a dense network, blocks of a residual one; 0 means 3
	Depth int `json:"depth,omitempty" default:"3" min:"1" max:"1000" help:"Hidden layers, or residual blocks."`
	// silu (the default), gelu (with erf), tanh or relu
	Activation string `json:"activation,omitempty" default:"silu" enum:"silu,gelu,tanh,relu" help:"Activation: ${enum}."`
	// Time says how the time feature c, a number of order 1 to 10, becomes features of the first layer:
	//
	//	sinusoidal  sin ω_k c, cos ω_k c with periods 2π/ω_k from 64 to 2 in geometric progression (the default)
	//	fourier     the same with ω_k = TimeScale·|z_k|, z_k the quantiles of a normal distribution (Tancik
	//	            et al. 2020, arXiv:2006.10739, eq. 5, stratified instead of drawn)
	//	raw         c itself
	//	none        nothing
	Time string `json:"time,omitempty" default:"sinusoidal" enum:"sinusoidal,fourier,raw,none" help:"Features of time: ${enum}."`
	// features of sinusoidal and fourier, even; 0 means 32
	TimeDim int `json:"time_dim,omitempty" min:"0" max:"65536" help:"Features of sinusoidal and fourier, even; 0: 32."`
	// standard deviation of the frequencies of fourier; 0 means 1
	TimeScale float64 `json:"time_scale,omitempty" min:"0" max:"1e6" help:"Scale of the frequencies of fourier; 0: 1."`
}

func init() { Register("Dense or residual layers over one row.", func() Network { return MLP{} }) }

// Kind implements Network.
func (MLP) Kind() string { return "mlp" }

// Smooth says that relu is not: see [Weights.Smooth].
func (c MLP) Smooth() bool { return c.Activation != "relu" }

// maxDepth bounds the layers of a network.
const maxDepth = 1000

// Resolve implements Network.
func (c MLP) Resolve() (Network, error) {
	c.Width, c.Depth = cmp.Or(c.Width, 128), cmp.Or(c.Depth, 3)
	c.Activation = cmp.Or(c.Activation, "silu")
	c.Time = cmp.Or(c.Time, TimeSinusoidal)
	if c.waves() {
		c.TimeDim = cmp.Or(c.TimeDim, 32)
	}
	if c.Time == TimeFourier {
		c.TimeScale = cmp.Or(c.TimeScale, 1)
	}
	for _, f := range []struct {
		name        string
		v, min, max int
	}{{"width", c.Width, 1, maxSize}, {"depth", c.Depth, 1, maxDepth}, {"time_dim", c.TimeDim, 0, 1 << 16}} {
		if f.v < f.min || f.v > f.max {
			return c, &ConfigError{f.name, fmt.Sprintf("%d is not between %d and %d", f.v, f.min, f.max)}
		}
	}
	for _, f := range []struct {
		name, v string
		known   []string
	}{
		{"activation", c.Activation, activations},
		{"time", c.Time, []string{TimeSinusoidal, TimeFourier, TimeRaw, TimeNone}},
	} {
		if !slices.Contains(f.known, f.v) {
			return c, &ConfigError{f.name, fmt.Sprintf("%q is not one of %s", f.v, strings.Join(f.known, ", "))}
		}
	}
	return c, c.checkTime()
}

// Absent implements [Absenter]: what is joined to x behind all else need not be read where it is 0.
func (MLP) Absent() {}

// waves reports an embedding by sines and cosines.
func (c MLP) waves() bool { return c.Time == TimeSinusoidal || c.Time == TimeFourier }

// checkTime reports settings that the time embedding does not have.
func (c MLP) checkTime() error {
	switch {
	case c.TimeDim%2 != 0:
		return &ConfigError{"time_dim", fmt.Sprintf("%d is odd, and every frequency has a sine and a cosine; "+
			"give an even number", c.TimeDim)}
	case !c.waves() && c.TimeDim != 0:
		return &ConfigError{"time_dim", fmt.Sprintf("%s time has no features to count", c.Time)}
	case c.Time != TimeFourier && c.TimeScale != 0:
		return &ConfigError{"time_scale", fmt.Sprintf("%s time has no scale", c.Time)}
	case c.Time == TimeFourier && !(c.TimeScale > 0 && c.TimeScale <= 1e6):
		return &ConfigError{"time_scale", fmt.Sprintf("%g is not between 0 and 1e6", c.TimeScale)}
	}
	return nil
}

// Trace implements Network.
func (c MLP) Trace(s *Scope, in Inputs) []ad.Value {
	var parts []ad.Value
	for i, x := range in.X {
		parts = append(parts, c.flat(s, x, in.Ports.X[i]))
	}
	parts = append(parts, c.embed(s, in.Time)...)
	for i, x := range in.Cond {
		parts = append(parts, c.flat(s, x, in.Ports.Cond[i]))
	}
	h := parts[0]
	if len(parts) > 1 {
		h = ad.Concat(0, parts...)
	}
	absent := 0
	if in.Cond == nil {
		absent = in.Ports.CondWidth()
	}
	out := in.Ports.Writes()
	if c.Residual {
		h = s.linearBefore("in", h, absent, c.Width)
		for i := range c.Depth {
			b := s.Within("block%d", i)
			h = ad.Add(h, b.Linear("1", activate(c.Activation, b.Linear("0", h, c.Width)), c.Width))
		}
		h = s.Head("out", activate(c.Activation, h), out)
	} else {
		for i := range c.Depth {
			h = activate(c.Activation, s.linearBefore(fmt.Sprint(i), h, absent, c.Width))
			absent = 0
		}
		h = s.Head(fmt.Sprint(c.Depth), h, out)
	}
	return split(h, in.Ports.Out)
}

// tokenWidth is the most numbers that a token becomes.
const tokenWidth = 32

// flat lays a value of any shape flat, as floats: a token is a vector of as many numbers as there are levels, 32 at
// most, which is learnt.
func (c MLP) flat(s *Scope, x ad.Value, p Port) ad.Value {
	if p.Levels > 0 {
		x = s.Embedding("token."+p.Name, x, p.Levels, min(p.Levels, tokenWidth))
	}
	if x.Rank() == 1 {
		return x
	}
	return ad.Flatten(x)
}
