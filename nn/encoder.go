package nn

import "github.com/seed9a7962a8/ito/ad"

// EncoderLayer is a layer of a transformer with the norms behind what they normalise, as PyTorch's
// TransformerEncoderLayer (Vaswani et al. 2017, arXiv:1706.03762, §3.1): attention, then two Linears over every
// position, C → hidden → C, with an activation between them. dropout is the share of what
// is added that a step of training leaves out.
func (s *Scope) EncoderLayer(name string, x ad.Value, hidden int, activation string, dropout float64,
	a Attention) ad.Value {
	l := s.Within("%s", name)
	x = l.LayerNorm("norm0", ad.Add(x, l.Dropout(l.Attention("attn", x, a), dropout)))
	return l.LayerNorm("norm1", ad.Add(x, l.Dropout(l.FeedForward("ff", x, hidden, activation), dropout)))
}

// FeedForward is two Linears over the last axis, "name.0" to hidden channels and "name.1" back, with an activation
// between them.
func (s *Scope) FeedForward(name string, x ad.Value, hidden int, activation string) ad.Value {
	h := activate(activation, s.Linear(name+".0", x, hidden))
	return s.Linear(name+".1", h, lastAxis(s, name, x))
}
