package learn

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
)

// Stages of a diagonal A keep diagonals alone, in any number of columns, and a column learns what it learns alone
// but for the noise of its own: with exact scores of normal columns of variances 1 and 4 the mean A of those of
// either kind goes from 0 to the fixed point. Least squares divide by the second moment of M paths, whose inverse
// is too large by 2/(M−2) of itself. That apart the means are off by √(2/Mn) (one sd) where n columns have that
// variance; four of it are a false alarm in 10⁴.
func TestWideStages(t *testing.T) {
	for _, c := range []struct{ d, paths int }{{1, 1000}, {2, 1000}, {256, 300}, {257, 300}, {2000, 40}, {12288, 40}} {
		if c.d > 257 && testing.Short() {
			continue
		}
		g := ito.StandardNormal(c.d)
		for i := range g.Cov {
			g.Cov[i] = 1 + 3*float64(i%2)
		}
		p := must(path.NewVSDM(path.VSDMConfig{Variant: path.DiagonalOnly, D: c.d, BetaMin: 1, BetaMax: 1}))
		a := Alternate{Stages: 3, Paths: c.paths, Grid: 10, Zeta: 1, Eta: 1, EtaStages: 20, DMin: .05, Seed: 1,
			Workers: 2}
		exact := FitterFunc(func(_ context.Context, p ito.Path, _ int) (ito.Field,
			error) {
			return field.NewGaussian(p, g)
		})
		out, err := a.Run(context.Background(), Alternation{Path: p}, exact, nil)
		if err != nil {
			t.Fatal(err)
		}
		q := out.Path.(*path.VSDM)
		if len(q.Config().A) != c.d || q.Basis() != nil || len(out.History[2].Modes) != c.d {
			t.Fatalf("%d columns: A of %d numbers", c.d, len(q.Config().A))
		}
		var mean [2]float64
		for i, v := range q.Config().A {
			mean[i%2] += v / float64((c.d+1-i%2)/2)
		}
		B := q.B(1)
		for k := range min(c.d, 2) {
			want, M, n := (1-path.VSDMFixedPoint(g.Cov[k], B))/2, float64(c.paths), float64((c.d+1-k)/2)
			t.Logf("%d columns, variance %g: A %.4f, fixed point %.4f", c.d, g.Cov[k], mean[k], want)
			if math.Abs(mean[k]-want) > .1*math.Abs(want)+2/(M-2)+4*math.Sqrt(2/(M*n)) {
				t.Errorf("%d columns: A is %g on average where its fixed point is %g", c.d, mean[k], want)
			}
		}
	}
}

// A stage of the diagonal variant looks at the diagonals of what a full one looks at: on two columns both give the same
// moments, to the rounding of what a full drift adds of zeros.
func TestDiagonalReversalIsThatOfTheFull(t *testing.T) {
	g := ito.Gaussian{Mean: []float64{1, -1}, Cov: []float64{4, .5}}
	a := []float64{-.3, .1}
	diagonal := must(path.NewVSDM(path.VSDMConfig{Variant: path.DiagonalOnly, A: a, Mean: g.Mean}))
	full := must(path.NewVSDM(path.VSDMConfig{A: []float64{-.3, 0, 0, .1}, Mean: g.Mean}))
	var revs [2]*Reversal
	for i, p := range []*path.VSDM{diagonal, full} {
		revs[i] = must(Reverse(context.Background(), p, must(field.NewGaussian(p, g)), ito.Cond{}, 300, 10, 2,
			ito.Seed(1)))
	}
	for k := range revs[0].T {
		for i := range 2 {
			if revs[0].XX[k][i] != revs[1].XX[k][3*i] || revs[0].SX[k][i] != revs[1].SX[k][3*i] {
				t.Errorf("node %d: %v and %v, in full %v and %v", k, revs[0].XX[k], revs[0].SX[k], revs[1].XX[k],
					revs[1].SX[k])
			}
		}
	}
}

// A full A of more than 2048 columns is refused before anything is simulated.
func TestWideStagesRefuseAMatrix(t *testing.T) {
	p := must(path.NewVSDM(path.VSDMConfig{D: ito.MostFull + 1}))
	a := DefaultAlternate()
	_, err := a.Run(context.Background(), Alternation{Path: p},
		FitterFunc(func(context.Context, ito.Path, int) (ito.Field, error) {
			t.Fatal("a stage has begun")
			return nil, nil
		}), nil)
	var refused *ito.UnsupportedError
	if !errors.As(err, &refused) || refused.Nearest != "variant=diagonal" {
		t.Errorf("got %v", err)
	}
}
