package cli

import (
	"context"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// evalCmd is "ito eval".
type evalCmd struct {
	Samples string    `arg:"" help:"Samples in a CSV or npy file, - or a built-in set; or a model, which is sampled first"`
	Against string    `required:"" placeholder:"DATA" help:"The data to compare with"`
	Scale   []float64 `placeholder:"1,8" help:"Multiply the columns of DATA by these factors first, as ito train --scale does"`
	Ignore  []string  `placeholder:"COL,…" help:"Columns to leave out on both sides"`
	Rows    int       `default:"1500" min:"2" max:"1000000" help:"Rows of each draw"`
	Draws   int       `default:"5" min:"1" max:"10000" help:"Draws, whose mean and standard deviation are reported"`
	All     bool      `help:"Use all rows, in one draw; exact W2 takes seconds at 5000 rows and grows with their cube"`
	Seed    uint64    `default:"1" help:"Seed of the draws, and of the samples of a model"`
	Workers int       `min:"0" max:"4096" default:"0" help:"Processors to sample a model with; 0: all"`
	JSON    bool      `name:"json" help:"Print the report as one JSON object"`

	task.Reading
	Of modelSamples `embed:"" group:"For a model"`
}

// modelSamples says how a model is sampled for its evaluation.
type modelSamples struct {
	N        int     `short:"n" default:"7500" min:"2" help:"Samples to draw"`
	Where    string  `placeholder:"COL=VALUE,…" help:"Sample for these conditions and compare with the rows of DATA that meet them"`
	Guidance float64 `default:"1" help:"Weight of the condition"`
	Solver   string  `default:"auto" placeholder:"NAME" help:"Solver, as ito sample takes it; auto: the schedule that ito tune has stored for --nfe, if there is one and neither --grid nor --final is given, else heun"`
	Grid     string  `default:"auto" placeholder:"NAME" help:"Spacing of the steps, as ito sample takes it"`
	Final    string  `default:"stop" enum:"stop,denoise,euler" help:"What is done with the noise that is left at the end, as ito sample takes it"`
	NFE      int     `default:"0" min:"0" placeholder:"K" help:"Network calls a sample; 0: 50"`
	Tol      float64 `default:"0" min:"0" help:"Tolerance of a solver that chooses its own steps; 0: its own"`
}

func (*evalCmd) manual() page {
	return page{
		synopsis: "SAMPLES|MODEL --against DATA [--scale 1,8] [--json]",
		text: []string{
			dataHelp,
			"Prints the exact 2-Wasserstein distance W2, the sliced W2 and the squared maximum mean discrepancy between samples and data, each as the mean " +
				"over draws of --rows rows; and the mean and standard deviation of every column. For a model also the straightness of its paths on 100 Euler steps: " +
				"the mean absolute second derivative, 0 for a straight line, and RF, the share of the motion that a straight path would not have.",
			"A distance between finite samples is never zero. Beside each stands its floor, which is the same number between two halves of the data, and the baseline " +
				"of normal variates with the mean and covariance of the data. The last line says what the numbers say.",
			"W2 compares in the units of the columns, so that the widest decides. Three tests look at the shape whatever the units: KS, the largest difference between the distribution functions " +
				"of a column; the energy distance of the rows, and the share of nearest neighbours of the same set, both of ranks. Beside KS stands its limit, beside the other two what " +
				"sets mixed at random have and the limit of those. Samples of the data's own law exceed any of the limits in one evaluation of a hundred.",
			"Columns are matched by their names where both sides have the same, else by their order. A column named id, and the columns that a model was " +
				"conditioned on, are left out.",
		},
		examples: [][2]string{
			{"ito eval s.csv --against load.csv", "Samples against the data they imitate."},
			{"ito eval vp20.safetensors --against spiral --scale 1,8 --solver euler --nfe 20", "A model at 20 network calls."},
			{"ito eval digits.safetensors --against digits.csv --where label=3 --json", "One condition against its rows."},
		},
	}
}

// Run implements the command.
func (c *evalCmd) Run(ctx context.Context, a *app) error {
	if c.Samples == "-" && c.Against == "-" {
		return &usageError{what: "both sides are standard input", do: "give one of them a file"}
	}
	if err := c.sampling().Check(); err != nil {
		return err
	}
	var r *comparison
	var err error
	if kindOf(c.Samples) == safetensors {
		r, err = c.evalModel(ctx, a)
	} else {
		r, err = c.evalSamples(a)
	}
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	r.Verdict = r.verdict()
	if c.JSON {
		return a.printJSON(r)
	}
	return r.write(a.stdout)
}

// protocol is how the distances are measured.
func (c *evalCmd) protocol() protocol {
	p := protocol{draws: c.Draws, rows: c.Rows, seed: c.Seed}
	if c.All {
		p.draws, p.rows = 1, 0
	}
	return p
}

// evalSamples compares two sets of rows.
func (c *evalCmd) evalSamples(a *app) (*comparison, error) {
	for _, bad := range []struct {
		flag string
		set  bool
	}{{"--where", c.Of.Where != ""}, {"--nfe", c.Of.NFE != 0}, {"--tol", c.Of.Tol != 0}} {
		if bad.set {
			return nil, &usageError{what: bad.flag + " is for a model, and " + c.Samples + " holds samples", do: "leave it out"}
		}
	}
	samples, err := a.open(c.Samples, c.Reading, nil, c.Ignore)
	if err != nil {
		return nil, err
	}
	truth, err := a.open(c.Against, c.Reading, nil, c.Ignore)
	if err != nil {
		return nil, err
	}
	for _, name := range c.Ignore {
		if all := append(samples.AllColumns(), truth.AllColumns()...); !slices.Contains(all, name) {
			return nil, data.UnknownColumn("--ignore", name, all)
		}
	}
	if samples, err = without(samples, c.Ignore); err != nil {
		return nil, err
	}
	if truth, err = without(truth, c.Ignore); err != nil {
		return nil, err
	}
	if samples, err = dropID(samples, truth); err != nil {
		return nil, err
	}
	if truth, err = match(truth, samples.Name, samples.Columns); err != nil {
		return nil, err
	}
	if err := c.scale(truth); err != nil {
		return nil, err
	}
	return compare(samples.Name, samples.States(), truth, c.protocol())
}

// evalModel samples a model and compares.
func (c *evalCmd) evalModel(ctx context.Context, a *app) (*comparison, error) {
	m, err := store.LoadModel(c.Samples)
	if err != nil {
		return nil, err
	}
	truth, err := c.truthFor(a, m)
	if err != nil {
		return nil, err
	}
	cfg := c.sampling()
	if c.All && !slices.Contains(a.given, "n") {
		cfg.N = truth.Rows
	}
	if err := task.Fits("n", cfg.N, task.Width(m)); err != nil {
		return nil, err
	}
	x := ito.NewStates(cfg.N, task.Width(m), 0)
	run := recipe.Run{Workers: c.Workers, Version: version()}
	meter := a.meter()
	done := 0
	sampled, err := recipe.Sample(ctx, m, cfg, run, func(s ito.States) error {
		copy(x.X[done*x.D:], s.X)
		done += s.N
		meter.count("sample", int64(done), int64(cfg.N))
		return nil
	})
	meter.close()
	if err != nil {
		return nil, err
	}
	r, err := compare(c.Samples, x, truth, c.protocol())
	if err != nil {
		return nil, err
	}
	r.Solver, r.NFE = sampled.Solver, sampled.NFE
	if sampled.Schedule != "" {
		r.Solver = "the stored schedule " + sampled.Schedule
	}
	r.Straightness, err = straighten(ctx, m, cfg, run)
	return r, err
}

// sampling is how a model is sampled.
func (c *evalCmd) sampling() recipe.SampleConfig {
	cfg := spec.New[recipe.SampleConfig]()
	cfg.N, cfg.Seed, cfg.Where, cfg.Guidance = c.Of.N, c.Seed, c.Of.Where, c.Of.Guidance
	cfg.Solver, cfg.NFE, cfg.Tol, cfg.Grid, cfg.Final = c.Of.Solver, c.Of.NFE, c.Of.Tol, c.Of.Grid, c.Of.Final
	return cfg
}

// truthFor opens the data that a model is compared with: its columns, and the rows that meet --where.
func (c *evalCmd) truthFor(a *app, m *ito.Model) (*data.Table, error) {
	var conditions []string
	for _, k := range m.Conditions {
		conditions = append(conditions, k.Column)
	}
	truth, err := a.open(c.Against, c.Reading, nil, append(slices.Clone(c.Ignore), conditions...))
	if err != nil {
		return nil, err
	}
	if truth, err = without(truth, c.Ignore); err != nil {
		return nil, err
	}
	if truth, err = meeting(truth, m.Conditions, c.Of.Where); err != nil {
		return nil, err
	}
	if truth, err = without(truth, conditions); err != nil {
		return nil, err
	}
	if truth, err = match(truth, c.Samples, task.Columns(m, task.Width(m))); err != nil {
		return nil, err
	}
	return truth, c.scale(truth)
}

func (c *evalCmd) scale(t *data.Table) error {
	if len(c.Scale) == 0 {
		return nil
	}
	return t.Scale(c.Scale)
}

// straighten measures the paths of 1000 samples on 100 Euler steps, in the columns that vary.
func straighten(ctx context.Context, m *ito.Model, cfg recipe.SampleConfig, run recipe.Run) (*straightness, error) {
	calls := 1
	if cfg.Guidance != 1 {
		calls = 2
	}
	cfg.N, cfg.Solver, cfg.NFE, cfg.Tol, cfg.Grid = 1000, "euler", 100*calls, 0, "uniform"
	tr, _, err := recipe.Trace(ctx, m, cfg, run)
	if err != nil {
		return nil, err
	}
	keep := m.Transform.Keep
	if keep == nil {
		for i := range tr.D {
			keep = append(keep, i)
		}
	}
	names := task.Columns(m, tr.D)
	s := &straightness{Steps: len(tr.Times) - 1, Paths: tr.N}
	var states []ito.States
	for k := range tr.Times {
		x := ito.NewStates(tr.N, len(keep), 0)
		for i := range tr.N {
			for j, col := range keep {
				x.X[i*x.D+j] = tr.X[(k*tr.N+i)*tr.D+col]
			}
		}
		states = append(states, x)
	}
	for _, col := range keep {
		s.Columns = append(s.Columns, names[col])
	}
	s.Straightness, err = metric.Straighten(states, tr.Times)
	return s, err
}
