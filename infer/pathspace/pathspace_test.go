package pathspace

import (
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
)

// E[e^{−R}] = Z for an arbitrary control and any number of steps: target e³N(1, .25), 8 runs of 5000 paths, within
// 4 standard errors.
func TestAnyControlIsUnbiased(t *testing.T) {
	target := infertest.Normal(3, []float64{1}, []float64{.5})
	wild := ControlFunc(func(k int, u, x []float64) { u[0] = math.Sin(float64(k)) + .3*(1-x[0]) })
	for _, pr := range []Process{PIS{K: 2, Sigma: 1, T: 1}, PIS{K: 5}, DDS{K: 5}, DDS{K: 20}, DIS{K: 5}, DIS{K: 20},
		wildBridge(t)} {
		e, s, _ := infertest.Evidence(t, target, Controlled{Process: pr, Control: wild, Particles: 5000}, 8)
		if math.Abs(e.LogZ-3) > 4*e.SD/math.Sqrt(8)+.001 || e.SD > .5 {
			t.Errorf("%s with %d steps: log Z %v ± %v", pr.Name(), pr.Steps(), e.LogZ, e.SD/math.Sqrt(8))
		}
		for _, v := range s.Var("elbo") {
			if v > 3.02 { // the bound's own noise is .005
				t.Errorf("%s: ELBO %v is above log Z", pr.Name(), v)
			}
		}
	}
}

// wildBridge is a bridge whose backward control is any at all.
func wildBridge(t *testing.T) Bridge {
	t.Helper()
	b, err := NewBridge(DIS{K: 10}, false, 1, NetworkShape{Width: 8, Depth: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range b.Backward.Params {
		b.Backward.Params[i] += .2 * float32(i%5-2)
	}
	return b
}

// The Euler form of DIS, without control, is off by what sampling.md measured: log Z of e³N(1, .25) is too high by
// .455, .242 and .080 at K = 2, 5 and 20. 16 runs of 20 000 paths, within 4 standard errors and .005.
func TestEulerFormIsBiased(t *testing.T) {
	target := infertest.Normal(3, []float64{1}, []float64{.5})
	for k, want := range map[int]float64{2: .455, 5: .242, 20: .080} {
		e, _, _ := infertest.Evidence(t, target, Controlled{Process: DIS{K: k, Euler: true}, Particles: 20_000}, 16)
		t.Logf("K=%d: bias %.4f ± %.4f", k, e.LogZ-3, e.SD/4)
		if math.Abs(e.LogZ-3-want) > e.SD+.005 {
			t.Errorf("K=%d: bias %v ± %v, want %v", k, e.LogZ-3, e.SD/4, want)
		}
	}
}

// A new bridge has v = 0 and costs what DIS costs, to the last bit, with exact and with estimated divergence.
func TestEulerBridgeIsDISWithoutBackwardControl(t *testing.T) {
	target := infertest.Normal(3, []float64{1, 0}, []float64{.5, 1})
	plain, _, _ := infertest.Evidence(t, target, Controlled{Process: DIS{K: 10, Euler: true}, Particles: 500}, 2)
	for _, probe := range []bool{false, true} {
		b, err := NewBridge(DIS{K: 10, Euler: true}, probe, 2, NetworkShape{Width: 8, Depth: 1}, 1)
		if err != nil {
			t.Fatal(err)
		}
		e, _, _ := infertest.Evidence(t, target, Controlled{Process: b, Particles: 500}, 2)
		if e.LogZ != plain.LogZ {
			t.Errorf("probe %v: log Z %v, want %v", probe, e.LogZ, plain.LogZ)
		}
	}
}

// The divergence of a backward control is that of its own differences, and Hutchinson's estimate has it as its mean
// over all signs, exactly in two dimensions.
func TestDivergence(t *testing.T) {
	for _, probe := range []bool{false, true} {
		b, err := newBridge(DIS{K: 4, Euler: true}, probe, 2, NetworkShape{Width: 10, Depth: 2}, 3, ad.F64)
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.Backward.wide {
			b.Backward.wide[i] += .05 * float64(i%7-3)
		}
		x := []float64{.3, -.8}
		v, div := make([]float64, 2), make([]float64, 1)
		got := 0.
		for _, z := range [][]float64{{1, 1}, {1, -1}} {
			if err := backwards(t.Context(), b, 2, v, div, x, x, z); err != nil {
				t.Fatal(err)
			}
			got += div[0] / 2
		}
		want := 0.
		for j := range 2 {
			const h = 1e-5
			at := func(h float64) float64 {
				y := append([]float64(nil), x...)
				y[j] += h
				if err := b.Backward.Control(t.Context(), 2, 2, v, y, nil); err != nil {
					t.Fatal(err)
				}
				return v[j]
			}
			want += (at(h) - at(-h)) / (2 * h)
		}
		if math.Abs(got-want) > 1e-8 || want == 0 {
			t.Errorf("probe %v: divergence %v, want %v", probe, got, want)
		}
	}
}

// A lower bound above the estimate by more than four of its standard errors is reported; less is noise.
func TestBoundWarns(t *testing.T) {
	s := infer.NewState(Controlled{Process: PIS{K: 1}, Particles: 4}, 3, 1, 0)
	for name, x := range map[string][]float64{"logz": {0, 0, 0}, "elbo": {-.1, .3, .5}, "elbose": {.1, .1, .1}} {
		copy(s.AddVar(name, 1), x)
	}
	if w := boundWarnings(s); len(w) != 1 || !strings.Contains(w[0], "1 of 3") {
		t.Errorf("%v", w)
	}
}

// The exact Föllmer drift of e³N(1, .25) on [0, 1]: u = (b − ax)/(1 + a(1−t)), a = 1/s²−1, b = m/s². The cost's sd
// falls as K^{−½}, as sampling.md measured, and the law of the ends is the target's up to the discretisation.
func TestFollmerDrift(t *testing.T) {
	target := infertest.Normal(3, []float64{1}, []float64{.5})
	const a, b = 1/.25 - 1, 1 / .25
	for _, c := range []struct {
		k        int
		sd, elbo float64
	}{{10, .369, .060}, {25, .2205, .024}, {100, .107, .0057}} {
		drift := ControlFunc(func(k int, u, x []float64) {
			u[0] = (b - a*x[0]) / (1 + a*(1-float64(k)/float64(c.k)))
		})
		e, s, _ := infertest.Evidence(t, target, Controlled{Process: PIS{K: c.k, Sigma: 1, T: 1}, Control: drift,
			Particles: 20_000}, 2)
		var m, v float64
		cost := s.Var("cost")
		for _, r := range cost {
			m += r / float64(len(cost))
		}
		for _, r := range cost {
			v += (r - m) * (r - m) / float64(len(cost))
		}
		if math.Abs(math.Sqrt(v)/c.sd-1) > .05 || math.Abs(3+m-c.elbo) > .006 || math.Abs(e.LogZ-3) > .006 {
			t.Errorf("K=%d: sd %v (want %v), ELBO gap %v (want %v), log Z %v", c.k, math.Sqrt(v), c.sd, 3+m, c.elbo,
				e.LogZ)
		}
	}
}

// Where the target is the uncontrolled process's own end, no control costs exactly −log Z on every path.
func TestNoControlNeeded(t *testing.T) {
	target := infertest.Normal(2, []float64{0, 0}, []float64{1, 1})
	for _, pr := range []Process{PIS{}, DDS{}} {
		_, s, _ := infertest.Evidence(t, target, Controlled{Process: pr, Particles: 100}, 1)
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
