package ito_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
	"pgregory.net/rapid"
)

// graph has node features with zero mean, pairs that are symmetric and hollow, tokens, and a mask at 1 of a condition.
func graph(n int) ito.Space {
	return ito.Space{Mask: &ito.NodeMask{At: 1, N: n}, Parts: []ito.Part{
		{Name: "x", Shape: []int{n, 2}, Nodes: 1, Centred: true},
		{Name: "a", Shape: []int{n, n}, Nodes: 2, Symmetric: true, Hollow: true},
		{Name: "kind", Shape: []int{n}, Nodes: 1, Levels: 4},
	}}
}

// Projecting twice is projecting once, what it gives obeys every rule of the space, and no other legal state is nearer.
func TestProjectIsAProjection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "n")
		s := graph(n)
		if err := s.Check(); err != nil {
			t.Fatal(err)
		}
		x, c := ito.NewStates(1, s.Dim(), 0), ito.Cond{C: n + 1, X: make([]float64, n+1)}
		for i := range x.X {
			x.X[i] = rapid.Float64Range(-5, 5).Draw(t, "x")
		}
		for i := range n {
			c.X[1+i] = float64(rapid.IntRange(0, 1).Draw(t, "mask"))
		}
		raw := x.Clone()
		if err := s.Project(x, c); err != nil {
			t.Fatal(err)
		}
		again := x.Clone()
		if err := s.Project(again, c); err != nil {
			t.Fatal(err)
		}
		mask, X, A, K := c.X[1:], x.X[:2*n], x.X[2*n:2*n+n*n], x.X[2*n+n*n:]
		dot := 0.0 // of what was taken away with what is left: an orthogonal projection of the numbers
		for i := range 2*n + n*n {
			if math.Abs(again.X[i]-x.X[i]) > 1e-12 {
				t.Fatalf("value %d is %g, again %g", i, x.X[i], again.X[i])
			}
			dot += (raw.X[i] - x.X[i]) * x.X[i]
		}
		if math.Abs(dot) > 1e-10 {
			t.Fatalf("not orthogonal: %g", dot)
		}
		sum := [2]float64{}
		for i := range n {
			for k := range 2 {
				sum[k] += X[2*i+k]
			}
			for j := range n {
				if A[i*n+j] != A[j*n+i] || i == j && A[i*n+j] != 0 || mask[i]*mask[j] == 0 && A[i*n+j] != 0 {
					t.Fatalf("pairs %v of mask %v", A, mask)
				}
			}
			if v := K[i]; v != math.Trunc(v) || v < 0 || v > 3 || mask[i] == 0 && v != 0 {
				t.Fatalf("token %g", v)
			}
		}
		if math.Abs(sum[0])+math.Abs(sum[1]) > 1e-12 {
			t.Fatalf("means %v", sum)
		}
	})
}

// Noise in a space is standard normal there: its covariance is the projector, to 5 standard errors of 20,000 draws
// in 36 pairs of coordinates.
func TestNoiseOfASpace(t *testing.T) {
	s := ito.Space{Parts: []ito.Part{{Name: "a", Shape: []int{2, 2}, Nodes: 2, Symmetric: true},
		{Name: "x", Shape: []int{2, 1}, Nodes: 1, Centred: true}}}
	const n = 20000
	x := ito.NewStates(n, 6, 0)
	s.Noise(ito.Seed(3), x.ID, ito.Cond{}).Normal(x, rng.PurposeUser, 0, 0)
	want := [6][6]float64{{1}, {0, .5, .5}, {0, .5, .5}, {3: 1}, {4: .5, 5: -.5}, {4: -.5, 5: .5}}
	for i := range 6 {
		for j := range 6 {
			got := 0.0
			for r := range n {
				got += x.Row(r)[i] * x.Row(r)[j] / n
			}
			if math.Abs(got-want[i][j]) > 5*math.Sqrt(2./n) {
				t.Errorf("covariance of %d and %d is %g, want %g", i, j, got, want[i][j])
			}
		}
	}
	one := x.Slice(7, 8).Clone()
	s.Noise(ito.Seed(3), one.ID, ito.Cond{}).Normal(one, rng.PurposeUser, 0, 0)
	if !slices.Equal(one.X, x.Row(7)) {
		t.Error("the noise of a row depends on its batch")
	}
}

// The mask of noise belongs to the id and not to the place: rows drawn alone are those drawn together.
func TestNoiseFindsItsMask(t *testing.T) {
	s := graph(3)
	x, c := ito.NewStates(4, s.Dim(), 10), ito.Cond{C: 4, X: make([]float64, 16)}
	for i := range 4 {
		for k := range 3 {
			c.X[4*i+1+k] = float64((i + k) % 2)
		}
	}
	noise := s.Noise(ito.Seed(1), x.ID, c)
	noise.Normal(x, rng.PurposeUser, 0, 0)
	part := ito.States{N: 2, D: x.D, X: make([]float64, 2*x.D), ID: []uint64{13, 11}}
	noise.Normal(part, rng.PurposeUser, 0, 0)
	if !slices.Equal(part.Row(0), x.Row(3)) || !slices.Equal(part.Row(1), x.Row(1)) {
		t.Error("a row alone has another mask")
	}
}

func TestSpaceRefusals(t *testing.T) {
	part := func(p ito.Part) ito.Space { p.Name = "x"; return ito.Space{Parts: []ito.Part{p}} }
	for what, s := range map[string]ito.Space{
		"no parts":   {},
		"no shape":   part(ito.Part{Shape: []int{2, 0}}),
		"enormous":   part(ito.Part{Shape: []int{1 << 20, 1 << 20}}),
		"twice":      {Parts: []ito.Part{{Name: "x", Shape: []int{1}}, {Name: "x", Shape: []int{1}}}},
		"not square": part(ito.Part{Shape: []int{2, 3}, Nodes: 2}),
		"symmetric":  part(ito.Part{Shape: []int{2, 2}, Nodes: 1, Symmetric: true}),
		"tokens":     part(ito.Part{Shape: []int{2}, Nodes: 1, Levels: 3, Centred: true}),
		"levels":     part(ito.Part{Shape: []int{2}, Levels: -1}),
		"mask":       {Parts: []ito.Part{{Name: "x", Shape: []int{3}, Nodes: 1}}, Mask: &ito.NodeMask{N: 4}},
	} {
		if err := s.Check(); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
	s := graph(3)
	for what, err := range map[string]error{
		"dimension": s.Project(ito.NewStates(1, 3, 0), ito.Cond{}),
		"no mask":   s.Project(ito.NewStates(1, s.Dim(), 0), ito.Cond{}),
		"short":     s.Project(ito.NewStates(1, s.Dim(), 0), ito.Cond{C: 3, X: make([]float64, 3)}),
	} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if !ito.FlatSpace(3).Free() || s.Free() || ito.FlatSpace(3).Dim() != 3 {
		t.Error("a flat space")
	}
}
