package infer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/draws"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/advise"
	_ "github.com/seed9a7962a8/ito/infer/methods" // registers the methods
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// inference is one run of ito infer: what is sampled and how, and where its draws and its state are.
type inference struct {
	c       *Config
	env     *Env
	places  store.Checkpoints
	p       *problem
	advice  *advise.Advice // nil where the method was asked for
	begins  string         // from which normal, where the pilot chose it
	warning string         // of the pilot, where the method was asked for
	metric  string         // which a pilot chose, and why
	init    string         // of the configuration: where it starts, where that was asked for
	flat    []string       // parameters along which the density seems to have no integral
	plan    infer.MethodPlan
	meta    draws.Meta
	config  string // all that the draws depend on

	journal *draws.Journal
	state   *infer.State // nil until the sampler begins
	sink    *rowSink
	began   time.Time
	saved   time.Time // when the last checkpoint was written
}

// mostCoordinates bounds the parameters of a model: the pilot alone keeps some hundred arrays of them.
const mostCoordinates = 1 << 20

// prepare chooses the method and makes the plan.
func (c *Config) prepare(ctx context.Context, env *Env, p *problem) (*inference, error) {
	r := &inference{c: c, env: env, places: env.Checkpoints, p: p, began: time.Now()}
	if p.Dim() > mostCoordinates {
		return nil, &ito.InputError{Where: p.name, What: fmt.Sprintf("%d coordinates are more than %d", p.Dim(),
			mostCoordinates), Do: "declare fewer parameters"}
	}
	if err := env.Most.before(p.Dim(), c.Method, &c.Settings); err != nil {
		return nil, err
	}
	if p.learned == nil { // of a density the tails are looked at
		flat, err := advise.Improper(ctx, p.Target, c.Seed)
		if err != nil {
			return nil, err
		}
		r.flat = p.coordinates(flat)
	}
	if len(r.flat) > 0 {
		env.Tell("warning: " + improperWarning(r.flat))
	}
	name := c.Method
	if name == "" {
		advice, err := advise.Advise(ctx, p, c.Seed)
		if err != nil {
			return nil, err
		}
		r.advice, name = &advice, advice.Method
		env.Tell("method " + advice.Method + ": " + advice.Why)
		if advice.Warning != "" {
			env.Tell("warning: " + advice.Warning)
		}
	}
	m, err := infer.FindMethod(name)
	if err != nil {
		return nil, err
	}
	if err := Unused(m, c.Given); err != nil {
		return nil, err
	}
	if c.Method != "" && m.Kind == infer.Chains && !m.Crosses {
		if r.warning, err = advise.Crossing(ctx, p, c.Seed, m); err != nil {
			return nil, err
		}
	}
	settings := c.Settings
	if err := r.start(ctx, m, &settings); err != nil {
		return nil, err
	}
	begin, err := advise.Cover(ctx, m, p, &settings)
	if err != nil {
		return nil, err
	}
	if r.metric, err = advise.Metric(ctx, m, p, &settings); err != nil {
		return nil, err
	}
	if r.metric != "" {
		env.Tell(r.metric)
	}
	if begin.Why != "" {
		r.begins = begin.Why
		env.Tell(begin.Why)
	}
	if begin.Warning != "" {
		r.warning = begin.Warning
	}
	if r.warning != "" {
		env.Tell("warning: " + r.warning)
	}
	if err := idle(m, p.Target, settings, c.Given); err != nil {
		return nil, err
	}
	if r.plan, err = m.Plan(p.Target, settings); err != nil {
		return nil, err
	}
	if err := env.Most.plan(&r.plan, p.Dim(), len(p.columns)); err != nil {
		return nil, err
	}
	r.meta = draws.Meta{
		Columns: append(statistics(r.plan), p.columns...), Stats: len(statistics(r.plan)), Chains: r.plan.Chains,
		Model: p.name, Method: name, Seed: c.Seed, Thin: r.plan.Thin, Warmup: r.plan.Discard,
	}
	if w, ok := r.plan.Kernel.(infer.Warmer); ok {
		r.meta.Warmup += w.WarmupSteps()
	}
	if measures(r.plan.Kernel)&infer.MeasureDepth != 0 {
		r.meta.MaxDepth = 10
		if c.MaxDepth > 0 {
			r.meta.MaxDepth = c.MaxDepth
		}
	}
	text := fmt.Sprintf("target = %q\nmodel = %q\ndata = %q\nmethod = %q\n%sversion = %q\nsimd = %q\n%s", p.name,
		p.digest, p.data, name, r.init, env.Version, simd.Level(), spec.Canonical(&c.Settings))
	r.config, r.meta.Config = text, draws.SettingsOf(asked(text)) // equal draws make equal files
	return r, r.meta.Check()
}

// run trains, samples, writes and judges.
func (r *inference) run(ctx context.Context) (*Report, error) {
	r.saved = time.Now()
	report, err := r.sample(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.save(); err != nil {
		return nil, err
	}
	r.adapted()
	if r.plan.Method.Kind == infer.Point {
		if err := r.errors(ctx); err != nil {
			return nil, err
		}
	}
	files, err := draws.Write(r.c.Out, &r.meta, r.journal)
	if err != nil {
		return nil, err
	}
	if err := r.removeStale(); err != nil {
		return nil, err
	}
	res, err := r.judge(ctx, report)
	if err != nil {
		return nil, err
	}
	res.Files = files
	if r.c.Plot != "" {
		if err := r.pictures(ctx, res); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(r.journal.Remove(), r.places.Remove()); err != nil {
		return nil, err
	}
	return res, nil
}

// sample is everything up to the last draw.
func (r *inference) sample(ctx context.Context) (infer.Report, error) {
	if err := r.train(ctx); err != nil {
		return infer.Report{}, err
	}
	if r.state == nil {
		s, err := r.plan.Start(ctx, r.p)
		if err != nil {
			return infer.Report{}, err
		}
		r.state = s
	}
	r.sink = newRowSink(r, r.journal, 0)
	began, first := time.Now(), -1.
	return infer.Run(ctx, r.p, r.plan.Kernel, r.state, r.plan.RunOptions(infer.RunOptions{
		Workers: task.Workers(r.c.Workers), Sink: r.sink.take, CheckpointEvery: 1,
		Checkpoint: func(*infer.State) error {
			if ctx.Err() != nil {
				return r.save()
			}
			return r.due()
		},
		Progress: func(e infer.RunEvent) {
			if first < 0 {
				first = e.Gradients
			}
			r.sampling(e, (e.Gradients-first)/max(time.Since(began).Seconds(), 1e-9))
		},
	}))
}

// sampling reports a step of the sampler.
func (r *inference) sampling(e infer.RunEvent, rate float64) {
	if r.env.Progress == nil {
		return
	}
	at := task.Sampling{RunEvent: e, Rate: rate, Beta: -1}
	if beta := r.state.Var("beta"); e.Steps == 0 && beta != nil {
		at.Beta = slices.Min(beta)
	}
	r.env.Progress(task.ProgressEvent{Name: "sample", Done: int64(e.Step), Total: int64(e.Steps), Sampling: &at})
}

// train learns what the sampler needs.
func (r *inference) train(ctx context.Context) error {
	if r.plan.Train == nil {
		return nil
	}
	began := time.Now()
	for {
		done, of := r.plan.Train.Progress()
		if done >= of {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return errors.Join(r.save(), err)
		}
		loss, err := r.plan.Train.Step(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return errors.Join(r.save(), ctx.Err())
			}
			return fmt.Errorf("training %s: %w", r.plan.Method.Name, err)
		}
		r.env.Train(learn.TrainEvent{Name: "train", Step: done + 1, Steps: of, Loss: loss.Value,
			Elapsed: time.Since(began)})
		if err := r.due(); err != nil {
			return err
		}
	}
}

// measures are the numbers that steps of a kernel have.
func measures(k infer.Kernel) infer.Measure {
	if m, ok := k.(infer.Measured); ok {
		return m.Measures()
	}
	return 0
}

// adapted records what the warm-up of each chain learned.
func (r *inference) adapted() {
	eps, metric := r.state.Var("eps"), r.state.Var("metric")
	if measures(r.plan.Kernel)&infer.MeasureEnergy == 0 || len(eps) == 0 || len(eps) != r.meta.Chains {
		return
	}
	w := len(metric) / len(eps)
	r.meta.Adaptation = make([]draws.Adaptation, len(eps))
	for g, e := range eps {
		r.meta.Adaptation[g] = draws.Adaptation{StepSize: e, InvMetric: metric[g*w : (g+1)*w],
			Dense: w == r.p.Dim()*r.p.Dim() && w > 1}
	}
}
