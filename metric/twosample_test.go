package metric

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// The energy distance and the share of neighbours of sets that are counted by hand.
func TestTwoSampleByHand(t *testing.T) {
	x := ito.States{N: 4, D: 1, X: []float64{0, 1, 10, 11}, ID: make([]uint64, 4)}
	g := must(newRowGraph(t.Context(), x))
	near(t, "energy of ends against ends", g.energy([]float64{1, 1, 0, 0}), 2*(10+11+9+10)/4.-1-1, 1e-14)
	near(t, "energy of mixed ends", g.energy([]float64{1, 0, 1, 0}), 2*(1+11+9+1)/4.-10-10, 1e-14)
	near(t, "three neighbours", g.same([]float64{1, 1, 0, 0}), 1./3, 1e-15)
	r := ranks(ito.States{N: 4, D: 2, X: []float64{5, 1, 1e9, 1, -3, 1, 5, 0}, ID: make([]uint64, 4)})
	for i, want := range []float64{.5, .625, .875, .625, .125, .625, .5, .125} {
		near(t, "rank", r.X[i], want, 0)
	}
	if _, _, err := TwoSample(t.Context(), x, x, 4, 9, .05, 1); err == nil {
		t.Error("nine mixings have no test at level .05")
	}
}

// Of sets of one law, with ties too, the p-values are uniform: p ≤ .1 in a tenth of 300 pairs of sets, give or take
// four standard deviations (one run in 15000 would fail by chance, the seeds are fixed), and beyond the limit at
// level .01 in a hundredth, at most nine times (one in 800).
func TestTwoSampleFalseAlarms(t *testing.T) {
	const pairs = 300
	for name, tie := range map[string]float64{"continuous": 0, "half of the values equal": 1} {
		var low, alarms [2]int
		for k := range pairs {
			x, y := normals(40, 3, uint64(2*k+1)), normals(55, 3, uint64(2*k+2))
			for _, s := range []ito.States{x, y} {
				for i := range s.X {
					s.X[i] = s.X[i]*s.X[i]*s.X[i] + s.X[i-i%3] // dependent, heavy tails
					if tie > 0 {
						s.X[i] = math.Max(math.Round(s.X[i]), 0)
					}
				}
			}
			e, n, err := TwoSample(t.Context(), x, y, 1000, 199, .01, uint64(k))
			if err != nil {
				t.Fatal(err)
			}
			if e.Rows != 40 || e.Mixing != 199 {
				t.Fatalf("%+v", e)
			}
			for j, p := range []Permuted{e, n} {
				if p.P <= .1 {
					low[j]++
				}
				if p.Exceeds() {
					alarms[j]++
				}
				if p.Exceeds() != (p.P <= .01) {
					t.Errorf("%+v: the limit and p disagree", p)
				}
			}
		}
		for j, stat := range []string{"energy", "neighbours"} {
			// The share of neighbours takes few values, so its p is above the level: there only too many count.
			if d := float64(low[j]) - .1*pairs; d > 4*math.Sqrt(.09*pairs) || j == 0 && -d > 4*math.Sqrt(.09*pairs) {
				t.Errorf("%s, %s: p ≤ .1 in %d of %d", name, stat, low[j], pairs)
			}
			if alarms[j] > 9 {
				t.Errorf("%s, %s: %d of %d beyond the limit", name, stat, alarms[j], pairs)
			}
		}
	}
}

// Neither the order of the processors nor units matter; another seed gives other mixings.
func TestTwoSampleInvariance(t *testing.T) {
	x, y := normals(300, 2, 1), normals(200, 2, 2)
	e, n, err := TwoSample(t.Context(), x, y, 150, 99, .05, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []ito.States{x, y} {
		for i := range s.X {
			s.X[i] = math.Exp(s.X[i])*1e9 + 1e12*float64(i%2)
		}
	}
	e2, n2, err := TwoSample(t.Context(), x, y, 150, 99, .05, 1)
	if err != nil || e2 != e || n2 != n {
		t.Errorf("after a monotone map: %+v %+v, %v; before %+v %+v", e2, n2, err, e, n)
	}
	if e3, _, err := TwoSample(t.Context(), x, y, 150, 99, .05, 2); err != nil || e3 == e {
		t.Error("another seed gives the same")
	}
}

// Values of one law are beyond the limit no more often than the level says: of 2000 pairs at level .01, 20 are expected
// and more than 38 come once in 20000 runs (the seeds are fixed).
func TestKSLimit(t *testing.T) {
	for _, sizes := range [][2]int{{20, 30}, {200, 200}, {500, 90}} {
		alarms := 0
		for k := range 2000 {
			if KS(normals(sizes[0], 1, uint64(2*k+1)).X, normals(sizes[1], 1, uint64(2*k+2)).X) > KSLimit(sizes[0],
				sizes[1], .01) {
				alarms++
			}
		}
		if alarms > 38 {
			t.Errorf("sets of %v: %d alarms in 2000", sizes, alarms)
		}
	}
	near(t, "limit", KSLimit(100, 100, .01), 1.6276*math.Sqrt(.02), 1e-4)
}
