package recipe

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/wrap"
)

// Adapting is how training goes on from a model: the steps of a [TrainConfig], with defaults for fewer of them. What
// is learnt and how it is told to the network, path, objective and wrapping, are the model's.
type Adapting struct {
	Base *ito.Model
	How  nn.Adaptation
}

// adaptSteps is the number of steps where none is given.
const adaptSteps = 2000

// For is the configuration of an adaptation: the model's own with the steps of another. Settings that the model decides
// and that are not their defaults are an *ito.InputError. An imported model has no configuration; its objective is that
// of what its network says.
func (a Adapting) For(c TrainConfig) (TrainConfig, error) {
	own := DefaultTrain()
	if text := a.Base.Provenance.Config; text != "" {
		if err := spec.Parse("the model", text, &own); err != nil {
			return own, err
		}
	}
	steps := map[string]bool{"seed": true, "steps": true, "batch": true, "lr": true, "schedule": true, "warmup": true,
		"decay": true, "clip": true, "ema": true, "dropout": true, "times": true, "hold-out": true}
	for _, name := range spec.Names(&c) {
		if !steps[name] && !spec.IsDefault(&c, name) {
			return own, &ito.InputError{Where: "`" + name + "`", What: "an adaptation has it from its model",
				Do: "leave it out"}
		}
	}
	own.Seed, own.Steps, own.Batch, own.Schedule = c.Seed, c.Steps, c.Batch, c.Schedule
	own.LR = cmp.Or(c.LR, usualLR)
	own.Warmup, own.Decay, own.Clip, own.EMA, own.Dropout = c.Warmup, c.Decay, c.Clip, c.EMA, c.Dropout
	own.Times, own.HoldOut, own.Stages, own.StageSteps, own.Epsilon = c.Times, c.HoldOut, 0, 0, 0
	if own.Steps == 0 {
		own.Steps = adaptSteps
	}
	return own, nil
}

// FitAdapted trains a model on, on a set in the model's own states, as [FitSource] trains one: with checkpoints, and
// to the same bytes after an interruption. cfg is that of [Adapting.For].
func FitAdapted(ctx context.Context, a Adapting, s Set, cfg TrainConfig, run RunOptions) (*store.Delta, *TrainReport,
	error) {
	f := &fit{set: s, cfg: cfg, run: run}
	began := run.Clock()
	if err := f.adapt(a); err != nil {
		return nil, nil, err
	}
	first := f.trainer.Step()
	if err := f.learn(ctx); err != nil {
		return nil, nil, err
	}
	r := f.report
	r.Steps, r.Losses = f.trainer.Step(), f.trainer.Losses()
	r.Seconds = run.Clock().Sub(began).Seconds()
	if r.Seconds > 0 {
		r.Speed = float64(r.Steps-first) / r.Seconds
	}
	d := &store.Delta{Adaptation: a.How, Trained: append([]float32(nil), f.trainer.AverageState()...)}
	m := ito.Model{}
	f.reportHeld(&m)
	d.Provenance = ito.Provenance{Version: run.Version, Arch: runtime.GOOS + "/" + runtime.GOARCH, SIMD: simd.Level(),
		Created: run.Clock().UTC().Format(time.RFC3339), Data: s.Name, Digest: f.digest, Seed: f.c.Seed,
		Config: f.identity(), HeldOut: m.Provenance.HeldOut}
	return d, r, nil
}

// belongs is what an adaptation belongs to beside its configuration and data.
func (a Adapting) belongs(word string) (string, error) {
	base, err := store.ModelDigest(a.Base)
	return fmt.Sprintf("adapt = %q\nbase = %q\n", word, base), err
}

// Identity is what a finished delta says of its configuration, data and base.
func (a Adapting) Identity(s Set, cfg TrainConfig) (string, error) {
	word, err := nn.AdaptationWord(a.How)
	if err != nil {
		return "", err
	}
	f := &fit{cfg: cfg, digest: s.Digest()}
	f.belongs, err = a.belongs(word)
	return f.identity(), err
}

// adapt makes everything that the first step of an adaptation needs.
func (f *fit) adapt(a Adapting) error {
	f.began, f.digest = time.Now(), f.set.Digest()
	net, ok := a.Base.Field.(*field.Net)
	if !ok {
		return &ito.UnsupportedError{What: fmt.Sprintf("adapting a %T", a.Base.Field), Why: "it is no network",
			Nearest: "a model of ito train"}
	}
	if _, ends := net.Bound().(ito.TwoEnded); ends {
		return &ito.UnsupportedError{What: "adapting a model on path " + net.Bound().Name(),
			Why: "it lies between two ends, and an adaptation begins at one", Nearest: "a model on vp, edm or flow"}
	}
	word, err := nn.AdaptationWord(a.How)
	if err == nil {
		f.belongs, err = a.belongs(word)
	}
	if err != nil {
		return err
	}
	if err := f.holdOut(); err != nil {
		return err
	}
	if f.c, err = f.objective(f.cfg); err != nil {
		return err
	}
	tc, err := f.c.trainer()
	if err != nil {
		return err
	}
	if f.cfg.Path == "auto" && a.Base.Provenance.Config == "" {
		tc.Objective = objectiveOf(net.Predicts)
	}
	if g := net.Moments(); len(g.Mean) > 0 {
		tc.Moments = &g
	}
	if made, ok := net.Wrap.(wrap.Made); ok {
		tc.Wrapping = made.Maker()
	}
	if f.trainer, err = learn.NewTrainer(tc, net.Weights, f.set.Source, learn.Drawn{}); err != nil {
		return err
	}
	adapter, err := a.How.Of(net.Weights, f.c.Seed)
	if err != nil {
		return &ito.InputError{Where: "`adapt`", What: err.Error()}
	}
	if err := f.trainer.Adapt(adapter); err != nil {
		return err
	}
	f.start = net.Bound()
	f.report = &TrainReport{Train: f.c, Rows: f.set.Len() + f.heldRows(), HeldRows: f.heldRows(),
		Dim: f.set.Space().Dim(), Params: len(net.Weights.Params), Trained: len(adapter.Initial()), Adaptation: word}
	if f.run.Resume {
		if err := f.resume(); err != nil {
			return err
		}
	}
	f.saved = f.run.Clock()
	return nil
}

// objectiveOf is the objective of a network that says a kind of prediction.
func objectiveOf(kind ito.Prediction) learn.Objective {
	switch kind {
	case ito.PredX0:
		return learn.Denoising{}
	case ito.PredVelocity:
		return learn.FlowMatching{}
	case ito.PredLogits:
		return learn.CrossEntropy{}
	}
	return learn.ScoreMatching{}
}
