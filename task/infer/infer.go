// Package infer draws from a density that can be written down, or along a trained field, and estimates its evidence.
package infer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/draws"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/diagnose"
)

// Config sets what is sampled, how, and where the draws go.
type Config struct {
	Model   string        `arg:"" where:"local" help:"A model file, zoo:NAME for a target of ito zoo, or a trained model (.safetensors), whose field leads dmcmc"`
	Data    string        `where:"local" placeholder:"FILE" help:"The data of the model file: a JSON object, or a CSV table. Of a trained model the rows that it learnt"`
	Method  string        `placeholder:"NAME" help:"The sampler; without it a pilot chooses, and says why"`
	Init    string        `where:"local" placeholder:"WHERE" help:"Where chains and ascents start: prior, pathfinder, a number R for the cube from -R to R, or a file of draws or of values; without it the cube of the radius"`
	Out     string        `required:"" where:"local" placeholder:"FILE" help:"Where the draws go: a .csv, .parquet, .npy or .json file"`
	Plot    string        `where:"local" placeholder:"DIR" help:"Also draw traces, ranks, pairs and densities into this directory"`
	Resume  bool          `where:"local" help:"Continue a run that was interrupted"`
	Every   time.Duration `where:"local" default:"2s" above:"0" help:"Shortest time between two checkpoints"`
	Workers int           `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no byte of the draws"`

	infer.Settings `embed:"" group:"Sampler"`

	// Given names the settings that somebody asked for: one that the method does not have, or that changes nothing,
	// is refused.
	Given []string `kong:"-"`
}

// Env surrounds a run.
type Env struct {
	task.Env
	// Checkpoints is where they are kept; nil: in the file OUT.checkpoint. The draws so far stand in OUT.partial.
	Checkpoints store.Checkpoints
	// Read returns the content of the files of MODEL and DATA, which are no trained model then; nil: from the disk.
	Read func(name string) ([]byte, error)
	// Most bounds what the settings may take; the zero value bounds nothing.
	Most Limits
}

// Checkpoint is the name of the file beside the draws where a run keeps its checkpoints.
func Checkpoint(out string) string { return out + ".checkpoint" }

// Run draws, writes the draws and judges them. When ctx is cancelled a checkpoint is left, from which the same
// Config with Resume goes on to the same bytes. With Resume and finished files of the same settings nothing is
// done.
func Run(ctx context.Context, c Config, env Env) (*Report, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if env.Checkpoints == nil {
		env.Checkpoints = store.CheckpointFile(Checkpoint(c.Out))
		release, err := store.Claim(c.Out)
		if err != nil {
			return nil, err
		}
		defer release()
	}
	pool, closePool := env.PoolOf(c.Workers)
	defer closePool()
	p, err := c.openProblem(ctx, &env, pool)
	if err != nil {
		return nil, err
	}
	if p.model != nil {
		for _, line := range p.model.Printed() {
			env.Tell(line)
		}
	}
	c.Pool = pool
	r, err := c.prepare(ctx, &env, p)
	if err != nil {
		return nil, p.named(err)
	}
	files, done, err := r.finished()
	if err != nil {
		return nil, err
	}
	if done {
		env.Tell(strings.Join(files, ", ") + " is finished; nothing to do")
		return &Report{Files: files, Finished: true}, nil
	}
	if err := r.open(); err != nil {
		return nil, err
	}
	res, err := r.run(ctx)
	if err != nil {
		return nil, r.leave(ctx, notFinite(p.named(err)))
	}
	return res, nil
}

// openProblem opens a density, or a trained model for dmcmc.
func (c *Config) openProblem(ctx context.Context, env *Env, pool *ad.Pool) (*problem, error) {
	if env.Read != nil {
		return openProblem(c.Model, c.Data, pool, env.Read, env.Tell)
	}
	if !isLearned(c.Model) {
		return openProblem(c.Model, c.Data, pool, readInput, env.Tell)
	}
	all := infer.Methods()
	led := all[slices.IndexFunc(all, func(m infer.Method) bool { return m.Led })]
	if c.Method = cmp.Or(c.Method, led.Name); c.Method != led.Name {
		m, err := infer.FindMethod(c.Method)
		if err != nil {
			return nil, err
		}
		if !m.Led {
			return nil, &ito.UnsupportedError{What: c.Method + " on " + c.Model,
				Why: "a trained model knows scores under noise and no density", Nearest: led.Name}
		}
	}
	return openLearned(ctx, c.Model, c.Data, c.Seed, c.Workers, &env.Env)
}

// notFinite is an error that a density made which is not a number: bad input.
func notFinite(err error) error {
	var n *ito.NonFiniteError
	if !errors.As(err, &n) {
		return err
	}
	return &ito.InputError{What: fmt.Sprintf("%s is not finite at step %d, sample %d", n.What, n.Step, n.Sample),
		Do: "check the model where its parameters are far out, or start nearer (`radius`, `scale`)"}
}

// check refuses what no model can change.
func (c *Config) check() error {
	for name, n := range map[string]int{"chains": c.Chains, "draws": c.Draws, "thin": c.Thin} {
		if n < 1 && slices.Contains(c.Given, name) {
			return &ito.InputError{Where: "`" + name + "`", What: fmt.Sprintf("%d %s", n, name), Do: "give 1 or more"}
		}
	}
	if c.Method != "" {
		if _, err := infer.FindMethod(c.Method); err != nil {
			return err
		}
	}
	if _, err := draws.Format(c.Out); err != nil {
		return err
	}
	if _, err := task.Place("out", c.Out); err != nil {
		return err
	}
	if err := task.Apart(c.Out, c); err != nil {
		return err
	}
	if c.Plot != "" {
		return diagnose.PictureDir(c.Plot)
	}
	return nil
}
