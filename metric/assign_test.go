package metric

import (
	"fmt"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// normals are n addressed standard normals of dimension d.
func normals(n, d int, seed uint64) ito.States {
	s := ito.NewStates(n, d, 0)
	ito.Seed(seed).Normal(s, rng.PurposeTarget, 0, 0)
	return s
}

// spiralLike lies on a stretched spiral with noise: the shape that W2 is mostly asked about.
func spiralLike(n int, seed uint64, angle float64) ito.States {
	s := normals(n, 2, seed)
	u := make([]float64, n)
	rng.NewKey(seed, rng.PurposeTarget, 1, 0).Uniforms64(u, 1, s.ID)
	for i := range n {
		θ := 3*math.Pi*math.Sqrt(u[i]) - math.Pi/2
		r := s.Row(i)
		r[0] = .4 * ((θ+math.Pi)*math.Cos(θ+angle) + .25*r[0])
		r[1] = 3.2 * ((θ+math.Pi)*math.Sin(θ+angle) + .25*r[1])
	}
	return s
}

// best is the least cost over all permutations.
func best(x, y ito.States, used []bool, i int) float64 {
	if i == x.N {
		return 0
	}
	least := math.Inf(1)
	for j := range y.N {
		if !used[j] {
			used[j] = true
			least = min(least, squaredDistance(x.Row(i), y.Row(j))+best(x, y, used, i+1))
			used[j] = false
		}
	}
	return least
}

func TestAssignAgainstAllPermutations(t *testing.T) {
	for n := 1; n <= 8; n++ {
		for seed := range uint64(12) {
			x, y := normals(n, 3, seed), normals(n, 3, seed+100)
			if seed%3 == 1 { // whole numbers: many ties
				for k := range x.X {
					x.X[k], y.X[k] = math.Round(x.X[k]), math.Round(y.X[k])
				}
			}
			if seed%3 == 2 { // repeated rows
				for i := range n {
					copy(x.Row(i), x.Row(i/2))
					copy(y.Row(i), y.Row(i/3))
				}
			}
			got, err := W2(t.Context(), x, y)
			if err != nil {
				t.Fatal(err)
			}
			want := math.Sqrt(best(x, y, make([]bool, n), 0) / float64(n))
			if math.Abs(got-want) > 1e-12*(1+want) {
				t.Fatalf("n=%d seed=%d: W2 = %v, want %v", n, seed, got, want)
			}
		}
	}
}

// The dual prices prove that a matching is the least: u_i+v_j ≤ C_ij everywhere with equality on it.
func TestAssignCertificate(t *testing.T) {
	cases := map[string][2]ito.States{
		"normals":    {normals(400, 2, 1), normals(400, 2, 2)},
		"spirals":    {spiralLike(400, 1, 0), spiralLike(400, 2, 0)},
		"far apart":  {normals(300, 2, 1), spiralLike(300, 2, 0)},
		"dimensions": {normals(300, 20, 1), normals(300, 20, 2)},
	}
	grid := ito.NewStates(400, 2, 0) // a lattice: nothing but ties
	for i := range grid.N {
		grid.X[2*i], grid.X[2*i+1] = float64(i%20), float64(i/20)
	}
	shifted := grid.Clone()
	for k := range shifted.X {
		shifted.X[k] += 3
	}
	cases["lattice"] = [2]ito.States{grid, shifted}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			kept := must(newCosts(t.Context(), c[0], c[1]))
			match, u, v, err := assign(t.Context(), kept)
			if err != nil {
				t.Fatal(err)
			}
			taken := make([]bool, len(match))
			scale := 0.0
			for i, j := range match {
				if taken[j] {
					t.Fatalf("column %d is taken twice", j)
				}
				taken[j] = true
				scale = max(scale, kept.at(i, j), math.Abs(u[i]), math.Abs(v[j]))
			}
			for i := range match {
				for j, w := range kept.row(i) {
					if u[i]+v[j] > w+1e-12*scale {
						t.Fatalf("prices %v + %v exceed the cost %v of (%d,%d)", u[i], v[j], w, i, j)
					}
				}
			}
			// Rows computed when needed give the same matching as a matrix in memory.
			lazy, _, _, err := assign(t.Context(), &costs{x: c[0], y: c[1], buffer: make([]float64, c[1].N)})
			if err != nil {
				t.Fatal(err)
			}
			for i := range match {
				if match[i] != lazy[i] {
					t.Fatalf("row %d goes to %d with the matrix and to %d without", i, match[i], lazy[i])
				}
			}
		})
	}
}

func BenchmarkW2(b *testing.B) {
	for _, n := range []int{500, DrawnRows, 5000} {
		x, y := spiralLike(n, 1, 0), spiralLike(n, 2, 0)
		z := normals(n, 2, 3)
		for k := range z.X {
			z.X[k] *= 10
		}
		b.Run(fmt.Sprintf("same/n=%d", n), func(b *testing.B) { benchmark(b, x, y) })
		b.Run(fmt.Sprintf("other/n=%d", n), func(b *testing.B) { benchmark(b, x, z) })
	}
}

func benchmark(b *testing.B, x, y ito.States) {
	for b.Loop() {
		if _, err := W2(b.Context(), x, y); err != nil {
			b.Fatal(err)
		}
	}
}
