package nn

import "github.com/seed9a7962a8/ito/ad"

// LSTM is a long short-term memory over x [L,C], as PyTorch's (Hochreiter & Schmidhuber 1997): from h_0 = c_0 = 0,
//
//	(i, f, g, o) = W x + a + U h + b,
//	c ← σ(f)∘c + σ(i)∘tanh(g),  h ← σ(o)∘tanh(c),
//
// and returns every h, [L,width]. The tensors are those of [Scope.GRU], of four gates in the order i, f, g, o; c and
// the gates are kept for the gradient, which makes no product again.
func (s *Scope) LSTM(name string, x ad.Value, width int) ad.Value {
	s.checkRecurrent(name, x)
	law := Init{Bound: 1 / rootOf(float64(width))}
	in := ad.MatMulT(x, s.Param(name+".in.weight", law, 4*width, lastAxis(s, name, x)), false, true)
	b := s.Param(name+".in.bias", law, 4*width)
	u := s.Param(name+".state.weight", law, 4*width, width)
	return ad.LSTM(ad.Add(in, ad.Add(b, s.Param(name+".state.bias", law, 4*width))), u)
}
