package rng

import (
	"encoding/binary"
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the known answers of testdata anew")

// The stream of each precision, for good: 40 ids by 25 elements under one key, little-endian. A change
// here changes every seed's results. Written by go test ./rng -run KnownNormals -update.
func TestKnownNormals(t *testing.T) {
	k := NewKey(0x0123456789abcdef, PurposeUser+1, 2, 3)
	ids := make([]uint64, 40)
	for i := range ids {
		ids[i] = uint64(i) * 0x9e3779b97f4a7c15
	}
	x, y := make([]float32, 40*25), make([]float64, 40*25)
	k.Normals32(x, 25, ids)
	k.Normals64(y, 25, ids)
	for name, v := range map[string]any{"normals32.bin": x, "normals64.bin": y} {
		got, err := binary.Append(nil, binary.LittleEndian, v)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("the normals of %s have changed", name)
		}
	}
}

// An element depends on its address only: not on the rows beside it, the length of its row or where the
// row begins.
func TestNormalsDependOnAddressOnly(t *testing.T) {
	k := NewKey(5, PurposeUser, 0, 0)
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfN(rapid.Uint64(), 0, 300).Draw(t, "ids")
		d := rapid.IntRange(0, 19).Draw(t, "d")
		first := rapid.Uint32Range(0, 40).Draw(t, "first")
		x, y := make([]float32, len(ids)*d), make([]float64, len(ids)*d)
		k.Normals32At(x, d, ids, first)
		k.Normals64At(y, d, ids, first)
		if len(x) == 0 {
			return
		}
		for range 5 {
			i := rapid.IntRange(0, len(ids)-1).Draw(t, "row")
			j := rapid.IntRange(0, d-1).Draw(t, "element")
			var a [1]float32
			var b [1]float64
			k.Normals32At(a[:], 1, ids[i:i+1], first+uint32(j))
			k.Normals64At(b[:], 1, ids[i:i+1], first+uint32(j))
			if a[0] != x[i*d+j] || b[0] != y[i*d+j] {
				t.Fatalf("element %d of row %d alone is %v and %v, among others %v and %v", j, i, a[0], b[0], x[i*d+j],
					y[i*d+j])
			}
		}
	})
}

// Filling allocates nothing.
func TestNormalsAllocateNothing(t *testing.T) {
	k, ids := NewKey(1, 1, 1, 1), make([]uint64, 100)
	x, y := make([]float32, 700), make([]float64, 700)
	if n := testing.AllocsPerRun(10, func() { k.Normals32(x, 7, ids); k.Normals64(y, 7, ids) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// gaussian checks n draws against the normal law: moments, tail, lag correlations and the Kolmogorov
// distance. Every statistic is compared with 5 of its standard deviations, or its own quantile of
// 1e-6; with the ten statistics of the four calls a fresh seed fails with probability below 1e-4.
func gaussian(t *testing.T, name string, z []float64) {
	t.Helper()
	n := float64(len(z))
	var m1, m2, m3, m4, tail, lag1, lag2, lag4 float64
	for i, v := range z {
		m1 += v
		m2 += v * v
		m3 += v * v * v
		m4 += v * v * v * v
		if math.Abs(v) > 3 {
			tail++
		}
		if i >= 4 {
			lag1 += v * z[i-1]
			lag2 += v * z[i-2]
			lag4 += v * z[i-4]
		}
	}
	p := math.Erfc(3 / math.Sqrt2)
	for _, s := range []struct {
		name            string
		got, want, unit float64
	}{
		{"mean", m1 / n, 0, 1},
		{"second moment", m2 / n, 1, math.Sqrt(2)},
		{"third moment", m3 / n, 0, math.Sqrt(15)},
		{"fourth moment", m4 / n, 3, math.Sqrt(96)},
		{"P(|z|>3)", tail / n, p, math.Sqrt(p * (1 - p))},
		{"correlation at lag 1", lag1 / n, 0, 1},
		{"correlation at lag 2", lag2 / n, 0, 1},
		{"correlation at lag 4", lag4 / n, 0, 1},
	} {
		if math.Abs(s.got-s.want) > 5*s.unit/math.Sqrt(n) {
			t.Errorf("%s: %s %v, want %v ± %v", name, s.name, s.got, s.want, s.unit/math.Sqrt(n))
		}
	}
	sorted := slices.Sorted(slices.Values(z))
	ks := 0.0
	for i, v := range sorted {
		u := 0.5 * math.Erfc(-v/math.Sqrt2)
		ks = max(ks, math.Abs(u-float64(i)/n), math.Abs(u-float64(i+1)/n))
	}
	// P(√n·D > 2.69) = 2·exp(−2·2.69²) = 1e-6.
	if ks*math.Sqrt(n) > 2.69 {
		t.Errorf("%s: Kolmogorov distance %v", name, ks)
	}
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// Neighbouring addresses — elements of a row, ids one apart, steps one apart — give independent normals.
func TestNormalsAreNormal(t *testing.T) {
	const n = 400_000
	k := NewKey(2024, PurposeSolver, 0, 0)
	x, y := make([]float32, n), make([]float64, n)
	one, many := []uint64{9}, make([]uint64, n)
	for i := range many {
		many[i] = uint64(i)
	}
	k.Normals32(x, n, one)
	k.Normals64(y, n, one)
	gaussian(t, "float32, elements of a row", widen(x))
	gaussian(t, "float64, elements of a row", y)
	k.Normals32(x, 1, many)
	k.Normals64(y, 1, many)
	gaussian(t, "float32, first elements of ids", widen(x))
	gaussian(t, "float64, first elements of ids", y)
	for step := range n / 4 {
		NewKey(2024, PurposeSolver, uint32(step), 0).Normals64(y[4*step:4*step+4], 4, one)
	}
	gaussian(t, "float64, steps", y)
	// The two streams of one address share nothing.
	k.Normals32(x, n, one)
	k.Normals64(y, n, one)
	c := 0.0
	for i := range x {
		c += float64(x[i]) * y[i]
	}
	if math.Abs(c)/n > 5/math.Sqrt(n) {
		t.Errorf("correlation of the streams of float32 and float64: %v", c/n)
	}
}

func BenchmarkNormals(b *testing.B) {
	ids := make([]uint64, 2048)
	for i := range ids {
		ids[i] = uint64(i)
	}
	k := NewKey(1, 2, 3, 4)
	for _, c := range []struct {
		name    string
		d, rows int
	}{{"d=2", 2, 2048}, {"d=3", 3, 1024}, {"d=64", 64, 64}, {"d=4096", 4096, 1}} {
		x, y := make([]float32, c.d*c.rows), make([]float64, c.d*c.rows)
		b.Run("32/"+c.name, func(b *testing.B) {
			for b.Loop() {
				k.Normals32(x, c.d, ids[:c.rows])
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(x)), "ns/normal")
		})
		b.Run("64/"+c.name, func(b *testing.B) {
			for b.Loop() {
				k.Normals64(y, c.d, ids[:c.rows])
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(y)), "ns/normal")
		})
	}
}
