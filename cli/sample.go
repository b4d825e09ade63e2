package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// sampleCmd is "ito sample".
type sampleCmd struct {
	Model      string        `arg:"" help:"A model that ito train wrote"`
	Out        string        `required:"" placeholder:"FILE" help:"Where the samples go: a .csv or .npy file, or - for CSV on standard output"`
	WithID     bool          `help:"Put the id of each sample before it"`
	Trajectory string        `placeholder:"FILE" help:"Also write the states at every time of the grid to this npy file, of shape [steps+1, n, d]"`
	Resume     bool          `help:"Continue a file whose writing was interrupted"`
	Every      time.Duration `default:"1s" above:"0" help:"Shortest time between two entries of the journal from which --resume goes on"`
	Workers    int           `min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no byte of the samples"`

	task.Reading
	recipe.SampleConfig `embed:"" group:"Configuration"`
}

func (*sampleCmd) manual() page {
	return page{
		synopsis: "MODEL -n N --out FILE [--where COL=VALUE,…] [--solver NAME] [--nfe K | --tol X]",
		text: []string{
			"Sample i of a seed is the same whatever the number of samples, --first, the format, or the number of workers; so several machines may each " +
				"draw a part. Rows are in the columns and units of the data that the model learnt. CSV has a header and the data columns only; --with-id puts the id before them.",
			"--nfe counts network calls per sample and is never exceeded: heun takes two a step, and --guidance other than 1 doubles them. Where ito tune has stored a schedule for so many calls, it is used, " +
				"and standard error says so, unless --solver, --grid or --final is given. dopri5 and others choose " +
				"their own steps by --tol; with --trajectory they also stop at the 51 times that are kept, which changes their samples within the tolerance. ito solvers lists all solvers and grids and their settings.",
			"--grid also takes the levels themselves, or a text file of them: σ/α from where samples start, 80 for edm, to where they are done; 0 at the end is the data. As many steps are made, and --nfe is not needed.",
			"Memory does not grow with -n. A file that is being written is called FILE.partial; after ctrl-C, a crash or kill -9, the same command " +
				"with --resume makes the same file as if nothing had happened. A finished file has no place for its settings: --resume compares its columns and number of rows, and draws its first and last row once more.",
		},
		files: [][2]string{
			{"FILE", "the samples, written whole or not at all"},
			{"FILE.partial", "unfinished samples, and beside them FILE.partial.journal, which says how far they are good"},
		},
		examples: [][2]string{
			{"ito sample m.safetensors -n 1000 --out s.csv", "A thousand samples."},
			{"ito sample digits.safetensors -n 20 --where label=3 --guidance 2 --out threes.npy", "Samples for a condition, more typical than the data."},
			{"ito sample m.safetensors -n 10000000 --first 10000000 --with-id --resume --out part2.csv", "The second ten million of a large job, from where it stopped."},
			{"ito sample m.safetensors --solver unipc-3:b=bh1 --grid karras:rho=5 --nfe 10 --final denoise --out s.csv", "A solver and a grid with settings of their own, and no noise left at the end."},
			{"ito sample e.safetensors --solver ddim:eta=0.5 --grid 80,24,5.8,0.97,0.085,0 --out s.csv", "Five steps between levels that are given."},
			{"ito sample m.safetensors --nfe 8 --out s.csv", "Few network calls, after ito tune m.safetensors --nfe 8 has searched how to spend them."},
			{"ito sample move.safetensors --from before.csv -n 500 --solver interpolant-sde --epsilon 0.5 --out after.csv", "Carry rows to the other end of an interpolant, with noise."},
			{"ito sample m.safetensors -n 5 --nfe 20 --out - | column -t -s,", "A look at a few."},
		},
	}
}

// Run implements the command.
func (c *sampleCmd) Run(ctx context.Context, a *app) error {
	var err error
	if c.Grid, err = gridWord(c.Grid); err != nil {
		return err
	}
	if err := c.check(a.given); err != nil {
		return err
	}
	m, digest, err := loadModel(c.Model)
	if err != nil {
		return err
	}
	if _, err := data.ParseWhere(m.Conditions, c.Where); err != nil {
		return err
	}
	if len(m.Conditions) > 0 && c.Where == "" {
		fmt.Fprintf(a.stderr, "no --where: samples of all values of %s together, by the part of the training that left them out; --where %s asks for some\n",
			conditionNames(m), shellWord(data.ExampleWhere(m.Conditions)))
	}
	if c.From != "" {
		t, err := a.open(c.From, c.Reading, nil, nil)
		if err != nil {
			return err
		}
		if c.Start, err = startRows(m, t); err != nil {
			return err
		}
		digest += t.Digest() // the journal's: the bytes depend on these rows too
	}
	began := time.Now()
	if s := c.Schedule(m); s != nil {
		fmt.Fprintf(a.stderr, "using the schedule that the model stores for %d network calls: %s; --solver or --grid override it\n", s.Calls, s.Found.Name)
	}
	out, err := c.open(a, m, digest)
	if errors.Is(err, store.ErrFinished) {
		if err := c.sameFile(ctx, m); err != nil {
			return afterSignal(ctx, err, "")
		}
		fmt.Fprintf(a.stderr, "%s is finished; nothing to do\n", c.Out)
		return nil
	}
	if err != nil {
		return err
	}
	report, err := c.draw(ctx, a, m, out)
	if err != nil {
		hint := ""
		if out.resumable() {
			hint = "the same command with --resume goes on from " + c.Out + ".partial"
		}
		stop := afterSignal(ctx, err, hint)
		var s *stopped
		if errors.As(stop, &s) {
			return errors.Join(stop, out.keep())
		}
		return errors.Join(stop, out.discard())
	}
	if err := out.close(); err != nil {
		return err
	}
	if a.bars && c.Out != "-" && report.Solver != "" {
		took := time.Since(began).Seconds()
		fmt.Fprintf(a.stderr, "%d samples in %s, %d network calls each (%s, %d steps)\n", c.N, seconds(took), report.NFE, report.Solver, report.Steps)
	}
	return nil
}

// startRows are the model's columns of a table, by their names where it has all of them.
func startRows(m *ito.Model, t *data.Table) (ito.States, error) {
	var others []string
	for _, name := range t.AllColumns() {
		if !slices.Contains(m.Columns, name) {
			others = append(others, name)
		}
	}
	if len(t.AllColumns())-len(others) == len(m.Columns) && len(others) > 0 {
		rest, _, err := t.Take(others)
		if err != nil {
			return ito.States{}, err
		}
		t = rest
	}
	return t.States(), nil
}

// mostID bounds the ids of samples: beyond it a float64, as npy files hold them, does not have every integer.
const mostID = 1 << 53

// check refuses what no model can change.
func (c *sampleCmd) check(given []string) error {
	switch {
	case c.N < 1:
		return &ito.InputError{Where: "-n", What: fmt.Sprintf("%d samples", c.N), Do: "give 1 or more"}
	case uint64(c.N) > mostID || c.First > mostID-uint64(c.N):
		return &ito.InputError{Where: "-n", What: fmt.Sprintf("sample %d and the %d from it on have ids beyond 2⁵³", c.First, c.N), Do: "give a smaller -n or --first"}
	case slices.Contains(given, "nfe") && c.NFE < 1:
		return &ito.InputError{Where: "--nfe", What: fmt.Sprintf("%d network calls are not enough for a step", c.NFE), Do: "give 1 or more"}
	case slices.Contains(given, "tol") && c.Tol <= 0:
		return &ito.InputError{Where: "--tol", What: fmt.Sprintf("a tolerance of %g", c.Tol), Do: "give a number above 0, such as 1e-5"}
	case c.Out == "-" && c.Resume:
		return &ito.InputError{Where: "--resume", What: "standard output cannot be resumed", Do: "give --out a file"}
	case c.Trajectory == "-" || c.Trajectory != "" && filepath.Ext(c.Trajectory) != ".npy":
		return &ito.InputError{Where: "--trajectory " + c.Trajectory, What: "trajectories are written as npy files", Do: "give a name that ends in .npy"}
	case c.Trajectory != "" && (c.Trajectory == c.Out):
		return &ito.InputError{Where: "--trajectory", What: "it is the same file as --out", Do: "give it another name"}
	}
	if err := c.SampleConfig.Check(); err != nil {
		return err
	}
	if c.Trajectory != "" {
		if device, err := task.Place("trajectory", c.Trajectory); err != nil || device {
			return errors.Join(err, deviceError(device, c.Trajectory))
		}
	}
	return nil
}

func deviceError(device bool, path string) error {
	if !device {
		return nil
	}
	return &ito.InputError{Where: "--trajectory " + path, What: "it is not a regular file", Do: "give the name of a file"}
}

// loadModel reads a model and the digest of its file.
func loadModel(path string) (*ito.Model, string, error) {
	m, err := store.LoadModel(path)
	if err != nil {
		return nil, "", err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(b)
	return m, hex.EncodeToString(sum[:]), nil
}

// conditionNames lists what a model was conditioned on.
func conditionNames(m *ito.Model) string {
	var names []string
	for _, k := range m.Conditions {
		names = append(names, k.Column)
	}
	return strings.Join(names, ", ")
}

// columnsOf names the columns of a model's samples.
func columnsOf(m *ito.Model, d int) []string {
	if len(m.Columns) == d {
		return m.Columns
	}
	return data.DefaultColumns(d)
}

// width is the number of columns of a model's samples.
func width(m *ito.Model) int {
	if len(m.Columns) > 0 {
		return len(m.Columns)
	}
	columns, _ := m.Transform.Dims(path.DataDim(m.Path, m.Path.Dim()))
	return columns
}

// draw samples what is not there yet.
func (c *sampleCmd) draw(ctx context.Context, a *app, m *ito.Model, out *samplesOut) (recipe.SampleReport, error) {
	done := out.done()
	cfg := c.SampleConfig
	cfg.First += uint64(done)
	cfg.N -= done
	meter := a.meter()
	defer meter.close()
	sink := func(x ito.States) error {
		if err := out.rows(x); err != nil {
			return err
		}
		done += x.N
		meter.count("sample", int64(done), int64(c.N))
		return nil
	}
	run := recipe.Run{Workers: c.Workers, Version: version()}
	if cfg.N == 0 {
		return recipe.SampleReport{}, nil
	}
	if out.tracks != nil {
		return c.trace(ctx, m, cfg, run, out.tracks, sink)
	}
	return recipe.Sample(ctx, m, cfg, run, sink)
}
