package simd

// CanBF16 reports whether a convolution of so many channels, those that a tap sums over, can be one of bfloat16: pairs
// must not lie across two pixels.
func CanBF16(channels int) bool { return channels%2 == 0 }

// withHalf calls f with the numbers of x rounded, as pairs where the processor multiplies those.
func withHalf(x []float32, f func(x []float32, pairs bool)) {
	r := roomPool.Get().(*room)
	defer roomPool.Put(r)
	if !HasBF16() {
		rounded := grow(&r.a, len(x))
		RoundBF16(rounded, x)
		f(rounded, false)
		return
	}
	pairs := grow(&r.a, len(x)/2)
	coupleAlong(words(pairs), x, len(x), 1, len(x))
	f(pairs, true)
}

// ConvBF16 is [Conv32] of bfloat16, of an even number of channels In: x is rounded here, the kernel was by [PackBF16].
func ConvBF16(y, x, packed []float32, g *Conv) {
	g.check(len(x), len(y))
	withHalf(x[:g.H*g.W*g.In], func(x []float32, pairs bool) {
		h := *g
		if pairs {
			h.In /= 2
		}
		conv(y, x, packed, &h, pairs, false)
	})
}

// ConvInputBF16 is [ConvInput32] of bfloat16, of an even number of channels Out.
func ConvInputBF16(x, y, packed []float32, g *Conv) {
	g.check(len(x), len(y))
	withHalf(y[:g.OutH*g.OutW*g.Out], func(y []float32, pairs bool) {
		h := *g
		if pairs {
			h.Out /= 2
		}
		convInput(x, y, packed, &h, pairs)
	})
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
	if nothing(g, kernel, len(x), len(y), images, acc) {
		return
	}
	groups, terms := g.taps()
	pixels, at := g.OutH*g.OutW, g.patchesBF16(images)
	for p := range g.KH {
		for q := range groups {
			c := kernel[(p*groups+q)*terms*g.Out:]
			tap := (p*g.DilH*g.W + q*g.DilW) * g.In
			for cut := newCut(images*pixels, at); cut.next(); {
				copyPatches(room, x[tap:], g, cut.from, cut.len())
				GemmTNBF16(c, g.Out, room, terms, y[cut.from*g.Out:], g.Out, cut.len(), g.Out, terms,
					acc || cut.from > 0)
			}
		}
	}
}
