package simd

import (
	"math"
	"testing"
)

// fuzzed turns bytes into numbers whose products neither overflow nor become denormal, and now and then into a
// special one. It starts again at the end of the bytes.
func fuzzed(data []byte) func() float64 {
	specials := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1)}
	i := 0
	next := func() int {
		if len(data) == 0 {
			return 1
		}
		i++
		return int(data[(i-1)%len(data)])
	}
	return func() float64 {
		b := next()
		if b < len(specials) {
			return specials[b]
		}
		return math.Ldexp(float64(b-130)+float64(next())/256, next()%24-12)
	}
}

// FuzzProducts holds every form at every level to its chain of multiply-adds for any shape and contents.
func FuzzProducts(f *testing.F) {
	f.Add(uint8(7), uint8(33), uint8(5), uint8(1), true, []byte("seed"))
	f.Add(uint8(64), uint8(17), uint8(64), uint8(0), false, []byte{0, 1, 2, 3, 4, 200, 201, 202})
	f.Add(uint8(0), uint8(1), uint8(2), uint8(3), false, []byte{})
	f.Fuzz(func(t *testing.T, m, n, k, gap uint8, acc bool, data []byte) {
		draw := fuzzed(data)
		atLevels(t, func(t *testing.T) {
			fuzzProducts(t, products32(), fused32, int(m), int(n), int(k), int(gap), acc,
				func() float32 { return float32(draw()) })
			fuzzProducts(t, products64(), math.FMA, int(m), int(n), int(k), int(gap), acc, draw)
		})
	})
}

func fuzzProducts[T real](t *testing.T, ps []product[T], fma func(x, y, z T) T, m, n, k, gap int, acc bool,
	draw func() T) {
	if level == portable {
		fma = plain[T]
	}
	for _, p := range ps {
		q := newProblem(p, m%80, n%80, k%80, gap%20, acc, draw)
		checkSame(t, p.name+q.String(), q.run(p), q.want(p, fma))
	}
}

// FuzzFlat holds the flat routines to their portable twins for any length and contents.
func FuzzFlat(f *testing.F) {
	f.Add(uint16(70), []byte("seed"))
	f.Add(uint16(16), []byte{0, 1, 2, 3, 4, 200, 201, 202})
	f.Fuzz(func(t *testing.T, n uint16, data []byte) {
		draw := fuzzed(data)
		x := vectors(int(n)%1000, 4, func() float32 { return float32(draw()) })
		twin := vectors(int(n)%1000, 4, func() float32 { return 0 })
		k := adamConst.scalars()
		for i := range x {
			copy(twin[i], x[i])
		}
		emaPortable(twin[3], twin[0], float32(1-0.9))
		adamPortable(twin[0], twin[1], twin[2], twin[3], &k)
		atLevels(t, func(t *testing.T) {
			y := make([][]float32, 4)
			for i := range x {
				y[i] = append([]float32(nil), x[i]...)
			}
			Ema32(y[3], y[0], 0.9)
			Adam32(y[0], y[1], y[2], y[3], adamConst)
			for i := range y {
				checkSame(t, "vector", y[i], twin[i])
			}
		})
	})
}
