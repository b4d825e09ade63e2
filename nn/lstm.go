package nn

import "github.com/seed9a7962a8/ito/ad"

// LSTM is a long short-term memory over x [L,C], as PyTorch's (Hochreiter & Schmidhuber 1997): from h_0 = c_0 = 0,
//
//	(i, f, g, o) = W x + a + U h + b,
//	c ← σ(f)∘c + σ(i)∘tanh(g),  h ← σ(o)∘tanh(c),
//
// and returns every h, [L,width]. The tensors are those of [Scope.GRU], of four gates in the order i, f, g, o; h and c
// are kept for the gradient, and the gates made again.
func (s *Scope) LSTM(name string, x ad.Value, width int) ad.Value {
	u := s.recurrent(name, x, 4, width)
	for k, b := range u.bias {
		u.in[k] = ad.Add(u.in[k], b)
	}
	_, ys := ad.LoopWith(ad.LoopOptions{KeepAll: true}, x.Shape()[0], []ad.Value{u.zero, u.zero}, u.in,
		func(_ ad.Value, carry, in []ad.Value) ([]ad.Value, []ad.Value) {
			h, c := carry[0], carry[1]
			gate := func(k int) ad.Value {
				return ad.Add(in[k], ad.MatMulT(h, u.weight[k], false, true))
			}
			c = ad.Add(ad.Mul(ad.Sigmoid(gate(1)), c), ad.Mul(ad.Sigmoid(gate(0)), ad.Tanh(gate(2))))
			h = ad.Mul(ad.Sigmoid(gate(3)), ad.Tanh(c))
			return []ad.Value{h, c}, []ad.Value{h}
		})
	return ys[0]
}
