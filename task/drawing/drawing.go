// Package drawing is ito sample as a whole: plain samples, or those that a reward, drafts, several conditions or what
// is known of them steer. Which of them is meant follows from the settings.
package drawing

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/task/restore"
	"github.com/seed9a7962a8/ito/task/sample"
	"github.com/seed9a7962a8/ito/task/steer"
)

// Config sets which samples are drawn, how, and where they go.
type Config struct {
	sample.Config
	steer.Settings     `embed:"" group:"Search and drafts"`
	restore.Completion `embed:"" group:"What is known"`

	// Asked names the settings that somebody asked for: one that changes nothing is then refused at its default too.
	Asked []string `kong:"-"`
}

// Report describes what was done: one of its fields is there.
type Report struct {
	Plain      *sample.Report
	Search     *steer.SearchReport
	Drafts     *steer.EditReport
	Blend      *steer.BlendReport
	Completion *restore.CompleteReport
}

// Kind is a way of drawing, by the setting that asks for it.
type Kind string

// The kinds. Known is asked for by inpaint or colourise.
const (
	Plain  Kind = ""
	Search Kind = "reward"
	Drafts Kind = "start"
	Blend  Kind = "blend"
	Known  Kind = "known"
)

// Kind is the way of drawing that the settings ask for.
func (c *Config) Kind() Kind {
	switch {
	case c.Settings.Start != "":
		return Drafts
	case c.Reward != "":
		return Search
	case c.Blend != "":
		return Blend
	case c.Completing():
		return Known
	}
	return Plain
}

// settings are those that a kind has beside the common ones.
var settings = map[Kind][]string{
	Search: {"reward", "select", "budget", "search-steps", "width", "temperature"},
	Drafts: {"start", "level", "solver", "nfe", "header"},
	Known:  {"inpaint", "mask", "colourise", "method", "search-steps", "header"},
	Blend: {"blend", "blend-by", "score", "strike", "solver", "nfe", "grid", "final", "guidance", "prior",
		"with-id", "columns", "tol", "header"},
}

var common = []string{"n", "first", "seed", "where", "out", "workers"}

// alone are settings of kinds, and what they are for.
var alone = [][2]string{{"select", "`reward`"}, {"budget", "`reward`"}, {"search-steps", "`reward`"},
	{"width", "`reward`"}, {"temperature", "`reward`"}, {"level", "`start`"},
	{"blend-by", "`blend`"}, {"score", "`blend`"}, {"strike", "`blend`"},
	{"mask", "`inpaint`"}, {"method", "`inpaint` or `colourise`"}}

// Check reports settings that the way of drawing does not have, and numbers that are no default and ask for nothing.
func (c *Config) Check() error {
	switch {
	case slices.Contains(c.Asked, "nfe") && c.NFE < 1:
		return &ito.InputError{Where: "`nfe`", What: fmt.Sprintf("%d network calls are not enough for a step", c.NFE),
			Do: "give 1 or more"}
	case slices.Contains(c.Asked, "tol") && c.Tol <= 0:
		return &ito.InputError{Where: "`tol`", What: fmt.Sprintf("a tolerance of %g", c.Tol),
			Do: "give a number above 0, such as 1e-5"}
	}
	kind := c.Kind()
	if kind == Plain {
		for _, f := range alone {
			if slices.Contains(c.Asked, f[0]) {
				return &ito.InputError{Where: "`" + f[0] + "`", What: "it is for " + f[1], Do: "leave it out"}
			}
		}
		return nil
	}
	for _, name := range c.Asked {
		if !slices.Contains(settings[kind], name) && !slices.Contains(common, name) {
			of := "`" + string(kind) + "`"
			if kind == Known {
				of = "`inpaint` and `colourise`"
			}
			return &ito.InputError{Where: "`" + name + "`", What: "it is not for " + of, Do: "leave it out"}
		}
	}
	return nil
}

// Run draws. The same configuration makes the same bytes.
func Run(ctx context.Context, c Config, env sample.Env) (r Report, err error) {
	if err := c.Check(); err != nil {
		return r, err
	}
	switch c.Kind() {
	case Search:
		r.Search = new(steer.SearchReport)
		*r.Search, err = steer.Search(ctx, c.steering(), env.Env)
	case Drafts:
		r.Drafts = new(steer.EditReport)
		*r.Drafts, err = steer.Edit(ctx, c.steering(), env.Env)
	case Blend:
		r.Blend = new(steer.BlendReport)
		*r.Blend, err = steer.Blend(ctx, steer.BlendConfig{Config: c.Config, Settings: c.Settings}, env)
	case Known:
		r.Completion = new(restore.CompleteReport)
		*r.Completion, err = restore.Complete(ctx, c.completing(), env.Env)
	default:
		r.Plain = new(sample.Report)
		*r.Plain, err = sample.Run(ctx, c.Config, env)
	}
	return r, err
}

func (c *Config) steering() steer.Config {
	return steer.Config{Model: c.Model, Out: c.Out, N: c.N, First: c.First, Seed: c.Seed, Where: c.Where,
		Solver: c.Solver, NFE: c.NFE, Workers: c.Workers, Settings: c.Settings, Reading: c.Reading,
		Given: c.Asked}
}

func (c *Config) completing() restore.CompleteConfig {
	k := restore.CompleteConfig{Model: c.Model, Out: c.Out, N: c.N, First: c.First, Seed: c.Seed, Where: c.Where,
		Workers: c.Workers, Completion: c.Completion, Reading: c.Reading}
	if slices.Contains(c.Asked, "search-steps") {
		k.Levels = c.SearchSteps
	}
	return k
}
