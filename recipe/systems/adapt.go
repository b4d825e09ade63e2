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
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

var adaptRecipe = Recipe{Name: "adapt", run: runAdapt,
	Summary: "digits 0 to 4 trained on for 5 to 9: SaRA and LoRA beside full fine-tuning, by the error of the denoiser"}

// adaptations are what is compared; the first is the reference.
var adaptations = []string{"full", "sara:fraction=.1", "lora:rank=8", "lora:rank=2"}

// runAdapt trains a model on the first five digits and adapts it to the others. Errors are those of the denoiser on
// rows that no training saw.
func runAdapt(ctx context.Context, cfg RunConfig, run recipe.RunOptions, r *Result) error {
	t, err := data.Open(cmp.Or(cfg.Data, "examples/digits.csv"), data.OpenOptions{})
	if err != nil {
		return err
	}
	rest, taken, err := t.Take([]string{"label"})
	if err != nil {
		return err
	}
	r.Columns = []string{"weights trained", "error, new digits", "gain of full", "error, old digits"}
	for _, seed := range cfg.Seeds {
		var sets [2][2]*data.Table // old and new digits: to train on and to judge
		for i := range sets {
			for j := range sets[i] {
				sets[i][j] = &data.Table{Name: "digits", Columns: rest.Columns, Cols: rest.Cols}
			}
		}
		for i, v := range taken[0].Numbers {
			which, judge := 0, 0
			if v > 4 {
				which = 1
			}
			if i%5 == 0 {
				judge = 1
			}
			s := sets[which][judge]
			s.X, s.Rows = append(s.X, rest.Row(i)...), s.Rows+1
		}
		c := recipe.DefaultTrain()
		c.Path, c.Transform, c.Seed, c.Steps = "edm", "standardise", seed, cmp.Or(cfg.Steps, 6000)
		base, _, err := recipe.Fit(ctx, sets[0][0], c, run)
		if err != nil {
			return err
		}
		errors := func(m *ito.Model) (old, new float64, err error) {
			if old, err = denoiserError(ctx, m, sets[0][1], seed); err == nil {
				new, err = denoiserError(ctx, m, sets[1][1], seed)
			}
			return old, new, err
		}
		old, start, err := errors(base)
		if err != nil {
			return err
		}
		r.add("the model of the old digits", true, 0, start, 0, old)
		full := 0.
		for _, word := range adaptations {
			m, part, err := adapted(ctx, base, sets[1][0], word, cmp.Or(cfg.Steps, 6000)/3, seed, run)
			if err != nil {
				return err
			}
			old, new, err := errors(m)
			if err != nil {
				return err
			}
			if full == 0 {
				full = start - new
			}
			r.add(word, word == "full", part, new, (start-new)/full, old)
		}
	}
	gain, _ := spread(r.column("sara:fraction=.1", "gain of full"))
	r.atLeast(.9, gain, "SaRA, a tenth of the weights: its gain over that of full fine-tuning")
	drift, _ := spread(r.column("sara:fraction=.1", "error, old digits"))
	all, _ := spread(r.column("full", "error, old digits"))
	r.atMost(all, drift, "SaRA: error on the old digits, at most that after full fine-tuning")
	r.Budget = fmt.Sprintf("%d training steps of the model, a third of them of every adaptation",
		cmp.Or(cfg.Steps, 6000))
	r.Notes = append(r.Notes, "the error is the mean of ‖x̂0−x0‖²/D over noise levels, each over what it is where "+
		"nothing but the variance is known; drift is the error on the old digits")
	return nil
}

// adapted is a model trained on in one way, and the part of its weights that was trained.
func adapted(ctx context.Context, base *ito.Model, t *data.Table, word string, steps int, seed uint64,
	run recipe.RunOptions) (*ito.Model, float64, error) {
	how, err := nn.ParseAdaptation(word)
	if err != nil {
		return nil, 0, err
	}
	x, err := data.Apply(base.Transform, t)
	if err != nil {
		return nil, 0, err
	}
	a := recipe.Adapting{Base: base, How: how}
	c := recipe.DefaultTrain()
	c.Seed, c.Steps = seed, steps
	if c, err = a.For(c); err != nil {
		return nil, 0, err
	}
	d, report, err := recipe.FitAdapted(ctx, a, recipe.Set{Source: learn.Data{X: x}, Name: t.Name,
		Transform: base.Transform, Columns: base.Columns}, c, run)
	if err != nil {
		return nil, 0, err
	}
	m, err := d.Apply(base)
	return m, float64(report.Trained) / float64(report.Params), err
}

// denoiserError is the mean over twenty noise levels of ‖x̂0−x0‖², over 1/(1+1/σ²), what it is of normal columns of
// variance 1, a column.
func denoiserError(ctx context.Context, m *ito.Model, t *data.Table, seed uint64) (float64, error) {
	x, err := data.Apply(m.Transform, t)
	if err != nil {
		return 0, err
	}
	f, err := field.As(m.Field, m.Path, ito.PredX0)
	if err != nil {
		return 0, err
	}
	levels, err := solve.Karras(m.Path, 10, .05, 19)
	if err != nil {
		return 0, err
	}
	noisy, z, out, sum := x.Clone(), x.Like(x.D), x.Like(x.D), 0.
	for k, σ := range levels {
		ito.Seed(seed).Normal(z, rng.PurposePath, uint32(k), 0)
		for i := range noisy.X {
			noisy.X[i] = x.X[i] + σ*z.X[i]
		}
		if err := f.Predict(ctx, out, noisy, ito.Times{σ}, ito.Cond{}); err != nil {
			return 0, err
		}
		e := 0.
		for i, v := range out.X {
			e += (v - x.X[i]) * (v - x.X[i])
		}
		sum += e / float64(len(x.X)) * (1 + 1/(σ*σ)) / float64(len(levels))
	}
	if math.IsNaN(sum) {
		return 0, &ito.NonFiniteError{What: "error of the denoiser"}
	}
	return sum, nil
}
