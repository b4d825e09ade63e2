package recipe

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/interop"
)

// Scheduled is how a scheduler of diffusers samples.
type Scheduled struct {
	Scheduler *interop.Scheduler
	Call      interop.CallOptions
}

// SchedulerPlan is the plan that a sampling with a scheduler follows, with its notices.
func SchedulerPlan(m *ito.Model, cfg SampleConfig) (*interop.SchedulerPlan, error) {
	s := &sampler{m: m, cfg: cfg, field: m.Field}
	if cfg.Guidance != 1 {
		s.field = field.Guided{Field: m.Field, W: cfg.Guidance}
	}
	return s.schedulerPlan(cfg.Scheduled)
}

// scheduled plans a sampling by the levels and steps of a scheduler of diffusers, with as many inference steps as the
// network calls allow, instead of those of the model's path.
func (s *sampler) scheduled(by *Scheduled) error {
	cfg := s.cfg
	for _, other := range []struct {
		name string
		set  bool
	}{{"solver", cfg.Solver != "auto"}, {"grid", cfg.Grid != "auto"}, {"final", cfg.Final != "stop"},
		{"tol", cfg.Tol != 0}, {"prior", cfg.Prior != "model"}, {"from", cfg.From != "" || cfg.Start.N > 0},
		{"given", cfg.Given != ""}, {"epsilon", cfg.Epsilon != 1}} {
		if other.set {
			return &ito.InputError{Where: "`" + other.name + "`", What: "a scheduler has its own",
				Do: "leave it or `scheduler` out"}
		}
	}
	p, err := s.schedulerPlan(by)
	if err != nil {
		return err
	}
	f, err := p.FieldOf(s.field, s.m.Path)
	if err != nil {
		return err
	}
	s.field, s.path, s.solver, s.grid = f, p.Path, p.Solver, p.Grid
	s.hooks = p.Hooks
	s.report.Solver, s.report.Steps = p.Solver.Info().Name, len(p.Grid)-1
	_, err = p.Solver.Plan(p.Path, p.Grid, f.Kind())
	return err
}

// schedulerPlan is the plan of as many inference steps as make no more calls than `nfe`.
func (s *sampler) schedulerPlan(by *Scheduled) (*interop.SchedulerPlan, error) {
	each := ito.Calls(s.field)
	allowed := defaultNFE
	if s.cfg.NFE > 0 {
		allowed = s.cfg.NFE
	}
	if by.Call.Timesteps != nil || by.Call.Sigmas != nil {
		p, err := by.Scheduler.Plan(0, by.Call)
		if err == nil && s.cfg.NFE > 0 && (len(p.Grid)-1)*each > allowed {
			err = &ito.InputError{Where: "`nfe`", What: fmt.Sprintf("the list of the scheduler takes %d network calls",
				(len(p.Grid)-1)*each), Do: "leave `nfe` out"}
		}
		return p, err
	}
	var first error
	for n := allowed / each; n >= 1; n-- {
		p, err := by.Scheduler.Plan(n, by.Call)
		if err == nil && (len(p.Grid)-1)*each <= allowed {
			return p, nil
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		first = &ito.InputError{Where: "`nfe`", What: fmt.Sprintf("%s does not fit into %d network calls",
			by.Scheduler.Class(), allowed), Do: "allow more"}
	}
	return nil, first
}
