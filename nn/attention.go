package nn

import "github.com/seed9a7962a8/ito/ad"

// Attention are the settings of a layer of multi-head attention.
type Attention struct {
	Heads  int
	Causal bool     // position i reads positions 0 … i
	Hollow bool     // position i does not read itself
	Keys   ad.Value // [...,n], 1 where a position may be read and 0 where not; the zero Value: all may
	Bias   ad.Value // [...,Heads,m,n], added to the products of queries and keys; the zero Value: none
	Rotary bool     // queries and keys are turned by their positions: see [Scope.Rotary]
}

// Attention is multi-head attention of x [...,L,C] over itself, as PyTorch's MultiheadAttention: queries, keys and
// values are the three parts of x Wᵀ + b with "name.in.weight" [3C,C] and "name.in.bias" [3C], and what [ad.Attention]
// makes of them goes through the Linear "name.out". Its memory is linear in L. Heads that do not divide C, and
// positions of which none may be read, are refused.
func (s *Scope) Attention(name string, x ad.Value, a Attention) ad.Value {
	c := s.checkAttention(name, x, x, a)
	p := s.linearParts(name+".in", x, 3, c, uniform(c), Init{})
	return s.Linear(name+".out", s.attend(name, p[0], p[1], p[2], a), c)
}

// CrossAttention is multi-head attention of x [...,m,C] over a context [...,n,E]: queries by the Linear "name.query",
// keys and values by the two halves of "name.context.weight" [2C,E] and "name.context.bias" [2C].
func (s *Scope) CrossAttention(name string, x, context ad.Value, a Attention) ad.Value {
	c, e := s.checkAttention(name, x, context, a), lastAxis(s, name, context)
	q := s.Linear(name+".query", x, c)
	p := s.linearParts(name+".context", context, 2, c, uniform(e), Init{})
	return s.Linear(name+".out", s.attend(name, q, p[0], p[1], a), c)
}

// uniform is the initial law of a weight that reads n numbers whose variances are to be kept: ±√(3/n).
func uniform(n int) Init { return Init{Bound: rootOf(3 / float64(n))} }

func (s *Scope) attend(name string, q, k, v ad.Value, a Attention) ad.Value {
	if a.Rotary {
		q, k = s.Rotary(q, a.Heads), s.Rotary(k, a.Heads)
	}
	return ad.Attention(q, k, v, a.Keys, a.Bias,
		ad.AttentionOptions{Name: "layer " + s.prefix + name, Heads: a.Heads, Causal: a.Causal, Hollow: a.Hollow})
}

// checkAttention refuses what attention of x over a context cannot serve, by the names of settings, and returns the
// channels of x.
func (s *Scope) checkAttention(name string, x, context ad.Value, a Attention) int {
	if x.Rank() < 2 || context.Rank() < 2 {
		s.Refuse("layer %s: attention reads positions of channels [...,L,C], not %v; give the state two axes or more",
			s.prefix+name, x.Shape())
	}
	c, n := lastAxis(s, name, x), context.Shape()[context.Rank()-2]
	switch {
	case a.Heads < 1 || c%a.Heads != 0:
		s.Refuse("layer %s: %d heads do not divide %d channels of %v; give heads that do", s.prefix+name, a.Heads, c,
			x.Shape())
	case a.Rotary && c/a.Heads%2 != 0:
		s.Refuse("layer %s: rotary positions turn pairs, and a head of %d/%d has an odd number of channels",
			s.prefix+name, c, a.Heads)
	case a.Hollow && n < 2:
		s.Refuse("layer %s: hollow attention over %d position of %v hides all; give two positions or more",
			s.prefix+name, n, x.Shape())
	}
	return c
}
