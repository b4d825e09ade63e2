// Package model looks at model files beside sampling them: checks, prior and posterior predictions, leave-one-out
// cross-validation and simulation-based calibration.
package model

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/draws"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/target"
	"github.com/seed9a7962a8/ito/target/model"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/infer"
)

// CheckConfig sets which model is checked.
type CheckConfig struct {
	Model string `arg:"" where:"local" help:"A model file"`
	Data  string `where:"local" placeholder:"FILE" help:"Its data: a JSON object or a table"`
	Draws int    `default:"1000" min:"100" max:"100000" help:"Draws of the priors"`
	Seed  uint64 `default:"0" help:"Seed of the draws"`
}

// CheckReport is what a model file declares, and whether it holds together.
type CheckReport struct {
	Model      string          `json:"model"`
	D          int             `json:"d"`          // unconstrained coordinates
	Operations float64         `json:"operations"` // of a gradient
	Quantities []Quantity      `json:"quantities"`
	Terms      []Observed      `json:"observed"`
	Prior      []PriorQuantile `json:"prior,omitempty"`
	NoPrior    string          `json:"no_prior,omitempty"` // why there are no draws of the priors
	Gradient   string          `json:"gradient"`           // "agrees", or where it does not
	Finite     int             `json:"finite"`             // of 100 states near 0 in unconstrained coordinates
}

// Quantity is a parameter or what draws report beside them.
type Quantity struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Shape   []int  `json:"shape"`
	Support string `json:"support,omitempty"`
}

// Observed is an observe of the file.
type Observed struct {
	Distribution string `json:"distribution"`
	Shape        []int  `json:"shape"`
	Data         string `json:"data,omitempty"`
}

// PriorQuantile is a column under the prior.
type PriorQuantile struct {
	Column string  `json:"column"`
	Q05    float64 `json:"q5"`
	Q50    float64 `json:"q50"`
	Q95    float64 `json:"q95"`
}

// Check compiles a model, compares its gradient with differences at four states, counts the states at which its
// density is finite, and draws from its priors.
func Check(ctx context.Context, c CheckConfig, env task.Env) (*CheckReport, error) {
	pool, done := env.PoolOf(0)
	defer done()
	m, err := open(c.Model, c.Data, pool, env)
	if err != nil {
		return nil, err
	}
	r := &CheckReport{Model: c.Model, D: m.Dim(), Operations: m.Operations(), Gradient: "agrees"}
	for _, q := range m.Quantities() {
		r.Quantities = append(r.Quantities, Quantity{q.Name, q.Kind.String(), append([]int{}, q.Shape...), q.Support})
	}
	if terms, err := m.Terms(); err == nil {
		for _, t := range terms {
			r.Terms = append(r.Terms, Observed{t.Distribution, append([]int{}, t.YShape...), t.Name})
		}
	}
	x := near(m.Dim(), 100, c.Seed)
	lp := make([]float64, x.N)
	if err := m.LogDensity(ctx, lp, x); err != nil {
		return nil, err
	}
	var good []int
	for i, v := range lp {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			good = append(good, i)
		}
	}
	r.Finite = len(good)
	for _, i := range good[:min(4, len(good))] {
		if err := target.CheckGradient(ctx, m, x.Slice(i, i+1), 0); err != nil {
			r.Gradient = err.Error()
			break
		}
	}
	if len(good) == 0 {
		r.Gradient = "not compared: no state had a finite density"
	}
	return r, r.prior(ctx, m, c)
}

// prior adds quantiles of the columns under the prior.
func (r *CheckReport) prior(ctx context.Context, m *model.Model, c CheckConfig) error {
	x := ito.NewStates(c.Draws, m.Dim(), 0)
	err := m.PriorDraws(ctx, x, c.Seed, 0)
	var no *ito.UnsupportedError
	switch {
	case errors.As(err, &no):
		r.NoPrior = no.Why
		return nil
	case err != nil:
		return err
	}
	out := ito.NewStates(c.Draws, m.Width(), 0)
	if err := m.Draw(ctx, out, x, c.Seed, 0); err != nil {
		return err
	}
	for k, name := range m.Columns() {
		v := make([]float64, out.N)
		for i := range v {
			v[i] = out.X[i*out.D+k]
		}
		slices.Sort(v)
		at := func(p float64) float64 { return v[int(p*float64(len(v)-1)+.5)] }
		r.Prior = append(r.Prior, PriorQuantile{name, at(.05), at(.5), at(.95)})
	}
	return nil
}

// open compiles a model; what it prints is told.
func open(name, data string, pool *ad.Pool, env task.Env) (*model.Model, error) {
	return infer.Open(name, data, pool, env.Tell)
}

// near are states uniform in (−2, 2), where chains begin.
func near(d, n int, seed uint64) ito.States {
	x := ito.NewStates(n, d, 0)
	ito.Seed(seed).Uniform(x, rng.PurposeTarget, 0, 0)
	for i := range x.X {
		x.X[i] = 4*x.X[i] - 2
	}
	return x
}

// posteriorOf is statesOf for what averages over draws: of weighted particles it takes as many of equal weight, and it
// refuses a point.
func posteriorOf(m *model.Model, files []string) (*draws.Set, ito.States, error) {
	s, err := draws.Read(files...)
	if err != nil {
		return nil, ito.States{}, err
	}
	if s.IsPoint() {
		return nil, ito.States{}, &ito.InputError{Where: files[0], What: "it is a point estimate, and no draws",
			Do: "draw by ito infer, such as with nuts"}
	}
	return states(m, s.Resampled(s.Chains*s.Draws), files)
}

// statesOf reads the draws of a model and returns their unconstrained states, draw by draw, chain after chain.
func statesOf(m *model.Model, files []string) (*draws.Set, ito.States, error) {
	s, err := draws.Read(files...)
	if err != nil {
		return nil, ito.States{}, err
	}
	return states(m, s, files)
}

func states(m *model.Model, s *draws.Set, files []string) (*draws.Set, ito.States, error) {
	var at []int
	for _, name := range m.Columns() {
		k := slices.Index(s.Columns, name)
		if k < 0 && len(at) < parameters(m) {
			return nil, ito.States{}, &ito.InputError{Where: files[0], What: fmt.Sprintf("there is no column %s", name),
				Do: "give the draws of this model"}
		}
		at = append(at, k)
	}
	at = at[:parameters(m)]
	x := ito.NewStates(s.Chains*s.Draws, m.Dim(), 0)
	row := make([]float64, len(at))
	for c := range s.Chains {
		for i := range s.Draws {
			for j, k := range at {
				row[j] = s.Chain(k, c)[i]
			}
			if err := m.Unconstrain(x.Row(c*s.Draws+i), row); err != nil {
				return nil, x, &ito.InputError{Where: files[0], What: fmt.Sprintf("draw %d of chain %d: %v", i+1, c+1,
					err),
					Do: "give the draws of this model, with all their digits"}
			}
		}
	}
	return s, x, nil
}

// parameters is the number of columns of parameters.
func parameters(m *model.Model) int {
	n := 0
	for _, q := range m.Quantities() {
		if q.Kind == model.Parameter {
			k := 1
			for _, s := range q.Shape {
				k *= s
			}
			n += k
		}
	}
	return n
}
