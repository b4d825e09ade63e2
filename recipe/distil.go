package recipe

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/store"
)

// DistilConfig says how a model is made one of few steps: the flags of "ito distil".
type DistilConfig struct {
	Method   string  `toml:"method" json:"method" default:"consistency" enum:"consistency,consistency-training,progressive" help:"How: ${enum}. The first two learn the end of the flow from any level, with a step of the model's flow between two levels or with that of the noise alone; progressive learns to do two steps in one, again and again."`
	Steps    int     `toml:"steps" json:"steps" default:"4" min:"1" max:"64" help:"Network calls of a sample of the student, at most."`
	Training int     `toml:"training" json:"training" default:"8000" min:"1" help:"Training steps, of all stages together."`
	Levels   int     `toml:"levels" json:"levels" default:"80" min:"2" max:"1000" help:"Noise levels of the last stage of consistency; the stages before have half as many each, from ten on."`
	Halvings int     `toml:"halvings" json:"halvings" default:"4" min:"1" max:"10" help:"Stages of progressive: the first has the model's own steps, STEPS times two to this power."`
	Batch    int     `toml:"batch" json:"batch" default:"256" min:"1" help:"Rows a training step."`
	LR       float64 `toml:"lr" json:"lr" name:"lr" default:"0.0005" above:"0" help:"Learning rate of Adam, which falls as a cosine, of progressive in every stage."`
	Clip     float64 `toml:"clip" json:"clip" default:"1" min:"0" help:"Largest norm of a gradient; 0: unlimited."`
	EMA      float64 `toml:"ema" json:"ema" name:"ema" default:"0.999" min:"0" max:"0.999999" help:"Moving average of the weights, which the student keeps."`
	Rows     int     `toml:"rows" json:"rows" default:"8192" min:"2" max:"1000000" help:"Samples of the model to learn from where no data are given."`
	Seed     uint64  `toml:"seed" json:"seed" default:"1" help:"Seed of everything that is drawn."`
}

// DistilReport says what a distillation did.
type DistilReport struct {
	Distil  DistilConfig      `json:"distil"`
	Rows    int               `json:"rows"`
	Params  int               `json:"params"`
	Steps   int               `json:"training_steps"`
	Seconds float64           `json:"seconds"`
	Losses  []learn.LossPoint `json:"losses"`
}

// Distil makes a student of a model, which samples in cfg.Steps network calls at most: see [learn.Distillation]. Rows
// are those of s, in the model's states; without a Source they are samples of the model. With run.Checkpoint it goes on
// where it was interrupted, to the same bytes. The student is a model that nothing but sampling takes.
func Distil(ctx context.Context, base *ito.Model, s Set, cfg DistilConfig, run RunOptions) (*ito.Model, *DistilReport,
	error) {
	began := run.Clock()
	d, err := newDistilling(ctx, base, s, cfg, run)
	if err != nil {
		return nil, nil, err
	}
	if err := d.run(ctx); err != nil {
		return nil, nil, err
	}
	m, err := d.student()
	if err != nil {
		return nil, nil, err
	}
	return m, &DistilReport{Distil: cfg, Rows: d.set.Len(), Params: len(d.net.Weights.Params), Steps: d.loop.Step(),
		Losses: d.loop.Losses(), Seconds: run.Clock().Sub(began).Seconds()}, nil
}

// distilling is a distillation in progress.
type distilling struct {
	base   *ito.Model
	net    *field.Net
	set    Set
	cfg    DistilConfig
	opts   RunOptions
	loop   *learn.Loop
	levels []int // of every stage: intervals of its grid

	teacher *nn.Weights // of the present stage
	saved   time.Time
}

func newDistilling(ctx context.Context, base *ito.Model, s Set, cfg DistilConfig, run RunOptions) (*distilling, error) {
	d := &distilling{base: base, set: s, cfg: cfg, opts: run}
	var ok bool
	if d.net, ok = base.Field.(*field.Net); !ok || d.net.Kind() == ito.PredLogits {
		return nil, &ito.UnsupportedError{What: "distilling this model", Why: "its field is no network of numbers",
			Nearest: "a model of ito train on path edm"}
	}
	if cfg.Method == learn.Progressive {
		for k := cfg.Halvings; k > 0; k-- {
			d.levels = append(d.levels, cfg.Steps<<k)
		}
	} else {
		d.levels = []int{cfg.Levels}
		for n := cfg.Levels / 2; n >= 10; n /= 2 {
			d.levels = append([]int{n}, d.levels...)
		}
	}
	if cfg.Training < len(d.levels) {
		return nil, &ito.InputError{Where: "`training`", What: fmt.Sprintf("%d steps for %d stages", cfg.Training,
			len(d.levels)), Do: "give more steps, or fewer stages"}
	}
	o := learn.Optimiser{Steps: cfg.Training, LR: cfg.LR, Schedule: nn.LRSchedule{Kind: "cosine"},
		Adam: nn.DefaultAdam(), Clip: cfg.Clip, EMA: nn.EMA{Decay: cfg.EMA, WarmUp: true}}
	if cfg.Method == learn.Progressive {
		o.Rate = func(step int) float64 { // falls in every stage
			k := d.stage(step)
			return cfg.LR * o.Schedule.At(step-d.from(k), d.from(k+1)-d.from(k))
		}
	}
	var err error
	if d.loop, err = learn.NewLoop(o, d.net.Weights); err != nil {
		return nil, err
	}
	d.teacher = d.net.Weights
	if err := d.bind(0, learn.Data{X: ito.NewStates(1, d.dim(), 0), In: base.Space}); err != nil {
		return nil, err // what cannot be distilled, before samples are drawn
	}
	if d.set.Source == nil {
		d.set.Source, err = d.samples(ctx)
	}
	return d, err
}

// dim is that of the states.
func (d *distilling) dim() int { return d.net.Wrap.Sizes().State }

// samples are those of the model, as states.
func (d *distilling) samples(ctx context.Context) (ito.Source, error) {
	if d.base.CondWidth() > 0 {
		return nil, &ito.InputError{Where: "`data`", What: "the model has conditions, and its samples none",
			Do: "give the data that it learnt"}
	}
	m := *d.base
	m.Transform, m.Columns = ito.Transform{}, data.DefaultColumns(d.dim())
	cfg := DefaultSample()
	cfg.N, cfg.Seed = d.cfg.Rows, d.cfg.Seed
	x, err := Collect(ctx, &m, cfg, d.opts)
	return learn.Data{X: x, In: d.base.Space}, err
}

// from is the first step of a stage, stage that of a step.
func (d *distilling) from(stage int) int { return stage * d.cfg.Training / len(d.levels) }

func (d *distilling) stage(step int) int {
	k := 0
	for k+1 < len(d.levels) && step >= d.from(k+1) {
		k++
	}
	return k
}

// grid is that of so many steps, even in (σ/α)^{1/7}, and on a path without data at its end even in t.
func (d *distilling) grid(n int) (ito.Grid, error) {
	lo, hi := d.net.Bound().Span()
	g, err := solve.Karras(d.net.Bound(), hi, lo, n)
	if err != nil {
		g, err = solve.Uniform(d.net.Bound(), hi, lo, n)
	}
	return g, err
}

// bind gives the loop the loss of a stage.
func (d *distilling) bind(stage int, src ito.Source) error {
	p := d.net.Bound()
	l := learn.Distillation{Method: d.cfg.Method}
	var err error
	if l.Levels, err = d.grid(d.levels[stage]); err != nil {
		return err
	}
	if l.Teacher, err = field.NewNet(d.net.Wrap, d.teacher, ito.PredEps); err != nil {
		return err
	}
	if l.Student, err = field.NewNet(d.net.Wrap, d.loop.Networks()[0], ito.PredX0); err != nil {
		return err
	}
	loss, err := l.Bind(p, d.net.Wrap, learn.Setup{Source: src, Moments: d.net.Moments(), Batch: d.cfg.Batch,
		Seed: d.cfg.Seed})
	if err != nil {
		return err
	}
	return d.loop.Bind(loss)
}

// run goes through the stages.
func (d *distilling) run(ctx context.Context) error {
	d.saved = d.opts.Clock()
	if d.opts.Resume {
		if err := d.resume(); err != nil {
			return err
		}
	}
	for k := d.stage(d.loop.Step()); k < len(d.levels); k++ {
		if err := d.bind(k, d.set.Source); err != nil {
			return err
		}
		if err := d.loop.Run(ctx, d.from(k+1), d.options(k)); err != nil {
			if ctx.Err() != nil {
				if e := d.save(); e != nil {
					return e
				}
			}
			return err
		}
		if d.cfg.Method == learn.Progressive {
			var err error
			if d.teacher, err = d.loop.Average(0); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *distilling) options(stage int) learn.LoopOptions {
	o := learn.LoopOptions{Pool: d.opts.Pool, Progress: d.opts.Progress}
	o.Label = func(e learn.TrainEvent) learn.TrainEvent {
		e.Phase, e.Stage, e.Stages = "stage", stage+1, len(d.levels)
		return e
	}
	if d.opts.Checkpoint != nil {
		o.After = func(step int) error {
			if step%16 != 0 || d.opts.Clock().Sub(d.saved) < d.opts.every() {
				return nil
			}
			return d.save()
		}
	}
	return o
}

// student is the finished model, with a schedule for every number of calls.
func (d *distilling) student() (*ito.Model, error) {
	w, err := d.loop.Average(0)
	if err != nil {
		return nil, err
	}
	m := *d.base
	if m.Field, err = field.NewNet(d.net.Wrap, w, d.net.Predicts); err != nil {
		return nil, err
	}
	m.Schedules = nil
	calls, solver := []int{d.cfg.Steps}, ito.Solver(solve.DDIM{})
	if d.cfg.Method != learn.Progressive {
		solver = solve.Consistency{}
		calls = nil
		for k := range d.cfg.Steps {
			calls = append(calls, k+1)
		}
	}
	for _, k := range calls {
		g, err := d.grid(k)
		if err != nil {
			return nil, err
		}
		m.Schedules = append(m.Schedules, ito.SampleSchedule{Calls: k, Guidance: 1, Solver: solver, Times: g,
			Found: ito.Found{Method: d.cfg.Method, Name: fmt.Sprintf("%s, %d steps", solver.Info().Name, k)}})
	}
	p := &m.Provenance
	p.Version, p.Arch, p.SIMD = d.opts.Version, runtime.GOOS+"/"+runtime.GOARCH, simd.Level()
	p.Created = d.opts.Clock().UTC().Format(time.RFC3339)
	identity, err := d.identity()
	p.Distilled = &ito.Distilled{Method: d.cfg.Method, Steps: d.cfg.Steps, Config: identity}
	p.Digest = store.Digest([]byte(p.Digest + identity))
	p.HeldOut = nil
	return &m, err
}
