package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/internal/config"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/interop/draws"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/store"
)

// inference is one run of ito infer: what is sampled and how, and where its draws and its state are.
type inference struct {
	c      *inferCmd
	a      *app
	p      *problem
	advice *infer.Advice // nil where the method was asked for
	flat   []string      // parameters along which the density seems to have no integral
	plan   infer.Plan
	meta   draws.Meta
	config string // all that the draws depend on

	journal *draws.Journal
	state   *infer.State // nil until the sampler begins
	sink    *rowSink
	meter   *meter
	began   time.Time
	saved   time.Time // when the last checkpoint was written
}

// prepare chooses the method and makes the plan.
func (c *inferCmd) prepare(ctx context.Context, a *app, p *problem) (*inference, error) {
	r := &inference{c: c, a: a, p: p, began: time.Now()}
	flat, err := infer.Improper(ctx, p, c.Seed)
	if err != nil {
		return nil, err
	}
	if r.flat = p.coordinates(flat); len(flat) > 0 {
		fmt.Fprintf(a.stderr, "warning: %s\n", improperWarning(r.flat))
	}
	name := c.Method
	if name == "" {
		advice, err := infer.Advise(ctx, p, c.Seed)
		if err != nil {
			return nil, err
		}
		r.advice, name = &advice, advice.Method
		fmt.Fprintf(a.stderr, "method %s: %s\n", advice.Method, advice.Why)
		if advice.Warning != "" {
			fmt.Fprintf(a.stderr, "warning: %s\n", advice.Warning)
		}
	}
	m, err := infer.FindMethod(name)
	if err != nil {
		return nil, err
	}
	if err := unused(m, p.Target, c.Settings, a.given); err != nil {
		return nil, err
	}
	if r.plan, err = m.Plan(p.Target, c.Settings); err != nil {
		return nil, err
	}
	r.meta = draws.Meta{
		Columns: append(statistics(r.plan), p.columns...), Stats: len(statistics(r.plan)), Chains: r.plan.Chains,
		Model: p.name, Method: name, Seed: c.Seed, Thin: r.plan.Thin, Warmup: r.plan.Discard,
	}
	if w, ok := r.plan.Kernel.(infer.Warmer); ok {
		r.meta.Warmup += w.WarmupSteps()
	}
	if name == "nuts" {
		r.meta.MaxDepth = 10
		if c.MaxDepth > 0 {
			r.meta.MaxDepth = c.MaxDepth
		}
	}
	r.config = fmt.Sprintf("target = %q\nmodel = %q\ndata = %q\nmethod = %q\nversion = %q\nsimd = %q\n%s", p.name, p.digest, p.data, name, version(), simd.Level(), config.Canonical(&c.Settings))
	return r, r.meta.Check()
}

func (r *inference) partial() string    { return r.c.Out + ".partial" }
func (r *inference) checkpoint() string { return r.c.Out + ".checkpoint" }

// finished reports a run to be resumed whose files are all there and whose checkpoint is not.
func (r *inference) finished() ([]string, bool) {
	files, err := draws.Outputs(r.c.Out, r.meta.Chains)
	if err != nil || !r.c.Resume || exists(r.checkpoint()) {
		return nil, false
	}
	for _, f := range files {
		if !exists(f) {
			return nil, false
		}
	}
	return files, true
}

// progress is what a checkpoint says besides the sampler's bytes.
type progress struct {
	Rows int64 `json:"rows"` // of the journal
}

// open begins the journal, or goes on from the checkpoint.
func (r *inference) open() (err error) {
	if !r.c.Resume || !exists(r.checkpoint()) {
		if err := os.Remove(r.checkpoint()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		r.journal, err = draws.CreateJournal(r.partial(), &r.meta)
		return err
	}
	ck, err := store.LoadCheckpoint(r.checkpoint())
	if err != nil {
		return err
	}
	if err := store.CompareConfig(ck.Config, r.config); err != nil {
		return fmt.Errorf("%s: %w", r.checkpoint(), err)
	}
	var at progress
	if err := json.Unmarshal(ck.State, &at); err != nil {
		return &store.FormatError{Path: r.checkpoint(), What: "it is no checkpoint of ito infer", Do: "start anew without --resume", Err: err}
	}
	if err := r.restore(ck); err != nil {
		return fmt.Errorf("%s: %w", r.checkpoint(), err)
	}
	r.journal, err = draws.OpenJournal(r.partial(), &r.meta, at.Rows)
	return err
}

// restore takes training and sampler from a checkpoint.
func (r *inference) restore(ck *store.Checkpoint) error {
	if t, err := ck.Tensor("training"); err == nil && r.plan.Train != nil {
		if err := r.plan.Train.UnmarshalBinary(t.Data); err != nil {
			return err
		}
	}
	t, err := ck.Tensor("state")
	if err != nil {
		return nil // it was interrupted while it trained
	}
	r.state = new(infer.State)
	return r.state.UnmarshalBinary(t.Data)
}

// save writes a checkpoint: the rows up to here are on the disk before it says so.
func (r *inference) save() error {
	rows, err := r.journal.Sync()
	if err != nil {
		return err
	}
	at, err := json.Marshal(progress{rows})
	if err != nil {
		return err
	}
	ck := store.Checkpoint{Config: r.config, State: at}
	keep := func(name string, v interface{ MarshalBinary() ([]byte, error) }) error {
		b, err := v.MarshalBinary()
		ck.Tensors = append(ck.Tensors, store.NewU8(name, b, len(b)))
		return err
	}
	if r.plan.Train != nil {
		if err := keep("training", r.plan.Train); err != nil {
			return err
		}
	}
	if r.state != nil && r.state.Kernel != "" {
		if err := keep("state", r.state); err != nil {
			return err
		}
	}
	r.saved = time.Now()
	return ck.Save(r.checkpoint())
}

// due saves when it is time.
func (r *inference) due() error {
	if time.Since(r.saved) < r.c.Every {
		return nil
	}
	return r.save()
}

// leave ends a run that has failed or was stopped: what can be resumed stays.
func (r *inference) leave(ctx context.Context, err error) error {
	if !exists(r.checkpoint()) {
		return errors.Join(afterSignal(ctx, err, ""), r.journal.Remove())
	}
	hint := "the same command with --resume goes on from " + r.checkpoint()
	stop := afterSignal(ctx, err, hint)
	if ctx.Err() == nil && !errors.Is(err, ito.ErrInput) {
		stop = fmt.Errorf("%w; %s", err, hint)
	}
	return errors.Join(stop, r.journal.Close())
}

// run trains, samples, writes and judges.
func (r *inference) run(ctx context.Context) (*inferResult, error) {
	r.meter, r.saved = r.a.meter(), time.Now()
	report, err := r.sample(ctx)
	r.meter.close()
	if err != nil {
		return nil, err
	}
	if err := r.save(); err != nil {
		return nil, err
	}
	r.adapted()
	files, err := draws.Write(r.c.Out, &r.meta, r.journal)
	if err != nil {
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
	if err := errors.Join(r.journal.Remove(), os.Remove(r.checkpoint())); err != nil {
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
	r.sink = newRowSink(r)
	began, first := time.Now(), -1.
	return infer.Run(ctx, r.p, r.plan.Kernel, r.state, r.plan.Options(infer.Options{
		Workers: workers(r.c.Workers), Sink: r.sink.take, CheckpointEvery: 1,
		Checkpoint: func(*infer.State) error {
			if ctx.Err() != nil {
				return r.save()
			}
			return r.due()
		},
		Progress: func(e infer.Event) {
			if first < 0 {
				first = e.Gradients
			}
			r.meter.sampling(e, r.state, (e.Gradients-first)/max(time.Since(began).Seconds(), 1e-9))
		},
	}))
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
		r.meter.train(learn.Event{Name: "train", Step: done + 1, Steps: of, Loss: loss.Value, Elapsed: time.Since(began)})
		if err := r.due(); err != nil {
			return err
		}
	}
}

// adapted records what the warm-up of each chain learned.
func (r *inference) adapted() {
	eps, metric := r.state.Var("eps"), r.state.Var("metric")
	if r.plan.Method.Name != "nuts" && r.plan.Method.Name != "hmc" || len(eps) != r.meta.Chains {
		return
	}
	w := len(metric) / len(eps)
	r.meta.Adaptation = make([]draws.Adaptation, len(eps))
	for g, e := range eps {
		r.meta.Adaptation[g] = draws.Adaptation{StepSize: e, InvMetric: metric[g*w : (g+1)*w], Dense: w == r.p.Dim()*r.p.Dim() && w > 1}
	}
}
