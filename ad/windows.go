package ad

import "slices"

// AveragePool2D is the mean over windows of kernel[0]×kernel[1] pixels of images x [H,W,C], or [B…,H,W,C], stride
// pixels apart; a zero stride is the window's own size. [⌊(H−kernel)/stride⌋+1, …, C]: pixels that no whole window
// covers are left out.
func AveragePool2D(x Value, kernel, stride [2]int) Value {
	w := windows("average_pool2d", x, kernel, stride)
	return Mean(w, w.Rank()-2)
}

// MaxPool2D is the maximum over the windows of [AveragePool2D]; its derivative goes to the first of equals.
func MaxPool2D(x Value, kernel, stride [2]int) Value {
	w := windows("max_pool2d", x, kernel, stride)
	return MaxOver(w, w.Rank()-2)
}

// windows reads the pixels of every window, [B…,OutH,OutW,kernel,C].
func windows(op string, x Value, kernel, stride [2]int) Value {
	r := checkImage(op, x)
	lead, h, w, c := x.n.shape[:r-3], x.n.shape[r-3], x.n.shape[r-2], x.n.shape[r-1]
	for i := range stride {
		if stride[i] == 0 {
			stride[i] = kernel[i]
		}
	}
	for i, n := range []int{h, w} {
		if kernel[i] < 1 || kernel[i] > n || stride[i] < 1 {
			fail(op, "windows of %d×%d pixels, %d×%d apart, of %s", kernel[0], kernel[1], stride[0], stride[1],
				describe(x.n))
		}
	}
	outH, outW := (h-kernel[0])/stride[0]+1, (w-kernel[1])/stride[1]+1
	if stride == kernel {
		// Windows that do not overlap are one view.
		x = Slice(Slice(x, r-3, 0, outH*kernel[0]), r-2, 0, outW*kernel[1])
		x = Reshape(x, append(slices.Clone(lead), outH, kernel[0], outW, kernel[1], c)...)
		perm := make([]int, r+2)
		for i := range perm {
			perm[i] = i
		}
		perm[r-2], perm[r-1] = r-1, r-2
		return Reshape(Transpose(x, perm...), append(slices.Clone(lead), outH, outW, kernel[0]*kernel[1], c)...)
	}
	var at []float64
	for i := range outH * outW {
		for k := range kernel[0] * kernel[1] {
			at = append(at, float64((i/outW*stride[0]+k/kernel[1])*w+i%outW*stride[1]+k%kernel[1]))
		}
	}
	pixels := moveAxis(Reshape(x, append(slices.Clone(lead), h*w, c)...), r-3, 0)
	read := moveAxis(Gather(pixels, x.n.g.root.Const(I32, at, len(at))), 0, r-3)
	return Reshape(read, append(slices.Clone(lead), outH, outW, kernel[0]*kernel[1], c)...)
}
