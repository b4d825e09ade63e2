package recipe

import (
	"context"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// begin makes everything that the first step needs.
func (f *fit) begin(ctx context.Context) error {
	f.began = time.Now()
	var err error
	if f.cfg, err = f.cfg.For(f.space()); err != nil {
		return err
	}
	f.cfg = f.cfg.Sized(f.size())
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
	c, err := f.objective(f.cfg)
	if err != nil {
		return err
	}
	f.c = c
	probe := c.probe(space.Dim(), f.settings())
	tc, err := c.trainer()
	if err != nil {
		return err
	}
	family, err := c.network()
	if err != nil {
		return err
	}
	net, err := nn.New(family, tc.Objective.Ports(space, f.set.CondWidth(), moves(probe)), c.Seed)
	if err != nil {
		return &ito.InputError{What: err.Error()}
	}
	if net.Precision, err = ad.ParsePrecision(c.Precision); err != nil {
		return &ito.InputError{Where: "`precision`", What: err.Error()}
	}
	if f.private != nil {
		tc.Batch = f.private.source.rows.Most
	}
	drawn, err := f.drawn(probe)
	if err == nil {
		drawn, err = f.couple(ctx, probe, drawn)
	}
	if err != nil {
		return err
	}
	if f.trainer, err = learn.NewTrainer(tc, net, f.set.Source, drawn); err != nil {
		return err
	}
	if f.private != nil {
		if err := f.private.make(c, probe, f.trainer); err != nil {
			return err
		}
	}
	if f.start, err = c.pathFrom(f.trainer.Moments(), f.settings(), f.someRows); err != nil {
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
	if learns(f.start) {
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

// someRows are n of the training set, evenly strided, or all.
func (f *fit) someRows(n int) (ito.States, error) {
	n = min(n, f.set.Len())
	x, cond := ito.NewStates(n, f.set.Space().Dim(), 0), make([]float64, f.set.CondWidth())
	for i := range n {
		if err := f.set.Read(x.Slice(i, i+1), cond, i*f.set.Len()/n); err != nil {
			return x, err
		}
	}
	return x, nil
}

// objective is a configuration with all that the set decides.
func (f *fit) objective(c TrainConfig) (TrainConfig, error) {
	space := f.set.Space()
	if c.Objective == "auto" && space.Tokens() {
		c.Objective = learn.CrossEntropy{}.Name()
	}
	if t, ok := f.set.Encoding.(*encode.Table); ok && c.kind() == "mixed" && len(t.Blocks().At) == 0 {
		c.Path = "edm" // which mixed is where nothing has levels
	}
	return c.resolve(space.Dim(), f.settings())
}

// settings are what a path takes of the data beside their moments.
func (f *fit) settings() path.Settings {
	o := path.Settings{Levels: levels(f.set.Space())}
	if t, ok := f.set.Encoding.(*encode.Table); ok {
		b := t.Blocks()
		o.At, o.Corners, o.Scale = b.At, b.Corners, b.Scale
	}
	return o
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
