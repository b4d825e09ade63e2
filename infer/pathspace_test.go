package infer

import (
	"math"
	"testing"
)

// E[e^{−R}] = Z for an arbitrary control and any number of steps: target e³N(1, .25), 8 runs of 5000 paths, within 4 standard errors.
func TestAnyControlIsUnbiased(t *testing.T) {
	target := normal(3, []float64{1}, []float64{.5})
	wild := ControlFunc(func(k int, u, x []float64) { u[0] = math.Sin(float64(k)) + .3*(1-x[0]) })
	for _, pr := range []Process{PIS{K: 2, Sigma: 1, T: 1}, PIS{K: 5}, DDS{K: 5}, DDS{K: 20}, DIS{K: 5}, DIS{K: 20}} {
		e, s, _ := evidence(t, target, Controlled{Process: pr, Control: wild, Particles: 5000}, 8)
		if math.Abs(e.LogZ-3) > 4*e.SD/math.Sqrt(8)+.001 || e.SD > .5 {
			t.Errorf("%s with %d steps: log Z %v ± %v", pr.Name(), pr.Steps(), e.LogZ, e.SD/math.Sqrt(8))
		}
		for _, v := range s.Var("elbo") {
			if v > 3 {
				t.Errorf("%s: ELBO %v is above log Z", pr.Name(), v)
			}
		}
	}
}

// The exact Föllmer drift of e³N(1, .25) on [0, 1]: u = (b − ax)/(1 + a(1−t)), a = 1/s²−1, b = m/s². The cost's sd falls as K^{−½}, as sampling.md measured, and the law of the ends is the target's
// up to the discretisation.
func TestFollmerDrift(t *testing.T) {
	target := normal(3, []float64{1}, []float64{.5})
	const a, b = 1/.25 - 1, 1 / .25
	for _, c := range []struct {
		k        int
		sd, elbo float64
	}{{10, .369, .060}, {25, .2205, .024}, {100, .107, .0057}} {
		drift := ControlFunc(func(k int, u, x []float64) {
			u[0] = (b - a*x[0]) / (1 + a*(1-float64(k)/float64(c.k)))
		})
		e, s, _ := evidence(t, target, Controlled{Process: PIS{K: c.k, Sigma: 1, T: 1}, Control: drift, Particles: 20_000}, 2)
		var m, v float64
		cost := s.Var("cost")
		for _, r := range cost {
			m += r / float64(len(cost))
		}
		for _, r := range cost {
			v += (r - m) * (r - m) / float64(len(cost))
		}
		if math.Abs(math.Sqrt(v)/c.sd-1) > .05 || math.Abs(3+m-c.elbo) > .006 || math.Abs(e.LogZ-3) > .006 {
			t.Errorf("K=%d: sd %v (want %v), ELBO gap %v (want %v), log Z %v", c.k, math.Sqrt(v), c.sd, 3+m, c.elbo, e.LogZ)
		}
	}
}

// Where the target is the uncontrolled process's own end, no control costs exactly −log Z on every path.
func TestNoControlNeeded(t *testing.T) {
	target := normal(2, []float64{0, 0}, []float64{1, 1})
	for _, pr := range []Process{PIS{}, DDS{}} {
		_, s, _ := evidence(t, target, Controlled{Process: pr, Particles: 100}, 1)
		for _, r := range s.Var("cost") {
			if math.Abs(r+2) > 1e-12 {
				t.Fatalf("%s: cost %v, want −2", pr.Name(), r)
			}
		}
	}
}

// dR/du along a held path is Rate·ε: the density of the path under the control, by differences.
func TestCostRate(t *testing.T) {
	for _, pr := range []Process{PIS{K: 7}, DDS{K: 7}, DIS{K: 7}} {
		const k = 3
		x, u, ε := []float64{.4, -1}, []float64{.7, .2}, []float64{-.3, 1.1}
		y := append([]float64(nil), x...)
		pr.Move(k)(y, u, ε)
		cost := func(h float64) float64 { // of the same step x → y under another control: the noise absorbs the change
			v := append([]float64(nil), u...)
			v[1] += h
			e := append([]float64(nil), ε...)
			e[1] -= pr.Rate(k) * h
			z := append([]float64(nil), x...)
			r := pr.Move(k)(z, v, e)
			if math.Abs(z[1]-y[1]) > 1e-12 {
				t.Fatalf("%s: the path moved", pr.Name())
			}
			return r
		}
		if d := (cost(1e-5) - cost(-1e-5)) / 2e-5; math.Abs(d-pr.Rate(k)*ε[1]) > 1e-8 {
			t.Errorf("%s: dR/du = %v, want %v", pr.Name(), d, pr.Rate(k)*ε[1])
		}
	}
}
