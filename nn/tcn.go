package nn

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/seed9a7962a8/ito/ad"
)

// TCN is a network of dilated convolutions over sequences [L,C] (van den Oord et al. 2016, arXiv:1609.03499; Bai et al.
// 2018, arXiv:1803.01271): Depth residual blocks of two convolutions, whose taps lie 1, 2, 4, … places apart and from
// Cycle blocks on again 1. Norms are over the channels of a place, so that a causal network reads no later place. [L]
// is one channel. Every zero value is its default.
type TCN struct {
	// channels; 0 means 64
	Width int `json:"width,omitempty" default:"64" min:"1" max:"65536" help:"Channels."`
	// blocks; 0 means 6
	Depth int `json:"depth,omitempty" default:"6" min:"1" max:"1000" help:"Residual blocks of two convolutions."`
	// taps; 0 means 3
	Kernel int `json:"kernel,omitempty" default:"3" min:"1" max:"1000" help:"Taps of a convolution."`
	// blocks until dilation is 1 again; 0 means 10
	Cycle   int     `json:"cycle,omitempty" default:"10" min:"1" max:"20" help:"Blocks until taps lie side by side again."`
	Causal  bool    `json:"causal,omitempty" help:"A place reads no later place."`
	Dropout float64 `json:"dropout,omitempty" min:"0" below:"1" help:"Share of numbers that a step of training leaves out."`
	// Beside > 0: the condition begins with so many numbers for each place, [L,Beside], channels beside its own
	Beside int `json:"beside,omitempty" min:"0" max:"65536" help:"Numbers of the condition that are read beside each place, from its front."`
}

func init() { Register("Dilated convolutions over sequences [L,C].", func() Network { return TCN{} }) }

// Kind implements Network.
func (TCN) Kind() string { return "tcn" }

// WithBeside implements BesideReader.
func (c TCN) WithBeside(n int) Network {
	c.Beside = n
	return c
}

// Resolve implements Network.
func (c TCN) Resolve() (Network, error) {
	c.Width, c.Depth = cmp.Or(c.Width, 64), cmp.Or(c.Depth, 6)
	c.Kernel, c.Cycle = cmp.Or(c.Kernel, 3), cmp.Or(c.Cycle, 10)
	for _, f := range []struct {
		name   string
		v, max int
	}{{"width", c.Width, 1 << 16}, {"depth", c.Depth, maxDepth}, {"kernel", c.Kernel, 1000}, {"cycle", c.Cycle, 20}} {
		if f.v < 1 || f.v > f.max {
			return c, &ConfigError{f.name, fmt.Sprintf("%d is not between 1 and %d", f.v, f.max)}
		}
	}
	return c, firstError(shareWithin("dropout", c.Dropout), within("beside", c.Beside, 0, 1<<16))
}

// Trace implements Network.
func (c TCN) Trace(s *Scope, in Inputs) []ad.Value {
	x, out := onePart(s, in, 2, c.Kind(), "a sequence [L,C]")
	if c.Beside > 0 {
		var more ad.Value
		more, in = s.beside(c.Kind(), in, x.Shape()[0], c.Beside)
		x = ad.Concat(1, ad.Cast(x, s.DType()), more)
	}
	emb := ad.SiLU(s.embedInputs(in, c.Width+c.Width%2, 2*c.Width))
	h := s.Linear("in", x, c.Width)
	for i := range c.Depth {
		r := s.Within("%s", "block"+strconv.Itoa(i))
		conv := Conv{Kernel: c.Kernel, Dilation: 1 << (i % c.Cycle), Causal: c.Causal}
		uv := r.Linear("emb", emb, 2*c.Width)
		g := ad.SiLU(r.modulated("norm", h, ad.Slice(uv, 0, c.Width, 2*c.Width), ad.Slice(uv, 0, 0, c.Width)))
		g = r.Dropout(ad.SiLU(r.Conv1D("conv0", g, c.Width, conv)), c.Dropout)
		conv.Zero = true
		h = ad.Add(h, r.Conv1D("conv1", g, c.Width, conv))
	}
	return []ad.Value{ad.Reshape(s.Head("out", ad.SiLU(s.LayerNorm("norm", h)), out), in.Ports.Out[0].Shape...)}
}
