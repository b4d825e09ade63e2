package nn

import (
	"github.com/seed9a7962a8/ito/ad"
)

// Dropout leaves out the given share of the numbers of x in a step of training, each with its own draw, and divides the
// others by 1 − share (Srivastava et al. 2014); elsewhere it is x. Which ones are left out follows from the seed, the
// step, the row and the layer's place in the program.
func (s *Scope) Dropout(x ad.Value, share float64) ad.Value {
	if !(share >= 0 && share < 1) {
		s.Refuse("a dropout of %g; give 0 or more, and less than 1", share)
	}
	if share == 0 || !s.plan.training {
		return x
	}
	g := s.Graph()
	u := g.Uniform(x.DType(), x.Shape()...)
	keep := ad.GreaterEqual(u, ad.BroadcastTo(g.Scalar(x.DType(), share), x.Shape()...))
	return ad.Mul(x, ad.Scale(ad.Cast(keep, x.DType()), 1/(1-share)))
}
