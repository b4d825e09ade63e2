package nn

import "github.com/seed9a7962a8/ito/ad"

// FiLM is (1+γ)∘x + β (Perez et al. 2017, arXiv:1709.07871, eq. 2) with (γ, β) the halves of the Linear "name" of a
// condition c [E]: over the last axis of x [...,C]. Initial weights are zeros, and x passes unchanged.
func (s *Scope) FiLM(name string, x, c ad.Value) ad.Value {
	p := s.linearParts(name, c, 2, lastAxis(s, name, x), Init{}, Init{})
	return modulate(x, p[1], p[0])
}

// modulate is (1+scale)∘x + shift.
func modulate(x, shift, scale ad.Value) ad.Value {
	return ad.Add(ad.Mul(x, ad.Shift(scale, 1)), shift)
}

// AdaLNZero is a layer of a transformer whose norms a condition c [E] scales and shifts and whose branches it gates
// (Peebles & Xie 2022, arXiv:2212.09748, §3.2), over x [...,L,C]:
//
//	x ← x + g∘attn((1+b)∘norm(x) + a),  x ← x + g'∘ff((1+b')∘norm(x) + a')
//
// with (a, b, g, a', b', g') the Linear "name.mod" of SiLU(c), whose initial weights are zeros: x passes unchanged. The
// norms have no weights and an ε of 1e-6. dropout is the share of what is added that a step of training leaves out.
func (s *Scope) AdaLNZero(name string, x, c ad.Value, hidden int, activation string, dropout float64,
	a Attention) ad.Value {
	l := s.Within("%s", name)
	m := l.linearParts("mod", ad.SiLU(c), 6, lastAxis(s, name, x), Init{}, Init{})
	h := l.Attention("attn", ad.LayerNorm(x, ad.Shift(m[1], 1), m[0], adaEpsilon), a)
	x = ad.Add(x, l.Dropout(ad.Mul(h, m[2]), dropout))
	h = l.FeedForward("ff", ad.LayerNorm(x, ad.Shift(m[4], 1), m[3], adaEpsilon), hidden, activation)
	return ad.Add(x, l.Dropout(ad.Mul(h, m[5]), dropout))
}

// adaEpsilon is added to the variances of norms that have no weights, as in the program of DiT.
const adaEpsilon = 1e-6
