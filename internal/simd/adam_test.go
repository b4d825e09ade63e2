package simd

import (
	"fmt"
	"math"
	"testing"
)

// adamStep is the update in float64, straight from the formula, for one parameter.
func adamStep(p, m, v, g float64, c AdamConst) (p1, m1, v1 float64) {
	g *= c.GScale
	m1 = c.Beta1*m + (1-c.Beta1)*g
	v1 = c.Beta2*v + (1-c.Beta2)*g*g
	return p - (c.LR*(m1/c.BC1)/(math.Sqrt(v1/c.BC2)+c.Eps) + c.LR*c.WD*p), m1, v1
}

var adamConst = AdamConst{
	LR: 1e-2, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, WD: 0.1, BC1: 1 - math.Pow(0.9, 3), BC2: 1 - math.Pow(0.999, 3),
	GScale: 0.5,
}

func vectors(n, count int, draw func() float32) [][]float32 {
	x := make([][]float32, count)
	for i := range x {
		x[i] = make([]float32, n)
		for j := range x[i] {
			x[i][j] = draw()
		}
	}
	return x
}

// TestAdam holds every level to the formula, within a few roundings, and to the bits of the portable twin.
func TestAdam(t *testing.T) {
	atLevels(t, func(t *testing.T) {
		for n := range 71 {
			x := vectors(n, 4, normal32(uint64(n)))
			for i, v := range x[2] {
				x[2][i] = v * v
			}
			twin := vectors(n, 4, normal32(uint64(n)))
			copy(twin[2], x[2])
			before := vectors(n, 4, normal32(uint64(n)))
			copy(before[2], x[2])
			Adam32(x[0], x[1], x[2], x[3], adamConst)
			k := adamConst.scalars()
			adamPortable(twin[0], twin[1], twin[2], twin[3], &k)
			for i, name := range []string{"p", "m", "v", "g"} {
				checkSame(t, fmt.Sprintf("n=%d %s", n, name), x[i], twin[i])
			}
			for i := range n {
				p, m, v := adamStep(float64(before[0][i]), float64(before[1][i]), float64(before[2][i]),
					float64(before[3][i]), adamConst)
				for _, c := range []struct {
					name      string
					got       float32
					want, tol float64
				}{{"p", x[0][i], p, 3e-7}, {"m", x[1][i], m, 3e-7}, {"v", x[2][i], v, 3e-7}} {
					if math.Abs(float64(c.got)-c.want) > c.tol*(1+math.Abs(c.want)) {
						t.Fatalf("n=%d: %s[%d] = %v, want %v", n, c.name, i, c.got, c.want)
					}
				}
			}
		}
	})
}

// TestAdamSpecialValues runs through NaN, infinities and zeros; parts of more than one call are covered by the length.
func TestAdamSpecialValues(t *testing.T) {
	const n = 2*flatPart + 21
	atLevels(t, func(t *testing.T) {
		draw := special(5)
		f := func() float32 { return float32(draw()) }
		x := vectors(n, 4, f)
		for i, v := range x[2] {
			x[2][i] = float32(math.Abs(float64(v)))
		}
		twin := make([][]float32, 4)
		for i := range x {
			twin[i] = append([]float32(nil), x[i]...)
		}
		Adam32(x[0], x[1], x[2], x[3], adamConst)
		k := adamConst.scalars()
		adamPortable(twin[0], twin[1], twin[2], twin[3], &k)
		for i := range x {
			checkSame(t, "vector", x[i], twin[i])
		}
	})
}

func TestEma(t *testing.T) {
	atLevels(t, func(t *testing.T) {
		for n := range 71 {
			x := vectors(n, 2, normal32(uint64(n)))
			twin := vectors(n, 2, normal32(uint64(n)))
			Ema32(x[0], x[1], 0.999)
			emaPortable(twin[0], twin[1], float32(1-0.999))
			checkSame(t, fmt.Sprintf("n=%d", n), x[0], twin[0])
		}
		draw := special(6)
		x := vectors(2*flatPart+5, 2, func() float32 { return float32(draw()) })
		twin := append([]float32(nil), x[0]...)
		Ema32(x[0], x[1], 0.9)
		emaPortable(twin, x[1], float32(1-0.9))
		checkSame(t, "special", x[0], twin)
	})
}

// TestEmaFixedPoint says that an average that has arrived stays.
func TestEmaFixedPoint(t *testing.T) {
	atLevels(t, func(t *testing.T) {
		x := vectors(50, 1, normal32(1))[0]
		ema := append([]float32(nil), x...)
		for range 100 {
			Ema32(ema, x, 0.9999)
		}
		checkSame(t, "fixed point", ema, x)
	})
}

// TestAdamPlaceless says that an element's bits do not depend on its place in the vector, denormals included.
func TestAdamPlaceless(t *testing.T) {
	draw := normal32(8)
	x := vectors(40, 4, func() float32 { return draw() * 1e-38 })
	clear(x[2])
	atLevels(t, func(t *testing.T) {
		all := make([][]float32, 4)
		for i := range x {
			all[i] = append([]float32(nil), x[i]...)
		}
		Adam32(all[0], all[1], all[2], all[3], adamConst)
		for at := range 40 {
			var one [4][]float32
			for i := range one {
				one[i] = append([]float32(nil), x[i][at:at+1]...)
			}
			Adam32(one[0], one[1], one[2], one[3], adamConst)
			for i := range one {
				checkSame(t, fmt.Sprintf("element %d", at), one[i], all[i][at:at+1])
			}
		}
	})
}

func BenchmarkAdam32(b *testing.B) {
	for _, n := range []int{1 << 12, 1 << 19} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			atLevelsB(b, func(b *testing.B) {
				x := vectors(n, 4, func() float32 { return 1 })
				var fastest float64
				for b.Loop() {
					d := best(func() { Adam32(x[0], x[1], x[2], x[3], adamConst) })
					fastest = float64(d.Nanoseconds()) / float64(n)
				}
				b.ReportMetric(fastest, "ns/param")
				b.ReportMetric(0, "ns/op")
			})
		})
	}
}
