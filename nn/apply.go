package nn

import (
	"fmt"

	"github.com/seed9a7962a8/ito/ad"
)

// Apply traces the network for one sample into g:
//
//	params  one value for each tensor, in the order of Layout
//	x       [In]
//	feat    [1], the time feature; the zero Value where Config.Time is none
//	cond    [Cond]; the zero Value where Config.Cond is 0
//
// and returns [Out] in the dtype of x. Mistakes of shape appear as *ad.Error.
//
// Time and condition are joined to x before the first layer, whose product with the joined row is the sum of
// three linear maps: an embedding of time and one of the condition are added to the first hidden layer's
// input. A separate layer for the embedding would cost a product of Width by Width three times a step; this
// costs one of TimeDim+Cond by Width forward and one for the gradient of its weights.
func (n *Net) Apply(g *ad.Graph, params []ad.Value, x, feat, cond ad.Value) ad.Value {
	if len(params) != len(n.layout) {
		panic(&ad.Error{Op: "network", Detail: fmt.Sprintf("needs %d tensors, got %d", len(n.layout), len(params))})
	}
	c := n.Config
	parts := append([]ad.Value{x}, c.embed(g, feat)...)
	if c.Cond > 0 {
		parts = append(parts, cond)
	}
	h := x
	if len(parts) > 1 {
		h = ad.Concat(0, parts...)
	}
	layer := func(i int, h ad.Value) ad.Value {
		return ad.Add(ad.MatMulT(h, params[2*i], false, true), params[2*i+1])
	}
	last := len(params)/2 - 1
	if c.Kind == Residual {
		h = layer(0, h)
		for i := 1; i < last; i += 2 {
			h = ad.Add(h, layer(i+1, c.activate(layer(i, h))))
		}
		return layer(last, c.activate(h))
	}
	for i := range last {
		h = c.activate(layer(i, h))
	}
	return layer(last, h)
}

func (c Config) activate(z ad.Value) ad.Value {
	switch c.Activation {
	case "gelu":
		return ad.GELU(z)
	case "tanh":
		return ad.Tanh(z)
	case "relu":
		return ad.Max(ad.Zeros(z), z)
	}
	return ad.SiLU(z)
}
