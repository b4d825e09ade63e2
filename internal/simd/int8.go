package simd

import (
	"fmt"
	"math"
	"unsafe"
)

// Products of eight bits, for inference: an activation x is the unsigned byte q(x) of a [Grid8], weights are signed
// bytes of a scale for each column, and
//
//	C[i,j] = (Σ_p q(a[i,p])·w[p,j] − zero·Σ_p w[p,j]) · (grid's scale · scale[j])
//
// The sums are integers, exact in int32, hence the same on all levels, whatever their order: what a product of the
// numbers that the bytes stand for would be without rounding. Four neighbouring terms are one word where the processor
// has AVX512-VNNI, two of 16 bits elsewhere.

// Grid8 are the 256 values scale·(q − zero) that an activation is rounded to. Scale is positive.
type Grid8 struct {
	Scale float32
	Zero  uint8 // the byte of 0
}

// MaxTerms8 is the largest number of terms whose sum an int32 always holds.
const MaxTerms8 = math.MaxInt32 / (255 * 127)

// row8 is what numbers are rounded by: round(min(max(x·by, low), high)) + zero, ties to even.
type row8 struct{ by, low, high, zero float32 }

func (g Grid8) row() row8 {
	z := float32(g.Zero)
	return row8{1 / g.Scale, -z, 255 - z, z}
}

// one is the whole number that x becomes; whatever a NaN becomes is not looked at.
func (r row8) one(x float32) int32 {
	return int32(math.RoundToEven(float64(min(max(x*r.by, r.low), r.high)))) + int32(r.zero)
}

// Round8 rounds src to values of the grid in dst, which may be src: scale·(q − zero). What is not finite becomes NaN.
func Round8(dst, src []float32, g Grid8) {
	r := g.row()
	for i, x := range src[:len(dst)] {
		dst[i] = float32(r.one(x)-int32(g.Zero)) * g.Scale
		if x-x != 0 {
			dst[i] = float32(math.NaN())
		}
	}
}

// perWord8 is how many terms a word holds.
func perWord8() int {
	if HasInt8() {
		return 4
	}
	return 2
}

// HasInt8 reports whether products of bytes are done by instructions of their own. The results do not depend on it.
func HasInt8() bool { return level == avx512 && vnniUnit }

func words8(terms int) int { return (terms + perWord8() - 1) / perWord8() }

// quantise writes the words of x, the last of which is filled up with zeros; sum is that of the bytes.
func (r row8) quantise(dst []uint32, x []float32) (sum int32, finite bool) {
	per := perWord8()
	done, bad := 0, float32(0)
	for done < len(x) {
		n, s, b := words8Along(dst[done/per:], x[done:], per, &r)
		if n == 0 {
			break
		}
		done, sum, bad = done+n, sum+s, bad+b
	}
	for done < len(x) {
		word := uint32(0)
		for i, v := range x[done:min(done+per, len(x))] {
			q := r.one(v)
			sum, bad = sum+q, bad+v*0
			word |= uint32(q) & (1<<(32/per) - 1) << (i * 32 / per)
		}
		dst[done/per] = word
		done += per
	}
	return sum, bad == 0
}

// Packed8Len is how many elements [Pack8] writes for the weights of so many taps, each [in,n]; a product without taps
// has one.
func Packed8Len(taps, in, n int) int {
	_, all := packed8(taps, in, n)
	return all
}

// packed8 is the number of words of panels, behind which there are a scale and a sum of each column.
func packed8(taps, in, n int) (panels, all int) {
	cols := (n + 31) / 32 * 32
	panels = taps * words8(in) * cols
	return panels, panels + 2*cols
}

// Pack8 rounds weights B [taps·in,n] to bytes, the largest of a column, in absolute value, to ±127, and lays them out
// for [Gemm8] and [Conv8]; the words of a tap do not reach into the next. B has leading dimension ldb; when trans is
// set b holds Bᵀ. A column that is not finite gives NaN.
func Pack8(dst, b []float32, taps, in, n, ldb int, trans bool) {
	k := taps * in
	panels, all := packed8(taps, in, n)
	if len(dst) < all {
		panic(fmt.Sprintf("simd: packed B has %d elements, want %d for %d taps of [%d,%d]", len(dst), all, taps, in, n))
	}
	if k == 0 || n == 0 {
		clear(dst[:all])
		return
	}
	room := roomPool.Get().(*room)
	defer roomPool.Put(room)
	if !trans {
		checkMatrix("B", len(b), k, n, ldb)
		turned := grow(&room.a, n*k)
		transpose(turned, k, b, ldb, k, n)
		b, ldb = turned, k
	}
	checkMatrix("Bᵀ", len(b), n, k, ldb)
	units := words8(in)
	kw := taps * units
	rows := grow(&room.b, n*kw)
	scale, sums := dst[panels:][:n], words(dst[panels+(all-panels)/2:])[:n]
	clear(dst[panels:all])
	for j := range n {
		column, to := b[j*ldb:][:k], words(rows[j*kw:][:kw])
		r, s := columnRow8(column)
		scale[j] = s
		sum := int32(0)
		for t := range taps {
			got, finite := r.quantise(to[t*units:][:units], column[t*in:][:in])
			if sum += got; !finite {
				scale[j] = float32(math.NaN())
			}
		}
		if HasInt8() {
			sum -= 128 * int32(k)
			signed(to, in, units)
		}
		sums[j] = uint32(sum)
	}
	pack(dst[:panels], rows, kw, n, kw, true)
}

// columnRow8 is how the weights of a column are rounded, and their scale. Bytes are first made unsigned.
func columnRow8(x []float32) (row8, float32) {
	scale := most8(x) / 127
	r := row8{by: 1 / scale, low: -127, high: 127}
	if !(scale > 1e-36) { // zeros, or as good as
		r.by, scale = 0, 0
	}
	if HasInt8() {
		r.zero = 128
	}
	return r, scale
}

// signed makes signed bytes of those that have 128 more, and zeros of what fills the last word of a tap up.
func signed(to []uint32, in, units int) {
	last := ^uint32(0)
	if rest := in % 4; rest > 0 {
		last = 1<<(8*rest) - 1
	}
	for i := range to {
		to[i] ^= 0x80808080
		if (i+1)%units == 0 {
			to[i] &= last
		}
	}
}

// Columns8 rounds weights B [n,k], a row of which is an output's, to what [Pack8] makes of them, in place, and returns
// their scales: b = q·scale with whole q in ±127.
func Columns8(b []float32, n, k int) []float32 {
	scales := make([]float32, n)
	for j := range n {
		column := b[j*k:][:k]
		r, s := columnRow8(column)
		r.zero, scales[j] = 0, s
		for i, x := range column {
			if x-x == 0 {
				column[i] = float32(r.one(x)) * s
			}
		}
	}
	return scales
}

// Gemm8 is C [m,n] = A·B of bytes: A [m,k] is rounded to the grid here, B was by [Pack8] with one tap. A row of A that
// is not finite gives NaN. k is at most [MaxTerms8].
func Gemm8(c []float32, ldc int, a []float32, lda int, packed []float32, m, n, k int, g Grid8) {
	checkMatrix("C", len(c), m, n, ldc)
	checkMatrix("A", len(a), m, k, lda)
	panels, all := packed8(1, k, n)
	if len(packed) < all {
		panic(fmt.Sprintf("simd: packed B has %d elements, want %d for [%d,%d]", len(packed), all, k, n))
	}
	r := roomPool.Get().(*room)
	defer roomPool.Put(r)
	kw := words8(k)
	end, row := newFinish8(r, packed[panels:all], n, g), g.row()
	for rows := newCut(m, blockRows[float32](min(kw, stripSum))); rows.next(); {
		to := c[min(rows.from*ldc, len(c)):]
		qa := grow(&r.a, rows.len()*kw)
		bad := r.bad[:0]
		for i := range rows.len() {
			if _, finite := row.quantise(words(qa[i*kw:][:kw]), a[(rows.from+i)*lda:][:k]); !finite {
				bad = append(bad, i)
			}
		}
		r.bad = bad
		for sum := newCut(kw, stripSum); sum.next(); {
			for j := 0; j < n; j += 32 {
				s := strip[float32]{
					c: to[min(j, len(to)):], ldc: ldc,
					a: qa[min(sum.from, len(qa)):], lda: kw,
					b: packed[j*kw+sum.from*32:], ldb: 32,
					m: rows.len(), n: min(32, n-j), k: sum.len(),
					acc: sum.from > 0, ints: true,
				}
				s.nn()
			}
		}
		end.rows(to, ldc, rows.len())
		for _, i := range bad {
			fillNaN(to[i*ldc:][:n])
		}
	}
}

// Conv8 is [Conv32] of bytes: x is rounded to the grid here, the kernel was by [Pack8] with KH·KW taps. An image that
// is not finite gives NaN.
func Conv8(y, x, packed []float32, c *Conv, g Grid8) {
	c.check(len(x), len(y))
	r := roomPool.Get().(*room)
	defer roomPool.Put(r)
	units, pixels := words8(c.In), c.H*c.W
	q := grow(&r.a, pixels*units)
	row, finite := g.row(), true
	length := c.In
	if c.In%perWord8() == 0 { // one long row
		pixels, length, units = 1, pixels*c.In, pixels*units
	}
	for i := range pixels {
		_, ok := row.quantise(words(q[i*units:][:units]), x[i*length:][:length])
		finite = finite && ok
	}
	h := *c
	h.In = words8(c.In)
	conv(y, q, packed, &h, false, true)
	panels, all := packed8(c.KH*c.KW, c.In, c.Out)
	if !finite {
		fillNaN(y[:c.OutH*c.OutW*c.Out])
		return
	}
	end := newFinish8(r, packed[panels:all], c.Out, g)
	end.rows(y, c.Out, c.OutH*c.OutW)
}

func fillNaN(x []float32) {
	for i := range x {
		x[i] = float32(math.NaN())
	}
}

// finish8 makes numbers of sums.
type finish8 struct {
	offset []int32
	scale  []float32
}

func newFinish8(r *room, columns []float32, n int, g Grid8) finish8 {
	both := grow(&r.b, 2*n)
	f := finish8{scale: both[:n], offset: unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(both[n:]))), n)}
	sums := words(columns[len(columns)/2:])
	for j := range n {
		f.scale[j] = g.Scale * columns[j]
		f.offset[j] = int32(g.Zero) * int32(sums[j])
	}
	return f
}

// rows makes c = float32(int32(c) − offset)·scale of some rows.
func (f finish8) rows(c []float32, ldc, rows int) {
	n := len(f.scale)
	done := finish8Rows(c, ldc, rows, f.offset, f.scale)
	if done == n {
		return
	}
	for i := range rows {
		row := c[i*ldc:][:n]
		for j := done; j < n; j++ {
			row[j] = float32(int32(math.Float32bits(row[j]))-f.offset[j]) * f.scale[j]
		}
	}
}
