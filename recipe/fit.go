package recipe

import (
	"context"
	"runtime"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/learn"
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
	if err := f.begin(ctx); err != nil {
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
	belongs string     // what else a checkpoint belongs to: the base of an adaptation
	held    ito.Source // rows that are not trained on; nil: there are none
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
	case between(f.start) && f.from == nil && !path.SameEnds(f.start):
		g := fullNormal(s.Space().Dim())
		m.Prior = &g
	case f.c.Prior == "moments":
		g, err := path.MomentPrior(net.Bound(), f.trainer.Moments())
		if err != nil {
			return nil, err
		}
		m.Prior = &g
	}
	level := simd.Level()
	if net.Weights.Precision == ad.BF16 {
		level += ", " + simd.BF16()
	}
	m.Provenance = ito.Provenance{Version: f.run.Version, Arch: runtime.GOOS + "/" + runtime.GOARCH, SIMD: level,
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
