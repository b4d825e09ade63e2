package systems

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/recipe"
)

var gaussianRecipe = Recipe{Name: "vsdm-gaussian", run: runGaussian,
	Summary: "the path alone: its fixed points from A = 0 on exact scores, and trained on N((−8,2),[[1,1],[1,5]])"}

// exactCase is a path learnt under the exact score of Gaussian data, from A = 0 with η ≡ 1 in 40 stages.
type exactCase struct {
	name string
	cfg  path.VSDMConfig
	data ito.Gaussian
	want [4]float64 // A, or A_T of the logistic variant
	tol  float64
}

// exactCases are the oracles. The moments of the spiral are those about zero.
func exactCases() ([]exactCase, error) {
	zero := []float64{0, 0}
	diag := func(a, b float64) []float64 { return []float64{a, 0, 0, b} }
	a := func(D float64) float64 { return (1 - D) / 2 }
	repo := ito.Gaussian{Mean: []float64{-8, 2}, Cov: []float64{1, 1, 1, 5}}
	centred := ito.Gaussian{Mean: zero, Cov: repo.Cov}
	end, err := path.LogisticFromGaussian(centred, 4)
	flat := path.VSDMConfig{D: 2, BetaMin: 4, BetaMax: 4}
	logistic := flat
	logistic.Variant = path.Logistic
	return []exactCase{
		{"exact score, spiral", path.VSDMConfig{D: 2}, ito.Gaussian{Mean: zero, Cov: diag(5.178, 351.1)},
			[4]float64{a(1.0791), 0, 0, a(1.7755)}, .05},
		{"exact score, variance 64", flat, ito.Gaussian{Mean: zero, Cov: diag(1, 64)}, [4]float64{0, 0, 0, a(1.3661)},
			.05},
		{"exact score, Gaussian, not centred", flat, repo, [4]float64{-.340, .074, .074, -.050}, .03},
		{"exact score, Gaussian, logistic", logistic, centred, [4]float64(end), .02},
	}, err
}

func runGaussian(ctx context.Context, cfg RunConfig, run recipe.RunOptions, r *Result) error {
	r.Columns = []string{"A xx", "A xy", "A yy", "error of A", "W2", "floor"}
	cases, err := exactCases()
	if err != nil {
		return err
	}
	for _, seed := range cfg.Seeds {
		for _, c := range cases {
			p, err := learnExact(ctx, c, seed, run)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			_, hi := p.Span()
			got := p.A(hi)
			r.add(c.name, false, got[0], got[1], got[3], largest(got, c.want[:]))
		}
		if err := trainGaussian(ctx, cfg, seed, run, r); err != nil {
			return err
		}
	}
	for _, c := range cases {
		e, _ := spread(r.column(c.name, "error of A"))
		r.atMost(c.tol, e, "%s: largest error of A after 40 stages", c.name)
	}
	e, _ := spread(r.column("trained, centred", "error of A"))
	r.atMost(.03, e, "trained: largest error of A against its fixed point")
	r.Notes = append(r.Notes, "an error of .05 in A is .1 in D = I−2A; with an exact score there is no model to sample")
	return nil
}

func learnExact(ctx context.Context, c exactCase, seed uint64, run recipe.RunOptions) (*path.VSDM, error) {
	p, err := path.NewVSDM(c.cfg)
	if err != nil {
		return nil, err
	}
	a := learn.DefaultAlternate()
	a.Paths, a.EtaPower, a.Seed, a.Workers = 6000, 0, seed, run.WorkerCount()
	s, err := a.Run(ctx, learn.Alternation{Path: p}, learn.FitterFunc(func(_ context.Context, p ito.Path,
		_ int) (ito.Field, error) {
		return field.NewGaussian(p, c.data)
	}), nil)
	if err != nil {
		return nil, err
	}
	return s.Path.(*path.VSDM), nil
}

// trainGaussian trains the example with its path centred and compares A with its fixed point for the data's moments.
func trainGaussian(ctx context.Context, cfg RunConfig, seed uint64, run recipe.RunOptions, r *Result) error {
	g := ito.Gaussian{Mean: []float64{-8, 2}, Cov: []float64{1, 1, 1, 5}}
	rows, truth := ito.NewStates(demoRows, 2, 0), ito.NewStates(demoRows, 2, demoRows)
	for _, s := range []ito.States{rows, truth} {
		if err := field.Gaussian(g).Draw(s, ito.Seed(seed)); err != nil {
			return err
		}
	}
	t := &data.Table{Name: "gaussian", Columns: data.DefaultColumns(2), Rows: rows.N, Cols: 2, X: rows.X}
	c := Demo{Seed: seed}.train(cmp.Or(cfg.Steps, 6000))
	c.Path, c.BetaMin, c.BetaMax, c.Scale = "vsdm", 4, 4, nil
	c.StagePaths = 4000
	r.Budget = budgetOf(c)
	m, _, err := recipe.Fit(ctx, t, c, run)
	if err != nil {
		return err
	}
	moments, err := metric.Moments(rows)
	if err != nil {
		return err
	}
	want, err := path.ConstantFromGaussian(moments, 4)
	if err != nil {
		return err
	}
	pr := cfg.protocol.orHouse()
	s := recipe.DefaultSample()
	s.N, s.Seed = pr.samples, seed
	x, err := recipe.Collect(ctx, m, s, run)
	if err != nil {
		return err
	}
	w, err := metric.W2Draws(ctx, x, truth, pr.draws, pr.rows, seed)
	if err != nil {
		return err
	}
	floor, err := metric.W2Halves(ctx, truth, pr.draws, pr.rows, seed)
	if err != nil {
		return err
	}
	a := m.Path.(*path.VSDM).A(1)
	r.add("trained, centred", false, a[0], a[1], a[3], largest(a, want), w.Value, floor.Value)
	return nil
}

// largest is the largest difference of two lists.
func largest(a, b []float64) float64 {
	e := 0.0
	for i, v := range a {
		e = math.Max(e, math.Abs(v-b[i]))
	}
	return e
}
