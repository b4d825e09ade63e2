// Package solvers lists the solvers and grids that have names.
package solvers

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/task"
)

// Config sets which are listed.
type Config struct {
	Path string `placeholder:"PATH" help:"Only those that work on this path, one of vp, ve, subvp, edm, flow, vsdm, cosine, discrete and onesided"`
}

// Report is the lists.
type Report struct {
	Grids   []string `json:"grids"`
	Solvers []Solver `json:"solvers"`
}

// Solver is one solver as the list has it.
type Solver struct {
	Name       string   `json:"name"`
	Order      int      `json:"order"`
	Evals      int      `json:"evals_per_step"` // 0: chooses its own steps
	Stochastic bool     `json:"stochastic"`
	Adaptive   bool     `json:"adaptive"`
	Paths      []string `json:"paths"`
	Source     string   `json:"source"`

	Settings []Setting `json:"settings,omitempty"`
}

// Setting is a setting as the list has it.
type Setting struct {
	Name    string `json:"name"`
	Values  string `json:"values"`
	Default string `json:"default"`
	Help    string `json:"help"`
}

// Run lists the solvers that work on a path, or all.
func Run(_ context.Context, c Config, _ task.Env) (Report, error) {
	var p ito.Path
	if c.Path != "" {
		var err error
		if p, err = path.New(c.Path, path.Settings{D: 2}); err != nil {
			return Report{}, err
		}
	}
	r := Report{Grids: solve.GridNames()}
	for _, s := range solve.Every() {
		if p != nil && solve.Check(p, s) != nil {
			continue
		}
		i := s.Info()
		l := Solver{Name: i.Name, Order: i.Order, Evals: i.Evals, Stochastic: i.Stochastic, Adaptive: i.Adaptive,
			Source: i.Source, Paths: []string{}}
		for _, need := range i.Needs {
			l.Paths = append(l.Paths, string(need))
		}
		for _, c := range solve.Settings(s) {
			l.Settings = append(l.Settings, Setting{c.Name, c.Values, c.Value, c.Help})
		}
		r.Solvers = append(r.Solvers, l)
	}
	return r, nil
}
