package simd

import "fmt"

// Conv holds the sizes of a convolution of one image x [H,W,In] with a kernel [KH,KW,In,Out] to y [OutH,OutW,Out],
// channels last, without padding:
//
//	y[i,j] = Σ_{p,q} x[i·StrideH + p·DilH, j·StrideW + q·DilW] · kernel[p,q]
//
// Every tap is a product of matrices whose rows are the pixels of one row of y, read where they lie: neighbouring taps
// of a kernel row are neighbours in memory too, so that one product of KW·In terms takes them all where DilW is 1. No
// image of patches is ever written. The order of summation is that of p, q and channel, whatever the sizes are.
type Conv struct {
	H, W, In         int
	OutH, OutW, Out  int
	KH, KW           int
	StrideH, StrideW int
	DilH, DilW       int
}

// convRows is how many pixels of a row of y stay in the first-level cache while the taps pass over them.
const convRows = 96

// taps returns how many groups of taps a kernel row has and how many terms one group sums.
func (g *Conv) taps() (groups, terms int) {
	if g.DilW == 1 {
		return 1, g.KW * g.In
	}
	return g.KW, g.In
}

// Taps is the number of terms of an element of y.
func (g *Conv) Taps() int { return g.KH * g.KW * g.In }

func (g *Conv) check(x, y int) {
	if g.OutH > 0 && g.OutW > 0 && ((g.OutH-1)*g.StrideH+(g.KH-1)*g.DilH >= g.H ||
		(g.OutW-1)*g.StrideW+(g.KW-1)*g.DilW >= g.W) || x < g.H*g.W*g.In || y < g.OutH*g.OutW*g.Out {
		panic(fmt.Sprintf("simd: convolution %+v of %d numbers to %d", *g, x, y))
	}
}

// Conv32 computes y from x and the kernel [KH·KW·In, Out] packed by [Pack32].
func Conv32(y, x, packed []float32, g *Conv) { conv(y, x, packed, g, false, false) }

// Conv64 is [Conv32] in float64.
func Conv64(y, x, packed []float64, g *Conv) { conv(y, x, packed, g, false, false) }

// conv is Conv32; pairs says that x and the kernel hold pairs of channels, ints that they hold words of small integers,
// of which g.In counts the pairs or words.
func conv[T real](y, x, packed []T, g *Conv, pairs, ints bool) {
	g.check(len(x), len(y))
	if g.OutW == 0 {
		return
	}
	w, k := panel[T](), g.Taps()
	groups, terms := g.taps()
	for j := 0; j < g.Out; j += w {
		b := packed[j*k:]
		for i := range g.OutH {
			for cols := newCut(g.OutW, convRows); cols.next(); {
				c := y[(i*g.OutW+cols.from)*g.Out+j:]
				for p := range g.KH {
					for q := range groups {
						a := x[((i*g.StrideH+p*g.DilH)*g.W+cols.from*g.StrideW+q*g.DilW)*g.In:]
						from := (p*groups + q) * terms
						for sum := newCut(terms, stripSum); sum.next(); {
							s := strip[T]{
								c: c, ldc: g.Out,
								a: a[sum.from:], lda: g.StrideW * g.In,
								b: b[(from+sum.from)*w:], ldb: w,
								m: cols.len(), n: min(w, g.Out-j), k: sum.len(),
								acc: from+sum.from > 0, pairs: pairs, ints: ints,
							}
							s.nn()
						}
					}
				}
			}
		}
	}
}

// ConvInput32 computes x, the adjoint of the convolution at y: x[h,w] = Σ y[i,j]·kernel[p,q]ᵀ over the pixels (i,j) and
// taps (p,q) that meet at (h,w), i first. kernel is [KH·KW·Out, In], every tap transposed, packed by [Pack32].
func ConvInput32(x, y, packed []float32, g *Conv) { convInput(x, y, packed, g, false) }

// ConvInput64 is [ConvInput32] in float64.
func ConvInput64(x, y, packed []float64, g *Conv) { convInput(x, y, packed, g, false) }

// convInput is ConvInput32; pairs says that y and the kernel hold pairs of channels, of which g.Out counts the pairs.
func convInput[T real](x, y, packed []T, g *Conv, pairs bool) {
	g.check(len(x), len(y))
	w, k := panel[T](), g.KH*g.KW*g.Out
	clear(x)
	if g.OutW == 0 {
		return
	}
	for j := 0; j < g.In; j += w {
		b := packed[j*k:]
		for i := range g.OutH {
			for cols := newCut(g.OutW, convRows); cols.next(); {
				a := y[(i*g.OutW+cols.from)*g.Out:]
				for t := range g.KH * g.KW {
					p, q := t/g.KW, t%g.KW
					c := x[((i*g.StrideH+p*g.DilH)*g.W+cols.from*g.StrideW+q*g.DilW)*g.In+j:]
					for sum := newCut(g.Out, stripSum); sum.next(); {
						s := strip[T]{
							c: c, ldc: g.StrideW * g.In,
							a: a[sum.from:], lda: g.Out,
							b: b[(t*g.Out+sum.from)*w:], ldb: w,
							m: cols.len(), n: min(w, g.In-j), k: sum.len(),
							acc: true, pairs: pairs,
						}
						s.nn()
					}
				}
			}
		}
	}
}

// ConvKernel32 computes the gradient of the kernel over so many images x [images,H,W,In] and y [images,OutH,OutW,Out],
// kernel[p,q] = Σ_{image,i,j} x[…]ᵀ·y[i,j], or adds it when acc is set. room holds [Conv.Room] numbers. A piece of the
// kernel stays in the caches while all images pass.
func ConvKernel32(kernel, x, y, room []float32, g *Conv, images int, acc bool) {
	convKernel(kernel, x, y, room, g, images, acc)
}

// ConvKernel64 is [ConvKernel32] in float64.
func ConvKernel64(kernel, x, y, room []float64, g *Conv, images int, acc bool) {
	convKernel(kernel, x, y, room, g, images, acc)
}

// convShort is the length below which a row of y is too short for a sum of its own: patches of several rows, and of
// several images, are copied side by side then.
const convShort = 24

// patches is how many pixels of y are summed at once where their patches are copied; 0 where they are not.
func (g *Conv) patches(images int) int {
	if g.OutW >= convShort {
		return 0
	}
	_, terms := g.taps()
	return max(1, min(images*g.OutH*g.OutW, 256, (1<<16)/max(terms, 1)))
}

// Room is how many numbers [ConvKernel32] needs beside its operands.
func (g *Conv) Room(images int) int {
	_, terms := g.taps()
	return g.patches(images) * terms
}

// nothing checks the sizes of a gradient of the kernel and reports that there is nothing to sum, which is done then.
func nothing[T real](g *Conv, kernel []T, x, y, images int, acc bool) bool {
	if images > 0 {
		g.check(x/images, y/images)
	}
	if images*g.OutH*g.OutW > 0 {
		return false
	}
	if !acc {
		clear(kernel[:g.Taps()*g.Out])
	}
	return true
}

// copyPatches copies what a group of taps reads for n pixels of y from the given one on, of all images; x begins at the
// group's first tap.
func copyPatches[T real](room, x []T, g *Conv, from, n int) {
	_, terms := g.taps()
	size, pixels := g.H*g.W*g.In, g.OutH*g.OutW
	for r := range n {
		k := from + r
		i, j := k%pixels/g.OutW, k%g.OutW
		copy(room[r*terms:(r+1)*terms], x[k/pixels*size+(i*g.StrideH*g.W+j*g.StrideW)*g.In:])
	}
}

func convKernel[T real](kernel, x, y, room []T, g *Conv, images int, acc bool) {
	if nothing(g, kernel, len(x), len(y), images, acc) {
		return
	}
	size, pixels := g.H*g.W*g.In, g.OutH*g.OutW
	groups, terms := g.taps()
	at := g.patches(images)
	for p := range g.KH {
		for q := range groups {
			c := kernel[(p*groups+q)*terms*g.Out:]
			tap := (p*g.DilH*g.W + q*g.DilW) * g.In
			if at == 0 {
				for rows := newCut(terms, rowsTN); rows.next(); {
					for i := range images * g.OutH {
						from := i/g.OutH*size + tap + i%g.OutH*g.StrideH*g.W*g.In + rows.from
						convTap(c[rows.from*g.Out:], x[from:], g.StrideW*g.In, y[i*g.OutW*g.Out:], g, rows.len(),
							g.OutW, acc || i > 0)
					}
				}
				continue
			}
			for cut := newCut(images*pixels, at); cut.next(); {
				copyPatches(room, x[tap:], g, cut.from, cut.len())
				for rows := newCut(terms, rowsTN); rows.next(); {
					convTap(c[rows.from*g.Out:], room[rows.from:], terms, y[cut.from*g.Out:], g, rows.len(), cut.len(),
						acc || cut.from > 0)
				}
			}
		}
	}
}

// convTap is C [terms,Out] = AᵀB over n pixels, A [n,terms] with rows lda apart, which may overlap.
func convTap[T real](c, a []T, lda int, b []T, g *Conv, terms, n int, acc bool) {
	w := panel[T]()
	for sum := newCut(n, sumTN); sum.next(); {
		for j := 0; j < g.Out; j += w {
			s := strip[T]{
				c: c[j:], ldc: g.Out,
				a: a[sum.from*lda:], lda: lda,
				b: b[sum.from*g.Out+j:], ldb: g.Out,
				m: terms, n: min(w, g.Out-j), k: sum.len(),
				acc: acc || sum.from > 0,
			}
			s.tn()
		}
	}
}
