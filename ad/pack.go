package ad

import "github.com/seed9a7962a8/ito/internal/simd"

// opPack rearranges a shared matrix into the panels of a fast product. The planner adds it; traces never hold it.
var opPack = &opDef{name: "pack", rowwise: true}

// packAttr is a matrix [k,n], stored transposed where trans says so, for products of a precision; of a kernel of so
// many taps, each of k/taps rows.
type packAttr struct {
	k, n  int
	trans bool
	as    Precision
	taps  int
}

func init() {
	opPack.emit = func(c *planner, n *node) {
		a := n.attr.(packAttr)
		b := c.use(n.in[0])
		ld := a.n
		if a.trans {
			ld = a.k
		}
		c.push(instr{name: "pack", reads: []*node{b}, writes: []*node{n}, bind: func(at func(*node) ref) func(*frame) {
			o, r := at(n), at(b)
			if n.dtype == F64 {
				return func(f *frame) { simd.Pack64(vec[float64](f, o), vec[float64](f, r), a.k, a.n, ld, a.trans) }
			}
			pack := simd.Pack32
			switch a.as {
			case BF16:
				pack = simd.PackBF16
			case Int8:
				pack = func(dst, b []float32, k, n, ldb int, trans bool) {
					simd.Pack8(dst, b, a.taps, k/a.taps, n, ldb, trans)
				}
			}
			return func(f *frame) { pack(vec[float32](f, o), vec[float32](f, r), a.k, a.n, ld, a.trans) }
		}})
	}
}

// len is the number of elements of the panels.
func (a packAttr) len(d DType) int {
	if a.as == Int8 && d == F32 {
		return simd.Packed8Len(a.taps, a.k/a.taps, a.n)
	}
	return packedLen(d, a.k, a.n)
}

func packedLen(d DType, k, n int) int {
	if d == F64 {
		return simd.PackedLen64(k, n)
	}
	return simd.PackedLen32(k, n)
}
