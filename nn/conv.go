package nn

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito/ad"
)

// Conv are the settings of a convolution. Zero values are defaults.
type Conv struct {
	Kernel   int  // taps along an axis; 0 means 3
	Stride   int  // pixels from one output to the next; 0 means 1
	Dilation int  // pixels from one tap to the next; 0 means 1
	Groups   int  // groups of channels that do not meet; 0 means 1
	Valid    bool // no padding: there is an output where the whole kernel lies in the image
	Causal   bool // Conv1D: an output reads nothing behind its own place
	Mode     ad.PadMode
	Zero     bool // initial weights are zeros, as those of [Scope.Head]
}

// resolved fills the defaults in.
func (c Conv) resolved() Conv {
	for _, p := range []struct {
		v *int
		d int
	}{{&c.Kernel, 3}, {&c.Stride, 1}, {&c.Dilation, 1}, {&c.Groups, 1}} {
		if *p.v == 0 {
			*p.v = p.d
		}
	}
	return c
}

// pad is the padding of an axis: with stride 1 the size stays. What is odd comes behind.
func (c Conv) pad() [2]int {
	all := c.Dilation * (c.Kernel - 1)
	switch {
	case c.Valid:
		return [2]int{}
	case c.Causal:
		return [2]int{all, 0}
	}
	return [2]int{all / 2, all - all/2}
}

// Conv2D is a convolution of an image x [H,W,C], channels last, to [H',W',out], as PyTorch's Conv2d, with tensors
// "name.weight" [out,C/groups,K,K] and "name.bias" [out]. The image is padded by ⌊d(K−1)/2⌋ before and the rest of
// d(K−1) behind, unless the settings say otherwise: H' = ⌈H/stride⌉ for odd kernels. Initial weights are uniform with
// variance 1/(K²C/groups), biases zero.
func (s *Scope) Conv2D(name string, x ad.Value, out int, c Conv) ad.Value {
	c = s.checkConv(name, x, 3, out, c)
	if c.Causal {
		s.Refuse("layer %s: a convolution of %v is causal along one axis; take Conv1D", s.prefix+name, x.Shape())
	}
	in := x.Shape()[2] / c.Groups
	w := s.kernel(name, c, out, c.Kernel*c.Kernel*in, out, in, c.Kernel, c.Kernel)
	o := ad.ConvOptions{Stride: [2]int{c.Stride, c.Stride}, Dilation: [2]int{c.Dilation, c.Dilation},
		Pad: [2][2]int{c.pad(), c.pad()}, Mode: c.Mode, Groups: c.Groups}
	var y ad.Value
	x = s.reads(name, x)
	s.traced(name, x, func() { y = ad.Conv2D(x, ad.Transpose(w, 2, 3, 1, 0), o) })
	return ad.Add(y, s.Param(name+".bias", Init{}, out))
}

// Conv1D is a convolution of a sequence x [L,C] to [L',out], as PyTorch's Conv1d, with tensors "name.weight"
// [out,C/groups,K] and "name.bias" [out].
func (s *Scope) Conv1D(name string, x ad.Value, out int, c Conv) ad.Value {
	c = s.checkConv(name, x, 2, out, c)
	in := x.Shape()[1] / c.Groups
	w := s.kernel(name, c, out, c.Kernel*in, out, in, c.Kernel)
	o := ad.ConvOptions{Stride: [2]int{1, c.Stride}, Dilation: [2]int{1, c.Dilation}, Pad: [2][2]int{{}, c.pad()},
		Mode: c.Mode, Groups: c.Groups}
	var y ad.Value
	x = s.reads(name, x)
	s.traced(name, x, func() { y = ad.Conv1D(x, ad.Transpose(w, 2, 1, 0), o) })
	return ad.Add(y, s.Param(name+".bias", Init{}, out))
}

// ConvTranspose is the adjoint of a convolution of so many taps and stride, as PyTorch's ConvTranspose1d of a sequence
// [L,C] and ConvTranspose2d of an image [H,W,C], with tensors "name.weight" [C,out/groups,K…] and "name.bias" [out]. An
// axis of n becomes n·stride: ⌊e/2⌋ pixels are cut off in front and the rest behind of the e = d(K−1) + 1 − stride that
// there are too many. Kernels that do not reach from one output to the next (e < 0) are refused.
func (s *Scope) ConvTranspose(name string, x ad.Value, out int, c Conv) ad.Value {
	rank := x.Rank()
	if rank != 2 {
		rank = 3
	}
	c = s.checkConv(name, x, rank, out, c)
	in := x.Shape()[rank-1]
	extra := c.Dilation*(c.Kernel-1) + 1 - c.Stride
	if extra < 0 || c.Valid || c.Causal || c.Mode != ad.PadZero {
		s.Refuse("layer %s: a transposed convolution of %v with %d taps %d apart and stride %d: it has zeros about "+
			"it, and taps that reach from one output to the next; give a kernel of the stride or more", s.prefix+name,
			x.Shape(), c.Kernel, c.Dilation, c.Stride)
	}
	cut := [2]int{extra / 2, extra - extra/2}
	var y ad.Value
	if rank == 2 {
		w := s.kernel(name, c, out, c.Kernel*in/c.Stride, in, out/c.Groups, c.Kernel)
		s.traced(name, x, func() {
			y = ad.ConvTranspose1D(x, ad.Transpose(w, 2, 0, 1), ad.ConvOptions{Stride: [2]int{1, c.Stride},
				Dilation: [2]int{1, c.Dilation}, Pad: [2][2]int{{}, cut}, Groups: c.Groups}, 0)
		})
	} else {
		fan := c.Kernel * c.Kernel * in / (c.Stride * c.Stride)
		w := s.kernel(name, c, out, fan, in, out/c.Groups, c.Kernel, c.Kernel)
		s.traced(name, x, func() {
			y = ad.ConvTranspose2D(x, ad.Transpose(w, 2, 3, 0, 1), ad.ConvOptions{
				Stride: [2]int{c.Stride, c.Stride}, Dilation: [2]int{c.Dilation, c.Dilation}, Pad: [2][2]int{cut, cut},
				Groups: c.Groups}, [2]int{})
		})
	}
	return ad.Add(y, s.Param(name+".bias", Init{}, out))
}

// kernel declares the weights of a convolution whose outputs read fan numbers.
func (s *Scope) kernel(name string, c Conv, out, fan int, shape ...int) ad.Value {
	init := Init{Bound: math.Sqrt(3 / float64(max(fan, 1)))}
	if c.Zero {
		init = Init{}
	}
	return s.Param(name+".weight", init, shape...)
}

// traced names the layer in what ad refuses.
func (s *Scope) traced(name string, x ad.Value, f func()) {
	if err := ad.Try(f); err != nil {
		s.Refuse("layer %s of %v: %s", s.prefix+name, x.Shape(), err.(*ad.Error).Detail)
	}
}

// checkConv resolves the settings, or refuses them by the name of the layer.
func (s *Scope) checkConv(name string, x ad.Value, rank, out int, c Conv) Conv {
	c = c.resolved()
	axes := map[int]string{2: "a sequence [L,C]", 3: "an image [H,W,C]"}[rank]
	if x.Rank() != rank {
		s.Refuse("layer %s: a convolution reads %s, not %v; give the state such a shape", s.prefix+name, axes,
			x.Shape())
	}
	for _, v := range []struct {
		what string
		n    int
	}{{"taps", c.Kernel}, {"stride", c.Stride}, {"dilation", c.Dilation}, {"groups", c.Groups}, {"channels", out}} {
		if v.n < 1 {
			s.Refuse("layer %s: %d %s; give 1 or more", s.prefix+name, v.n, v.what)
		}
	}
	if in := x.Shape()[rank-1]; in%c.Groups != 0 || out%c.Groups != 0 {
		s.Refuse("layer %s: %d groups do not divide %d channels of %v or the %d that are written; give groups that "+
			"divide both", s.prefix+name, c.Groups, in, x.Shape(), out)
	}
	return c
}

// convolve is Conv1D of a sequence and Conv2D of an image.
func (s *Scope) convolve(name string, x ad.Value, out int, c Conv) ad.Value {
	if x.Rank() == 2 {
		return s.Conv1D(name, x, out, c)
	}
	return s.Conv2D(name, x, out, c)
}

// sizeText is the size of a sequence or an image in words: 28×28 pixels.
func sizeText(shape []int) string {
	if len(shape) == 2 {
		return fmt.Sprintf("%d places", shape[0])
	}
	return fmt.Sprintf("%d×%d pixels", shape[0], shape[1])
}
