package recipe

import (
	"fmt"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/learn"
)

// student is the plan of a model of few steps: one of its own schedules. Its field is no field that another solver
// could go along.
func (s *sampler) student(d *ito.Distilled) error {
	own := d.Method != learn.Progressive && s.cfg.Solver == "consistency"
	if s.cfg.Solver != "auto" && !own || s.cfg.Grid != "auto" || s.cfg.Final != "stop" || s.cfg.Tol != 0 {
		return &ito.InputError{Where: "`solver`", What: "the model was distilled (" + d.Method + ") and samples by " +
			"its own steps alone", Do: "leave out `solver`, `grid`, `final` and `tol`, or sample the model that it " +
			"was made of"}
	}
	calls := s.cfg.NFE
	if calls == 0 {
		calls = d.Steps
	}
	stored := s.m.Schedule(calls, s.cfg.Guidance)
	if stored == nil {
		var has []string
		for _, k := range s.m.Schedules {
			has = append(has, fmt.Sprint(k.Calls))
		}
		return &ito.InputError{Where: "`nfe`", What: fmt.Sprintf("the model was distilled (%s) for %s network calls, "+
			"without guidance", d.Method, strings.Join(has, ", ")), Do: "give one of these, or leave `nfe` out"}
	}
	s.solver, s.grid = stored.Solver, stored.Times
	s.report.Solver, s.report.Steps, s.report.Schedule = stored.Solver.Info().Name, len(stored.Times)-1,
		stored.Found.Name
	return nil
}
