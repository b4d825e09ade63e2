package recipe

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// plan chooses solver and grid.
func (s *sampler) plan() error {
	if s.cfg.Scheduled != nil {
		return s.scheduled(s.cfg.Scheduled)
	}
	if d := s.m.Provenance.Distilled; d != nil {
		return s.student(d)
	}
	if stored := s.cfg.Schedule(s.m); stored != nil {
		s.solver, s.grid = stored.Solver, stored.Times
		s.report.Solver, s.report.Steps, s.report.Schedule = stored.Solver.Info().Name, len(stored.Times)-1,
			stored.Found.Name
		return nil
	}
	cfg := s.cfg
	if cfg.Solver == "auto" {
		switch {
		case ito.Has(s.m.Path, ito.CapJump):
			cfg.Solver = TokenSolver
		case ito.Has(s.m.Path, path.CapMixed):
			cfg.Solver = MixedSolver
		}
	}
	solver, final, err := solverFor(cfg)
	if err != nil {
		return err
	}
	if o, ok := solver.(solve.Diffusing); ok {
		if solver, err = s.withScore(o); err != nil {
			return err
		}
	}
	if err := solve.Check(s.m.Path, solver); err != nil {
		return err
	}
	if final != solve.Stop {
		solver = solve.Finish{Solver: solver, Action: final}
	}
	s.solver, s.report.Solver = solver, solver.Info().Name
	if err := s.planGrid(); err != nil {
		return err
	}
	s.report.Steps = len(s.grid) - 1
	_, err = solve.Plan(s.m.Path, s.grid, solver, s.field.Kind()) // what it refuses is refused before a file is made
	return err
}

// planGrid makes the grid of as many steps as the network calls allow.
func (s *sampler) planGrid() error {
	steps, err := 1, error(nil)
	if !s.solver.Info().Adaptive {
		calls := defaultNFE
		if s.cfg.Solver == "auto" && ito.Has(s.m.Path, path.CapMixed) {
			calls = mixedNFE
		}
		if steps, err = solve.StepsFor(s.solver, cmp.Or(s.cfg.NFE, calls), ito.Calls(s.field)); err != nil {
			return err
		}
	}
	if s.grid, err = s.spaced(steps); err != nil {
		return err
	}
	if k := len(s.grid) - 1; k > steps && s.cfg.NFE > 0 {
		cost := s.solver.Info().Evals * ito.Calls(s.field)
		return &ito.InputError{Where: "`grid`", What: fmt.Sprintf("its %d steps of %s take more network calls than "+
			"the %d of `nfe`", k, s.solver.Info().Name, s.cfg.NFE), Do: fmt.Sprintf("leave `nfe` out, or allow %d",
			s.cfg.NFE+(k-steps)*cost)}
	}
	return nil
}

// withScore gives the SDE of an interpolant the score that the network learned, and its noise the shape of the
// path's: ε_t = ε γ²(t)/max γ², with σ for γ on a diagonal path. The score is −η/γ, so that ε_t s vanishes with γ
// and no number of steps is too small for an end.
func (s *sampler) withScore(o solve.Diffusing) (ito.Solver, error) {
	ε, shape := s.cfg.Epsilon, noiseShape(s.m.Path)
	lo, hi := s.m.Path.Span()
	most := 0.0
	for i := range 101 {
		most = math.Max(most, shape(lo+(hi-lo)*float64(i)/100))
	}
	noise := func(t float64) float64 { return ε * shape(t) / most }
	kinds, ok := s.m.Field.(field.Kinds)
	if PairsOf(s.m.Field) == nil || !ok {
		return o.WithNoise(noise, nil), nil
	}
	both, err := kinds.As(path.PredBoth)
	if err != nil {
		return nil, err
	}
	if s.cfg.Guidance != 1 {
		both = field.Guided{Field: both, W: s.cfg.Guidance}
	}
	return o.WithNoise(noise, both), nil
}

// noiseShape is γ² of a path between two ends, σ² of a diagonal one, its largest mode's.
func noiseShape(p ito.Path) func(t float64) float64 {
	switch p := p.(type) {
	case ito.TwoEnded:
		return func(t float64) float64 { γ := p.Interpolation(t).Gamma; return γ * γ }
	case ito.Diagonal:
		return func(t float64) float64 {
			σ := make([]float64, p.Modes())
			p.Schedule(t, nil, σ, nil, nil)
			most := slices.Max(σ)
			return most * most
		}
	}
	return func(float64) float64 { return 1 }
}

// solverFor is the solver of a configuration, with its tolerance, and what it does at the end.
func solverFor(cfg SampleConfig) (ito.Solver, solve.Action, error) {
	final, err := solve.ActionByName(cfg.Final)
	if err != nil {
		return nil, 0, placed("`final`", err)
	}
	solver, err := tolerant(cfg)
	if f, ok := solver.(solve.Finish); ok {
		if final != solve.Stop && final != f.Action {
			return nil, 0, &ito.InputError{Where: "`final`", What: fmt.Sprintf("%s ends otherwise than by %s",
				cfg.Solver, cfg.Final), Do: "say it once"}
		}
		solver, final = f.Solver, f.Action
	}
	return solver, final, err
}

// tolerant is the solver that a configuration names, with its tolerance.
func tolerant(cfg SampleConfig) (ito.Solver, error) {
	name := cfg.Solver
	if name == "auto" {
		name = DefaultSolver
	}
	if name == "usf" || strings.HasPrefix(name, "dpm-v3") {
		return nil, &ito.InputError{Where: "`solver`", What: name + " needs decisions or statistics that belong to " +
			"one model", Do: "let ito tune search and store them, and leave out `solver`"}
	}
	solver, err := solve.ByName(name)
	if err != nil {
		return nil, placed("`solver`", err)
	}
	if !solver.Info().Adaptive && cfg.Tol != 0 {
		return nil, &ito.InputError{Where: "`tol`", What: name + " takes steps of its grid and no tolerance",
			Do: "give `nfe`, or `solver=dopri5`"}
	}
	if solver.Info().Adaptive && cfg.NFE != 0 {
		return nil, &ito.InputError{Where: "`nfe`", What: name + " chooses its own steps and takes no number of " +
			"network calls", Do: "give `tol`, or another `solver`"}
	}
	if _, ok := solver.(solve.Diffusing); !ok && cfg.Epsilon != 1 {
		return nil, &ito.InputError{Where: "`epsilon`", What: name + " has no ε", Do: "give `solver=interpolant-sde`"}
	}
	return solve.WithTolerance(solver, cfg.Tol)
}

// DefaultSolver is what samples where neither the setting solver nor a stored schedule says otherwise.
const DefaultSolver = "heun"

// TokenSolver is the DefaultSolver of tokens.
const TokenSolver = "ancestral"

// MixedSolver is the DefaultSolver of numbers and levels.
const MixedSolver = "mixed-2m"

// mixedNFE is the number of calls of numbers and levels where nothing is said.
const mixedNFE = 18

// Schedule is the stored schedule of the model that the configuration asks for, nil if it names a solver, a grid, a
// tolerance or a final action, or if the model has none for its network calls and guidance.
func (c SampleConfig) Schedule(m *ito.Model) *ito.SampleSchedule {
	if c.Solver != "auto" || c.Grid != "auto" || c.Final != "stop" || c.Tol != 0 || c.NFE == 0 || c.Scheduler != "" ||
		c.Scheduled != nil {
		return nil
	}
	return m.Schedule(c.NFE, c.Guidance)
}

// Check reports a solver or grid that there is not, with the nearest one, and settings that exclude each other. What
// the model cannot do is for [Sample] to say.
func (c SampleConfig) Check() error {
	if _, _, err := solverFor(c); err != nil {
		return err
	}
	_, err := gridFor(c.Grid, nil)
	return err
}

// gridFor is a grid by its name, "auto" being that of the path, or the even one without a path.
func gridFor(name string, p ito.Path) (solve.GridFunc, error) {
	if name == "auto" {
		name = "uniform"
		switch {
		case p == nil:
		case ito.Has(p, path.CapMixed):
			name = "unmasking"
		case path.LevelClock(p):
			name = "karras"
		case steepEnds(p):
			name = "ends"
		}
	}
	g, err := solve.GridByName(name)
	return g, placed("`grid`", err)
}

// steepEnds reports a path between two ends whose γ̇ has no bound at either.
func steepEnds(p ito.Path) bool {
	two, ok := p.(ito.TwoEnded)
	if !ok {
		return false
	}
	lo, hi := two.Span()
	for _, t := range []float64{lo, hi} {
		if c := two.Interpolation(t); c.Gamma == 0 && c.HalfDGamma2 != 0 {
			return true
		}
	}
	return false
}

// placed puts the name of a setting before an error of input that has no place yet.
func placed(setting string, err error) error {
	var in *ito.InputError
	if errors.As(err, &in) && in.Where == "" {
		return &ito.InputError{Where: setting, What: in.What, Do: in.Do}
	}
	return err
}

// spaced is the grid of so many steps, or of as many as are listed.
func (s *sampler) spaced(steps int) (ito.Grid, error) {
	g, err := gridFor(s.cfg.Grid, s.m.Path)
	if err != nil {
		return nil, err
	}
	lo, hi := s.m.Path.Span()
	p := s.m.Path
	m, mixed := p.(path.Levelled)
	if mixed { // the levels are those of the numbers
		p = m.EDM()
	}
	if l, ok, _ := solve.ParseLevels(s.cfg.Grid); ok {
		times, err := l.Times(p, hi, lo)
		if err != nil {
			return nil, placed("`grid`", err)
		}
		return times, s.finished(l, times[len(times)-1], lo)
	}
	if word, _, _ := strings.Cut(s.cfg.Grid, ":"); mixed && (word == "auto" || word == "unmasking") {
		p = m
	}
	return g(p, hi, lo, steps)
}

// finished refuses a list that leaves samples with noise in them, unless something is asked to be done with it.
func (s *sampler) finished(l solve.Levels, end, lo float64) error {
	if _, done := s.solver.(solve.Finish); end <= lo || done {
		return nil
	}
	last := l.Values[len(l.Values)-1]
	return &ito.InputError{Where: "`grid`", What: fmt.Sprintf("it ends at %g, where path %s is still noisy: its data "+
		"are at t=%g, the list ends at t=%g", last, s.m.Path.Name(), lo, end),
		Do: "list the data end too, or say `final=denoise` for the mean of what the last level leaves open"}
}
