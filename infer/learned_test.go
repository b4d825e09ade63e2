package infer

import (
	"math"
	"testing"
)

// The gradient of the log-variance loss, computed without passing through the paths, is the slope of Var R along held paths: the derivative in its own
// direction, by central differences, to 1 % (the networks are float32).
func TestLogVarianceGradient(t *testing.T) {
	target := mixture([]float64{.3, .7}, [][]float64{{-1, 0}, {2, 1}}, .8)
	for _, pr := range []Process{PIS{K: 6}, DDS{K: 6}, DIS{K: 6}} {
		l, err := NewLearned(pr, 2, Shape{Width: 16, Depth: 2}, 3)
		if err != nil {
			t.Fatal(err)
		}
		c := &LogVariance{Target: target, Control: l, Batch: 64, Seed: 1}
		for range 3 { // away from the zeros of the start
			if _, err := c.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		ps, err := c.simulate(t.Context(), 64)
		if err != nil {
			t.Fatal(err)
		}
		grad := make([]float32, len(l.Params))
		if _, err := c.gradient(t.Context(), ps, grad); err != nil {
			t.Fatal(err)
		}
		norm := 0.
		for _, v := range grad {
			norm += float64(v) * float64(v)
		}
		norm = math.Sqrt(norm)
		start := append([]float32(nil), l.Params...)
		controls := func(h float64) [][]float64 { // of every step at the held places
			for i, v := range grad {
				l.Params[i] = start[i] + float32(h*float64(v)/norm)
			}
			defer copy(l.Params, start)
			var us [][]float64
			for k := range pr.Steps() {
				u := make([]float64, 128)
				x, g := make([]float64, 128), make([]float64, 128)
				for i := range x {
					x[i], g[i] = float64(ps.x[k*128+i]), float64(ps.guide[k*128+i])
				}
				if err := l.Control(t.Context(), k, 2, u, x, g); err != nil {
					t.Fatal(err)
				}
				us = append(us, u)
			}
			return us
		}
		base := controls(0)
		variance := func(h float64) float64 {
			r := append([]float64(nil), ps.cost...)
			for k, u := range controls(h) {
				move, rate := pr.Move(k), pr.Rate(k)
				for i := range r {
					x, ε, e := make([]float64, 2), make([]float64, 2), make([]float64, 2)
					for j := range 2 {
						x[j], ε[j] = float64(ps.x[k*128+2*i+j]), ps.ε[k*128+2*i+j]
						e[j] = ε[j] - rate*(u[2*i+j]-base[k][2*i+j])
					}
					r[i] += move(append([]float64(nil), x...), u[2*i:2*i+2], e) - move(x, base[k][2*i:2*i+2], ε)
				}
			}
			var m, v float64
			for _, y := range r {
				m += y / 64
			}
			for _, y := range r {
				v += (y - m) * (y - m) / 63 / 2
			}
			return v
		}
		const h = .001
		if slope := (variance(h) - variance(-h)) / (2 * h); math.Abs(slope/norm-1) > .01 {
			t.Errorf("%s: slope %v along the gradient, want its norm %v", pr.Name(), slope, norm)
		}
	}
}

// A few hundred iterations turn paths of little weight into nearly equal ones, with the right log Z of an asymmetric mixture; and a continued training has the bytes of one that was not interrupted.
func TestLogVarianceTrains(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of training")
	}
	target := mixture([]float64{.5 * math.E, 1.5 * math.E}, [][]float64{{-1.5}, {1.5}}, .6)
	for _, pr := range []Process{PIS{K: 20}, DIS{K: 20}} {
		l, err := NewLearned(pr, 1, Shape{Width: 32, Depth: 2}, 1)
		if err != nil {
			t.Fatal(err)
		}
		quality := func() (Evidence, float64) {
			e, s, _ := evidence(t, target, Controlled{Process: pr, Control: l, Particles: 2000}, 3)
			return e, Qualities(s)[0].ESS / 2000
		}
		_, before := quality()
		c := &LogVariance{Target: target, Control: l, Batch: 256, Iterations: 200, LearningRate: .01}
		for range 200 {
			if _, err := c.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		e, after := quality()
		t.Logf("%s: weights' ESS %.3f → %.3f, log Z %.4f ± %.4f (%.4f)", pr.Name(), before, after, e.LogZ, e.SD, 1+math.Log(2))
		if after < .7 || math.Abs(e.LogZ-1-math.Log(2)) > .05 {
			t.Errorf("%s: ESS %v → %v, log Z %v", pr.Name(), before, after, e.LogZ)
		}
	}
}

// Training is addressed: interrupted and continued it gives the same weights.
func TestLogVarianceResumes(t *testing.T) {
	target := normal(0, []float64{1}, []float64{.5})
	make := func() *LogVariance {
		l, err := NewLearned(DDS{K: 5}, 1, Shape{Width: 8, Depth: 1}, 1)
		if err != nil {
			t.Fatal(err)
		}
		return &LogVariance{Target: target, Control: l, Batch: 16, Seed: 2}
	}
	whole := make()
	for range 6 {
		if _, err := whole.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	first := make()
	for range 3 {
		if _, err := first.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	second := make()
	copy(second.Control.Params, first.Control.Params)
	second.Done, second.Moments = first.Done, first.Moments
	for range 3 {
		if _, err := second.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for i, v := range second.Control.Params {
		if v != whole.Control.Params[i] {
			t.Fatalf("weight %d is %v, want %v", i, v, whole.Control.Params[i])
		}
	}
}
