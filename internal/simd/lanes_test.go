package simd

import (
	"fmt"
	"math"
	"testing"
)

func testSumLanes[T real](t *testing.T, f func(dst, lanes []T, stride, g int), draw func() T) {
	atLevels(t, func(t *testing.T) {
		try := func(n, g, gap int) {
			stride := n + gap
			lanes, got, want := make([]T, g*stride), make([]T, n), make([]T, n)
			for i := range lanes {
				lanes[i] = draw()
			}
			for i := range want {
				for l := range g {
					if l == 0 {
						want[i] = lanes[i]
						continue
					}
					want[i] += lanes[l*stride+i]
				}
			}
			f(got, lanes, stride, g)
			checkSame(t, fmt.Sprintf("n=%d g=%d", n, g), got, want)
			if g > 0 {
				f(lanes[:n], lanes, stride, g)
				checkSame(t, fmt.Sprintf("n=%d g=%d in place", n, g), lanes[:n], want)
			}
		}
		for n := range 141 {
			for _, g := range []int{0, 1, 2, 3, 8} {
				try(n, g, n%3)
			}
		}
		try(70000, 2, 1)
	})
}

func TestSumLanes32(t *testing.T) {
	draw := special(1)
	testSumLanes(t, SumLanes32, func() float32 { return float32(draw()) })
}

func TestSumLanes64(t *testing.T) { testSumLanes(t, SumLanes64, special(1)) }

func TestNormSq(t *testing.T) {
	atLevels(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 2, 31, 32, 33, 63, 64, 70, 1000, 2*flatPart + 17} {
			x := vectors(n, 1, normal32(uint64(n)))[0]
			var plain float64
			for _, y := range x {
				plain += float64(y) * float64(y)
			}
			got := NormSq32(x)
			if math.Abs(got-plain) > 1e-13*plain {
				t.Errorf("n=%d: %v, want %v", n, got, plain)
			}
			before := level
			level = portable
			if want := NormSq32(x); got != want {
				t.Errorf("n=%d: %v, portable %v", n, got, want)
			}
			level = before
		}
		tiny := []float32{math.Float32frombits(1), 3e38}
		if got, want := NormSq32(tiny[:1]), 0x1p-298; got != want {
			t.Errorf("square of the least denormal: %v, want %v", got, want)
		}
		big := append(make([]float32, 40), 3e38, 3e38)
		if got := NormSq32(big); math.IsInf(got, 0) {
			t.Error("the squares overflow")
		}
		if got := NormSq32(append(make([]float32, 40), float32(math.NaN()))); got == got {
			t.Errorf("NaN gives %v", got)
		}
	})
}
