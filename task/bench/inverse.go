package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/inverse"
	"github.com/seed9a7962a8/ito/task"
)

// InverseConfig sets which methods of restoration are measured on which posteriors.
type InverseConfig struct {
	Priors     []string `default:"gaussian,mixture" help:"Data: gaussian, mixture"`
	Dims       []int    `name:"dims" default:"2,20" min:"2" max:"4096" help:"Dimensions of the data"`
	Operators  []string `name:"operators" help:"Kinds of operators: mask, blur, downsample, random, fourier; none: all" placeholder:"KIND,…"`
	Methods    []string `name:"methods" help:"Methods, as words without commas; none: all" placeholder:"NAME,…"`
	Noise      float64  `default:"0.2" above:"0" help:"Standard deviation of the measurement's noise"`
	Posteriors int      `default:"100" min:"1" max:"100000" help:"Measurements, each of data of its own"`
	Draws      int      `default:"39" min:"19" max:"9999" help:"Draws of each posterior, 19, 39, 59, …"`
	Levels     int      `min:"0" default:"0" help:"Noise levels; 0: each method's"`
	Seed       uint64   `default:"1" help:"Seed of everything"`
	Workers    int      `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no number"`
}

// InverseLine is a method on a prior and an operator.
type InverseLine struct {
	Prior    string            `json:"prior"`
	Dim      int               `json:"dim"`
	Operator string            `json:"operator"`
	Method   string            `json:"method"`
	Is       inverse.Exactness `json:"is"`
	Ratio    float64           `json:"ratio"` // sliced W2 to exact draws, in floors
	Distance float64           `json:"sliced_w2"`
	Floor    float64           `json:"floor"`
	Within50 float64           `json:"within_50"`
	Within90 float64           `json:"within_90"`
	SE       float64           `json:"within_50_se"`
	RMSE     float64           `json:"rmse"`
	Exact    float64           `json:"exact_rmse"`
	Evals    int               `json:"evals"` // network calls a draw
	Failed   string            `json:"failed,omitempty"`
}

// InverseReport is the table.
type InverseReport struct {
	Posteriors int           `json:"posteriors"`
	Draws      int           `json:"draws"`
	Noise      float64       `json:"noise"`
	Seed       uint64        `json:"seed"`
	Lines      []InverseLine `json:"lines"`
}

// Inverse measures methods of restoration on posteriors in closed form.
func Inverse(ctx context.Context, c InverseConfig, env task.Env) (InverseReport, error) {
	r := InverseReport{Posteriors: c.Posteriors, Draws: c.Draws, Noise: c.Noise, Seed: c.Seed}
	if err := spec.Check(&c); err != nil {
		return r, err
	}
	methods := inverse.Methods()
	if len(c.Methods) > 0 {
		methods = nil
		for _, w := range c.Methods {
			m, err := inverse.ParseMethod(w)
			if err != nil {
				return r, err
			}
			methods = append(methods, m)
		}
	}
	type job struct {
		line  InverseLine
		trial inverse.Trial
		m     inverse.Method
	}
	var jobs []job
	for _, kind := range c.Priors {
		for _, d := range c.Dims {
			prior, err := inverse.PriorOf(kind, d)
			if err != nil {
				return r, err
			}
			found := false
			for _, word := range inverse.TrialOperators(d) {
				if len(c.Operators) > 0 && !slices.Contains(c.Operators, inverse.KindOf(word)) {
					continue
				}
				found = true
				for _, m := range methods {
					l := InverseLine{Prior: kind, Dim: d, Operator: word, Method: inverse.MethodWord(m),
						Is: m.Info().Is}
					jobs = append(jobs, job{l, inverse.Trial{Prior: prior, Operator: word, Sigma: c.Noise,
						Posteriors: c.Posteriors, Draws: c.Draws, Levels: c.Levels, Seed: c.Seed}, m})
				}
			}
			if !found {
				return r, &ito.InputError{Where: "`operators`", What: fmt.Sprintf("none of %v is there", c.Operators),
					Do: "mask, blur, downsample, random and fourier are"}
			}
		}
	}
	lines := make([]InverseLine, len(jobs))
	g, ctx := errgroup.WithContext(ctx)
	workers := c.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	g.SetLimit(workers)
	done := make(chan struct{}, len(jobs))
	for i, j := range jobs {
		g.Go(func() error {
			l := j.line
			t, err := j.trial.Run(ctx, j.m)
			var nf *ito.NonFiniteError
			switch {
			case errors.As(err, &nf):
				l.Failed = err.Error()
			case err != nil:
				return err
			default:
				l.Ratio, l.Distance, l.Floor = t.Ratio(), t.Distance, t.Floor
				l.Within50, l.Within90, l.SE = t.Within50, t.Within90, t.SE
				l.RMSE, l.Exact, l.Evals = t.RMSE, t.ExactRMSE, t.Evals
			}
			lines[i] = l
			done <- struct{}{}
			env.Count("bench", int64(len(done)), int64(len(jobs)))
			return nil
		})
	}
	err := g.Wait()
	if err == nil {
		r.Lines = lines
	}
	return r, err
}
