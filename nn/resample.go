package nn

import "github.com/seed9a7962a8/ito/ad"

// Upsample doubles every axis of x [L,C] or [H,W,C] by repeating pixels, and convolves the result with 3 taps to as
// many channels: "name.weight" and "name.bias", as those of Conv1D and Conv2D.
func (s *Scope) Upsample(name string, x ad.Value) ad.Value {
	c := lastAxis(s, name, x)
	return s.convolve(name, doubled(x), c, Conv{})
}

// doubled repeats every pixel along every axis.
func doubled(x ad.Value) ad.Value {
	if x.Rank() == 2 {
		l, c := x.Shape()[0], x.Shape()[1]
		return ad.Reshape(ad.UpsampleNearest(ad.Reshape(x, 1, l, c), [2]int{1, 2}), 2*l, c)
	}
	return ad.UpsampleNearest(x, [2]int{2, 2})
}

// Downsample halves every axis of x [L,C] or [H,W,C] by a convolution of 3 taps and stride 2 to as many channels. Axes
// of odd length are refused.
func (s *Scope) Downsample(name string, x ad.Value) ad.Value {
	c := lastAxis(s, name, x)
	for _, n := range x.Shape()[:x.Rank()-1] {
		if n%2 != 0 {
			s.Refuse("layer %s: %s cannot be halved; give fewer levels, or states whose axes are multiples of 2 for "+
				"each of them", s.prefix+name, sizeText(x.Shape()))
		}
	}
	return s.convolve(name, x, c, Conv{Stride: 2})
}
