package solve_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// trimodal is a mixture on a line: a wide mode between two narrow ones of other weights.
var trimodal = field.Mixture{D: 1, Means: []float64{-2, .3, 1.8}, Var: []float64{.04, .36, .09},
	Weights: []float64{.3, .5, .2}}

// marginalOf gives the standard deviation and the mean of mode k of m at pr.to.
func marginalOf(pr problem, m field.Mixture, k int) (mean, sd float64) {
	var α, σ [1]float64
	pr.p.(ito.Diagonal).Schedule(pr.to, α[:], σ[:], nil, nil)
	return α[0] * m.Means[k], math.Sqrt(α[0]*α[0]*m.Var[k] + σ[0]*σ[0])
}

// quantiles are those of m at pr.to, at the chances (i+½)/n.
func quantiles(pr problem, m field.Mixture, n int) []float64 {
	cdf := func(x float64) (p float64) {
		for k, w := range m.Weights {
			mean, sd := marginalOf(pr, m, k)
			p += w * math.Erfc((mean-x)/sd/math.Sqrt2) / 2
		}
		return p
	}
	q := make([]float64, n)
	for i := range q {
		lo, hi := -20., 20.
		for range 60 {
			if mid := (lo + hi) / 2; cdf(mid) < (float64(i)+.5)/float64(n) {
				lo = mid
			} else {
				hi = mid
			}
		}
		q[i] = lo
	}
	return q
}

// On the exact field of a mixture, at the defaults, with every predictor, with and without the corrector and on every
// path that takes PC: the excess of W2 over that of draws of the law itself does not grow from 10 calls to 160, to 3
// standard errors of the difference over 20 batches of 400 rows, from one number of calls to any later one: an excess
// that stays raises an alarm in one comparison of three hundred.
func TestPCMixture(t *testing.T) {
	if testing.Short() {
		t.Skip("millions of numbers")
	}
	const batches, n = 20, 400
	for _, pr := range oneMode() {
		q := quantiles(pr, trimodal, n)
		w2 := func(x ito.States) (out [batches]float64) {
			for b := range out {
				row := slices.Sorted(slices.Values(x.Slice(b*n, (b+1)*n).X))
				for i, v := range row {
					out[b] += (v - q[i]) * (v - q[i]) / n
				}
				out[b] = math.Sqrt(out[b])
			}
			return out
		}
		var f ito.Field = must(field.NewMixture(pr.p, trimodal))
		if path.Admits(pr.p, ito.PredScore) != nil {
			f = must(field.As(f, pr.p, ito.PredX0))
		}
		law := ito.NewStates(batches*n, 1, 0)
		u, z := law.Like(1), law.Like(1)
		ito.Seed(7).Uniform(u, rng.PurposeUser, 0, 0)
		ito.Seed(7).Normal(z, rng.PurposeUser, 1, 0)
		for i, v := range u.X {
			k := 0
			for ; k < 2 && v > trimodal.Weights[k]; k++ {
				v -= trimodal.Weights[k]
			}
			mean, sd := marginalOf(pr, trimodal, k)
			law.X[i] = mean + sd*z.X[i]
		}
		floor := w2(law)
		for predictor := solve.PredictorReverseDiffusion; predictor <= solve.PredictorNone; predictor++ {
			for corrector := solve.CorrectorLangevin; corrector <= solve.CorrectorNone; corrector++ {
				s := solve.PC{Predictor: predictor, Corrector: corrector}
				if s.Info().Evals == 0 {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s", pr.name, s.Info().Name), func(t *testing.T) {
					t.Parallel()
					var excess [][batches]float64
					for calls := 10; calls <= 160; calls *= 4 {
						x := ito.NewStates(batches*n, 1, 0)
						if err := pr.p.Prior(x, ito.Cond{}, ito.Seed(11)); err != nil {
							t.Fatal(err)
						}
						if _, err := solve.Run(ctx, pr.p, f, x, pcGrid(pr, calls/s.Info().Evals), s,
							solve.RunOptions{Noise: ito.Seed(12)}); err != nil {
							t.Fatal(err)
						}
						e := w2(x)
						for b := range e {
							e[b] -= floor[b]
						}
						excess = append(excess, e)
					}
					for j, late := range excess {
						m, _ := meanSE(late)
						t.Logf("%d calls: %.4f", 10<<(2*j), m)
						for i, early := range excess[:j] {
							diff := late
							for b := range diff {
								diff[b] -= early[b]
							}
							if m, se := meanSE(diff); m > 3*se {
								t.Errorf("the excess at %d calls is %.4f ± %.4f above that at %d", 10<<(2*j), m, se, 10<<(2*i))
							}
						}
					}
				})
			}
		}
	}
}

// meanSE is a mean and its standard error.
func meanSE(x [20]float64) (mean, se float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		se += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(se / float64(len(x)-1) / float64(len(x)))
}
