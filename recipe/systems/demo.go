package systems

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/recipe"
)

// Demo is the configuration of the demonstration: the flags of "ito demo" but for the directory. Six
// networks of one size learn the spiral of 8:1 in raw units, with the same steps, batch, optimiser and
// average; only the path differs, and in one the columns are standardised.
type Demo struct {
	Seed  uint64 `json:"seed" default:"1" help:"Seed of everything that is drawn."`
	Steps int    `json:"steps" min:"0" default:"0" help:"Training steps of each network; 0: what about two minutes on two cores allow."`

	protocol protocol // zero: house
}

// DemoResult is the report with what the pictures are drawn from: samples.png is the data beside every
// row's samples, paths.png the trajectories of VP-20 beside those of VSDM constant.
type DemoResult struct {
	Report   DemoReport
	Columns  []string
	Data     ito.States
	Samples  []ito.States // at H50, beside Report.Rows
	VP, VSDM recipe.Trajectory
}

const (
	demoSteps = 30000
	demoRows  = 20000
	demoShown = 3000 // rows of a picture
	demoPaths = 60
	truthSeed = 1 << 32 // added to a seed: the truth is drawn apart from the training rows
)

// spiralScale stretches the spiral to 8:1.
var spiralScale = []float64{1, 8}

// contender is a network of the demo.
type contender struct {
	name string
	cfg  func(*recipe.TrainConfig)
}

// stock is VP with the rate of DDPM in continuous time, β from .1 to 20 with t itself: VP-10 and VP-20 have the clock
// of the authors of VSDM, where β's share grows with t^1.7.
const stock = "VP-20 stock"

// contenders are in the order of training, the longest first.
var contenders = []contender{
	{"VSDM constant", func(c *recipe.TrainConfig) { c.Path = "vsdm" }},
	{"VSDM logistic", func(c *recipe.TrainConfig) { c.Path, c.Variant = "vsdm", "logistic" }},
	{"VP-20", func(c *recipe.TrainConfig) { c.Path, c.BetaMax, c.Power = "vp", 20, 1.7 }},
	{stock, func(c *recipe.TrainConfig) { c.Path, c.BetaMin, c.BetaMax, c.Power = "vp", .1, 20, 1 }},
	{"VP-10", func(c *recipe.TrainConfig) { c.Path, c.BetaMax, c.Power = "vp", 10, 1.7 }},
	{"VP-10 standardised", func(c *recipe.TrainConfig) {
		c.Path, c.BetaMax, c.Power, c.Transform = "vp", 10, 1.7,
			"standardise"
	}},
}

// demoTable is the order of the rows: the network that a row samples, and from where it starts.
var demoTable = []tableRow{
	{"VP-10", "VP-10", "own", false},
	{"VP-20", "VP-20", "own", false},
	{stock, stock, "own", false},
	{"VSDM constant", "VSDM constant", "moments", false},
	{"VSDM logistic", "VSDM logistic", "moments", false},
	{"VP-10 + moment prior", "VP-10", "moments", true},
	{"VP-10 standardised", "VP-10 standardised", "own", true},
}

// Names are the networks that the demo trains, in order: the names of its events.
func (Demo) Names() []string {
	names := make([]string, len(contenders))
	for i, c := range contenders {
		names[i] = c.name
	}
	return names
}

// Run trains the six networks side by side and measures them. run.Progress gets the events of all of them,
// each with its Name, one at a time; run.Workers is the number of processors. The numbers do not depend on it.
func (d Demo) Run(ctx context.Context, run recipe.RunOptions) (*DemoResult, error) {
	began := run.Clock()
	t, err := data.Builtin("spiral", demoRows, d.Seed)
	if err != nil {
		return nil, err
	}
	truth, err := scaled("spiral", spiralScale, d.Seed+truthSeed)
	if err != nil {
		return nil, err
	}
	cfg := d.train(cmp.Or(d.Steps, demoSteps))
	var notes []string
	if d.Steps == 0 {
		if cfg, notes, err = d.affordable(ctx, cfg, t, run); err != nil {
			return nil, err
		}
	}
	models, err := trainAll(ctx, contenders, cfg, t, run)
	if err != nil {
		return nil, err
	}
	r := &DemoResult{Columns: t.Columns, Data: truth.Slice(0, demoShown), Report: DemoReport{Version: run.Version,
		SIMD: simd.Level(), Arch: arch(),
		Seed: d.Seed, Steps: cfg.Steps, Batch: cfg.Batch, Width: 128, Depth: cfg.Depth, Columns: budgetNames(),
		Notes: notes}}
	if err := r.measure(ctx, models, truth, d.protocol.orHouse(), d.Seed, run); err != nil {
		return nil, err
	}
	rep := &r.Report
	rep.Budget = budgetOf(cfg)
	rep.Seconds = run.Clock().Sub(began).Seconds()
	rep.Verdict = rep.verdict()
	return r, nil
}

// scaled is a built-in set with its columns multiplied.
func scaled(name string, scale []float64, seed uint64) (ito.States, error) {
	t, err := data.Builtin(name, demoRows, seed)
	if err != nil {
		return ito.States{}, err
	}
	return t.States(), t.Scale(scale)
}

func (r *DemoResult) measure(ctx context.Context, models map[string]trained, truth ito.States, pr protocol, seed uint64,
	run recipe.RunOptions) error {
	floor, err := metric.W2Halves(ctx, truth, pr.draws, pr.rows, seed)
	if err != nil {
		return err
	}
	r.Report.Floor, r.Report.FloorSD = floor.Value, floor.SD
	if r.Report.Baseline, err = gaussianBaseline(ctx, truth, pr, seed); err != nil {
		return err
	}
	sd, err := metric.SD(truth)
	if err != nil {
		return err
	}
	r.Report.DataSD = [2]float64(sd)
	for _, row := range demoTable {
		n := models[row.network]
		m, err := measure(ctx, n.model, truth, row.prior, pr, seed, run)
		if err != nil {
			return fmt.Errorf("%s: %w", row.name, err)
		}
		r.Report.Rows = append(r.Report.Rows, DemoRow{Name: row.name, Control: row.control, W2: m.w2, W2SD: m.w2sd,
			Smooth: [2]float64(m.straight.Smooth),
			RelRF:  [2]float64(m.straight.RelRF), SD: [2]float64(m.sd), Modes: lastModes(n.report)})
		r.Samples = append(r.Samples, m.samples.Slice(0, min(demoShown, m.samples.N)))
	}
	cfg := recipe.DefaultSample()
	cfg.Solver, cfg.NFE, cfg.N, cfg.Seed = "euler", 100, demoPaths, seed
	if r.VP, _, err = recipe.Trace(ctx, models["VP-20"].model, cfg, run); err != nil {
		return err
	}
	r.VSDM, _, err = recipe.Trace(ctx, models["VSDM constant"].model, cfg, run)
	return err
}

// lastModes are the eigenvalues of A after the last stage.
func lastModes(r *recipe.TrainReport) []float64 {
	if n := len(r.Stages); n > 0 {
		return r.Stages[n-1].Modes
	}
	return nil
}

// gaussianBaseline is the W2 of normal variates with the moments of the truth: what knowing nothing but
// moments gives.
func gaussianBaseline(ctx context.Context, truth ito.States, pr protocol, seed uint64) (float64, error) {
	g, err := metric.Moments(truth)
	if err != nil {
		return 0, err
	}
	s, err := recipe.NewGaussianPrior(g, truth.D)
	if err != nil {
		return 0, err
	}
	x := ito.NewStates(pr.samples, truth.D, 0)
	s.Draw(x, ito.Seed(seed+truthSeed))
	w, err := metric.W2Draws(ctx, x, truth, pr.draws, pr.rows, seed)
	return w.Value, err
}

// demoLimit is the estimated time that training and measuring may take where the machine is slow.
const demoLimit = 240 * time.Second

// besides is what a step costs, over a step alone, while other networks train beside it: measured with portable
// code on two processors.
const besides = 1.25

// affordable measures the speed of a step and cuts the configuration where all six networks and their
// measurement would take longer than demoLimit, and says so. The costs are counted in steps: a step
// goes forward and backward, three times the work of going forward, on Batch rows.
func (d Demo) affordable(ctx context.Context, cfg recipe.TrainConfig, t *data.Table,
	run recipe.RunOptions) (recipe.TrainConfig, []string,
	error) {
	const probe, calls = 30, 1.1e6 // steps; network calls with which measure looks at a row
	trial := cfg
	contenders[2].cfg(&trial)
	trial.Steps = probe
	began := time.Now()
	_, r, err := recipe.Fit(ctx, t, trial, recipe.RunOptions{Workers: 1})
	if err != nil {
		return cfg, nil, err
	}
	step := time.Since(began).Seconds() / probe
	cores := min(run.WorkerCount(), len(contenders))
	rounds := float64((len(contenders) + cores - 1) / cores) // of networks that train side by side
	if cores > 1 {
		step *= besides
	}
	forward := step / float64(3*cfg.Batch)
	cost := func(c recipe.TrainConfig) float64 {
		train := rounds * float64(c.Steps) * step
		stages := float64(2*c.Stages*c.StagePaths*c.StageGrid) * forward
		return train + (stages+float64(len(demoTable))*calls*forward)/float64(cores)
	}
	if limit := demoLimit.Seconds(); cost(cfg) > limit {
		full := cfg.Steps
		small := d.train(full)
		small.StagePaths, small.StageGrid = 256, 25
		rest := limit - cost(recipe.TrainConfig{Stages: small.Stages, StagePaths: small.StagePaths,
			StageGrid: small.StageGrid})
		steps := min(max(int(rest/(rounds*step)), 500), full)
		cfg = d.train(steps)
		cfg.StagePaths, cfg.StageGrid = 256, 25
		return cfg, []string{fmt.Sprintf("a step takes %.1f ms here (%s vector code, %d processors, networks side by "+
			"side): %d steps instead of %d, and %d simulated paths a stage instead of %d, to stay under five minutes",
			1e3*step, simd.Level(), run.WorkerCount(), steps, full, cfg.StagePaths, r.Train.StagePaths)}, nil
	}
	return cfg, nil, nil
}
