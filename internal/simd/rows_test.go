package simd

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// The forms that go over rows are the plain ones, row by row, also where a row is longer than a chunk.
func TestRows(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	type plain = func(dst, a, b []float64)
	type ofRows = func(dst, a, b []float64, rows, cols int)
	swap := func(f plain) plain { return func(dst, a, b []float64) { f(dst, b, a) } }
	for _, shape := range [][2]int{{1, 9}, {5, 1}, {7, 37}, {700, 37}, {3, chunk + 5}} {
		rows, cols := shape[0], shape[1]
		a, s, p := make([]float64, rows*cols), make([]float64, rows), make([]float64, cols)
		values(r, a, true)
		values(r, s, true)
		values(r, p, true)
		bs, bp, got, want := make([]float64, len(a)), make([]float64, len(a)), make([]float64, len(a)),
			make([]float64, len(a))
		for i := range a {
			bs[i], bp[i] = s[i/cols], p[i%cols]
		}
		atLevels(t, func(t *testing.T) {
			for i, f := range []struct {
				plain            plain
				perRow, periodic ofRows
			}{
				{Add64, AddPerRow64, AddPeriodic64}, {Sub64, SubPerRow64, SubPeriodic64}, {swap(Sub64), RSubPerRow64,
					RSubPeriodic64},
				{Mul64, MulPerRow64, MulPeriodic64}, {Div64, DivPerRow64, DivPeriodic64}, {swap(Div64), RDivPerRow64,
					RDivPeriodic64},
				{Max64, MaxPerRow64, MaxPeriodic64}, {Min64, MinPerRow64, MinPeriodic64},
			} {
				f.plain(want, a, bs)
				f.perRow(got, a, s, rows, cols)
				checkSame(t, fmt.Sprint("per row ", i, shape), got, want)
				f.plain(want, a, bp)
				f.periodic(got, a, p, rows, cols)
				checkSame(t, fmt.Sprint("periodic ", i, shape), got, want)
			}
		})
	}
}
