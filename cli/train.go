package cli

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/train"
)

// trainCmd is "ito train".
type trainCmd struct {
	train.Config
	Settings string `where:"local" name:"config" after:"resume" placeholder:"FILE" help:"TOML file whose keys are the names of the flags under CONFIGURATION; flags given here win"`
	JSON     bool   `name:"json" after:"workers" help:"Print the report of the training as one JSON object"`
}

func (*trainCmd) manual() page {
	return page{
		synopsis: "DATA --out FILE [--path WORD] [--condition COL,…] [--FLAG VALUE…]",
		text: []string{
			dataHelp,
			"A network learns the distribution of the rows on a path from data to noise. The path vsdm is learnt " +
				"too: in stages, the network is " +
				"fitted, the reverse process is simulated, and the matrix A of the path is set to its least-squares " +
				"solution. The other paths are fixed.",
			"A column that has the same value in every row is put back exactly in every sample. A column named in " +
				"--condition is not learnt but conditioned " +
				"on: text and whole numbers with at most a hundred different values by their levels, other numbers " +
				"by their value.",
			"With --child the rows of other files belong to those of DATA, by --key: how many there are of each is " +
				"one " +
				"more column of DATA, and they are drawn given the whole row that they belong to, and the one before " +
				"them (--siblings). FILE then holds a model of all tables, whose samples are a folder.",
			"With --from-model a model is trained on: DATA are read as its own data were, path, network and loss are " +
				"its own, and FILE is a delta, the numbers that are trained in place of the weights: --adapt lora, " +
				"products of thin matrices; sara, the smallest weights alone, all others staying as they are to the " +
				"bit; or full. --steps 0 means 2000 there.",
			"A checkpoint is written every two seconds and at the end of every stage. After ctrl-C, a crash or kill " +
				"-9, the same command with " +
				"--resume goes on and ends with the same bytes. With --resume a finished model is left as it is, and " +
				"a model or checkpoint of another configuration or other data is refused.",
		},
		files: [][2]string{
			{"FILE", "the model, written whole or not at all"},
			{"FILE.checkpoint", "the state of an unfinished training, removed at its end"},
			{"FILE.TABLE.checkpoint", "the same of each table, with --child"},
		},
		examples: [][2]string{
			{"ito train load.csv --out load.safetensors", "Learn the rows of a file."},
			{"ito train digits.csv --condition label --out digits.safetensors", "Learn a distribution for each label."},
			{"ito train spiral --scale 1,8 --transform none --path vp --beta-max 20 --out vp20.safetensors",
				"The stretched spiral in raw units on a variance-preserving path."},
			{"ito train after.csv --from before.csv --path interpolant --out move.safetensors",
				"Learn to carry the rows of one file to those of another."},
			{"ito train customers.csv --child orders.csv --key customer_id --out shop.safetensors",
				"Learn customers and their orders; ito sample shop.safetensors --out DIR/ writes both."},
			{"ito train new.csv --from-model load.safetensors --adapt sara:fraction=.1 --out new.delta",
				"Train a tenth of the weights of a model on, for other rows of the same columns."},
			{"ito train load.csv --config f.toml --resume --json --out m.safetensors > report.json",
				"Take the settings from a file, go on where it stopped, keep the report; ito plot draws its losses."},
		},
	}
}

// Run implements the command.
func (c *trainCmd) Run(ctx context.Context, a *app) error {
	cfg := c.Config
	var err error
	if cfg.TrainConfig, err = c.settings(a.given); err != nil {
		return err
	}
	cfg.Given = a.given
	a.goesOn(func() string { return resumeHint(c.Checkpoints()...) })
	if err := a.replaces(c.Out, c.Resume); err != nil {
		return err
	}
	m := a.meter()
	r, err := train.Run(ctx, cfg, train.Env{Env: a.env(m)})
	m.close()
	if err != nil {
		return afterSignal(ctx, err, a.told())
	}
	task.Words(&r, a.flagged)
	if c.JSON {
		return a.printJSON(r)
	}
	if r.Finished {
		return nil
	}
	if c.FromModel != "" {
		return c.tellAdapted(a, r.TrainReport)
	}
	if r.Family != nil {
		return c.tellTables(a, r)
	}
	return c.tell(a, r.Model, r.TrainReport)
}

// settings are the defaults, then those of the file, then the flags.
func (c *trainCmd) settings(given []string) (recipe.TrainConfig, error) {
	cfg := c.TrainConfig
	if c.Settings != "" {
		cfg = spec.New[recipe.TrainConfig]()
		if err := spec.Load(c.Settings, &cfg); err != nil {
			return cfg, err
		}
		spec.Overlay(&cfg, &c.TrainConfig, given)
	}
	return cfg.Expand(given) // a flag or a line of the file that is out of bounds was refused with its place
}

// tell writes what a training did for people.
func (c *trainCmd) tell(a *app, m *ito.Model, r *recipe.TrainReport) error {
	rows := [][2]string{
		{"model", c.Out},
		{"rows", fmt.Sprintf("%d of %s", r.Rows, rowOf(m, r.Dim))},
		{"steps", fmt.Sprintf("%d in %s (%.0f a second)", r.Steps, seconds(r.Seconds), r.Speed)},
	}
	if n := len(r.Losses); n > 0 {
		rows = append(rows, [2]string{"loss", fmt.Sprintf("%.4g", r.Losses[n-1].Loss)})
	}
	if h := m.Provenance.HeldOut; h != nil {
		rows = append(rows, [2]string{"held out", heldOut(h)})
	}
	if n := len(r.Stages); n > 0 {
		rows = append(rows, [2]string{"spectrum of A", table.Numbers(r.Stages[n-1].Modes)})
	}
	if a := wideA(r); a != "" {
		rows = append(rows, [2]string{"A", a})
	}
	if p := r.Private; p != nil {
		rows = append(rows, [2]string{"privacy", fmt.Sprintf("ε %.4g at δ %g for a row that is there or not: noise "+
			"%.4g times the clip of %g, %.3g of the rows a step; the schema, the number of rows and the settings are "+
			"public", p.Epsilon, p.Delta, p.Noise, p.Clip, p.Rate)})
		noise := p.Noise * math.Sqrt(float64(r.Params)) / (p.Rate * float64(r.Rows))
		rows = append(rows, [2]string{"price", fmt.Sprintf("the noise of a step is %.3g times the largest gradient "+
			"of all its rows together: see ito eval", noise)})
	}
	if r.Warm {
		rows = append(rows, [2]string{"start", "A from the moments of the data (--warm)"})
	}
	for _, w := range r.Warnings {
		rows = append(rows, [2]string{"warning", w})
	}
	if err := facts(a.stdout, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.stdout, "\nnext: %s\n", c.next(m))
	return err
}

// heldOut describes what rows that were not trained on decided.
func heldOut(h *ito.HeldOut) string {
	return fmt.Sprintf("%d rows: their loss was least, %.4g, at step %d of %d, whose network the model has", h.Rows,
		h.Loss, h.Step, h.Steps)
}

// rowOf describes what a row is.
func rowOf(m *ito.Model, d int) string {
	if m.Encoding != nil {
		return fmt.Sprintf("%d columns, states of %d values", len(m.Columns), d)
	}
	return cmp.Or(m.Space.String(), fmt.Sprintf("%d dimensions", d))
}

// wideA describes what the form of A is where many columns chose it.
func wideA(r *recipe.TrainReport) string {
	if r.Dim <= ito.DefaultFull || !strings.HasPrefix(r.Train.Path, "vsdm") || r.Train.Variant != path.DiagonalOnly {
		return ""
	}
	return fmt.Sprintf("one number a column (variant diagonal), as above %d columns; --variant full asks for a "+
		"matrix, up to %d", ito.DefaultFull, ito.MostFull)
}

// next is the command that samples the model: with a condition where it learnt some.
func (c *trainCmd) next(m *ito.Model) string {
	words := []string{"ito", "sample", c.Out}
	if c.From != "" {
		words = append(words, "--from", c.From)
	}
	if len(m.Conditions) > 0 {
		words = append(words, "--where", data.ExampleWhere(m.Conditions))
	}
	if t, ok := m.Encoding.(*encode.Table); ok && len(c.Condition) > 0 {
		words = append(words, "--where", t.Example())
	}
	switch {
	case m.Nodes != nil:
		words = append(words, "-n", "20", "--out", "graphs.jsonl")
	case m.Vocabulary != nil:
		words = append(words, "-n", "20", "--out", "-")
	case task.Shape(m) != nil:
		words = append(words, "-n", "16", "--out", "samples.npy")
	default:
		words = append(words, "-n", "1000", "--out", "samples.csv")
	}
	for i, w := range words {
		words[i] = shellWord(w)
	}
	return strings.Join(words, " ")
}

func seconds(s float64) string {
	d := time.Duration(s * float64(time.Second))
	if d < 10*time.Second {
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
