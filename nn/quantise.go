package nn

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/internal/simd"
)

// Quantised is what a network of bytes needs beside them: with [ad.Int8] for its precision, linear layers and
// convolutions round their inputs to the grids, and their products are of bytes.
type Quantised struct {
	// Grids are those of the inputs of layers, by name. A layer that has none, as inside a loop, reads its input as it
	// is.
	Grids map[string]ad.Grid
	// Scales are those of the rows of tensors, by name: a weight is a whole number of ±127 times the scale of its row.
	Scales map[string][]float32
	// Calibration says in words what the grids were found by.
	Calibration string
}

// reads is x as a layer reads it.
func (s *Scope) reads(layer string, x ad.Value) ad.Value {
	p, layer := s.plan, s.prefix+layer
	if p.given == nil {
		p.layers[layer] = true
		return x
	}
	if s.Graph().Inside() || x.IsShared() {
		return x
	}
	if p.see != nil {
		p.see(layer, x)
	}
	if g, ok := p.grids[layer]; ok {
		return ad.Quantise(x, g)
	}
	return x
}

// Observe is [Weights.Apply] that calls see with the input of every linear layer and convolution, in the order of the
// trace; one that is used twice is seen twice. What a loop or map reads, or all rows share, is not seen.
func (w *Weights) Observe(g *ad.Graph, params []ad.Value, x, time, cond ad.Value,
	see func(layer string, x ad.Value)) ad.Value {
	p := &plan{g: g, dtype: x.DType(), tensors: w.layout, index: w.index, given: params, see: see}
	return w.trace(&Scope{plan: p}, x, time, cond)
}

// Quantise is the network with weights of layers rounded to whole numbers of ±127 times a scale a row, an output, and
// layers that round their inputs to grids. Weights that are not finite, and a quantised network, are a *ConfigError.
func (w *Weights) Quantise(grids map[string]ad.Grid, calibration string) (*Weights, error) {
	if w.Quantised != nil {
		return nil, &ConfigError{"network", "its weights are bytes already"}
	}
	c := w.Clone()
	c.Precision, c.Quantised = ad.Int8, &Quantised{Grids: grids, Scales: map[string][]float32{},
		Calibration: calibration}
	for _, t := range w.layout {
		p := c.Params[t.Offset : t.Offset+t.Size()]
		if i := slices.IndexFunc(p, func(v float32) bool { return v-v != 0 }); i >= 0 {
			return nil, &ConfigError{"network", fmt.Sprintf("weight %d of tensor %s is %v", i, t.Name, p[i])}
		}
		if t.Rows {
			c.Quantised.Scales[t.Name] = simd.Columns8(p, t.Shape[0], t.Size()/t.Shape[0])
		}
	}
	return c, nil
}

// CheckTrainable refuses a quantised network, a *ConfigError: a step of training would be less than one of its weights.
func (w *Weights) CheckTrainable() error {
	if w.Quantised == nil {
		return nil
	}
	return &ConfigError{"network", "its weights are bytes (ito quantise), which no training moves; " +
		"train the model that it was made of, and quantise that"}
}

// Bytes are the whole numbers of a tensor's weights, of a quantised network.
func (q *Quantised) Bytes(t Tensor, weights []float32) []int8 {
	b, n := make([]int8, len(weights)), len(weights)/t.Shape[0]
	for i, v := range weights {
		if s := q.Scales[t.Name][i/n]; s > 0 {
			b[i] = int8(math.Round(float64(v) / float64(s)))
		}
	}
	return b
}

// Weights are what [Quantised.Bytes] came from.
func (q *Quantised) Weights(t Tensor, b []int8) []float32 {
	w, n := make([]float32, len(b)), len(b)/t.Shape[0]
	for i, v := range b {
		w[i] = float32(v) * q.Scales[t.Name][i/n]
	}
	return w
}
