// Package sample draws samples from a model into a file that can be resumed, a stream, or wherever the caller wants
// them.
package sample

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// Config says which samples are drawn, how, and where they go.
type Config struct {
	Model      string        `arg:"" where:"local" help:"A model that ito train wrote"`
	Out        string        `required:"" where:"local" placeholder:"FILE" help:"Where the samples go: a .csv, .npy or .parquet file, or of a model of text .txt, a sample a line, of graphs .jsonl, of images DIR/ for a PNG file each or a .png file for one picture, of several tables DIR/ for a CSV file each, or - for CSV or text on standard output"`
	Delta      string        `where:"local" placeholder:"FILE" omit:"default" help:"A delta of MODEL, from ito train --from-model, to put on it"`
	WithID     bool          `help:"Put the id of each sample before it"`
	Columns    []string      `omit:"default" placeholder:"COL,…" help:"Write these columns alone, in this order; the samples are the same. Without it all"`
	WhereFile  string        `where:"local" placeholder:"FILE" help:"Conditions of a table with types, one row for each sample: a table of some of its columns, whose empty cells are not asked for; after the last row the first comes again"`
	Trajectory string        `where:"local" placeholder:"FILE" help:"Also write the states at every time of the grid to this npy file, of shape [steps+1, n, d]"`
	Resume     bool          `where:"local" help:"Continue a file whose writing was interrupted"`
	Every      time.Duration `where:"local" default:"1s" above:"0" help:"Shortest time between two entries of the journal from which --resume goes on"`
	Workers    int           `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no byte of the samples"`

	task.Reading
	recipe.SampleConfig `embed:"" group:"Configuration"`
}

// Env surrounds a sampling.
type Env struct {
	task.Env
	// Model is the model, loaded before; nil: that of the file MODEL.
	Model *ito.Model
	// Digest is the digest of Model: what a file of samples that is resumed must have been begun with.
	Digest string
	// Sink takes the samples; nil: they go to OUT, which otherwise need not be given. It has no trajectories and
	// nothing to resume.
	Sink recipe.Sink
	// Steered says in words what hooks of the configuration do: what a file that is resumed must have been begun with.
	Steered string
	// Slots bounds what is drawn at a time by all samplings that share it; nil: WORKERS of this one.
	Slots chan struct{}
}

// Report says what a sampling did: the samples drawn, without those that an earlier run had.
type Report struct {
	recipe.SampleReport
	Finished bool          `json:"finished,omitempty"` // the file was there and holds these samples
	Tables   []TableReport `json:"tables,omitempty"`   // of a model of several
}

// Partial is the name of the file in which samples stand until out is whole, and of pictures their folder.
func Partial(out string) string {
	if (&Config{Out: out}).folder() {
		return out
	}
	return out + ".partial"
}

// Run draws the samples. When ctx is cancelled what is written stays, and the same Config with Resume makes the
// same file as if nothing had happened; so does it after rows could not be written. After another error nothing is
// left. With Resume a finished file is compared with what the settings make.
func Run(ctx context.Context, c Config, env Env) (Report, error) {
	if err := errors.Join(c.check(env.Sink != nil), task.Apart(c.Out, &c)); err != nil {
		return Report{}, err
	}
	m, digest := env.Model, env.Digest
	if m == nil {
		var err error
		if m, digest, err = store.LoadSampled(c.Model); errors.Is(err, store.ErrTables) {
			family, digest, err := store.LoadTables(c.Model)
			if err != nil {
				return Report{}, err
			}
			if c.Delta != "" {
				return Report{}, &ito.InputError{Where: "`delta`", What: "the model is of several tables",
					Do: "leave it out"}
			}
			return c.several(ctx, &env, family, digest)
		} else if err != nil {
			return Report{}, err
		}
	}
	if !c.Resume && env.Sink == nil {
		if err := task.Learnt(c.Out, m); err != nil {
			return Report{}, err
		}
	}
	if c.Delta != "" {
		var err error
		if m, err = task.WithDelta(m, c.Delta); err != nil {
			return Report{}, err
		}
		digest += m.Provenance.Digest
	}
	if m.Encoding == nil {
		if _, err := data.ParseWhere(m.Conditions, c.Where); err != nil {
			return Report{}, err
		}
	}
	if err := c.fresh(m); err != nil {
		return Report{}, err
	}
	digest += env.Steered
	if c.WhereFile != "" {
		more, err := c.requests(&env, m)
		if err != nil {
			return Report{}, err
		}
		digest += more
	}
	if _, around := m.Path.(ito.RowMean); around && len(m.Conditions) > 0 && c.Where == "" {
		return Report{}, &ito.InputError{Where: "`where`", What: "path " + m.Path.Name() + " goes around a mean " +
			"of each row, and none is given",
			Do: "give " + conditionNames(m) + ", as " + data.ExampleWhere(m.Conditions)}
	}
	if c.From != "" {
		t, err := env.RowsOf(c.From, c.Reading, m.Columns, nil)
		if err != nil {
			return Report{}, err
		}
		if c.Start, err = StartRows(m, t); err != nil {
			return Report{}, err
		}
		digest += t.Digest() // the journal's: the bytes depend on these rows too
	}
	if c.Scheduler != "" {
		more, err := c.scheduler(&env, m)
		if err != nil {
			return Report{}, err
		}
		digest += more
	}
	began := time.Now()
	for _, line := range c.Remarks(m) {
		env.Tell(line)
	}
	if env.Sink == nil && c.isParquet() && m.Space.Mask == nil {
		r, err := c.drawWhole(ctx, &env, m)
		r.Seconds = time.Since(began).Seconds()
		return Report{SampleReport: r}, err
	}
	out, err := c.open(&env, m, digest)
	if any, _ := c.pictured(); any && errors.Is(err, store.ErrFinished) {
		env.Tell(c.Out + " is finished; nothing to do")
		return Report{Finished: true}, nil
	}
	if errors.Is(err, store.ErrFinished) {
		if err := c.sameFile(ctx, &env, m); err != nil {
			return Report{}, err
		}
		env.Tell(c.Out + " is finished; nothing to do")
		return Report{Finished: true}, nil
	}
	if err != nil {
		return Report{}, err
	}
	r, err := c.draw(ctx, &env, m, out)
	switch {
	case err == nil:
		err = out.close()
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		if e := out.keep(); e != nil {
			err = e // there is nothing to go on from
		}
	default:
		err = out.leave(err)
	}
	r.Seconds = time.Since(began).Seconds()
	return Report{SampleReport: r}, err
}

// StartRows are the model's columns of a table, by their names where it has all of them.
func StartRows(m *ito.Model, t *data.Table) (ito.States, error) {
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

// checkIDs refuses numbers of samples, and ids, that cannot be.
func (c *Config) checkIDs() error {
	switch {
	case c.N < 1:
		return &ito.InputError{Where: "`n`", What: fmt.Sprintf("%d samples", c.N), Do: "give 1 or more"}
	case uint64(c.N) > mostID || c.First > mostID-uint64(c.N):
		return &ito.InputError{Where: "`n`", What: fmt.Sprintf("sample %d and the %d from it on have ids beyond 2⁵³",
			c.First, c.N), Do: "give a smaller `n` or `first`"}
	}
	return nil
}

func deviceError(device bool, path string) error {
	if !device {
		return nil
	}
	return &ito.InputError{Where: "`trajectory` " + path, What: "it is not a regular file",
		Do: "give the name of a file"}
}

// drawnColumns are the conditions of a table with types that are drawn where nothing is asked for.
func drawnColumns(m *ito.Model) []string {
	if t, ok := m.Encoding.(*encode.Table); ok {
		return t.DrawnColumns()
	}
	return nil
}

// conditionNames lists what a model was conditioned on.
func conditionNames(m *ito.Model) string {
	var names []string
	for _, k := range m.Conditions {
		names = append(names, k.Column)
	}
	return strings.Join(names, ", ")
}

// draw samples what is not there yet.
func (c *Config) draw(ctx context.Context, env *Env, m *ito.Model, out *output) (recipe.SampleReport, error) {
	done := out.done()
	cfg := c.SampleConfig
	cfg.First += uint64(done)
	cfg.N -= done
	sink := func(x ito.States) error {
		if err := out.rows(x); err != nil {
			return err
		}
		done += x.N
		env.Count("sample", int64(done), int64(c.N))
		return nil
	}
	run := recipe.RunOptions{Workers: c.Workers, Version: env.Version, Slots: env.Slots}
	if cfg.N == 0 {
		return recipe.SampleReport{}, nil
	}
	if out.tracks != nil {
		return c.trace(ctx, m, cfg, run, out, sink)
	}
	return recipe.Sample(ctx, m, cfg, run, sink)
}
