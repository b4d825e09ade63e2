package simd

// CanBF16 reports whether a convolution of so many channels, those that a tap sums over, can be one of bfloat16: pairs
// must not lie across two pixels.
func CanBF16(channels int) bool { return channels%2 == 0 }

// ConvBF16 is [Conv32] of bfloat16, of an even number of channels In: x is rounded here, the kernel was by [PackBF16].
func ConvBF16(y, x, packed []float32, g *Conv) {
	r := roomPool.Get().(*room)
	defer roomPool.Put(r)
	g.check(len(x), len(y))
	size := g.H * g.W * g.In
	if !HasBF16() {
		rounded := grow(&r.a, size)
		RoundBF16(rounded, x)
		conv(y, rounded, packed, g, false)
		return
	}
	pairs, half := grow(&r.a, size/2), *g
	coupleAlong(words(pairs), x, size, 1, size)
	half.In /= 2
	conv(y, pairs, packed, &half, true)
}

// ConvInputBF16 is [ConvInput32] of bfloat16, of an even number of channels Out.
func ConvInputBF16(x, y, packed []float32, g *Conv) {
	r := roomPool.Get().(*room)
	defer roomPool.Put(r)
	g.check(len(x), len(y))
	size := g.OutH * g.OutW * g.Out
	if !HasBF16() {
		rounded := grow(&r.a, size)
		RoundBF16(rounded, y)
		convInput(x, rounded, packed, g, false)
		return
	}
	pairs, half := grow(&r.a, size/2), *g
	coupleAlong(words(pairs), y, size, 1, size)
	half.Out /= 2
	convInput(x, pairs, packed, &half, true)
}

// patchesBF16 is how many pixels [ConvKernelBF16] sums at once.
func (g *Conv) patchesBF16(images int) int {
	_, terms := g.taps()
	return max(2, min(images*g.OutH*g.OutW, 512, (1<<17)/max(terms, 1)&^1))
}

// RoomBF16 is how many numbers [ConvKernelBF16] needs beside its operands.
func (g *Conv) RoomBF16(images int) int {
	_, terms := g.taps()
	return g.patchesBF16(images) * terms
}

// ConvKernelBF16 is [ConvKernel32] of bfloat16, of any number of channels; room holds [Conv.RoomBF16] numbers.
func ConvKernelBF16(kernel, x, y, room []float32, g *Conv, images int, acc bool) {
	size, pixels := g.H*g.W*g.In, g.OutH*g.OutW
	if images > 0 {
		g.check(len(x)/images, len(y)/images)
	}
	if images*pixels == 0 {
		if !acc {
			clear(kernel[:g.Taps()*g.Out])
		}
		return
	}
	groups, terms := g.taps()
	at := g.patchesBF16(images)
	for p := range g.KH {
		for q := range groups {
			c := kernel[(p*groups+q)*terms*g.Out:]
			tap := (p*g.DilH*g.W + q*g.DilW) * g.In
			for cut := newCut(images*pixels, at); cut.next(); {
				for r := range cut.len() {
					k := cut.from + r
					i, j := k%pixels/g.OutW, k%g.OutW
					copy(room[r*terms:(r+1)*terms], x[k/pixels*size+tap+(i*g.StrideH*g.W+j*g.StrideW)*g.In:])
				}
				GemmTNBF16(c, g.Out, room, terms, y[cut.from*g.Out:], g.Out, cut.len(), g.Out, terms,
					acc || cut.from > 0)
			}
		}
	}
}
