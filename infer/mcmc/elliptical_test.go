package mcmc

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/rng"
)

// A step is Murray, Adams and MacKay's figure 2, written out for one chain: the level, the first angle, and angles
// uniform in a bracket that shrinks towards 0 until the likelihood is above the level.
func TestEllipticalIsItsFigure(t *testing.T) {
	const seed, chains = 5, 6
	like := infertest.Normal(0, []float64{.3}, []float64{.02}) // narrow: many shrinks
	k := EllipticalSlice{Likelihood: true}
	s := infer.NewState(k, chains, 1, 3)
	for i := range s.X {
		s.X[i] = float64(i)/4 - .5
	}
	s.AddVar("tally", infer.TallyWidth)
	p := infer.SeededTarget{Target: like, Seed: seed}
	if err := k.Init(t.Context(), p, s); err != nil {
		t.Fatal(err)
	}
	shrinks := 0
	for step := range uint32(20) {
		before := s.Clone()
		info := infer.Info{Accept: make([]float64, chains), Leapfrogs: make([]int, chains)}
		if err := k.Step(t.Context(), p, s, &info); err != nil {
			t.Fatal(err)
		}
		s.Step++
		ν, u := make([]float64, chains), make([]float64, chains)
		before.Normals(seed, 0, ν)
		before.Uniforms(seed, 1, u)
		for i, x := range before.X {
			draw := func(e uint32) float64 {
				var v [1]float64
				rng.NewKey(seed, rng.PurposeSolver, step, 2).Uniforms64At(v[:], 1, s.ID[i:i+1], e)
				return v[0]
			}
			level := like.F([]float64{x}, nil) + math.Log(u[i])
			θ := 2 * math.Pi * draw(0)
			lo, hi, calls := θ-2*math.Pi, θ, 1
			y := math.Cos(θ)*x + math.Sin(θ)*ν[i]
			for ; !(like.F([]float64{y}, nil) > level); calls++ {
				if θ < 0 {
					lo = θ
				} else {
					hi = θ
				}
				θ = lo + (hi-lo)*draw(uint32(calls))
				y = math.Cos(θ)*x + math.Sin(θ)*ν[i]
			}
			shrinks += calls - 1
			if math.Abs(s.X[i]-y) > 1e-14 || info.Leapfrogs[i] != calls || s.LogP[i] != like.F(s.X[i:i+1], nil) {
				t.Fatalf("step %d, chain %d: %v after %d evaluations, want %v after %d", step, i, s.X[i],
					info.Leapfrogs[i], y, calls)
			}
		}
	}
	if shrinks < 100 {
		t.Errorf("%d brackets shrank: the test sees too little", shrinks)
	}
}
