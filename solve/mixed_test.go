package solve_test

import (
	"context"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// mixedLaw is a level of 3 with probabilities p, and a number that is N(mean[level], sd²) given it: the exact field of
// [path.Mixed], by Bayes's rule.
type mixedLaw struct {
	path *path.Mixed
	p    []float64
	mean []float64
	sd   float64
}

func (mixedLaw) Kind() ito.Prediction { return ito.PredX0 }
func (mixedLaw) OutDim(d int) int     { return d }

func (l mixedLaw) Predict(_ context.Context, dst, x ito.States, t ito.Times, _ ito.Cond) error {
	s := make([]float64, 3)
	for i := range x.N {
		σ, row, to := t.At(i), x.Row(i), dst.Row(i)
		v := l.sd*l.sd + σ*σ
		w, sum := make([]float64, 3), 0.
		path.CornerScores(s, row[1:])
		for k := range w {
			if path.Masked(row[1:]) || s[k] > .5 {
				w[k] = l.p[k] * math.Exp(-(row[0]-l.mean[k])*(row[0]-l.mean[k])/(2*v))
			}
			sum += w[k]
		}
		to[0] = 0
		for k := range w {
			w[k] /= sum
			to[0] += w[k] * (l.mean[k] + l.sd*l.sd/v*(row[0]-l.mean[k]))
		}
		path.CornerMean(to[1:], w, 1)
	}
	return nil
}

// With the exact field of a level and a number, samples have the joint law: shares of the levels, and means and
// deviations of the number in each, within 4.5 standard errors beside the step's own error.
func TestMixedSamplesTheLaw(t *testing.T) {
	p, err := path.NewMixed(path.MixedConfig{D: 3, At: []float64{1}, Corners: []float64{3}, Scale: []float64{1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, solver := range []ito.Solver{solve.Mixed{}, solve.Mixed2M{}} {
		t.Run(solver.Info().Name, func(t *testing.T) { mixedSamples(t, p, solver) })
	}
}

func mixedSamples(t *testing.T, p *path.Mixed, solver ito.Solver) {
	law := mixedLaw{p, []float64{.6, .3, .1}, []float64{-1, .5, 2}, .4}
	const n = 6000
	x := ito.NewStates(n, 3, 0)
	if err := p.Prior(x, ito.Cond{}, ito.Seed(3)); err != nil {
		t.Fatal(err)
	}
	lo, hi := p.Span()
	g, err := solve.Unmasking(p, hi, lo, 60)
	if err != nil {
		t.Fatal(err)
	}
	part := x.Slice(100, 140).Clone()
	if _, err := solve.Run(context.Background(), p, law, x, g, solver,
		solve.RunOptions{Noise: ito.Seed(3)}); err != nil {
		t.Fatal(err)
	}
	if _, err := solve.Run(context.Background(), p, law, part, g, solver,
		solve.RunOptions{Noise: ito.Seed(3)}); err != nil {
		t.Fatal(err)
	}
	for i, v := range part.X {
		if v != x.X[300+i] {
			t.Fatal("a row depends on the others")
		}
	}
	count, sum, square := make([]float64, 3), make([]float64, 3), make([]float64, 3)
	s := make([]float64, 3)
	for i := range n {
		row := x.Row(i)
		path.CornerScores(s, row[1:])
		k := 0
		for j := range s {
			if s[j] > s[k] {
				k = j
			}
		}
		count[k]++
		sum[k] += row[0]
		square[k] += row[0] * row[0]
	}
	for k, c := range count {
		mean := sum[k] / c
		sd := math.Sqrt(square[k]/c - mean*mean)
		if math.Abs(c/n-law.p[k]) > 4.5*math.Sqrt(law.p[k]*(1-law.p[k])/n)+.005 ||
			math.Abs(mean-law.mean[k]) > 4.5*law.sd/math.Sqrt(c)+.02 || math.Abs(sd-law.sd) > .05 {
			t.Errorf("level %d: share %.3f of %.3f, mean %.3f of %.3f, deviation %.3f of %.3f", k, c/n, law.p[k], mean,
				law.mean[k], sd, law.sd)
		}
	}
	if _, err := solve.Plan(path.VP{}, ito.Grid{1, 0}, solve.Mixed{}, ito.PredX0); err == nil {
		t.Error("it is planned on vp")
	}
	if err := solve.Check(p, solve.Heun{}); err == nil {
		t.Error("heun is taken on a mixed path")
	}
}

// The steps of the grid go down, and no more than their share of the levels leaves the mask in any.
func TestUnmaskingGrid(t *testing.T) {
	p, err := path.NewMixed(path.MixedConfig{D: 3, At: []float64{1}, Corners: []float64{3}, Scale: []float64{1}})
	if err != nil {
		t.Fatal(err)
	}
	lo, hi := p.Span()
	for _, k := range []int{1, 5, 20, 400} {
		g, err := solve.Unmasking(p, hi, lo, k)
		if err != nil || len(g) != k+1 || g[0] != hi || g[k] != lo {
			t.Fatalf("%d steps: %v, %v", k, g, err)
		}
		for i := range k {
			if drawn := p.Mask(g[i]) - p.Mask(g[i+1]); g[i+1] >= g[i] || drawn > 1/(.6*float64(k))+1e-9 {
				t.Errorf("step %d of %d goes from %g to %g and draws %.3f of the levels", i, k, g[i], g[i+1], drawn)
			}
		}
	}
	warm, err := solve.Unmasking(p, .5, lo, 4)
	if err != nil || warm[0] != .5 || warm[4] != lo {
		t.Errorf("from .5: %v, %v", warm, err)
	}
	for _, other := range []ito.Path{nil, path.VP{}} {
		if _, err := solve.Unmasking(other, 1, 0, 4); err == nil {
			t.Errorf("it serves %v", other)
		}
	}
	if g, err := solve.Unmasking(p, lo, hi, 4); err != nil || g[0] != lo || g[4] != hi {
		t.Errorf("upwards: %v, %v", g, err)
	}
}
