package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/task/restore"
	"github.com/seed9a7962a8/ito/task/sample"
	"github.com/seed9a7962a8/ito/task/steer"
)

// steerFlags are the flags of ito sample that a search and drafts have, beside their own; each has one of the others.
var steerFlags = map[string][]string{
	"reward": {"reward", "select", "budget", "search-steps", "width", "temperature"},
	"start":  {"start", "level", "solver", "nfe", "header"},
	"known":  {"inpaint", "mask", "colourise", "method", "search-steps", "header"},
	"blend": {"blend", "blend-by", "score", "strike", "solver", "nfe", "grid", "final", "guidance", "prior",
		"with-id", "columns", "tol", "header"},
	"both": {"n", "first", "seed", "where", "out", "workers", "json"},
}

// steer draws samples by a search, or from drafts.
func (c *sampleCmd) steer(ctx context.Context, a *app) error {
	kind := "reward"
	switch {
	case c.Settings.Start != "":
		kind = "start"
	case c.Reward != "":
	case c.Blend != "":
		kind = "blend"
	default:
		kind = "known"
	}
	for _, name := range a.given {
		if name == "quiet" || name == "force" { // which every command has
			continue
		}
		if !slices.Contains(steerFlags[kind], name) && !slices.Contains(steerFlags["both"], name) {
			of := "--" + kind
			if kind == "known" {
				of = "--inpaint and --colourise"
			}
			return &ito.InputError{Where: "--" + name, What: "it is not for " + of, Do: "leave it out"}
		}
	}
	if err := a.replaces(c.Out, false); err != nil {
		return err
	}
	if kind == "known" {
		return c.complete(ctx, a)
	}
	if kind == "blend" {
		return c.blend(ctx, a)
	}
	cfg := steer.Config{Model: c.Model, Out: c.Out, N: c.N, First: c.First, Seed: c.Seed, Where: c.Where,
		Solver: c.Solver, NFE: c.NFE, Workers: c.Workers, Settings: c.Settings, Reading: c.Reading,
		Given: a.given}
	m := a.meter()
	if kind == "start" {
		r, err := steer.Edit(ctx, cfg, a.env(m))
		m.close()
		if err != nil {
			return afterSignal(ctx, err, "")
		}
		if c.JSON {
			return a.printJSON(r)
		}
		_, err = fmt.Fprintf(a.stderr, "%d samples from %d drafts with noise %g (%s, %d network calls each); of what "+
			"is wrong with a draft %.1f %% survives, %.1f to %.1f %% by the column, were the data normal\n", r.N,
			r.Drafts,
			r.Level, r.Solver, r.NFE, 100*r.Survives, 100*r.Least, 100*r.Most)
		return err
	}
	r, err := steer.Search(ctx, cfg, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON {
		return a.printJSON(r)
	}
	_, err = fmt.Fprintf(a.stderr, "%d samples by %s, %d of %d network calls each; reward %.4g ± %.4g, at most %.4g\n",
		r.N, r.Select, r.Spent, r.Budget, r.Reward, r.SD, r.Best)
	return err
}

// complete draws samples that have what is known.
func (c *sampleCmd) complete(ctx context.Context, a *app) error {
	cfg := restore.CompleteConfig{Model: c.Model, Out: c.Out, N: c.N, First: c.First, Seed: c.Seed, Where: c.Where,
		Workers: c.Workers, Completion: c.Completion, Reading: c.Reading}
	if slices.Contains(a.given, "search-steps") {
		cfg.Levels = c.SearchSteps
	}
	m := a.meter()
	r, err := restore.Complete(ctx, cfg, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON {
		return a.printJSON(r)
	}
	_, err = fmt.Fprintf(a.stderr, "%d samples of %d rows, at most %d numbers known (%s, %d network calls each). %s\n",
		r.N, r.Rows, r.Known, r.Method, r.Evals, r.Says)
	return err
}

// blend draws samples under several conditions.
func (c *sampleCmd) blend(ctx context.Context, a *app) error {
	m := a.meter()
	r, err := steer.Blend(ctx, c.Config, c.Settings, sample.Env{Env: a.env(m)})
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON {
		return a.printJSON(r)
	}
	line := fmt.Sprintf("%d samples by %s, %d network calls each (%s)", c.N, r.By, r.NFE, r.Solver)
	for i, s := range r.Scores {
		line += fmt.Sprintf("; %s %.3f", r.Concepts[i], s)
	}
	if r.Both != nil {
		line += fmt.Sprintf("; all in one sample %.3f", *r.Both)
	}
	_, err = fmt.Fprintln(a.stderr, line)
	return err
}
