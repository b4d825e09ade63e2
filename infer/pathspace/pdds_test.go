package pathspace

import (
	"context"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
)

// exactPotential is log g_t of ρ = N(m, v) with a reference N(0, 1): x_t ~ N(√(1−λ)m, (1−λ)v + λ), divided by N(0, 1).
type exactPotential struct{ m, v float64 }

func (e exactPotential) Log(_ context.Context, _ infer.SeededTarget, _ *infer.State, λ, _ float64, logg, grad,
	x []float64) error {
	m, v := math.Sqrt(1-λ)*e.m, (1-λ)*e.v+λ
	for i, y := range x {
		logg[i] = -(y-m)*(y-m)/(2*v) - math.Log(v)/2 + y*y/2
		grad[i] = (m-y)/v + y
	}
	return nil
}

// The case of the authors' notebook: N(2.75, .25²), σ = 1, β from .001 to 12, K = 8, 2000 particles, 100 runs. The
// naive potential gives a mean log Ẑ of −12.4 ± .6 (−12.375 there); the exact one |mean| < .02 and an sd of .035,
// and the right moments.
func TestPDDSNotebook(t *testing.T) {
	runs := 100
	if testing.Short() {
		runs = 30
	}
	target := infertest.Normal(0, []float64{2.75}, []float64{.25})
	k := PDDS{Particles: 2000, Steps: 8, Noise: LinearNoise(.001, 12)}
	mean := func(k PDDS) (m, sd float64, s *infer.State) {
		s = infer.NewState(k, runs, 1, 0)
		r, err := infer.Run(t.Context(), target, k, s, infer.RunOptions{Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		for _, z := range r.LogZ {
			m += z / float64(runs)
		}
		return m, r.Evidence().SD, s
	}
	m, sd, _ := mean(k)
	t.Logf("naive: %.3f, sd %.3f", m, sd)
	if math.Abs(m+12.4) > .6 {
		t.Errorf("naive potential: mean log Ẑ %v, want −12.4", m)
	}
	k.Potential = exactPotential{2.75, .0625}
	m, sd, s := mean(k)
	t.Logf("exact: %.4f, sd %.4f", m, sd)
	if math.Abs(m) > .02 || math.Abs(sd-.035) > .015 {
		t.Errorf("exact potential: mean log Ẑ %v, sd %v", m, sd)
	}
	var x, v float64
	for _, y := range s.X {
		x += y / float64(len(s.X))
	}
	for _, y := range s.X {
		v += (y - x) * (y - x) / float64(len(s.X))
	}
	if math.Abs(x-2.75) > .005 || math.Abs(v-.0625) > .002 {
		t.Errorf("exact potential: mean %v, variance %v", x, v)
	}
}

// Moves after resampling leave the estimate unbiased and the particles' law as it is, and bring back what
// resampling has made equal.
func TestPDDSMoves(t *testing.T) {
	target := infertest.Mixture([]float64{.5 * math.E, 1.5 * math.E}, [][]float64{{-2, 0}, {1, 1}}, .7)
	distinct := func(k PDDS) (infer.Evidence, float64, infer.Report) {
		e, s, r := infertest.Evidence(t, target, k, 10)
		seen := map[float64]bool{}
		for i := 0; i < len(s.X); i += 2 {
			seen[s.X[i]] = true
		}
		return e, float64(len(seen)) / float64(len(s.X)/2), r
	}
	_, before, _ := distinct(PDDS{Particles: 500, Steps: 40, Sigma: 2, Resample: .9})
	e, after, r := distinct(PDDS{Particles: 500, Steps: 40, Sigma: 2, Resample: .9, Moves: 3})
	if math.Abs(e.LogZ-1-math.Log(2)) > 4*e.SD/math.Sqrt(10)+.005 || after < .9 || after < before ||
		math.Abs(r.Accept-.574) > .15 {
		t.Errorf("log Z %v ± %v, %v of the particles distinct (%v without moves), accepted %v", e.LogZ, e.SD, after,
			before, r.Accept)
	}
}

// The mean of Ẑ is Z for the naive potential: easy targets, and asymmetric.
func TestPDDSEvidence(t *testing.T) {
	for what, c := range map[string]struct {
		target infertest.Density
		k      PDDS
		want   float64
	}{
		"e³N(1,.25)": {infertest.Normal(3, []float64{1}, []float64{.5}), PDDS{Particles: 1000, Steps: 20}, 3},
		"mixture": {infertest.Mixture([]float64{.5 * math.E, 1.5 * math.E}, [][]float64{{-2, 0}, {1, 1}}, .7),
			PDDS{Particles: 1000, Steps: 40, Sigma: 2}, 1 + math.Log(2)},
	} {
		e, s, r := infertest.Evidence(t, c.target, c.k, 10)
		if math.Abs(e.LogZ-c.want) > 4*e.SD/math.Sqrt(10)+.005 || e.SD > .5 {
			t.Errorf("%s: log Z %v ± %v, want %v", what, e.LogZ, e.SD, c.want)
		}
		if r.Gradients != float64(10*1000*(c.k.Steps+1)) || len(r.Warnings) > 0 {
			t.Errorf("%s: %+v, %+v", what, r, infer.Qualities(s)[0])
		}
	}
}

// The identity behind the unbiased estimate: along any path and for any potential, the proposals' densities times
// the weights are p(x_K) Π p(x_k|x_{k+1}) g_0(x_0).
func TestPDDSWeightIdentity(t *testing.T) {
	for _, p := range []Potential{Naive{}, randomised(t, 2)} {
		weightIdentity(t, p)
	}
}

func weightIdentity(t *testing.T, potential Potential) {
	target := infertest.Normal(1, []float64{.5, -1}, []float64{.6, 2})
	k := PDDS{Particles: 2, Steps: 5, Sigma: 1.5, Resample: 1e-9, Potential: potential}
	s := infer.NewState(k, 1, 2, 0)
	p := infer.SeededTarget{Target: target, Seed: 9}
	s.Kernel = "pdds"
	s.AddVar("tally", infer.TallyWidth)
	if err := k.Init(t.Context(), p, s); err != nil {
		t.Fatal(err)
	}
	lnorm := func(x, m []float64, sd float64) float64 {
		l := 0.
		for j := range x {
			z := (x[j] - m[j]) / sd
			l -= z*z/2 + math.Log(sd) + math.Log(2*math.Pi)/2
		}
		return l
	}
	zero := []float64{0, 0}
	const i = 1 // the particle that is followed
	var q, forward float64
	q = lnorm(s.X[2:4], zero, 1.5)
	forward = q
	weight := func() float64 { return s.Var("logw")[i] + s.Var("logz")[0] + math.Log(2) }
	for step := range 5 {
		before := s.Clone()
		now, next := k.WithDefaults().Noise(1-float64(step)/5), k.WithDefaults().Noise(1-float64(step+1)/5)
		λ := 1 - (1-now)/(1-next)
		s.Step = uint32(step)
		if step == 4 { // the last step resamples: follow the weight without it
			x := append([]float64(nil), s.X...)
			z := make([]float64, 4)
			s.Normals(9, 0, z)
			for j := range x {
				x[j] = math.Sqrt(1-λ)*x[j] + λ*2.25*s.Var("grad")[j] + math.Sqrt(λ)*1.5*z[j]
			}
			l, g := make([]float64, 2), make([]float64, 4)
			if err := k.WithDefaults().Potential.Log(t.Context(), p, s, next, 1.5, l, g, x); err != nil {
				t.Fatal(err)
			}
			drift, keep := make([]float64, 2), make([]float64, 2)
			for j := range 2 {
				keep[j] = math.Sqrt(1-λ) * s.X[2+j]
				drift[j] = keep[j] + λ*2.25*s.Var("grad")[2+j]
			}
			ql, fl := lnorm(x[2:4], drift, math.Sqrt(λ)*1.5), lnorm(x[2:4], keep, math.Sqrt(λ)*1.5)
			total := q + ql + weight() + fl - ql + l[i] - s.Var("logg")[i]
			want := forward + fl + target.F(x[2:4], nil) - infer.Reference{SD: []float64{1.5}}.LogDensity(x[2:4])
			if math.Abs(total-want) > 1e-9 {
				t.Errorf("Π q · Π w = e^%v, want e^%v", total, want)
			}
			return
		}
		if err := k.Step(t.Context(), p, s, infer.NewInfo(1)); err != nil {
			t.Fatal(err)
		}
		drift, keep := make([]float64, 2), make([]float64, 2)
		for j := range 2 {
			keep[j] = math.Sqrt(1-λ) * before.X[2+j]
			drift[j] = keep[j] + λ*2.25*before.Var("grad")[2+j]
		}
		q += lnorm(s.X[2:4], drift, math.Sqrt(λ)*1.5)
		forward += lnorm(s.X[2:4], keep, math.Sqrt(λ)*1.5)
	}
}

// The cosine schedule runs from 0 to 1, increasing.
func TestNoiseSchedules(t *testing.T) {
	for what, f := range map[string]NoiseSchedule{"cosine": CosineNoise, "linear": LinearNoise(.001, 12)} {
		last := -1e-300
		for i := range 101 {
			v := f(float64(i) / 100)
			if !(v > last) && i > 0 || i == 0 && v != 0 || v > 1 {
				t.Errorf("%s: λ(%v) = %v after %v", what, float64(i)/100, v, last)
			}
			last = v
		}
		if last < .99 {
			t.Errorf("%s: λ(1) = %v", what, last)
		}
	}
}
