package nn

import "github.com/seed9a7962a8/ito/ad"

// normEpsilon is added to variances, as PyTorch's layers do.
const normEpsilon = 1e-5

// LayerNorm brings the last axis of x [...,C] to mean 0 and variance 1 (Ba et al. 2016, arXiv:1607.06450), times
// "name.weight" [C] plus "name.bias" [C], as PyTorch's LayerNorm.
func (s *Scope) LayerNorm(name string, x ad.Value) ad.Value {
	c := lastAxis(s, name, x)
	w, b := s.Param(name+".weight", Init{Value: 1}, c), s.Param(name+".bias", Init{}, c)
	if x.Rank() == 1 { // in programs of vectors, which are kept by columns
		return ad.Add(ad.Mul(normalise(x, normEpsilon), w), b)
	}
	return ad.LayerNorm(x, w, b, normEpsilon)
}

// modulated is LayerNorm of x [...,C] whose result is scaled and shifted channel by channel, ŷ·(1 + scale) + shift.
func (s *Scope) modulated(name string, x, shift, scale ad.Value) ad.Value {
	c := lastAxis(s, name, x)
	w, b := s.Param(name+".weight", Init{Value: 1}, c), s.Param(name+".bias", Init{}, c)
	scale = ad.Shift(scale, 1)
	return ad.LayerNorm(x, ad.Mul(w, scale), ad.Add(ad.Mul(b, scale), shift), normEpsilon)
}

// RMSNorm divides x [...,C] by the root of the mean square of its last axis (Zhang & Sennrich 2019, arXiv:1910.07467,
// eq. 4), times "name.weight" [C].
func (s *Scope) RMSNorm(name string, x ad.Value) ad.Value {
	c := lastAxis(s, name, x)
	y := perRow(x, rootRecip(ad.Mean(ad.Square(x), -1), normEpsilon))
	return ad.Mul(y, s.Param(name+".weight", Init{Value: 1}, c))
}

// normalise is (x − mean)/√(variance + ε) over the last axis, the variance divided by its length.
func normalise(x ad.Value, ε float64) ad.Value {
	x = ad.Sub(x, spread(ad.Mean(x, -1), x))
	return perRow(x, rootRecip(ad.Mean(ad.Square(x), -1), ε))
}

// rootRecip is 1/√(v + ε).
func rootRecip(v ad.Value, ε float64) ad.Value { return ad.Recip(ad.Sqrt(ad.Shift(v, ε))) }

// perRow multiplies the last axis of x [...,C] by factors [...].
func perRow(x, factor ad.Value) ad.Value { return ad.Mul(x, spread(factor, x)) }

// spread repeats v [...] along the last axis of like [...,C].
func spread(v, like ad.Value) ad.Value {
	shape := like.Shape()
	return ad.BroadcastTo(ad.Reshape(v, append(append([]int(nil), v.Shape()...), 1)...), shape...)
}
