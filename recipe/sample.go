package recipe

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/config"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// SampleReport says what a sampling did.
type SampleReport struct {
	N       int     `json:"n"`
	Solver  string  `json:"solver"`
	Steps   int     `json:"steps"` // of the grid
	NFE     int     `json:"nfe"`   // network calls of the sample that had most
	Seconds float64 `json:"seconds"`

	Schedule string `json:"schedule,omitempty"` // of the stored schedule, its solver and grid in words; "": none was used
}

// Sample draws cfg.N samples and gives them to sink in order, in constant memory. Their bytes do not
// depend on the chunks, the workers, N or First: to continue an interrupted file call it with First and N
// moved on. An error of sink ends it and is returned. It refuses, before drawing, whatever of cfg does not
// fit the model (*ito.InputError, *ito.UnsupportedError).
func Sample(ctx context.Context, m *ito.Model, cfg SampleConfig, run Run, sink Sink) (SampleReport, error) {
	began := run.clock()
	s, err := newSampler(m, cfg)
	if err != nil {
		return SampleReport{}, err
	}
	err = s.chunks(ctx, run.workers(), sink)
	r := s.report
	r.Seconds = run.clock().Sub(began).Seconds()
	return r, err
}

// sampler is a sampling that has been checked and planned.
type sampler struct {
	m      *ito.Model
	cfg    SampleConfig
	field  ito.Field
	solver ito.Solver
	grid   ito.Grid
	prior  *start     // nil: the path's own
	from   ito.States // not empty: sample i starts at row i mod N
	where  []float64
	d      int // of the states
	report SampleReport
}

// defaultNFE is the number of calls that a sample gets when nothing is said.
const defaultNFE = 50

func newSampler(m *ito.Model, cfg SampleConfig) (*sampler, error) {
	if err := config.Check(&cfg); err != nil {
		return nil, err
	}
	if cfg.N < 1 {
		return nil, &ito.InputError{Where: "-n", What: fmt.Sprintf("%d samples", cfg.N), Do: "ask for one or more"}
	}
	if err := learn.CheckBound(m.Field, m.Path); err != nil {
		return nil, err
	}
	s := &sampler{m: m, cfg: cfg, field: m.Field, report: SampleReport{N: cfg.N}}
	if s.d = m.Path.Dim(); s.d == 0 {
		_, s.d = m.Transform.Dims(len(m.Columns))
	}
	var err error
	if s.where, err = data.ParseWhere(m.Conditions, cfg.Where); err != nil {
		return nil, err
	}
	if cfg.Guidance != 1 {
		if cfg.Where == "" {
			return nil, &ito.InputError{Where: "--guidance", What: "there is no condition to guide by", Do: "give --where, or leave the guidance at 1"}
		}
		s.field = field.Guided{Field: m.Field, W: cfg.Guidance}
	}
	if err := s.plan(); err != nil {
		return nil, err
	}
	if err := s.rowsToStart(); err != nil {
		return nil, err
	}
	s.prior, err = s.start()
	return s, err
}

// rowsToStart turns the rows at which samples start into states.
func (s *sampler) rowsToStart() error {
	_, crosses := s.m.Field.(*field.InterpolantNet)
	from := s.cfg.Start
	switch {
	case from.N == 0 && crosses && s.m.Prior == nil:
		return &ito.InputError{Where: "--from", What: "the model lies between two sets of rows, and samples start at rows of one", Do: "give --from a file of them"}
	case from.N == 0:
		return nil
	case !crosses:
		return &ito.InputError{Where: "--from", What: "the model samples from noise on path " + s.m.Path.Name(), Do: "leave it out"}
	}
	s.from = ito.NewStates(from.N, s.d, 0)
	for i := range from.N {
		if err := s.m.Transform.Forward(s.from.Row(i), from.Row(i)); err != nil {
			return &ito.InputError{Where: "--from", What: err.Error(), Do: "give the columns that the model learnt"}
		}
	}
	return nil
}

// plan chooses solver and grid.
func (s *sampler) plan() error {
	if stored := s.cfg.Schedule(s.m); stored != nil {
		s.solver, s.grid = stored.Solver, stored.Times
		s.report.Solver, s.report.Steps, s.report.Schedule = stored.Solver.Info().Name, len(stored.Times)-1, stored.Found.Name
		return nil
	}
	solver, err := solverFor(s.cfg)
	if err != nil {
		return err
	}
	if o, ok := solver.(solve.InterpolantSDE); ok {
		if solver, err = s.withScore(o); err != nil {
			return err
		}
	}
	steps := 1
	if !solver.Info().Adaptive {
		if steps, err = solve.StepsFor(solver, orDefault(s.cfg.NFE, defaultNFE), ito.Calls(s.field)); err != nil {
			return err
		}
	}
	s.solver, s.report.Solver = solver, solver.Info().Name
	if err := solve.Check(s.m.Path, solver); err != nil {
		return err
	}
	if s.grid, err = s.spaced(steps); err != nil {
		return err
	}
	s.report.Steps = steps
	if _, centred := s.m.Path.(*path.Centred); !centred {
		_, err = solver.Plan(s.m.Path, s.grid, s.field.Kind()) // what it refuses is refused before a file is made
	}
	return err
}

// withScore gives the SDE of an interpolant the score that the network learned, and its noise the shape of the path's: ε_t =
// ε γ²(t)/max γ², with σ for γ on a diagonal path. The score is −η/γ, so that ε_t s vanishes with γ and no number of steps is
// too small for an end.
func (s *sampler) withScore(o solve.InterpolantSDE) (ito.Solver, error) {
	ε, shape := s.cfg.Epsilon, noiseShape(s.m.Path)
	lo, hi := s.m.Path.Span()
	most := 0.0
	for i := range 101 {
		most = math.Max(most, shape(lo+(hi-lo)*float64(i)/100))
	}
	o.Epsilon = func(t float64) float64 { return ε * shape(t) / most }
	net, ok := s.m.Field.(*field.InterpolantNet)
	if !ok {
		return o, nil
	}
	both, err := net.As(field.PredBoth)
	if err != nil {
		return nil, err
	}
	o.Both = both
	if s.cfg.Guidance != 1 {
		o.Both = field.Guided{Field: both, W: s.cfg.Guidance}
	}
	return o, nil
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

// solverFor is the solver of a configuration, with its tolerance or noise.
func solverFor(cfg SampleConfig) (ito.Solver, error) {
	name := cfg.Solver
	if name == "auto" {
		name = DefaultSolver
	}
	if name == "usf" || strings.HasPrefix(name, "dpm-v3") {
		return nil, &ito.InputError{Where: "--solver", What: name + " needs decisions or statistics that belong to one model", Do: "let ito tune search and store them, and leave out --solver"}
	}
	solver, err := solve.ByName(name)
	if err != nil {
		return nil, at("--solver", err)
	}
	if !solver.Info().Adaptive && cfg.Tol != 0 {
		return nil, &ito.InputError{Where: "--tol", What: name + " takes steps of its grid and no tolerance", Do: "give --nfe, or --solver dopri5"}
	}
	if solver.Info().Adaptive && cfg.NFE != 0 {
		return nil, &ito.InputError{Where: "--nfe", What: name + " chooses its own steps and takes no number of network calls", Do: "give --tol, or another --solver"}
	}
	if _, ok := solver.(solve.InterpolantSDE); !ok && cfg.Epsilon != 1 {
		return nil, &ito.InputError{Where: "--epsilon", What: name + " has no ε", Do: "give --solver interpolant-sde"}
	}
	return solve.WithTolerance(solver, cfg.Tol)
}

// DefaultSolver is what samples where neither --solver nor a stored schedule says otherwise.
const DefaultSolver = "heun"

// Schedule is the stored schedule of the model that the configuration asks for, nil if it names a solver, a grid or a
// tolerance, or if the model has none for its network calls and guidance.
func (c SampleConfig) Schedule(m *ito.Model) *ito.Schedule {
	if c.Solver != "auto" || c.Grid != "auto" || c.Tol != 0 || c.NFE == 0 {
		return nil
	}
	return m.Schedule(c.NFE, c.Guidance)
}

// Check reports a solver or grid that there is not, with the nearest one, and settings that exclude each other. What
// the model cannot do is for [Sample] to say.
func (c SampleConfig) Check() error {
	if _, err := solverFor(c); err != nil {
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
		case p.Name() == "edm" || p.Name() == "pfgm":
			name = "karras"
		case steepEnds(p):
			name = "ends"
		}
	}
	g, err := solve.GridByName(name)
	return g, at("--grid", err)
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

// at puts a flag before an error of input that has no place yet.
func at(flag string, err error) error {
	var in *ito.InputError
	if errors.As(err, &in) && in.Where == "" {
		return &ito.InputError{Where: flag, What: in.What, Do: in.Do}
	}
	return err
}

func (s *sampler) spaced(steps int) (ito.Grid, error) {
	g, err := gridFor(s.cfg.Grid, s.m.Path)
	if err != nil {
		return nil, err
	}
	lo, hi := s.m.Path.Span()
	return g(s.m.Path, hi, lo, steps)
}

// start is the Gaussian to start from, nil for the path's own.
func (s *sampler) start() (*start, error) {
	g := s.m.Prior
	switch s.cfg.Prior {
	case "own":
		g = nil
	case "moments":
		if s.from.N > 0 {
			return nil, &ito.InputError{Where: "--prior", What: "samples start at the rows of --from", Do: "leave one of the two out"}
		}
		n, ok := s.m.Field.(field.Network)
		if _, crosses := n.(*field.InterpolantNet); !ok || crosses || len(n.Moments().Mean) == 0 {
			return nil, &ito.UnsupportedError{What: "a start from the moments of the data", Why: "the model does not know them", Nearest: "--prior model"}
		}
		m, err := path.MomentPrior(s.m.Path, n.Moments())
		if err != nil {
			return nil, err
		}
		g = &m
	}
	if g == nil {
		return nil, nil
	}
	return newStart(*g, s.d)
}

// begin fills x, whose ids are set, with starting states.
func (s *sampler) begin(x ito.States) error {
	if s.from.N > 0 {
		for i, id := range x.ID {
			copy(x.Row(i), s.from.Row(int(id%uint64(s.from.N))))
		}
		return nil
	}
	noise := ito.Seed(s.cfg.Seed)
	if s.prior == nil {
		return s.m.Path.Prior(x, ito.Cond{}, noise)
	}
	s.prior.draw(x, noise)
	return nil
}

// draw fills x, whose ids are set, with finished states.
func (s *sampler) draw(ctx context.Context, x ito.States, opts solve.Options) (solve.Info, error) {
	if err := s.begin(x); err != nil {
		return solve.Info{}, err
	}
	opts.Noise = ito.Seed(s.cfg.Seed)
	if s.cfg.Where != "" {
		opts.Cond = data.RepeatCondition(s.where, x.N)
	}
	return solve.Run(ctx, s.m.Path, s.field, x, s.grid, s.solver, opts)
}

// rows turns states into rows of the user's columns, without their velocities on a momentum path.
func (s *sampler) rows(x ito.States) (ito.States, error) {
	d := path.DataDim(s.m.Path, x.D)
	columns, _ := s.m.Transform.Dims(d)
	out := x.Like(columns)
	for i := range x.N {
		if err := s.m.Transform.Inverse(out.Row(i), x.Row(i)[:d]); err != nil {
			return out, err
		}
	}
	return out, nil
}

func orDefault[T int | float64](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}
