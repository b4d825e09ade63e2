package nn

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// TestAdamMatchesReference runs AdamW beside its definition in float64 for 50 steps.
func TestAdamMatchesReference(t *testing.T) {
	const n, lr = 37, 3e-3
	r := rand.New(rand.NewPCG(1, 2))
	a := Adam{Beta1: .8, Beta2: .99, Eps: 1e-6, WeightDecay: .05}
	p, g := make([]float32, n), make([]float32, n)
	ref, m, v := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range p {
		p[i] = float32(r.NormFloat64())
		ref[i] = float64(p[i])
	}
	s := NewMoments(n)
	for step := 1; step <= 50; step++ {
		for i := range g {
			g[i] = float32(r.NormFloat64() + float64(i%3))
		}
		factor, norm := Clip(g, 4)
		sum := 0.0
		for _, x := range g {
			sum += float64(x) * float64(x)
		}
		if math.Abs(norm-math.Sqrt(sum)) > 1e-12*norm || math.Abs(factor-min(1, 4/norm)) > 1e-15 {
			t.Fatalf("step %d: norm %g, factor %g, want %g", step, norm, factor, math.Sqrt(sum))
		}
		a.Step(s, p, g, lr, factor)
		for i := range ref {
			x := factor * float64(g[i])
			m[i] = a.Beta1*m[i] + (1-a.Beta1)*x
			v[i] = a.Beta2*v[i] + (1-a.Beta2)*x*x
			mhat, vhat := m[i]/(1-math.Pow(a.Beta1, float64(step))), v[i]/(1-math.Pow(a.Beta2, float64(step)))
			ref[i] -= lr * (mhat/(math.Sqrt(vhat)+a.Eps) + a.WeightDecay*ref[i])
		}
	}
	near(t, "p", p, ref, 2e-6)
	if s.Steps != 50 {
		t.Errorf("%d steps counted", s.Steps)
	}
}

func TestClip(t *testing.T) {
	g := []float32{3, 4}
	if f, n := Clip(g, 0); f != 1 || n != 5 {
		t.Errorf("no limit: factor %g, norm %g", f, n)
	}
	if f, _ := Clip(g, 10); f != 1 {
		t.Errorf("a short gradient is scaled by %g", f)
	}
	if f, _ := Clip(g, 1); f != .2 {
		t.Errorf("factor %g, want .2", f)
	}
	if _, n := Clip([]float32{1, float32(math.NaN())}, 1); !math.IsNaN(n) {
		t.Errorf("the norm of a NaN is %g", n)
	}
}

func TestEMA(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, e := range []EMA{{Decay: .99}, {Decay: .99, WarmUp: true}, {}} {
		avg, p, ref := make([]float32, 21), make([]float32, 21), make([]float64, 21)
		for step := uint64(1); step <= 100; step++ {
			d := e.Decay
			if e.WarmUp {
				d = min(d, (1+float64(step))/(10+float64(step)))
			}
			for i := range p {
				p[i] = float32(r.NormFloat64())
				ref[i] = d*ref[i] + (1-d)*float64(p[i])
			}
			e.Update(avg, p, step)
		}
		near(t, "average", avg, ref, 1e-6)
	}
}

func TestSchedule(t *testing.T) {
	for _, c := range []struct {
		s        LRSchedule
		t, total int
		want     float64
	}{
		{LRSchedule{}, 70, 100, 1},
		{LRSchedule{WarmUp: 4}, 0, 100, .25},
		{LRSchedule{WarmUp: 4}, 3, 100, 1},
		{LRSchedule{Kind: "cosine"}, 0, 101, 1},
		{LRSchedule{Kind: "cosine"}, 50, 101, .5},
		{LRSchedule{Kind: "cosine", Final: .1}, 100, 101, .1},
		{LRSchedule{Kind: "cosine"}, 0, 1, 1},
		{LRSchedule{Kind: "cosine", Final: .1}, 500, 101, .1},
		{LRSchedule{Kind: "linear", WarmUp: 10, Final: .2}, 60, 111, .6},
		{LRSchedule{Kind: "exponential", Final: .01}, 50, 101, .1},
	} {
		if got := c.s.At(c.t, c.total); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("%+v at %d of %d: %g, want %g", c.s, c.t, c.total, got, c.want)
		}
	}
	for field, bad := range map[string]LRSchedule{"kind": {Kind: "step"}, "warm_up": {WarmUp: -1},
		"final": {Kind: "exponential"}} {
		var e *ConfigError
		if err := bad.Check(); !errors.As(err, &e) || e.Field != field {
			t.Errorf("%+v: %v, want an error of field %s", bad, err, field)
		}
	}
	for field, bad := range map[string]Adam{"beta1": {Beta1: 1, Eps: 1}, "beta2": {Beta2: math.NaN(), Eps: 1},
		"eps": {}, "weight_decay": {Eps: 1, WeightDecay: -1}} {
		var e *ConfigError
		if err := bad.Check(); !errors.As(err, &e) || e.Field != field {
			t.Errorf("%+v: %v, want an error of field %s", bad, err, field)
		}
	}
	if err := DefaultAdam().Check(); err != nil {
		t.Error(err)
	}
}
