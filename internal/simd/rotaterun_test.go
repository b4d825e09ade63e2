package simd

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A row with the scales of its time has the bits of a row by itself, at every level, and nothing is written beyond the
// slices.
func TestRotateAgain(t *testing.T) {
	atLevels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		for n := range 70 {
			for _, modes := range []int{1, n} {
				if modes == 0 {
					continue
				}
				draw := func(n int) []float64 {
					v := make([]float64, n)
					for i := range v {
						v[i] = r.NormFloat64()
					}
					return v
				}
				o := Rotation{Target: make([]float32, n), Weight: make([]float32, n), X: draw(n), Mean: draw(n),
					Noise: draw(n), Variance: draw(n), Root: draw(n), Alpha: draw(modes), Sigma: draw(modes),
					Gain: draw(modes)}
				for i, v := range o.Root {
					o.Variance[i] = v * v
				}
				want, want32 := make([]float64, n), make([]float32, n)
				Rotate64(want, o)
				Rotate32(want32, o)
				again := o
				target, weight := append(make([]float32, n), 77), append(make([]float32, n), 77)
				again.Target, again.Weight = target[:n:n], weight[:n:n]
				in, lift := append(make([]float64, n), 77), append(make([]float64, n), 77)
				RotateScales(in[:n:n], lift[:n:n], again)
				again.Weight, again.Variance, again.Gain = nil, nil, nil
				got, got32 := append(make([]float64, n), 77), append(make([]float32, n), 77)
				RotateAgain64(got[:n:n], again, in[:n], lift[:n])
				if !slices.EqualFunc(target[:n], o.Target, sameBits) {
					t.Fatalf("%d of %d modes: targets %v, want %v", n, modes, target, o.Target)
				}
				clear(target[:n])
				RotateAgain32(got32[:n:n], again, in[:n], lift[:n])
				if !slices.EqualFunc(got[:n], want, sameBits) || !slices.EqualFunc(got32[:n], want32, sameBits) ||
					!slices.EqualFunc(target[:n], o.Target, sameBits) ||
					!slices.EqualFunc(weight[:n], o.Weight, sameBits) {
					t.Fatalf("%d of %d modes: %v %v, want %v %v", n, modes, got, weight, want, o.Weight)
				}
				if in[n] != 77 || lift[n] != 77 || target[n] != 77 || weight[n] != 77 || got[n] != 77 ||
					got32[n] != 77 {
					t.Fatalf("%d of %d modes: written beyond the end", n, modes)
				}
			}
		}
	})
}

func BenchmarkRotateAgain(b *testing.B) {
	const n = 784
	v := make([]float64, n)
	for i := range v {
		v[i] = 1
	}
	x, target, weight := make([]float32, n), make([]float32, n), make([]float32, n)
	r := Rotation{Target: target, Weight: weight, X: v, Mean: v, Noise: v, Variance: v, Root: v, Alpha: v[:1],
		Sigma: v[:1], Gain: v[:1]}
	in, lift := make([]float64, n), make([]float64, n)
	for name, f := range map[string]func(){"alone": func() { Rotate32(x, r) },
		"scales": func() { RotateScales(in, lift, r) }, "again": func() { RotateAgain32(x, r, in, lift) },
		"copy": func() { copy(weight, x) }} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/element")
		})
	}
}
