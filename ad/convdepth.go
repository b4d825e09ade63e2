package ad

// depthwise is the convolution in which every channel meets its own kernel alone, k [KH,KW,1,C]: a sum over the taps of
// the image, moved, times a number for each channel.
func depthwise(x, k Value, a convAttr) Value {
	r := x.Rank()
	for i := range 2 {
		x = padAxis(x, r-3+i, a.pad[i], a.mode)
	}
	var y Value
	for p := range a.kh {
		rows := SliceStep(x, r-3, p*a.dilation[0], p*a.dilation[0]+(a.outH-1)*a.stride[0]+1, a.stride[0])
		for q := range a.kw {
			from := q * a.dilation[1]
			tap := SliceStep(rows, r-2, from, from+(a.outW-1)*a.stride[1]+1, a.stride[1])
			y = addOrZero(y, Mul(tap, At(At(At(k, 0, p), 0, q), 0, 0)))
		}
	}
	return y
}

// padAxis continues an axis beyond its ends.
func padAxis(x Value, axis int, pad [2]int, mode PadMode) Value {
	n := x.n.shape[axis]
	switch {
	case pad == [2]int{}:
		return x
	case mode == PadZero:
		return Pad(x, axis, pad[0], pad[1])
	}
	at := padSources(n, pad, mode)
	parts := []Value{}
	for _, i := range at[:pad[0]] {
		parts = append(parts, Slice(x, axis, i, i+1))
	}
	parts = append(parts, x)
	for _, i := range at[pad[0]+n:] {
		parts = append(parts, Slice(x, axis, i, i+1))
	}
	return Concat(axis, parts...)
}
