package recipe

import (
	"context"
	"runtime"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

// Fit trains a model on the rows of t, whose Condition columns are conditioned on and whose others are
// learnt. With run.Checkpoint it leaves checkpoints, and with run.Resume it continues from one to the same bytes as an
// uninterrupted run; the caller removes the checkpoint of a finished run once the model is saved. A
// checkpoint of another configuration or table is a *store.ConfigError that names the field. When ctx is
// cancelled Fit writes a checkpoint and returns the error of ctx. The table is not changed.
func Fit(ctx context.Context, t *data.Table, cfg TrainConfig, run RunOptions) (*ito.Model, *TrainReport, error) {
	return fitRows(ctx, t, nil, cfg, run)
}

func fitRows(ctx context.Context, t, from *data.Table, cfg TrainConfig, run RunOptions) (*ito.Model, *TrainReport,
	error) {
	return (&fit{table: t, from: from, cfg: cfg, run: run}).fit(ctx)
}

// fit does it.
func (f *fit) fit(ctx context.Context) (*ito.Model, *TrainReport, error) {
	run := f.run
	began := run.Clock()
	if err := f.begin(); err != nil {
		return nil, nil, err
	}
	first := f.trainer.Step()
	if err := f.learn(ctx); err != nil {
		return nil, nil, err
	}
	m, err := f.model()
	if err != nil {
		return nil, nil, err
	}
	r := f.report
	r.Steps, r.Losses, r.Stages = f.trainer.Step(), f.trainer.Losses(), f.path.History
	r.Seconds = run.Clock().Sub(began).Seconds()
	if r.Seconds > 0 {
		r.Speed = float64(r.Steps-first) / r.Seconds
	}
	f.reportHeld(m)
	f.warn()
	if f.private != nil { // whose digest would tell who has the rows
		m.Provenance.Digest = ""
		return m, r, nil
	}
	if err := f.check(ctx, m); err != nil {
		return nil, nil, err
	}
	return m, r, nil
}

// fit is a training in progress.
type fit struct {
	cfg     TrainConfig // as given
	c       TrainConfig // resolved
	run     RunOptions
	table   *data.Table // nil: the set is given
	from    *data.Table // rows of the drawn end; nil: noise
	digest  string
	set     Set        // what is learnt
	rows    ito.States // of the set, where it is a table
	start   ito.Path
	path    learn.Alternation // of vsdm and vsmd; without a Path on the others
	trainer *learn.Trainer
	report  *TrainReport
	began   time.Time
	saved   time.Time
	private *private   // nil: the training is not differentially private
	held    ito.Source // rows that are not trained on; nil: there are none
}

// begin makes everything that the first step needs.
func (f *fit) begin() error {
	f.began = time.Now()
	var err error
	if f.cfg, err = f.cfg.For(f.space()); err != nil {
		return err
	}
	if f.table != nil {
		f.digest = DataDigest(f.table, f.from)
		err = f.prepare()
	} else {
		f.digest = f.set.Digest()
		err = f.set.check(f.cfg)
	}
	if err == nil {
		err = f.holdOut()
	}
	if err != nil {
		return err
	}
	space := f.set.Space()
	c := f.cfg
	if c.Objective == "auto" && space.Tokens() {
		c.Objective = learn.CrossEntropy{}.Name()
	}
	if t, ok := f.set.Encoding.(*encode.Table); ok && c.kind() == "mixed" && len(t.Blocks().At) == 0 {
		c.Path = "edm" // which mixed is where nothing has levels
	}
	c, err = c.Resolve(space.Dim())
	if err != nil {
		return err
	}
	f.c = c
	tc, err := c.trainer()
	if err != nil {
		return err
	}
	family, err := c.network()
	if err != nil {
		return err
	}
	net, err := nn.New(family, tc.Objective.Ports(space, f.set.CondWidth(), c.momentum()), c.Seed)
	if err != nil {
		return &ito.InputError{What: err.Error()}
	}
	if f.private != nil {
		tc.Batch = f.private.source.rows.Most
	}
	drawn, err := f.drawn()
	if err != nil {
		return err
	}
	if f.trainer, err = learn.NewTrainer(tc, net, f.set.Source, drawn); err != nil {
		return err
	}
	if f.private != nil {
		if err := f.private.make(c, f.trainer); err != nil {
			return err
		}
	}
	if c.kind() == "mixed" {
		f.start, err = f.mixed()
	} else {
		f.start, err = c.path(f.trainer.Moments(), levels(space))
	}
	if err != nil {
		return err
	}
	if _, means := f.start.(ito.RowMean); means && f.table == nil {
		return &ito.UnsupportedError{What: "training on path " + f.start.Name(),
			Why: "the centre of a row is a condition of a table of numbers, such as npy", Nearest: "path vp"}
	}
	if f.set.Nodes != nil && f.start.Dim() != 0 {
		return &ito.UnsupportedError{What: "training on graphs",
			Why: "path " + f.start.Name() + " is of graphs of one size", Nearest: "path vp"}
	}
	if c.learnt() {
		f.path.Path = f.start
	}
	f.report = &TrainReport{Train: c, Rows: f.set.Len() + f.heldRows(), HeldRows: f.heldRows(), Dim: space.Dim(),
		Params: len(net.Params), Warm: c.Warm && c.kind() == "vsdm"}
	if f.private != nil {
		f.report.Private = &f.private.report
	}
	if f.run.Resume {
		if err := f.resume(); err != nil {
			return err
		}
	}
	f.saved = f.run.Clock()
	return nil
}

// mixed is the path of a table with types whose levels are absorbed.
func (f *fit) mixed() (ito.Path, error) {
	t, ok := f.set.Encoding.(*encode.Table)
	if !ok {
		return nil, &ito.UnsupportedError{What: "path mixed", Why: "it is for tables with types, and " + f.set.Name +
			" has rows of numbers", Nearest: "path edm"}
	}
	return path.NewMixed(t.Blocks())
}

// space is what is learnt where that is no table.
func (f *fit) space() ito.Space {
	if f.table != nil {
		return ito.Space{}
	}
	return f.set.Space()
}

// prepare turns the table into states and conditions.
func (f *fit) prepare() error {
	rest, taken, err := f.table.Take(f.cfg.Condition)
	if err != nil {
		return err
	}
	if len(f.cfg.Scale) > 0 {
		if err := rest.Scale(f.cfg.Scale); err != nil {
			return err
		}
	}
	s := &f.set
	if s.Transform, err = data.FitTransform(f.cfg.Transform, rest); err != nil {
		return err
	}
	var rows learn.Data
	if rows.X, err = data.Apply(s.Transform, rest); err != nil {
		return err
	}
	s.Name, s.Columns = f.table.Name, rest.Columns
	if len(taken) > 0 {
		if s.Conditions, err = f.fitConditions(taken, rows.X.D); err != nil {
			return err
		}
		if rows.Cond, err = data.EncodeConditions(s.Conditions, taken); err != nil {
			return err
		}
	}
	s.Source, f.rows = rows, rows.X
	return nil
}

// learn goes through the stages, if there are any, and trains to the end.
func (f *fit) learn(ctx context.Context) error {
	err := f.stages(ctx)
	if err == nil && f.held != nil {
		err = f.trainer.HoldOut(f.held, f.heldEvery(), f.patience())
	}
	if err == nil {
		err = f.trainer.Run(ctx, f.c.Steps, f.options("train"))
	}
	if err != nil && ctx.Err() != nil {
		if e := f.save(); e != nil {
			return e
		}
	}
	return err
}

func (f *fit) stages(ctx context.Context) error {
	if f.path.Path == nil {
		return f.trainer.Bind(f.start)
	}
	a := f.c.alternate(f.run.WorkerCount())
	if f.set.CondWidth() > 0 {
		a.Cond = f.conditions
	}
	_, err := a.Run(ctx, f.path, f.trainer.With(f.options("stage")), func(s learn.Alternation) error {
		f.path = s
		return f.save()
	})
	if err != nil {
		return err
	}
	return f.trainer.Bind(f.path.Path)
}

// conditions draws those of the paths that a stage simulates from the data.
func (f *fit) conditions(stage int) (ito.Cond, error) {
	return f.someConditions(f.c.StagePaths, rng.NewKey(f.c.Seed, rng.PurposeData, uint32(stage), 1))
}

// someConditions are the conditions of n examples that the key draws.
func (f *fit) someConditions(n int, key rng.Key) (ito.Cond, error) {
	c := ito.Cond{C: f.set.CondWidth(), X: make([]float64, n*f.set.CondWidth())}
	one := ito.NewStates(1, f.set.Space().Dim(), 0)
	for i := range n {
		if err := f.set.Read(one, c.Row(i), key.Intn(uint64(i), 0, f.set.Len())); err != nil {
			return c, err
		}
	}
	return c, nil
}

// options are what surrounds the trainer's steps.
func (f *fit) options(phase string) learn.LoopOptions {
	o := learn.LoopOptions{Pool: f.run.Pool, Progress: f.run.Progress}
	o.Label = func(e learn.TrainEvent) learn.TrainEvent {
		e.Phase, e.Elapsed = phase, time.Since(f.began)
		if phase == "stage" {
			e.Stage, e.Stages = min(len(f.path.History)+1, f.c.Stages), f.c.Stages
		}
		if n := len(f.path.History); n > 0 {
			e.Modes = f.path.History[n-1].Modes
		}
		return e
	}
	if f.run.Checkpoint != nil {
		o.After = func(step int) error {
			if step%16 != 0 || f.run.Clock().Sub(f.saved) < f.run.every() {
				return nil
			}
			return f.save()
		}
	}
	return o
}

// model is the finished model.
func (f *fit) model() (*ito.Model, error) {
	net, err := f.trainer.Field()
	if err != nil {
		return nil, err
	}
	s := f.set
	m := ito.Model{Path: net.Bound(), Field: net, Transform: s.Transform, Columns: s.Columns, Conditions: s.Conditions,
		Encoding: s.Encoding}
	if f.table == nil {
		m.Space, m.Vocabulary, m.Nodes = s.Space(), s.Vocabulary, s.Nodes
	}
	switch {
	case f.c.kind() == "interpolant" && f.from == nil && f.c.Family != path.Mirror:
		g := fullNormal(s.Space().Dim())
		m.Prior = &g
	case f.c.Prior == "moments":
		g, err := path.MomentPrior(net.Bound(), f.trainer.Moments())
		if err != nil {
			return nil, err
		}
		m.Prior = &g
	}
	m.Provenance = ito.Provenance{Version: f.run.Version, Arch: runtime.GOOS + "/" + runtime.GOARCH, SIMD: simd.Level(),
		Created: f.run.Clock().UTC().Format(time.RFC3339), Data: s.Name, Digest: f.digest, Seed: f.c.Seed,
		Config: spec.Canonical(&f.cfg)}
	return &m, nil
}

// fullNormal is N(0,I) as it stands in model files of few columns.
func fullNormal(d int) ito.Gaussian {
	g := ito.StandardNormal(d)
	if d > ito.DefaultFull {
		return g
	}
	g.Cov = make([]float64, d*d)
	for i := range d {
		g.Cov[i*d+i] = 1
	}
	return g
}
