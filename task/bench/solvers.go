// Package bench measures what can be measured without a model and without data.
package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/tune"
)

// SolversConfig sets which solvers are compared, and on what.
type SolversConfig struct {
	Field  string   `where:"local" default:"ring" placeholder:"ring|hada|FILE" help:"The field: ring, hada, or a JSON file of a Gaussian mixture"`
	Path   string   `default:"vp" enum:"vp,edm,ve,subvp,flow,cosine,vsdm" help:"How data become noise: ${enum}"`
	NFE    []int    `name:"nfe" default:"5,10,20,50" min:"1" max:"1000" placeholder:"K,…" help:"Network calls a sample, one column each"`
	Solver []string `sep:"none" placeholder:"NAME,…" help:"Solvers to try, by the names of ito solvers. Without it those of the few-step literature on the grids on which they are used"`
	Rows   int      `default:"2048" min:"1" max:"1000000" help:"Starting states"`
	Draws  int      `default:"1024" min:"2" max:"1000000" help:"Draws of the data from which the statistics of DPM-Solver-v3 are taken"`
}

// SolversReport is the report: one line a solver on a grid.
type SolversReport struct {
	Field string       `json:"field"`
	Path  string       `json:"path"`
	From  float64      `json:"from"`
	To    float64      `json:"to"`
	Rows  int          `json:"rows"`
	NFE   []int        `json:"nfe"`
	Lines []SolverLine `json:"lines"`
	Best  []int        `json:"best"` // index of the line of least error at each of NFE; -1: there is none
}

// SolverLine is a solver on a grid.
type SolverLine struct {
	Name   string       `json:"name"`   // with its settings
	Solver string       `json:"solver"` // as ito solvers has it
	Grid   string       `json:"grid"`
	Cells  []SolverCell `json:"cells"` // one for each of NFE
}

// SolverCell is one number of calls. It is empty where the solver cannot take so many; an error that is not finite is
// no number and diverged.
type SolverCell struct {
	RMSE     *float64 `json:"rmse"`
	Median   *float64 `json:"median"`
	Diverged bool     `json:"diverged"`
}

// Solvers measures the errors that solvers leave on a field whose exact solution is known.
func Solvers(ctx context.Context, c SolversConfig, _ task.Env) (SolversReport, error) {
	var words []string // a comma in a word is not one between words
	for _, list := range c.Solver {
		words = append(words, spec.SplitList(list)...)
	}
	c.Solver = words
	if len(c.NFE) == 0 {
		return SolversReport{}, &ito.InputError{Where: "`nfe`", What: "no numbers", Do: "give some, as 5,10,20"}
	}
	c.NFE = slices.Clone(c.NFE)
	slices.Sort(c.NFE)
	c.NFE = slices.Compact(c.NFE)
	p, err := c.problem()
	if err != nil {
		return SolversReport{}, err
	}
	entries, err := c.entries(ctx, p)
	if err != nil {
		return SolversReport{}, err
	}
	rows, err := tune.Table(ctx, p, entries, c.NFE, c.Rows)
	var lost *ito.NonFiniteError
	if errors.As(err, &lost) {
		return SolversReport{}, &ito.InputError{Where: p.Name, What: "its probability flow cannot be computed: " +
			err.Error(), Do: "scale the means and variances to the order of 1"}
	}
	if err != nil {
		return SolversReport{}, err
	}
	return tabulate(p, entries, rows, c.NFE, c.Rows), nil
}

// problem is the field on its path.
func (c *SolversConfig) problem() (tune.MixtureProblem, error) {
	switch {
	case c.Field == "ring" && c.Path == "edm":
		return tune.On(c.Field, tune.RingEDM().Data, c.Path)
	case c.Field == "ring":
		return tune.On(c.Field, tune.Ring().Data, c.Path)
	case c.Field == "hada":
		return tune.On(c.Field, tune.Hada().Data, c.Path)
	}
	if !looksLikeFile(c.Field) {
		e := &ito.InputError{Where: "`field`", What: fmt.Sprintf("unknown field %q", c.Field),
			Do: "give ring, hada, or a file of a mixture whose name ends in .json"}
		if near := suggest.Nearest(c.Field, []string{"ring", "hada"}); near != "" {
			e.Do = fmt.Sprintf("did you mean %q? A file's name ends in .json", near)
		}
		return tune.MixtureProblem{}, e
	}
	m, err := readMixture(c.Field)
	if err != nil {
		return tune.MixtureProblem{}, err
	}
	return tune.On(c.Field, m, c.Path)
}

// entries are the lines of the table that the setting solver asks for.
func (c *SolversConfig) entries(ctx context.Context, p tune.MixtureProblem) ([]tune.Entry, error) {
	all := tune.Entries(p)
	v3 := tune.DPMv3{}.Info().Name
	if asked := slices.Contains(c.Solver, v3); asked || len(c.Solver) == 0 {
		lines, err := tune.V3Entries(ctx, p, c.Draws, tune.Statistics{})
		if err != nil {
			return nil, err
		}
		if len(lines) == 0 && asked {
			return nil, &ito.UnsupportedError{What: v3 + " on path " + p.Path.Name(),
				Why: "its statistics need one log-SNR for all directions, finite at both ends", Nearest: "dpmpp-3m"}
		}
		all = append(all, lines...)
	}
	if len(c.Solver) == 0 {
		return all, nil
	}
	var out []tune.Entry
	for i, name := range c.Solver {
		if slices.Contains(c.Solver[:i], name) {
			continue
		}
		var s ito.Solver
		if name != v3 { // it has its own statistics, which all has
			var err error
			if s, err = tabulated(name, p.Path); err != nil {
				return nil, err
			}
			name = s.Info().Name
		}
		before := len(out)
		for _, e := range all {
			// with the settings of the table
			if kind, _, _ := strings.Cut(solverName(e), ":"); solverName(e) == name || kind == name {
				out = append(out, e)
			}
		}
		if len(out) > before || s == nil {
			continue
		}
		for _, grid := range solve.GridNames() {
			out = append(out, tune.Entry{Name: name, Solver: func(int) ito.Solver { return s }, Grid: grid})
		}
	}
	return out, nil
}

// tabulated is the solver of a name, if it works on the path and has an error by calls to tabulate.
func tabulated(name string, p ito.Path) (ito.Solver, error) {
	s, err := solve.ByName(name)
	if err != nil {
		var e *ito.InputError
		if errors.As(err, &e) {
			e.Where = "`solver`"
		}
		return nil, err
	}
	if err := solve.Check(p, s); err != nil {
		return nil, err
	}
	switch info := s.Info(); {
	case info.Stochastic:
		return nil, &ito.InputError{Where: "`solver`", What: name + " is stochastic: it does not follow the " +
			"probability flow, and has no error of this kind", Do: "choose one whose kind ito solvers gives as ODE"}
	case info.Adaptive:
		return nil, &ito.InputError{Where: "`solver`", What: name + " chooses its own steps, not a number of calls",
			Do: "choose one whose calls ito solvers gives as a number"}
	}
	if _, ok := s.(solve.Finish); ok {
		return nil, &ito.InputError{Where: "`solver`", What: name + " does not end on the probability flow",
			Do: "leave out what follows the +"}
	}
	return s, nil
}

// solverName is the solver of an entry as ito solvers has it.
func solverName(e tune.Entry) string { return e.Solver(12).Info().Name }

// tabulate arranges the rows of a table by entry and number of calls.
func tabulate(p tune.MixtureProblem, entries []tune.Entry, rows []tune.Row, nfes []int, n int) SolversReport {
	r := SolversReport{Field: p.Name, Path: p.Path.Name(), From: p.From, To: p.To, Rows: n, NFE: nfes,
		Best: make([]int, len(nfes))}
	least := make([]float64, len(nfes))
	for k := range nfes {
		r.Best[k], least[k] = -1, math.Inf(1)
	}
	for i, e := range entries {
		l := SolverLine{Name: e.Name, Solver: solverName(e), Grid: e.Grid, Cells: make([]SolverCell, len(nfes))}
		for _, row := range rows {
			k, ok := slices.BinarySearch(nfes, row.Evals)
			if row.Solver != e.Name || row.Grid != e.Grid || !ok {
				continue
			}
			l.Cells[k] = SolverCell{RMSE: task.OrNull(row.RMSE), Median: task.OrNull(row.Median)}
			l.Cells[k].Diverged = l.Cells[k].RMSE == nil
			if row.RMSE < least[k] {
				r.Best[k], least[k] = i, row.RMSE
			}
		}
		r.Lines = append(r.Lines, l)
	}
	return r
}

// IsComplete reports that every line has a cell for every number of calls.
func (r *SolversReport) IsComplete() bool {
	return !slices.ContainsFunc(r.Lines, func(l SolverLine) bool { return len(l.Cells) != len(r.NFE) })
}
