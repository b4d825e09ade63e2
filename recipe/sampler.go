package recipe

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// sampler is a sampling that has been checked and planned.
type sampler struct {
	m      *ito.Model
	cfg    SampleConfig
	field  ito.Field
	solver ito.Solver
	grid   ito.Grid
	path   ito.Path       // of the grid: the model's, or a scheduler's levels
	hooks  []ito.Hook     // of a scheduler
	prior  *GaussianPrior // nil: the path's own
	from   ito.States     // not empty: sample i starts at row i mod N
	where  []float64
	levels *ito.Condition  // of which every sample draws a level; nil: where says what is asked for, if anything
	bySize []sized         // of graphs, whose numbers of nodes differ
	given  map[int]float64 // tokens that are known, by their place
	typed  *encode.Request // of a table with types; nil of other models
	ids    []uint64        // of the samples; nil: those from cfg.First on
	d      int             // of the states
	report SampleReport
}

func newSampler(m *ito.Model, cfg SampleConfig) (*sampler, error) {
	s, err := planSampler(m, cfg)
	if err != nil {
		return nil, err
	}
	if _, means := m.Path.(ito.RowMean); means && len(s.where) == 0 {
		return nil, &ito.InputError{Where: "`where`", What: "the centre of every row comes with the condition",
			Do: "give all conditions"}
	}
	if s.typed != nil {
		if err := s.typed.Alone(); err != nil {
			return nil, err
		}
	}
	asked := s.levels != nil || slices.ContainsFunc(s.where, func(v float64) bool { return v != 0 })
	return s, trainedFor(m, asked, cfg.Guidance)
}

// DrawnLevels is the condition of which samples draw a level each, by their shares in the data, where nothing is asked
// for: the one condition of a model that was trained with it and keeps the shares. It is nil for other models, whose
// samples are then drawn without a condition.
func DrawnLevels(m *ito.Model) *ito.Condition {
	if len(m.Conditions) != 1 || m.Encoding != nil || m.Space.Mask != nil {
		return nil
	}
	if _, means := m.Path.(ito.RowMean); means {
		return nil
	}
	c := &m.Conditions[0]
	dropout, known := dropoutOf(m)
	if len(c.Levels) == 0 || len(c.Shares) != len(c.Levels) || known && dropout == 1 {
		return nil
	}
	return c
}

// atPrecision is a model whose network multiplies as the word says, "" as it is.
func atPrecision(m *ito.Model, word string) (*ito.Model, error) {
	if word == "" {
		return m, nil
	}
	p, err := ad.ParsePrecision(word)
	if err != nil {
		return nil, &ito.InputError{Where: "`precision`", What: err.Error()}
	}
	net, ok := m.Field.(*field.Net)
	if !ok {
		return nil, &ito.UnsupportedError{What: fmt.Sprintf("a precision of a %T", m.Field), Why: "it is no network",
			Nearest: "no precision"}
	}
	if p == ad.Int8 && net.Weights.Quantised == nil {
		return nil, &ito.InputError{Where: "`precision`", What: "int8 of a model that is not quantised",
			Do: "make one by ito quantise, and sample that"}
	}
	c := *m
	c.Field = net.AtPrecision(p)
	return &c, nil
}

// planSampler is newSampler for a caller that knows what the model was trained for.
func planSampler(m *ito.Model, cfg SampleConfig) (*sampler, error) {
	if err := spec.Check(&cfg); err != nil {
		return nil, err
	}
	if cfg.N < 1 {
		return nil, &ito.InputError{Where: "-n", What: fmt.Sprintf("%d samples", cfg.N), Do: "ask for one or more"}
	}
	if err := cfg.bounds(); err != nil {
		return nil, err
	}
	if err := learn.CheckBound(m.Field, m.Path); err != nil {
		return nil, err
	}
	m, err := atPrecision(m, cfg.Precision)
	if err != nil {
		return nil, err
	}
	s := &sampler{m: m, cfg: cfg, field: m.Field, path: m.Path, report: SampleReport{N: cfg.N}}
	if s.d = m.Path.Dim(); s.d == 0 {
		s.d = m.Space.Dim()
	}
	if s.d == 0 {
		_, s.d = m.Transform.Dims(len(m.Columns))
	}
	if m.Encoding != nil {
		err = s.request()
	} else if s.where, err = data.ParseWhere(m.Conditions, cfg.Where); err == nil && cfg.Balance != "" {
		err = &ito.InputError{Where: "`balance`", What: "the model is of no table with types",
			Do: "give `where` for one level at a time"}
	}
	if err != nil {
		return nil, err
	}
	if cfg.Where == "" {
		s.levels = DrawnLevels(m)
	}
	if cfg.Guidance != 1 {
		if err := field.Guidable(m.Field); err != nil {
			return nil, err
		}
		if cfg.Where == "" && s.levels == nil && (s.typed == nil || s.typed.Nothing()) {
			return nil, &ito.InputError{Where: "`guidance`", What: "there is no condition to guide by",
				Do: "give `where`, or leave the guidance at 1"}
		}
		s.field = field.Guided{Field: m.Field, W: cfg.Guidance}
	}
	if m.Space.Mask != nil {
		if err := s.sizes(); err != nil {
			return nil, err
		}
	}
	if err := s.plan(); err != nil {
		return nil, err
	}
	if err := s.rowsToStart(); err != nil {
		return nil, err
	}
	if s.given, err = data.ParseGiven(m, cfg.Given); err != nil {
		return nil, err
	}
	s.prior, err = s.start()
	return s, err
}

// trainedFor refuses a sampling with conditions by a model that was trained without them all the time, and one without
// them, or guided by the difference, by a model that never was. A model that does not say how it was trained passes.
func trainedFor(m *ito.Model, asked bool, guidance float64) error {
	if len(m.Conditions) == 0 {
		return nil
	}
	dropout, known := dropoutOf(m)
	if !known {
		return nil
	}
	switch {
	case asked && dropout == 1:
		return &ito.InputError{Where: "`where`", What: "the model was trained with `dropout=1`, never with its " +
			"conditions", Do: "train with less `dropout`, or leave `where` out"}
	case !asked && dropout == 0:
		return &ito.InputError{Where: "`where`", What: "the model was trained with `dropout=0`, never without its " +
			"conditions", Do: "name them, as " + data.ExampleWhere(m.Conditions)}
	case guidance != 1 && dropout == 0:
		return &ito.InputError{Where: "`guidance`", What: "the model was trained with `dropout=0`, and guidance " +
			"compares with the model without conditions", Do: "train with `dropout=0.1`, or leave the guidance at 1"}
	}
	return nil
}

// draw fills x, whose ids are set, with finished states.
func (s *sampler) draw(ctx context.Context, x ito.States, opts solve.RunOptions) (solve.RunInfo, error) {
	opts.Noise = ito.Seed(s.cfg.Seed)
	opts.Cond = s.conditions(x, opts.Noise)
	if err := s.begin(x, opts.Cond); err != nil {
		return solve.RunInfo{}, err
	}
	return s.run(ctx, x, opts)
}

// conditions are those of the states x, by their ids and the noise; none where nothing is asked for.
func (s *sampler) conditions(x ito.States, noise ito.Noise) ito.Cond {
	switch {
	case s.typed != nil && !s.typed.Nothing():
		return s.typed.Cond(x.ID, s.cfg.Seed)
	case s.levels != nil:
		return data.DrawLevels(*s.levels, x, noise)
	case s.typed == nil && s.cfg.Where != "":
		return data.RepeatCondition(s.where, x.N)
	}
	return ito.Cond{}
}

// run carries x to its end within the model's space.
func (s *sampler) run(ctx context.Context, x ito.States, opts solve.RunOptions) (solve.RunInfo, error) {
	if space := s.m.Space; !space.Free() {
		opts.Space = space
	}
	opts.Hooks = append(s.hooks[:len(s.hooks):len(s.hooks)], opts.Hooks...)
	if s.cfg.Hooks != nil {
		opts.Hooks = append(opts.Hooks, s.cfg.Hooks(len(s.grid)-1)...)
	}
	return solve.Run(ctx, s.path, s.field, x, s.grid, s.solver, opts)
}

// rows turns states into rows of the user's columns, without their velocities on a momentum path.
func (s *sampler) rows(x ito.States) (ito.States, error) {
	d := path.DataDim(s.m.Path, x.D)
	if s.typed != nil {
		return s.cells(x, d)
	}
	columns, _ := s.m.Transform.Dims(d)
	out := x.Like(columns)
	for i := range x.N {
		if err := s.m.Transform.Inverse(out.Row(i), x.Row(i)[:d]); err != nil {
			return out, err
		}
	}
	return out, nil
}
