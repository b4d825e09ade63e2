package path

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
)

func mixedPath(t *testing.T) *Mixed {
	t.Helper()
	p, err := NewMixed(MixedConfig{D: 5, At: []float64{1, 4}, Corners: []float64{3, 2}, Scale: []float64{1.5, 2}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A mean of corners holds its law, and corners are equally far from each other.
func TestSimplex(t *testing.T) {
	for _, k := range []int{2, 3, 7} {
		p, mean, s := make([]float64, k), make([]float64, k-1), make([]float64, k)
		for i := range p {
			p[i] = float64(i+1) / float64(k*(k+1)/2)
		}
		CornerMean(mean, p, 2.5)
		CornerScores(s, mean)
		sum, corner := make([]float64, k-1), make([]float64, k-1)
		for i, v := range p {
			if got := s[i]/2.5 + 1/float64(k); math.Abs(got-v) > 1e-14 {
				t.Errorf("%d corners: %g for %g", k, got, v)
			}
			Corner(corner, i, 2.5)
			norm := 0.
			for j, c := range corner {
				sum[j] += v * c
				norm += c * c
			}
			if want := 2.5 * 2.5 * (1 - 1/float64(k)); math.Abs(norm-want) > 1e-12 {
				t.Errorf("corner %d of %d at %g, not %g", i, k, norm, want)
			}
		}
		for j := range sum {
			if math.Abs(sum[j]-mean[j]) > 1e-14 {
				t.Errorf("%d corners: mean %v, not %v", k, mean, sum)
			}
		}
	}
}

// Numbers get normal noise of size t, and blocks are masked as often as Mask says, the numbers of a row by themselves.
func TestMixedPerturbs(t *testing.T) {
	p := mixedPath(t)
	if n := p.Numbers(); len(n) != 2 || n[0] != 0 || n[1] != 3 {
		t.Fatalf("numbers at %v", n)
	}
	const n = 20000
	x0 := ito.NewStates(n, 5, 0)
	for i := range n {
		row := x0.Row(i)
		row[0], row[3] = 2, -1
		Corner(row[1:3], i%3, 1.5)
		Corner(row[4:5], i%2, 2)
	}
	for _, σ := range []float64{.002, .3, .6, 5, 80} {
		x := x0.Like(5)
		if err := p.Perturb(x, x0, ito.Times{σ}, ito.Cond{}, ito.Seed(1)); err != nil {
			t.Fatal(err)
		}
		square, masked, both := 0., 0., 0.
		for i := range n {
			row := x.Row(i)
			square += (row[0] - 2) * (row[0] - 2) / n
			a, b := Masked(row[1:3]), Masked(row[4:5])
			if a {
				masked++
			} else if row[1] != x0.Row(i)[1] {
				t.Fatal("a level changed")
			}
			if a && b {
				both++
			}
		}
		m := p.Mask(σ)
		if math.Abs(square/(σ*σ)-1) > .05 || math.Abs(masked/n-m) > .02 || math.Abs(both/n-m*m) > .02 {
			t.Errorf("σ=%g: variance %g, masked %g and both %g for %g", σ, square, masked/n, both/n, m)
		}
	}
	if lo, hi := p.Span(); p.Mask(lo) != 0 || p.Mask(hi) != 1 {
		t.Errorf("masked at the ends: %g, %g", p.Mask(lo), p.Mask(hi))
	}
	for _, bad := range []MixedConfig{{D: 5}, {D: 1, At: []float64{0}, Corners: []float64{3}, Scale: []float64{1}},
		{D: 5, At: []float64{1, 2}, Corners: []float64{3, 2}, Scale: []float64{1, 1}},
		{D: 5, At: []float64{1}, Corners: []float64{1}, Scale: []float64{1}},
		{D: 5, At: []float64{1}, Corners: []float64{2}, Scale: []float64{-1}}} {
		if _, err := NewMixed(bad); err == nil {
			t.Errorf("%+v is a path", bad)
		}
	}
}
