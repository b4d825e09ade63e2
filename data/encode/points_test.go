package encode

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/rng"
)

// Few numbers of a lattice stand at one point each, in order, and whatever is nearer to it by rank is it.
func TestFewNumbersArePoints(t *testing.T) {
	values := []float64{0, 1, 2, 3, 5, 8, 9, 10, 11, 12, 13, 40}
	counts := []int{600, 30, 20, 50, 10, 5, 90, 40, 60, 70, 20, 5}
	var v []float64
	for k, x := range values {
		for range counts[k] {
			v = append(v, x)
		}
	}
	n := len(v)
	m := fitNumber(v, 1, fewPoints)
	if !m.Points || m.Jitter != 0 || m.check() != "" {
		t.Fatalf("they are no points: %+v", m)
	}
	done := 0
	before := math.Inf(-1)
	for k, x := range values {
		z := m.encode(x, .01)
		if z != m.encode(x, .99) || z <= before {
			t.Errorf("%g is at %g and %g, after %g", x, z, m.encode(x, .99), before)
		}
		before = z
		if want := (float64(done) + float64(counts[k])/2) / float64(n); math.Abs(normal(z)-want) > 1e-3 {
			t.Errorf("%g is at rank %.4f, want %.4f", x, normal(z), want)
		}
		if low, high := float64(done)/float64(n), float64(done+counts[k])/float64(n); math.Abs(m.below(x)-low) > 2e-3 ||
			math.Abs(m.upTo(x)-high) > 2e-3 {
			t.Errorf("%g: %.4f are below and %.4f not above, want %.4f and %.4f", x, m.below(x), m.upTo(x), low, high)
		}
		done += counts[k]
		for _, off := range []float64{-1e-9, 0, 1e-9} {
			if back := m.decode(z + off); back != x {
				t.Errorf("%g comes back as %g", x, back)
			}
		}
	}
	for z := -9.; z < 9; z += .01 { // and nothing comes that was not there
		if back := m.decode(z); counts[indexOf(values, back)] == 0 {
			t.Fatalf("%g is decoded as %g", z, back)
		}
	}
	if m.below(4) != m.below(5) || m.upTo(4) != m.upTo(3) || m.below(41) != 1 || m.upTo(-1) != 0 {
		t.Error("numbers between points have no place between theirs")
	}
	if other := fitNumber(v, 1, 5); other.Points || other.Jitter != 1 {
		t.Error("more than few are points")
	}
}

func indexOf(v []float64, x float64) int {
	for k := range v {
		if v[k] == x {
			return k
		}
	}
	panic("it was not there")
}

// A range of such a column is drawn by the law of the column within it.
func TestRangesOfPoints(t *testing.T) {
	var b strings.Builder
	b.WriteString("count,other\n")
	for i := range 1700 {
		k := i % 17
		if i%3 == 0 {
			k = 4
		}
		b.WriteString(strconv.Itoa(k) + "," + strconv.Itoa(i%977) + "\n")
	}
	f := read(t, b.String(), "other=integer")
	table, err := Fit(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !table.Parts[0].Number.Points {
		t.Fatal("the counts are no points")
	}
	q, err := table.ParseWhere("count=4..7")
	if err != nil {
		t.Fatal(err)
	}
	had := map[float64]int{}
	for id := range uint64(3000) {
		had[q.drawn(id, 1).cells[0]]++
	}
	share := map[float64]float64{}
	all := 0.
	for i := range f.Rows {
		if v := f.Row(i)[0]; v >= 4 && v <= 7 {
			share[v]++
			all++
		}
	}
	for v, n := range had {
		if want := share[v] / all; math.Abs(float64(n)/3000-want) > 4*math.Sqrt(want*(1-want)/3000)+2e-3 {
			t.Errorf("%g is drawn in %.3f, want %.3f", v, float64(n)/3000, want)
		}
	}
	if len(had) != 4 {
		t.Errorf("drawn were %v", had)
	}
}

// The end of a place and the start of the next differ by rounding alone, and never turn back: knots of lattices of all
// steps, with gaps and without, are ones that a file can hold.
func TestPlacesNeverTurnBack(t *testing.T) {
	key := rng.NewKey(5, rng.PurposeUser, 0, 0)
	u := make([]float64, 400)
	for trial := range 4000 {
		key.Uniforms64(u, len(u), []uint64{uint64(trial)})
		n, kinds, step := 30+int(u[0]*300), 3+trial%60, []float64{1, 5, .01, .1, 1. / 3, 7e9}[trial%6]
		v := make([]float64, n)
		for i := range v {
			v[i] = float64(int(float64(kinds)*u[1+i])) * step
		}
		for _, few := range []int{0, fewPoints} {
			if m := fitNumber(slices.Clone(v), step, few); m.check() != "" {
				t.Fatalf("%d numbers, %d kinds, step %v, few %d: %s: %v %v", n, kinds, step, few, m.check(), m.Z, m.X)
			}
		}
	}
}
