package ad

import "slices"

// Conv1D is Conv2D of sequences x [L,I], or [B…,L,I], with kernels k [K,I/Groups,O]. The settings are those along the
// width; along the height there is one pixel.
func Conv1D(x, k Value, o ConvOptions) Value {
	checkSequence("conv1d", x, k)
	o = alongWidth(o)
	return fromImage(Conv2D(asImage(x), Reshape(k, slices.Insert(slices.Clone(k.n.shape), 0, 1)...), o))
}

// ConvTranspose1D is ConvTranspose2D of sequences y [L,I] with kernels [K,I,O/Groups].
func ConvTranspose1D(y, k Value, o ConvOptions, extra int) Value {
	checkSequence("conv_transpose1d", y, k)
	k = Reshape(k, slices.Insert(slices.Clone(k.n.shape), 0, 1)...)
	return fromImage(ConvTranspose2D(asImage(y), k, alongWidth(o), [2]int{0, extra}))
}

func alongWidth(o ConvOptions) ConvOptions {
	o.Stride[0], o.Dilation[0], o.Pad[0] = 1, 1, [2]int{}
	return o
}

// asImage gives a sequence [B…,L,C] a height of one pixel.
func asImage(x Value) Value { return unsqueeze(x, x.Rank()-2) }

func fromImage(y Value) Value {
	r := y.Rank()
	return Reshape(y, slices.Delete(slices.Clone(y.n.shape), r-3, r-2)...)
}

func checkSequence(op string, x, k Value) {
	if x.n == nil || k.n == nil || x.n.dtype != k.n.dtype || !x.n.dtype.Float() || x.Rank() < 2 || k.Rank() != 3 {
		fail(op, "needs sequences [L,I] and kernels [K,I,O] of one float dtype, got %s and %s", x, k)
	}
}
