package solve_test

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// apart is a noise of 1 in the row of id 2·step of a step's first draw, of id 2·step+1 of its second, and 0 elsewhere.
type apart struct{}

func (apart) Normal(dst ito.States, _ rng.Purpose, step, sub uint32) {
	one(dst, uint64(2*step+sub), 0)
}

// The variance that linear predictors and correctors give N(0,.25), against the recursions of the paper written
// out with β_i and σ_i.
func TestPCVariance(t *testing.T) {
	const n = 20
	vp, ve := path.VP{}, path.VE{SigmaMax: 5}
	for name, c := range map[string]struct {
		p    ito.Diagonal
		s    solve.PC
		v0   float64
		step func(v, β, σ, σ1, s, g2 float64) (gain, noise float64) // score s·x at this time
	}{
		"reverse diffusion on vp": {vp, solve.PC{}, 1, func(_, β, _, _, s, _ float64) (float64,
			float64) {
			return 2 - math.Sqrt(1-β) + β*s, β
		}},
		"ancestral on vp": {vp, solve.PC{Predictor: solve.PredictorAncestral}, 1,
			func(_, β, _, _, s, _ float64) (float64, float64) { return (1 + β*s) / math.Sqrt(1-β), β }},
		"em on vp": {vp, solve.PC{Predictor: solve.PredictorEM}, 1, func(_, _, _, _, s, g2 float64) (float64, float64) {
			h := (1 - 1e-3) / n
			return 1 + h*(g2/2+g2*s), h * g2
		}},
		"reverse diffusion on ve": {ve, solve.PC{}, 25, func(_, _, σ, σ1, s, _ float64) (float64,
			float64) {
			return 1 + (σ*σ-σ1*σ1)*s, σ*σ - σ1*σ1
		}},
		"ancestral on ve": {ve, solve.PC{Predictor: solve.PredictorAncestral}, 25,
			func(_, _, σ, σ1, s, _ float64) (float64, float64) {
				return 1 + (σ*σ-σ1*σ1)*s, σ1 * σ1 * (σ*σ - σ1*σ1) / (σ * σ)
			}},
	} {
		for _, corrector := range []solve.Corrector{solve.CorrectorLangevin, solve.CorrectorNone} {
			for _, keep := range []bool{false, true} {
				s := c.s
				s.Corrector, s.KeepNoise = corrector, keep
				lo, _ := c.p.Span()
				g := must(solve.Uniform(c.p, 1, lo, n))
				x := ito.NewStates(2*n+1, 1, 0)
				x.X[2*n] = math.Sqrt(c.v0)
				f := must(field.NewMixture(c.p, field.Mixture{D: 1, Means: []float64{0}, Var: []float64{.25}}))
				if _, err := solve.Run(ctx, c.p, f, x, g, s, solve.RunOptions{Noise: apart{}}); err != nil {
					t.Fatal(err)
				}
				got := 0.0
				for _, v := range x.X {
					got += v * v
				}
				want := c.v0
				α, σ, g2, α1, σ1 := make([]float64, 1), make([]float64, 1), make([]float64, 1), make([]float64, 1),
					make([]float64, 1)
				for i := range n {
					c.p.Schedule(g[i], α, σ, nil, nil)
					c.p.Diffusion(g[i], g2)
					c.p.Schedule(g[i+1], α1, σ1, nil, nil)
					β := 1 - α[0]*α[0]/(α1[0]*α1[0])
					score := -1 / (α[0]*α[0]*.25 + σ[0]*σ[0])
					if corrector == solve.CorrectorLangevin {
						e := 2 * (1 - β) * (.16 * σ[0]) * (.16 * σ[0])
						want = (1+e*score)*(1+e*score)*want + 2*e
					}
					gain, noise := c.step(want, β, σ[0], σ1[0], score, g2[0])
					if i == n-1 && !keep {
						noise = 0
					}
					want = gain*gain*want + noise
				}
				if math.Abs(got-want) > 1e-10 {
					t.Errorf("%s, corrector %d: variance %.9f, want %.9f", name, corrector, got, want)
				}
			}
		}
	}
}

// The published sampler's times: N evaluations on linspace(1, 1e-3, N) with steps of 1/N.
func TestPCCompatEMStep(t *testing.T) {
	s := solve.PC{Predictor: solve.PredictorEM, Corrector: solve.CorrectorNone, KeepNoise: true,
		Compat: solve.CompatEMStep}
	for n, want := range map[int]float64{10: .334192, 20: .277271, 50: .258975, 100: .254206} {
		v := outputVariance(t, path.VP{}, must(solve.Uniform(path.VP{}, 1, 1e-3, n)), s, 1)
		if math.Abs(v-want) > 1e-6 {
			t.Errorf("%d steps: variance %.6f, want %.6f", n, v, want)
		}
	}
}

// One Langevin step is x + e s + √(2e) z with e = 2 (SNR σ)² whatever the row is: its norms have no say.
func TestLangevinStepIsOfTheLaw(t *testing.T) {
	p := path.EDM{}
	x := ito.NewStates(5, 3, 0)
	ito.Seed(1).Normal(x, rng.PurposeUser, 0, 0)
	z, want := x.Like(3), x.Clone()
	ito.Seed(3).Normal(z, rng.PurposeSolver, 0, 1)
	e := 2 * .2 * .2 * 2 * 2.
	for i, v := range x.X {
		want.X[i] = v - 2*e*v + math.Sqrt(2*e)*z.X[i]
	}
	pr := problem{"edm", p, 2, 1}
	got, info := run(t, pr, plain{ito.PredScore, -2}, x, ito.Grid{2, 1}, solve.PC{Predictor: solve.PredictorNone,
		SNR: .2})
	if e := rmse(got, want); e > 1e-14 || info.Evals[0] != 1 {
		t.Errorf("differs by %g after %d evaluations", e, info.Evals[0])
	}
}

// The default sampler reaches every mode of a ring as often. 4000 rows count a mode with a standard error of .0052; one
// that is off by five of them is rarer than one in a million.
func TestPCSamplesTheRing(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of rows")
	}
	p := path.VP{}
	f := must(field.NewMixture(p, ring(1, .1)))
	x := ito.NewStates(4000, 2, 0)
	if err := p.Prior(x, ito.Cond{}, ito.Seed(4)); err != nil {
		t.Fatal(err)
	}
	y, _ := run(t, problem{"vp", p, 1, 1e-3}, f, x, must(solve.Uniform(p, 1, 1e-3, 60)), solve.PC{})
	var count [8]float64
	for i := range y.N {
		r := y.Row(i)
		if q := math.Hypot(r[0], r[1]); q < .4 || q > 1.6 {
			t.Fatalf("row %d ends at %v", i, r)
		}
		k := int(math.Round(math.Atan2(r[1], r[0])/(math.Pi/4))+8) % 8
		count[k] += 1. / 4000
	}
	for k, c := range count {
		if math.Abs(c-.125) > .027 {
			t.Errorf("mode %d has %.3f of the samples", k, c)
		}
	}
}

// Uniform implements ito.Noise.
func (apart) Uniform(ito.States, rng.Purpose, uint32, uint32) { panic("no uniforms here") }
