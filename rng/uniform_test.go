package rng

import (
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// Every uniform, word and integer comes from the block that the address names.
func TestBlocks(t *testing.T) {
	k := NewKey(1, 2, 3, 4)
	const id = 0x1122334455667788
	block := func(e, tag uint32) [4]uint32 {
		return simd.Philox4x32([4]uint32{0x55667788, 0x11223344, e, tag}, k.k)
	}
	ids := []uint64{77, id}
	const first, d = 3, 7
	u64, u32, bits := make([]float64, 2*d), make([]float32, 2*d), make([]uint32, 2*d)
	k.Uniforms64At(u64, d, ids, first)
	k.Uniforms32At(u32, d, ids, first)
	k.BitsAt(bits, d, ids, first)
	for j := range d {
		e := uint32(first + j)
		w := block(e/2, 3)
		m := (uint64(w[e%2*2])<<32 | uint64(w[e%2*2+1])) >> 12
		if want := (float64(m) + 0.5) / (1 << 52); u64[d+j] != want {
			t.Errorf("Uniforms64: element %d is %v, want %v", e, u64[d+j], want)
		}
		if want := (float32(block(e/4, 2)[e%4]>>9) + 0.5) / (1 << 23); u32[d+j] != want {
			t.Errorf("Uniforms32: element %d is %v, want %v", e, u32[d+j], want)
		}
		if want := block(e/4, 4)[e%4]; bits[d+j] != want {
			t.Errorf("Bits: element %d is %x, want %x", e, bits[d+j], want)
		}
		w = block(e/2, 5)
		if got, want := k.Uint64(id, e), uint64(w[e%2*2])<<32|uint64(w[e%2*2+1]); got != want {
			t.Errorf("Uint64: element %d is %x, want %x", e, got, want)
		}
	}
}

// Uniforms lie inside (0, 1) and are uniform: mean and second moment within 5 standard deviations,
// Kolmogorov distance within its quantile of 1e-6; a fresh seed fails with probability below 1e-5.
func TestUniforms(t *testing.T) {
	const n = 200_000
	k, one := NewKey(11, PurposeTime, 0, 0), []uint64{3}
	x, y := make([]float32, n), make([]float64, n)
	k.Uniforms32(x, n, one)
	k.Uniforms64(y, n, one)
	for name, u := range map[string][]float64{"float32": widen(x), "float64": y} {
		slices.Sort(u)
		var m1, m2, ks float64
		for i, v := range u {
			m1, m2 = m1+v, m2+v*v
			ks = max(ks, math.Abs(v-float64(i)/n), math.Abs(v-float64(i+1)/n))
		}
		if u[0] <= 0 || u[n-1] >= 1 {
			t.Errorf("%s: range [%v, %v]", name, u[0], u[n-1])
		}
		if math.Abs(m1/n-0.5) > 5*math.Sqrt(1./12/n) || math.Abs(m2/n-1./3) > 5*math.Sqrt(4./45/n) ||
			ks*math.Sqrt(n) > 2.69 {
			t.Errorf("%s: mean %v, second moment %v, Kolmogorov distance %v", name, m1/n, m2/n, ks)
		}
	}
}

// The extreme words stay inside the open interval.
func TestUniformEnds(t *testing.T) {
	if lo, hi := float64(0.5)*0x1p-52, (float64(1<<52-1)+0.5)*0x1p-52; lo <= 0 || hi >= 1 {
		t.Errorf("float64: %v … %v", lo, hi)
	}
	if lo, hi := float32(0.5)*0x1p-23, (float32(1<<23-1)+0.5)*0x1p-23; lo <= 0 || hi >= 1 {
		t.Errorf("float32: %v … %v", lo, hi)
	}
}

// Integers: χ² of 100 000 draws over 7 values against its quantile of 1e-6 (38.3 at 6 degrees).
func TestIntn(t *testing.T) {
	k := NewKey(1, PurposeData, 0, 0)
	const n, values = 100_000, 7
	var count [values]float64
	for i := range n {
		count[k.Intn(uint64(i/10), uint32(i%10), values)]++
	}
	x2 := 0.0
	for _, c := range count {
		x2 += (c - n/values) * (c - n/values) / (n / values)
	}
	if x2 > 38.3 {
		t.Errorf("counts %v: χ² = %v", count, x2)
	}
	if k.Intn(1, 2, 1) != 0 {
		t.Error("Intn of one value is not 0")
	}
}

// Permutations: each is one, and the 24 of four elements are equally likely: χ² of 24 000 against its
// quantile of 1e-6 (71.4 at 23 degrees).
func TestPerm(t *testing.T) {
	k := NewKey(1, PurposeSplit, 0, 0)
	for n := range 20 {
		p := k.Perm(7, n)
		slices.Sort(p)
		for i, v := range p {
			if i != v {
				t.Fatalf("Perm(%d) is no permutation", n)
			}
		}
	}
	const n = 24_000
	count := map[[4]int]float64{}
	for i := range n {
		count[[4]int(k.Perm(uint64(i), 4))]++
	}
	x2 := float64(24-len(count)) * n / 24
	for _, c := range count {
		x2 += (c - n/24) * (c - n/24) / (n / 24)
	}
	if x2 > 71.4 {
		t.Errorf("χ² = %v", x2)
	}
}

func TestMisfitPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("rows that do not fit were accepted")
		}
	}()
	Key{}.Normals64(make([]float64, 5), 2, []uint64{1, 2})
}
