package nn

import "github.com/seed9a7962a8/ito/ad"

// GroupNorm normalises every one of so many groups of channels of x [P…,C] over the group and all P (Wu & He 2018,
// arXiv:1803.08494), times "name.weight" [C] plus "name.bias" [C], as PyTorch's GroupNorm.
func (s *Scope) GroupNorm(name string, x ad.Value, groups int) ad.Value {
	c := s.checkGroups(name, x, groups)
	return ad.GroupNorm(x, s.Param(name+".weight", Init{Value: 1}, c), s.Param(name+".bias", Init{}, c), groups,
		normEpsilon)
}

// FiLMNorm is GroupNorm whose result is scaled and shifted channel by channel as an embedding of time and class says
// (Perez et al. 2018, arXiv:1709.07871; "adaptive group normalisation" in Dhariwal & Nichol 2021, arXiv:2105.05233,
// §3): ŷ·(1 + u) + v, where u and v are the halves of the Linear "name.emb" of SiLU(emb).
func (s *Scope) FiLMNorm(name string, x, emb ad.Value, groups int) ad.Value {
	c := s.checkGroups(name, x, groups)
	w, b := s.Param(name+".weight", Init{Value: 1}, c), s.Param(name+".bias", Init{}, c)
	uv := s.Linear(name+".emb", ad.SiLU(emb), 2*c)
	scale := ad.Shift(ad.Slice(uv, 0, 0, c), 1)
	return ad.GroupNorm(x, ad.Mul(w, scale), ad.Add(ad.Mul(b, scale), ad.Slice(uv, 0, c, 2*c)), groups, normEpsilon)
}

func (s *Scope) checkGroups(name string, x ad.Value, groups int) int {
	c := lastAxis(s, name, x)
	switch {
	case x.Rank() < 2:
		s.Refuse("layer %s: group normalisation reads places with channels [...,C], not %v; give the state two axes "+
			"or more", s.prefix+name, x.Shape())
	case groups < 1 || c%groups != 0:
		s.Refuse("layer %s: %d groups do not divide the %d channels of %v; give groups that divide them, or channels "+
			"that are a multiple", s.prefix+name, groups, c, x.Shape())
	}
	return c
}
