package ad

import (
	"slices"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// ConvOptions are the settings of a convolution, along height and width. The zero value is stride 1, dilation 1, no
// padding, one group.
type ConvOptions struct {
	Stride   [2]int    // pixels from one output to the next; 0 means 1
	Dilation [2]int    // pixels from one tap to the next; 0 means 1
	Pad      [2][2]int // pixels before and after the image
	Mode     PadMode   // what the padding holds
	Groups   int       // the channels are cut into so many groups that do not meet; 0 means 1
}

// convAttr is a convolution of images [h,w,·] with kernels of kh×kw taps.
type convAttr struct {
	h, w, kh, kw     int
	stride, dilation [2]int
	pad              [2][2]int
	mode             PadMode
	outH, outW       int
}

// The three products of a convolution. Each is linear in both of its operands, and the derivatives of each are the
// other two:
//
//	opConv        y = x∗k        x [B…,H,W,I], k [KH,KW,I,O]  →  [B…,OutH,OutW,O]
//	opConvInput   x̄ = y∗ᵀv       y [B…,OutH,OutW,O], v [KH,KW,O,I]  →  [B…,H,W,I], the adjoint of opConv with v = kᵀ
//	opConvKernel  k̄ = x⋆y        x [B…,H,W,I], y [B…,OutH,OutW,O]  →  [KH,KW,I,O], summed over B
var (
	opConv       = &opDef{name: "conv", rowwise: true}
	opConvInput  = &opDef{name: "conv_input", rowwise: true}
	opConvKernel = &opDef{name: "conv_kernel", rowwise: true}
)

func init() {
	bilinear := func(op *opDef, f func(a, b Value, at convAttr) Value, left, right func(n *node, c Value) Value) {
		op.vjp = func(n *node, c Value, need []bool) []Value {
			out := make([]Value, 2)
			if need[0] {
				out[0] = left(n, c)
			}
			if need[1] {
				out[1] = right(n, c)
			}
			return out
		}
		op.jvp = func(n *node, t []Value) Value {
			var s Value
			at := n.attr.(convAttr)
			if !t[0].IsZero() {
				s = f(t[0], Value{n.in[1]}, at)
			}
			if !t[1].IsZero() {
				s = addOrZero(s, f(Value{n.in[0]}, t[1], at))
			}
			return s
		}
	}
	bilinear(opConv, conv,
		func(n *node, c Value) Value { return convInput(c, Transpose(Value{n.in[1]}), n.attr.(convAttr)) },
		func(n *node, c Value) Value { return convKernel(Value{n.in[0]}, c, n.attr.(convAttr)) })
	bilinear(opConvInput, convInput,
		func(n *node, c Value) Value { return conv(c, Transpose(Value{n.in[1]}), n.attr.(convAttr)) },
		func(n *node, c Value) Value { return Transpose(convKernel(c, Value{n.in[0]}, n.attr.(convAttr))) })
	bilinear(opConvKernel, convKernel,
		func(n *node, c Value) Value { return convInput(Value{n.in[1]}, Transpose(c), n.attr.(convAttr)) },
		func(n *node, c Value) Value { return conv(Value{n.in[0]}, c, n.attr.(convAttr)) })
	opConv.lift = liftConv(conv)
	opConvInput.lift = liftConv(convInput)
	opConvKernel.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		return stacked(in, mapped, m, func(a, b Value) Value { return convKernel(a, b, n.attr.(convAttr)) })
	}
	opConv.emit, opConvInput.emit, opConvKernel.emit = emitConv, emitConv, emitConv
}

// liftConv takes the mapped axis as one more axis of images; mapped kernels make a convolution of each.
func liftConv(f func(a, b Value, at convAttr) Value) func(n *node, in []Value, mapped []bool, m int) Value {
	return func(n *node, in []Value, mapped []bool, m int) Value {
		at := n.attr.(convAttr)
		if !mapped[1] {
			return f(in[0], in[1], at)
		}
		return stacked(in, mapped, m, func(a, b Value) Value { return f(a, b, at) })
	}
}

// stacked applies f to every entry of the mapped axis.
func stacked(in []Value, mapped []bool, m int, f func(a, b Value) Value) Value {
	entries := make([]Value, m)
	for i := range m {
		v := slices.Clone(in)
		for k := range v {
			if mapped[k] {
				v[k] = At(v[k], 0, i)
			}
		}
		entries[i] = f(v[0], v[1])
	}
	return Stack(0, entries...)
}

func conv(x, k Value, at convAttr) Value {
	lead := x.n.shape[:x.Rank()-3]
	return add(opConv, at, append(slices.Clone(lead), at.outH, at.outW, k.n.shape[3]), x.n.dtype, x, k)
}

// convInput is opConvInput. With stride 1 and zeros beyond the edges it is a convolution of y with the taps in reverse
// order, whose sums stay in registers where those of the adjoint are added to memory tap by tap.
func convInput(y, v Value, at convAttr) Value {
	if turned, ok := at.turned(); ok {
		return conv(y, reversedTaps(v), turned)
	}
	lead := y.n.shape[:y.Rank()-3]
	return add(opConvInput, at, append(slices.Clone(lead), at.h, at.w, v.n.shape[3]), y.n.dtype, y, v)
}

// turned is the convolution that the adjoint is, if it is one.
func (a convAttr) turned() (convAttr, bool) {
	t := a
	t.h, t.w, t.outH, t.outW = a.outH, a.outW, a.h, a.w
	for i, k := range []int{a.kh, a.kw} {
		for j, pad := range a.pad[i] {
			t.pad[i][j] = a.dilation[i]*(k-1) - pad
			if a.stride[i] != 1 || t.pad[i][j] < 0 {
				return a, false
			}
		}
	}
	return t, a.mode == PadZero
}

// reversedTaps are kernels [KH,KW,…] with both axes of taps in reverse order.
func reversedTaps(k Value) Value {
	taps := k.n.shape[0] * k.n.shape[1]
	if taps == 1 {
		return k
	}
	at := make([]float64, taps)
	for i := range at {
		at[i] = float64(taps - 1 - i)
	}
	flat := Reshape(k, taps, k.n.shape[2], k.n.shape[3])
	return Reshape(Gather(flat, k.n.g.root.Const(I32, at, taps)), k.n.shape...)
}

func convKernel(x, y Value, at convAttr) Value {
	in, out := x.n.shape[x.Rank()-1], y.n.shape[y.Rank()-1]
	return add(opConvKernel, at, []int{at.kh, at.kw, in, out}, x.n.dtype, x, y)
}

// convOf checks the settings of a convolution named op of images [h,w,·] and kernels of kh×kw taps.
func convOf(op string, h, w, kh, kw int, o ConvOptions) convAttr {
	a := convAttr{h: h, w: w, kh: kh, kw: kw, stride: o.Stride, dilation: o.Dilation, pad: o.Pad, mode: o.Mode}
	var out [2]int
	for i, axis := range []struct{ n, k int }{{h, kh}, {w, kw}} {
		a.stride[i], a.dilation[i] = max(a.stride[i], 1), max(a.dilation[i], 1)
		before, after := a.pad[i][0], a.pad[i][1]
		reach := (axis.k-1)*a.dilation[i] + 1
		switch {
		case o.Stride[i] < 0 || o.Dilation[i] < 0 || before < 0 || after < 0:
			fail(op, "negative stride, dilation or padding: %+v", o)
		case axis.n == 0 || axis.k == 0:
			fail(op, "an image of %d×%d pixels and a kernel of %d×%d taps", h, w, kh, kw)
		case axis.n+before+after < reach:
			fail(op, "a kernel of %d×%d taps, dilated by %v, does not fit into %d×%d pixels padded by %v", kh, kw,
				a.dilation, h, w, o.Pad)
		case o.Mode == PadReflect && max(before, after) >= axis.n:
			fail(op, "an axis of %d pixels reflects at most %d, not %d", axis.n, axis.n-1, max(before, after))
		case o.Mode == PadCircular && max(before, after) > axis.n:
			fail(op, "an axis of %d pixels goes round once, not %d pixels", axis.n, max(before, after))
		}
		out[i] = (axis.n+before+after-reach)/a.stride[i] + 1
	}
	a.outH, a.outW = out[0], out[1]
	return a
}

// Conv2D is the cross-correlation of images x [H,W,I], or [B…,H,W,I], with kernels k [KH,KW,I/Groups,O], channels last:
//
//	y[i,j,o] = Σ_{p,q,c} x[i·stride + p·dilation − pad, j·stride + q·dilation − pad, c] · k[p,q,c,o]
//
// [OutH,OutW,O] with Out = ⌊(H + pads − dilation·(K−1) − 1)/stride⌋ + 1. Channels o of group g see channels c of that
// group. It costs 2·OutH·OutW·KH·KW·I·O/Groups operations a row.
func Conv2D(x, k Value, o ConvOptions) Value {
	checkConv("conv2d", x, k)
	groups, in, out := max(o.Groups, 1), x.n.shape[x.Rank()-1], k.n.shape[3]
	if in%groups != 0 || out%groups != 0 || k.n.shape[2] != in/groups {
		fail("conv2d", "%s and kernels %s do not agree in %d groups: kernels are [KH,KW,I/groups,O]", describe(x.n),
			describe(k.n), groups)
	}
	a := convOf("conv2d", x.n.shape[x.Rank()-3], x.n.shape[x.Rank()-2], k.n.shape[0], k.n.shape[1], o)
	if groups == in && out == in && in > 1 {
		return depthwise(x, k, a)
	}
	return grouped(groups, x, k, func(x, k Value) Value { return conv(x, k, a) })
}

// ConvTranspose2D is the adjoint of the Conv2D whose kernels have input and output swapped: images y [H,W,I] and
// kernels k [KH,KW,I,O/Groups] give [(H−1)·stride + dilation·(K−1) + 1 − pads + extra, …, O]. Padding takes pixels
// away, as in PyTorch; extra pixels, fewer than the stride, are added behind.
func ConvTranspose2D(y, k Value, o ConvOptions, extra [2]int) Value {
	checkConv("conv_transpose2d", y, k)
	groups, in := max(o.Groups, 1), y.n.shape[y.Rank()-1]
	if in%groups != 0 || k.n.shape[2] != in {
		fail("conv_transpose2d", "%s and kernels %s do not agree in %d groups: kernels are [KH,KW,I,O/groups]",
			describe(y.n), describe(k.n), groups)
	}
	var size [2]int
	for i := range size {
		n, taps := y.n.shape[y.Rank()-3+i], k.n.shape[i]
		stride, dilation := max(o.Stride[i], 1), max(o.Dilation[i], 1)
		size[i] = (n-1)*stride + dilation*(taps-1) + 1 - o.Pad[i][0] - o.Pad[i][1] + extra[i]
		if extra[i] < 0 || extra[i] >= stride || size[i] < 1 || n < 1 {
			fail("conv_transpose2d", "%s would become %d pixels along axis %d with %d extra; extra pixels are fewer "+
				"than the stride, and padding leaves one at least", describe(y.n), size[i], i, extra[i])
		}
	}
	a := convOf("conv_transpose2d", size[0], size[1], k.n.shape[0], k.n.shape[1], o)
	if groups == 1 {
		return convInput(y, k, a)
	}
	per := in / groups
	parts := make([]Value, groups)
	for g := range groups {
		parts[g] = convInput(Slice(y, -1, g*per, (g+1)*per), Slice(k, 2, g*per, (g+1)*per), a)
	}
	return Concat(y.Rank()-1, parts...)
}

func checkConv(op string, x, k Value) {
	if x.n == nil || k.n == nil || x.n.dtype != k.n.dtype || !x.n.dtype.Float() || x.Rank() < 3 || k.Rank() != 4 {
		fail(op, "needs images [H,W,I] and kernels [KH,KW,I,O] of one float dtype, got %s and %s", x, k)
	}
}

// grouped applies f to each group of input channels and its kernels.
func grouped(groups int, x, k Value, f func(x, k Value) Value) Value {
	if groups == 1 {
		return f(x, k)
	}
	in, out := x.n.shape[x.Rank()-1]/groups, k.n.shape[3]/groups
	parts := make([]Value, groups)
	for g := range groups {
		parts[g] = f(Slice(x, -1, g*in, (g+1)*in), Slice(k, 3, g*out, (g+1)*out))
	}
	return Concat(x.Rank()-1, parts...)
}

// sizes are those of the products over padded images of so many channels.
func (a convAttr) sizes(in, out int) simd.Conv {
	return simd.Conv{H: a.h + a.pad[0][0] + a.pad[0][1], W: a.w + a.pad[1][0] + a.pad[1][1], In: in,
		OutH: a.outH, OutW: a.outW, Out: out, KH: a.kh, KW: a.kw, StrideH: a.stride[0], StrideW: a.stride[1],
		DilH: a.dilation[0], DilW: a.dilation[1]}
}

// multiplications of a row of one of the three products.
func convProducts(n *node) float64 {
	a := n.attr.(convAttr)
	s := float64(a.outH*a.outW) * float64(a.kh*a.kw)
	switch n.op {
	case opConv:
		return s * float64(n.in[1].shape[2]) * float64(n.size()/max(a.outH*a.outW, 1))
	case opConvInput:
		return s * float64(n.in[1].shape[2]) * float64(n.size()/max(a.h*a.w, 1))
	}
	return s * float64(n.in[0].size()/max(a.h*a.w, 1)) * float64(n.shape[3])
}
