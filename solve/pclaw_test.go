package solve_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// normals is the exact field of independent normals of variance v on a path of one mode, for any dimension: the score
// −x/(α²v+σ²) or, where the path does not take it, x0 = αv x/(α²v+σ²).
type normals struct {
	p ito.Diagonal
	v float64
}

func (f normals) Kind() ito.Prediction {
	if path.Admits(f.p, ito.PredScore) != nil {
		return ito.PredX0
	}
	return ito.PredScore
}

func (normals) OutDim(d int) int { return d }

func (f normals) Predict(_ context.Context, dst, x ito.States, t ito.Times, _ ito.Cond) error {
	c := -1 / f.variance(t[0])
	if f.Kind() == ito.PredX0 {
		var α [1]float64
		f.p.Schedule(t[0], α[:], nil, nil, nil)
		c *= -α[0] * f.v
	}
	for i, v := range x.X {
		dst.X[i] = c * v
	}
	return nil
}

// variance is that of x_t.
func (f normals) variance(t float64) float64 {
	var α, σ [1]float64
	f.p.Schedule(t, α[:], σ[:], nil, nil)
	return α[0]*α[0]*f.v + σ[0]*σ[0]
}

// oneMode are the paths that PC takes, from their drawn to their sampled ends.
func oneMode() []problem {
	var out []problem
	for _, p := range []ito.Path{path.VP{}, path.VE{}, path.SubVP{}, path.EDM{}, path.Flow{}, path.Cosine{},
		path.OneSided{Family: path.TrigFamily},
		must(path.NewDiscrete(path.DiscreteConfig{})), must(path.NewDiscrete(path.DiscreteConfig{ZeroSNR: true})),
		must(path.NewReverting(path.RevertingConfig{SigmaInf: 1})),
		must(path.NewKinetic(path.KineticConfig{Gamma: []float64{.5, .5}}))} {
		lo, hi := p.Span()
		out = append(out, problem{p.Name(), p, hi, lo})
	}
	return out
}

func pcGrid(pr problem, k int) ito.Grid {
	if pr.name == "edm" {
		return must(solve.Karras(pr.p, pr.from, pr.to, k))
	}
	return must(solve.Uniform(pr.p, pr.from, pr.to, k))
}

// exactVariance is the variance that s gives unit normals in k steps, over that of the law: the sum of the squared
// responses to the start and to every noise.
func exactVariance(t *testing.T, pr problem, s solve.PC, k int) float64 {
	t.Helper()
	f := normals{pr.p.(ito.Diagonal), 1}
	x := ito.NewStates(2*k+1, 1, 0)
	x.X[2*k] = math.Sqrt(f.variance(pr.from))
	if _, err := solve.Run(ctx, pr.p, f, x, pcGrid(pr, k), s, solve.RunOptions{Noise: apart{}}); err != nil {
		t.Fatalf("%s on %s: %v", s.Info().Name, pr.name, err)
	}
	v := 0.
	for _, c := range x.X {
		v += c * c
	}
	return v / f.variance(pr.to)
}

// In law, at the defaults and every predictor with and without the corrector: enough calls bring the variance of
// unit normals to within 2 % of what it is, and more calls never take it away again: the excess |sd−1| of 160 calls
// is not above that of 10, and from 20 calls on no doubling adds more than the .5 % that a change of sign may cost.
// No Monte Carlo.
func TestPCConverges(t *testing.T) {
	for _, pr := range oneMode() {
		for predictor := solve.PredictorReverseDiffusion; predictor < solve.PredictorNone; predictor++ {
			for corrector := solve.CorrectorLangevin; corrector <= solve.CorrectorNone; corrector++ {
				s := solve.PC{Predictor: predictor, Corrector: corrector}
				excess := func(calls int) float64 {
					return math.Abs(math.Sqrt(exactVariance(t, pr, s, calls/s.Info().Evals)) - 1)
				}
				least := excess(20)
				for calls := 40; calls <= 160; calls *= 2 {
					e := excess(calls)
					if e > least+.005 {
						t.Errorf("%s on %s: the excess grows from %.4f to %.4f at %d calls", s.Info().Name, pr.name,
							least, e, calls)
					}
					least = math.Min(least, e)
				}
				if least > excess(10)+.005 {
					t.Errorf("%s on %s: the excess is %.4f at 10 calls and %.4f at 160", s.Info().Name, pr.name,
						excess(10), least)
				}
				if v := exactVariance(t, pr, s, 600); math.Abs(v-1) > .02 {
					t.Errorf("%s on %s: variance %.4f of 600 steps", s.Info().Name, pr.name, v)
				}
			}
		}
	}
}

// The draws themselves, 50,000 of them in 1, 2, 8 and 64 dimensions: mean and variance are those of the exact
// propagation to 4.5 standard errors (one alarm in 150,000 a figure), the variance is within 2 % of the law's and
// more so the Kolmogorov–Smirnov distance of the first coordinate, whose bound 2.65/√n a sample of the law itself
// passes in all but one case of a million. Step sizes that look at a row fail here: with the row's own norms the
// variance was 3.8 in one dimension.
func TestPCLaw(t *testing.T) {
	if testing.Short() {
		t.Skip("millions of numbers")
	}
	const n = 50_000
	for i, pr := range oneMode() {
		for _, s := range []solve.PC{{}, {Corrector: solve.CorrectorNone}} {
			k := 100
			if pr.name == "ve" || pr.name == "edm" || s.Corrector == solve.CorrectorNone {
				k = 500 // where the first order of the predictor needs them
			}
			for _, d := range []int{1, 2, 8, 64} {
				if i > 0 && (d > 1 || s.Corrector == solve.CorrectorNone) || d > 2 &&
					s.Corrector == solve.CorrectorNone {
					continue // coordinates do not see one another; many dimensions on one path are enough
				}
				t.Run(fmt.Sprintf("%s/%s/%d", pr.name, s.Info().Name, d), func(t *testing.T) {
					t.Parallel()
					pcLaw(t, pr, s, k, n, d)
				})
			}
		}
	}
}

func pcLaw(t *testing.T, pr problem, s solve.PC, k, n, d int) {
	f := normals{pr.p.(ito.Diagonal), 1}
	x := ito.NewStates(n, d, 0)
	if err := pr.p.Prior(x, ito.Cond{}, ito.Seed(11)); err != nil {
		t.Fatal(err)
	}
	if _, err := solve.Run(ctx, pr.p, f, x, pcGrid(pr, k), s, solve.RunOptions{Noise: ito.Seed(12)}); err != nil {
		t.Fatal(err)
	}
	law := f.variance(pr.to)
	first := make([]float64, n)
	sum, squares := 0., 0.
	for i := range n {
		first[i] = x.Row(i)[0] / math.Sqrt(law)
		for _, v := range x.Row(i) {
			sum += v
			squares += v * v
		}
	}
	m := float64(n * d)
	mean, v := sum/m, squares/m
	want := exactVariance(t, pr, s, k) * law
	if math.Abs(mean) > 4.5*math.Sqrt(want/m) || math.Abs(v-want) > 4.5*want*math.Sqrt(2/m) ||
		math.Abs(v-law) > .02*law {
		t.Errorf("mean %.5f and variance %.5f, exact propagation gives %.5f, the law has %.5f", mean, v, want, law)
	}
	if ks := metric.KSAgainst(first,
		func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }); ks > 2.65/math.Sqrt(float64(n)) {
		t.Errorf("Kolmogorov–Smirnov distance %.4f", ks)
	}
}
