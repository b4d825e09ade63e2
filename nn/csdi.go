package nn

import (
	"cmp"
	"math"

	"github.com/seed9a7962a8/ito/ad"
)

// CSDI is the network of Tashiro et al. (2021, arXiv:2107.03502, appendix E.1) over states [K,L] of K features at L
// times: residual layers that attend over time for each feature and over features for each time, gated by what is to be
// filled in. It computes what the released network computes in evaluation, and its weights can be imported.
//
// Side information of a cell are the sinusoidal position of its time, an embedding of its feature and, with Impute,
// whether it is observed.
type CSDI struct {
	// channels of a cell; 0 means 64
	Channels int `json:"channels,omitempty" default:"64" min:"1" help:"Channels of a cell."`
	// residual layers; 0 means 4
	Layers int `json:"layers,omitempty" default:"4" min:"1" max:"1000" help:"Residual layers."`
	// heads of attention; 0 means 8
	Heads int `json:"heads,omitempty" default:"8" min:"1" help:"Heads of attention; they divide the channels."`
	// units between the Linears of a transformer layer; 0 means 64
	Hidden int `json:"hidden,omitempty" default:"64" min:"1" help:"Units between the linear maps of a transformer layer."`
	// features of diffusion time; 0 means 128
	TimeDim int `json:"time_dim,omitempty" default:"128" min:"2" max:"65536" help:"Features of diffusion time, even."`
	// features of the time of a cell; 0 means 128
	PositionDim int `json:"position_dim,omitempty" default:"128" min:"2" max:"65536" help:"Features of the position of a time, even."`
	// numbers of the embedding of a feature; 0 means 16
	FeatureDim int `json:"feature_dim,omitempty" default:"16" min:"1" max:"65536" help:"Numbers that stand for a feature."`
	// Dropout is the share of what a layer adds that is left out in training
	Dropout float64 `json:"dropout,omitempty" min:"0" below:"1" help:"Share of what a layer adds that is left out in a step of training."`
	// Steps > 0: the time feature is the number of one of so many steps, as in the released network; 0: it is the
	// usual one
	Steps int `json:"steps,omitempty" min:"0" max:"1000000" help:"Steps of which the time is the number, as in the published network; 0: time as usual."`
	// Impute: the condition begins with K·L pairs of numbers, the value of a cell and 1 where it is observed, as
	// numeric conditions are. Observed cells are read as they are, and of the others the noisy state
	Impute bool `json:"impute,omitempty" help:"The condition begins with a value for every cell, and whether it is observed."`
}

func init() {
	Register("Attention over times and over features, to fill in series.", func() Network { return CSDI{} })
}

// Kind implements Network.
func (CSDI) Kind() string { return "csdi" }

// Imputing implements Imputer.
func (c CSDI) Imputing() Network {
	c.Impute = true
	return c
}

// Imputes implements Imputer.
func (c CSDI) Imputes() bool { return c.Impute }

// Smooth says that its ReLUs are not: see [Weights.Smooth].
func (CSDI) Smooth() bool { return false }

// Resolve implements Network.
func (c CSDI) Resolve() (Network, error) {
	c.Channels, c.Layers, c.Heads = cmp.Or(c.Channels, 64), cmp.Or(c.Layers, 4), cmp.Or(c.Heads, 8)
	c.Hidden, c.TimeDim = cmp.Or(c.Hidden, 64), cmp.Or(c.TimeDim, 128)
	c.PositionDim, c.FeatureDim = cmp.Or(c.PositionDim, 128), cmp.Or(c.FeatureDim, 16)
	return c, firstError(
		within("channels", c.Channels, 1, maxSize), within("layers", c.Layers, 1, maxDepth),
		divides("heads", c.Heads, "channels", c.Channels), within("hidden", c.Hidden, 1, maxSize),
		evenWithin("time_dim", c.TimeDim), evenWithin("position_dim", c.PositionDim),
		within("feature_dim", c.FeatureDim, 1, 1<<16), within("steps", c.Steps, 0, 1e6),
		shareWithin("dropout", c.Dropout))
}

// Trace implements Network.
func (c CSDI) Trace(s *Scope, in Inputs) []ad.Value {
	k, l := c.cells(s, in.Ports)
	x := ad.Reshape(ad.Cast(in.X[0], s.DType()), k, l, 1)
	var mask ad.Value
	if c.Impute {
		var known ad.Value
		known, mask, in = c.observed(s, in, k, l)
		x = ad.Concat(2, ad.Mul(mask, known), ad.Mul(ad.Shift(ad.Neg(mask), 1), x))
	}
	h := activate("relu", s.Linear("in", x, c.Channels))
	t := c.time(s, in)
	var skips ad.Value
	for i := range c.Layers {
		var skip ad.Value
		if h, skip = c.layer(s.Within("layer%d", i), s, h, t, mask); i == 0 {
			skips = skip
		} else {
			skips = ad.Add(skips, skip)
		}
	}
	h = ad.Scale(skips, 1/math.Sqrt(float64(c.Layers)))
	h = s.Head("out.1", activate("relu", s.Linear("out.0", h, c.Channels)), 1)
	return []ad.Value{ad.Reshape(h, in.Ports.Out[0].Shape...)}
}

// cells are K and L of the one part that the network reads and writes.
func (c CSDI) cells(s *Scope, p Ports) (k, l int) {
	if len(p.X) != 1 || len(p.Out) != 1 || p.X[0].Levels > 0 {
		s.Refuse("csdi reads one part of numbers and writes it, not %v and %v; take another network", p.X, p.Out)
	}
	shape := p.X[0].Shape
	if len(shape) == 3 && shape[2] == 1 {
		shape = shape[:2]
	}
	if len(shape) == 1 {
		shape = []int{shape[0], 1}
	}
	if len(shape) != 2 || p.X[0].Size() != p.Out[0].Size() {
		s.Refuse("csdi reads features × times [K,L] and writes the same, not %v and %v; give a state of two axes",
			p.X[0].Shape, p.Out[0].Shape)
	}
	return shape[0], shape[1]
}

// observed takes the pairs of values and flags from the front of the conditions; what is left stays a condition.
func (c CSDI) observed(s *Scope, in Inputs, k, l int) (values, mask ad.Value, rest Inputs) {
	width := in.Ports.CondWidth()
	if width < 2*k*l {
		s.Refuse("csdi fills in [%d,%d]: its condition begins with a value and a flag for each cell, 2·%d·%d numbers, "+
			"and has %d; give them, or take impute=false", k, l, k, l, width)
	}
	var flat []ad.Value
	for _, v := range in.Cond {
		flat = append(flat, ad.Flatten(ad.Cast(v, s.DType())))
	}
	all := flat[0]
	if len(flat) > 1 {
		all = ad.Concat(0, flat...)
	}
	rest = Inputs{Ports: in.Ports, X: in.X, Time: in.Time}
	rest.Ports.Cond = nil
	if more := width - 2*k*l; more > 0 {
		rest.Ports.Cond = []Port{{Name: "rest", Shape: []int{more}}}
		rest.Cond = []ad.Value{ad.Slice(all, 0, 2*k*l, width)}
	}
	pairs := ad.Reshape(ad.Slice(all, 0, 0, 2*k*l), k, l, 2)
	return ad.Slice(pairs, 2, 0, 1), ad.Slice(pairs, 2, 1, 2), rest
}

// time embeds diffusion time and conditions.
func (c CSDI) time(s *Scope, in Inputs) ad.Value {
	var f ad.Value
	if c.Steps > 0 {
		f = s.StepFeatures("time", in.Time, c.Steps, c.TimeDim)
	} else {
		f = s.TimeFeatures(in.Time, c.TimeDim)
	}
	t := s.Linear("time.1", ad.SiLU(s.Linear("time.0", f, c.TimeDim)), c.TimeDim)
	return ad.SiLU(s.embedConditions(t, in))
}

// layer is a residual layer over h [K,L,C]: what goes on, and what goes to the output.
func (c CSDI) layer(s, root *Scope, h, t, mask ad.Value) (on, skip ad.Value) {
	k, l, n := h.Shape()[0], h.Shape()[1], c.Channels
	y := ad.Add(h, s.Linear("time", t, n))
	a := Attention{Heads: c.Heads}
	if l > 1 {
		y = s.EncoderLayer("over_time", y, c.Hidden, "gelu", c.Dropout, a)
	}
	if k > 1 {
		y = ad.Transpose(y, 1, 0, 2)
		y = ad.Transpose(s.EncoderLayer("over_features", y, c.Hidden, "gelu", c.Dropout, a), 1, 0, 2)
	}
	gate := s.linearParts("mid", y, 2, n, he(n), Init{Bound: 1 / rootOf(float64(n))})
	side := c.side(s, root, k, l, mask)
	z := ad.Mul(ad.Sigmoid(ad.Add(gate[0], side[0])), ad.Tanh(ad.Add(gate[1], side[1])))
	out := s.linearParts("out", z, 2, n, he(n), Init{Bound: 1 / rootOf(float64(n))})
	return ad.Scale(ad.Add(h, out[0]), 1/math.Sqrt2), out[1]
}

// side is a Linear "side" of the side information of every cell, to 2C channels, in two halves. That of the positions
// and features is the same for every row, and made once a run.
func (c CSDI) side(s, root *Scope, k, l int, mask ad.Value) [2]ad.Value {
	p, f, n := c.PositionDim, c.FeatureDim, c.Channels
	width := p + f
	if c.Impute {
		width++
	}
	w := s.Param("side.weight", he(width), 2*n, width)
	b := s.Param("side.bias", Init{Bound: 1 / rootOf(float64(width))}, 2*n)
	features := root.Param("features.weight", Init{Bound: math.Sqrt(3)}, k, f)
	var out [2]ad.Value
	for i := range out {
		half := ad.Slice(w, 0, i*n, (i+1)*n)
		times := ad.MatMulT(root.Positions(l, p), ad.Slice(half, 1, 0, p), false, true)
		own := ad.MatMulT(features, ad.Slice(half, 1, p, p+f), false, true)
		own = ad.Add(own, ad.Slice(b, 0, i*n, (i+1)*n))
		cell := ad.Add(ad.BroadcastTo(ad.Reshape(own, k, 1, n), k, l, n), times)
		if c.Impute {
			last := ad.Reshape(ad.Slice(half, 1, p+f, p+f+1), n)
			cell = ad.Add(ad.Mul(ad.BroadcastTo(mask, k, l, n), last), cell)
		}
		out[i] = cell
	}
	return out
}
