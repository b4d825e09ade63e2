package nn

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// The kinds of network.
const (
	Dense    = "dense"    // in → W → … → W → out, an activation after every hidden layer
	Residual = "residual" // in → W, then h ← h + V·act(U·h), then out
)

// The ways in which the time feature c enters; see [Config.Time].
const (
	TimeSinusoidal = "sinusoidal"
	TimeFourier    = "fourier"
	TimeRaw        = "raw"
	TimeNone       = "none"
)

// Config is the shape of a network. In and Out must be given; every other zero value is its default.
type Config struct {
	In         int    `json:"in"`                   // D, the length of x
	Out        int    `json:"out"`                  // the length of the prediction
	Cond       int    `json:"cond,omitempty"`       // C, the length of the condition; 0 for none
	Kind       string `json:"kind,omitempty"`       // dense (the default) or residual
	Width      int    `json:"width,omitempty"`      // W, units of a hidden layer; 0 means 128
	Depth      int    `json:"depth,omitempty"`      // hidden layers of a dense network, blocks of a residual one; 0 means 3
	Activation string `json:"activation,omitempty"` // silu (the default), gelu (with erf), tanh or relu
	// Time says how the time feature c, a number of order 1 to 10, becomes features of the first layer:
	//
	//	sinusoidal  sin ω_k c, cos ω_k c with periods 2π/ω_k from 64 to 2 in geometric progression (the default)
	//	fourier     the same with ω_k = TimeScale·|z_k|, z_k the quantiles of a normal distribution (Tancik
	//	            et al. 2020, arXiv:2006.10739, eq. 5, stratified instead of drawn)
	//	raw         c itself
	//	none        nothing
	Time      string  `json:"time,omitempty"`
	TimeDim   int     `json:"time_dim,omitempty"`   // features of sinusoidal and fourier, even; 0 means 32
	TimeScale float64 `json:"time_scale,omitempty"` // standard deviation of the frequencies of fourier; 0 means 1
}

// ConfigError is a field of a [Config], a [Schedule] or an [Adam] that cannot be used.
type ConfigError struct {
	Field string // its name in JSON
	What  string
}

func (e *ConfigError) Error() string { return "network: " + e.Field + ": " + e.What }

// maxParams bounds the parameters of a network, 4 GiB of float32.
const maxParams = 1 << 30

// maxSize bounds every length of a network, and maxDepth its layers.
const (
	maxSize  = 1 << 24
	maxDepth = 1000
)

// Resolve returns c with its defaults filled in, or a *ConfigError. A resolved Config resolves to itself.
func (c Config) Resolve() (Config, error) {
	c.Kind = cmp.Or(c.Kind, Dense)
	c.Width, c.Depth = cmp.Or(c.Width, 128), cmp.Or(c.Depth, 3)
	c.Activation = cmp.Or(c.Activation, "silu")
	c.Time = cmp.Or(c.Time, TimeSinusoidal)
	waves := c.Time == TimeSinusoidal || c.Time == TimeFourier
	if waves {
		c.TimeDim = cmp.Or(c.TimeDim, 32)
	}
	if c.Time == TimeFourier {
		c.TimeScale = cmp.Or(c.TimeScale, 1)
	}
	for _, f := range []struct {
		name   string
		v, min int
	}{{"in", c.In, 1}, {"out", c.Out, 1}, {"cond", c.Cond, 0}, {"width", c.Width, 1}, {"depth", c.Depth, 1}, {"time_dim", c.TimeDim, 0}} {
		if f.v < f.min || f.v > maxSize {
			return c, &ConfigError{f.name, fmt.Sprintf("%d is not between %d and %d", f.v, f.min, maxSize)}
		}
	}
	for _, f := range []struct {
		name, v string
		known   []string
	}{
		{"kind", c.Kind, []string{Dense, Residual}},
		{"activation", c.Activation, []string{"silu", "gelu", "tanh", "relu"}},
		{"time", c.Time, []string{TimeSinusoidal, TimeFourier, TimeRaw, TimeNone}},
	} {
		if !slices.Contains(f.known, f.v) {
			return c, &ConfigError{f.name, fmt.Sprintf("%q is not one of %s", f.v, strings.Join(f.known, ", "))}
		}
	}
	if c.Depth > maxDepth {
		return c, &ConfigError{"depth", fmt.Sprintf("%d is more than %d", c.Depth, maxDepth)}
	}
	if err := c.checkTime(waves); err != nil {
		return c, err
	}
	total := 0
	for _, l := range c.linears() {
		if total += (l.in + 1) * l.out; total > maxParams {
			return c, &ConfigError{"width", fmt.Sprintf("the network would have more than %d parameters", maxParams)}
		}
	}
	return c, nil
}

// checkTime reports settings that the time embedding does not have; waves are embeddings by sines and cosines.
func (c Config) checkTime(waves bool) error {
	switch {
	case c.TimeDim%2 != 0:
		return &ConfigError{"time_dim", fmt.Sprintf("%d is odd, and every frequency has a sine and a cosine", c.TimeDim)}
	case !waves && c.TimeDim != 0:
		return &ConfigError{"time_dim", fmt.Sprintf("%s time has no features to count", c.Time)}
	case c.Time != TimeFourier && c.TimeScale != 0:
		return &ConfigError{"time_scale", fmt.Sprintf("%s time has no scale", c.Time)}
	case c.Time == TimeFourier && !(c.TimeScale > 0 && c.TimeScale <= 1e6):
		return &ConfigError{"time_scale", fmt.Sprintf("%g is not between 0 and 1e6", c.TimeScale)}
	}
	return nil
}

// linear is one affine layer.
type linear struct {
	name    string
	in, out int
}

// linears lists the affine layers of a resolved Config in the order of evaluation.
func (c Config) linears() []linear {
	first := linear{"0", c.In + c.timeFeatures() + c.Cond, c.Width}
	ls := []linear{first}
	if c.Kind == Residual {
		ls[0].name = "in"
		for i := range c.Depth {
			ls = append(ls, linear{fmt.Sprintf("block%d.0", i), c.Width, c.Width}, linear{fmt.Sprintf("block%d.1", i), c.Width, c.Width})
		}
		return append(ls, linear{"out", c.Width, c.Out})
	}
	for i := range c.Depth - 1 {
		ls = append(ls, linear{fmt.Sprint(i + 1), c.Width, c.Width})
	}
	return append(ls, linear{fmt.Sprint(c.Depth), c.Width, c.Out})
}

// timeFeatures is the number of inputs of the first layer that tell the time.
func (c Config) timeFeatures() int {
	switch c.Time {
	case TimeNone:
		return 0
	case TimeRaw:
		return 1
	}
	return c.TimeDim
}
