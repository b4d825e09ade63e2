package ad

import "slices"

// UpsampleNearest repeats every pixel of images x [H,W,C], or [B…,H,W,C], over a block of by[0]×by[1] pixels.
func UpsampleNearest(x Value, by [2]int) Value {
	r := checkImage("upsample_nearest", x)
	if by[0] < 1 || by[1] < 1 {
		fail("upsample_nearest", "%d×%d times as many pixels of %s", by[0], by[1], describe(x.n))
	}
	lead, h, w, c := x.n.shape[:r-3], x.n.shape[r-3], x.n.shape[r-2], x.n.shape[r-1]
	x = Reshape(x, append(slices.Clone(lead), h, 1, w, 1, c)...)
	x = BroadcastTo(x, append(slices.Clone(lead), h, by[0], w, by[1], c)...)
	return Reshape(x, append(slices.Clone(lead), h*by[0], w*by[1], c)...)
}

// UpsampleBilinear resizes images x [H,W,C], or [B…,H,W,C], to [size…,C] by linear interpolation along both axes
// between the centres of the pixels: the centre of output pixel i lies at (i+½)·H/size − ½, and beyond the centres of
// the first and the last pixel the image goes on as it is there (PyTorch's align_corners=False).
func UpsampleBilinear(x Value, size [2]int) Value {
	r := checkImage("upsample_bilinear", x)
	for i := range 2 {
		if size[i] < 1 {
			fail("upsample_bilinear", "%s to %d×%d pixels", describe(x.n), size[0], size[1])
		}
		x = interpolate(x, r-3+i, size[i])
	}
	return x
}

// interpolate resizes an axis: the sum of two readings of it, each times a number for each place.
func interpolate(x Value, axis, size int) Value {
	n := x.n.shape[axis]
	if n == size {
		return x
	}
	g := x.n.g.root
	low, high, far := make([]float64, size), make([]float64, size), make([]float64, size)
	for i := range size {
		at := min(max((float64(i)+.5)*float64(n)/float64(size)-.5, 0), float64(n-1))
		k := min(int(at), max(n-2, 0))
		low[i], high[i], far[i] = float64(k), float64(min(k+1, n-1)), at-float64(k)
	}
	front := moveAxis(x, axis, 0)
	a, b := Gather(front, g.Const(I32, low, size)), Gather(front, g.Const(I32, high, size))
	weight := Reshape(g.Const(x.n.dtype, far, size), slices.Concat([]int{size}, slices.Repeat([]int{1}, x.Rank()-1))...)
	return moveAxis(Add(a, Mul(weight, Sub(b, a))), 0, axis)
}

func checkImage(op string, x Value) int {
	if x.n == nil || !x.n.dtype.Float() || x.Rank() < 3 || x.Size() == 0 {
		fail(op, "needs images [H,W,C] of floats, got %s", x)
	}
	return x.Rank()
}
