package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

func addresses(n int) (ids, blocks []uint64) {
	r := rand.New(rand.NewPCG(3, 4))
	ids, blocks = make([]uint64, n), make([]uint64, n)
	for i := range ids {
		ids[i], blocks[i] = r.Uint64(), uint64(r.Uint32())
	}
	return ids, blocks
}

// The normals of a block are the transform of its words, in the precision of the stream, and the same bits
// at every level and for every number of blocks.
func TestNormals(t *testing.T) {
	const n = 5000
	ids, blocks := addresses(n)
	key := [2]uint32{0x01234567, 0x89abcdef}
	var first32 []float32
	var first64 []float64
	atLevels(t, func(t *testing.T) {
		x, y := make([]float32, 4*n), make([]float64, 2*n)
		Normals32(x, ids, blocks, key, 7)
		Normals64(y, ids, blocks, key, 7)
		if first32 == nil {
			first32, first64 = x, y
		}
		for i := range ids {
			w := Philox4x32([4]uint32{uint32(ids[i]), uint32(ids[i] >> 32), uint32(blocks[i]), 7}, key)
			for k := 0; k < 4; k += 2 {
				a, b := boxMullerExact(float64(float32((float64(w[k])+0.5)*0x1p-32)), float64(w[k+1]))
				near(t, float64(x[4*i+k]), a, 0x1p-20)
				near(t, float64(x[4*i+k+1]), b, 0x1p-20)
			}
			a, b := boxMullerExact((float64(w[0])+(float64(w[1])+0.5)*0x1p-32)*0x1p-32,
				float64(w[2])+float64(w[3])*0x1p-32)
			near(t, y[2*i], a, 0x1p-48)
			near(t, y[2*i+1], b, 0x1p-48)
		}
		for i := range x {
			if !sameBits(x[i], first32[i]) {
				t.Fatalf("Normals32[%d] is %x, at another level %x", i, x[i], first32[i])
			}
		}
		for i := range y {
			if !sameBits(y[i], first64[i]) {
				t.Fatalf("Normals64[%d] is %x, at another level %x", i, y[i], first64[i])
			}
		}
		for m := range 70 {
			x, y := make([]float32, 4*m), make([]float64, 2*m)
			Normals32(x, ids[:m], blocks[:m], key, 7)
			Normals64(y, ids[:m], blocks[:m], key, 7)
			for i := range x {
				if x[i] != first32[i] {
					t.Fatalf("Normals32 of %d blocks: element %d differs", m, i)
				}
			}
			for i := range y {
				if y[i] != first64[i] {
					t.Fatalf("Normals64 of %d blocks: element %d differs", m, i)
				}
			}
		}
	})
}

// boxMullerExact is the transform of u = a and v = b·2⁻³².
func boxMullerExact(a, b float64) (z0, z1 float64) {
	r := math.Sqrt(-2 * math.Log(a))
	sin, cos := math.Sincos(2 * math.Pi * b * 0x1p-32)
	return r * cos, r * sin
}

func near(t *testing.T, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*max(1, math.Abs(want))) {
		t.Fatalf("normal %v, want %v", got, want)
	}
}

// The words that reach the corners of the transform: the smallest u, u = 1, and the axes.
func TestNormalsAtCorners(t *testing.T) {
	for _, a := range []uint32{0, 1, 1<<31 - 1, 1 << 31, 1<<32 - 2, 1<<32 - 1} {
		for _, b := range []uint32{0, 1, 1 << 29, 1<<29 - 1, 1 << 30, 1<<30 - 1, 1 << 31, 3 << 30, 1<<32 - 1} {
			z0, z1, z2, z3 := boxMuller32Of(a, b, a, b)
			w0, w1 := boxMullerExact(float64(float32((float64(a)+0.5)*0x1p-32)), float64(b))
			if a == 1<<32-1 {
				w0, w1 = 0, 0 // u rounds to 1
			}
			near(t, float64(z0), w0, 0x1p-13)
			near(t, float64(z1), w1, 0x1p-13)
			if z2 != z0 || z3 != z1 {
				t.Errorf("the two pairs of a block differ at %x, %x", a, b)
			}
			d0, d1 := boxMuller64Of(uint64(a), uint64(a), uint64(b), uint64(b))
			if math.IsNaN(d0) || math.IsNaN(d1) || math.Hypot(d0, d1) > 9.6 {
				t.Errorf("boxMuller64(%x, %x) = %v, %v", a, b, d0, d1)
			}
		}
	}
}

func BenchmarkNormals(b *testing.B) {
	ids, blocks := addresses(512)
	x, y := make([]float32, 4*512), make([]float64, 2*512)
	b.Run("32", func(b *testing.B) {
		for b.Loop() {
			Normals32(x, ids, blocks, [2]uint32{1, 2}, 0)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(x)), "ns/elem")
	})
	b.Run("64", func(b *testing.B) {
		for b.Loop() {
			Normals64(y, ids, blocks, [2]uint32{1, 2}, 0)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(y)), "ns/elem")
	})
}
