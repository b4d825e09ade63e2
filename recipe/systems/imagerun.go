package systems

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
)

// runImages trains the paths, each resumed where Keep has the beginning of it, and judges samples of each. With fewer
// steps than its own it is a trial, of as many fewer samples.
func runImages(ctx context.Context, cfg RunConfig, run recipe.RunOptions, r *Result,
	open func(string) (*imageSet, error), own imageBudget) error {
	set, err := open(cfg.Data)
	if err != nil {
		return err
	}
	defer set.Close()
	b := cfg.imageBudget(own)
	r.Budget = fmt.Sprintf("%s in %s, %d steps of %d of %d images, held out %d, %d samples", b.network,
		cmp.Or(cfg.Precision, "f32"), b.steps, mnistBatch, set.train.N, set.held.N, b.samples)
	r.Columns = []string{"Fréchet", "over floor", "classes", "agreement", "nearest"}
	for _, k := range mnistFew {
		r.Columns = append(r.Columns, fmt.Sprintf("F at %d", k))
	}
	pool := ad.NewPool(run.WorkerCount())
	defer pool.Close()
	if len(cfg.Judge) > 0 {
		return set.judgeFiles(ctx, cfg, b, pool, r)
	}
	for _, seed := range cfg.Seeds {
		if err := set.measure(ctx, cfg, b, seed, pool, run, r); err != nil {
			return err
		}
	}
	for _, p := range mnistPaths {
		over, _ := spread(r.column(p.name, "over floor"))
		r.atMost(5, over, "%s: Fréchet distance over the floor of training images", p.name)
		classes, _ := spread(r.column(p.name, "classes"))
		r.atMost(.03, classes, "%s: largest distance of a class's share from even", p.name)
		agree, _ := spread(r.column(p.name, "agreement"))
		r.atLeast(.95, agree, "%s: samples read as asked for, over real images read right", p.name)
	}
	if b.steps < own.steps {
		r.Notes = append(r.Notes, fmt.Sprintf("a trial: %d of %d steps, and %d samples, of which the floor is so high "+
			"that a distance over it says little; the figures are those of a run without `steps`", b.steps, own.steps,
			b.samples))
	}
	if b.guidance != 1 {
		r.Notes = append(r.Notes, fmt.Sprintf("every sample is guided towards its class by %g, and a call of the "+
			"solver is two of the network", b.guidance))
	}
	r.Notes = append(r.Notes,
		fmt.Sprintf("Fréchet: to the held-out images, by %d samples whose classes are drawn as the training images "+
			"have them, Heun's solver with %d calls; the floor is that of as many training images", b.samples, b.calls),
		"nearest: median distance to the nearest training image, over that of held-out images; far below 1, samples "+
			"are copies",
		"F at k: the least Fréchet distance of "+fmt.Sprint(mnistSolvers)+" with k network calls")
	return nil
}

// measure adds the figures of one seed.
func (set *imageSet) measure(ctx context.Context, cfg RunConfig, b imageBudget, seed uint64, pool *ad.Pool,
	run recipe.RunOptions, r *Result) error {
	j, right, err := set.newJudge(ctx, b, seed, pool, r)
	if err != nil {
		return err
	}
	// The floor: images of the training set, as many as there are held-out ones or samples.
	floor, err := j.judge(ctx, set.train.Slice(0, min(set.held.N, b.samples, set.train.N)))
	if err != nil {
		return err
	}
	r.addImageFloor(floor)
	for _, p := range mnistPaths {
		m, err := set.fit(ctx, cfg, b, p, seed, pool, run)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		x, err := set.draw(ctx, m, b, "heun", b.calls, seed, "", run)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		f, err := j.judge(ctx, x)
		if err != nil {
			return err
		}
		agree, err := set.agreement(ctx, m, j.c, b, seed, pool, run)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		row := []float64{f.frechet, f.frechet / floor.frechet, f.classes, agree / right, f.nearest}
		for _, k := range mnistFew {
			best, err := set.fewest(ctx, m, j, b, k, seed, run)
			if err != nil {
				return fmt.Errorf("%s with %d calls: %w", p.name, k, err)
			}
			row = append(row, best)
		}
		r.add(p.name, false, row...)
	}
	gauss, err := gaussianImages(set.train, b.samples, seed)
	if err != nil {
		return err
	}
	for _, control := range []struct {
		name string
		x    ito.States
	}{{"normal with the moments of the images", gauss},
		{"training images drawn again", rememberedImages(set.train, b.samples, seed)}} {
		f, err := j.judge(ctx, control.x)
		if err != nil {
			return err
		}
		r.add(control.name, true, f.frechet, f.frechet/floor.frechet, f.classes)
		r.Notes = append(r.Notes, fmt.Sprintf("control %s, seed %d: nearest %.3g", control.name, seed, f.nearest))
	}
	return nil
}

// draw samples images, given a class or without one.
func (set *imageSet) draw(ctx context.Context, m *ito.Model, b imageBudget, solver string, calls int, seed uint64,
	where string, run recipe.RunOptions) (ito.States, error) {
	s := recipe.DefaultSample()
	s.N, s.Seed, s.Solver, s.NFE, s.Where = b.samples, seed, solver, calls, where
	s.Guidance = b.guidance
	if where != "" {
		s.N = max(b.samples/(4*set.classes), 1)
	}
	return recipe.Collect(ctx, m, s, recipe.RunOptions{Workers: run.Workers})
}

// agreement is the share of samples of every class that are read as such.
func (set *imageSet) agreement(ctx context.Context, m *ito.Model, c *classifier, b imageBudget, seed uint64,
	pool *ad.Pool, run recipe.RunOptions) (float64, error) {
	right, all := 0, 0
	for k := range set.classes {
		x, err := set.draw(ctx, m, b, "heun", b.calls, seed, fmt.Sprintf("%s=%s", m.Conditions[0].Column,
			m.Conditions[0].Levels[k]), run)
		if err != nil {
			return 0, err
		}
		_, class, err := c.read(ctx, x, pool)
		if err != nil {
			return 0, err
		}
		for _, v := range class {
			if v == k {
				right++
			}
			all++
		}
	}
	return float64(right) / float64(all), nil
}

// fewest is the least Fréchet distance of the solvers with so many calls.
func (set *imageSet) fewest(ctx context.Context, m *ito.Model, j *imageJudge, b imageBudget, calls int, seed uint64,
	run recipe.RunOptions) (float64, error) {
	b.samples = max(b.samples/2, 1)
	best := -1.
	for _, solver := range mnistSolvers {
		x, err := set.draw(ctx, m, b, solver, calls, seed, "", run)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", solver, err)
		}
		f, _, err := j.c.read(ctx, x, j.pool)
		if err != nil {
			return 0, err
		}
		d, err := j.frechet(f)
		if err != nil {
			return 0, err
		}
		if best < 0 || d < best {
			best = d
		}
	}
	return best, nil
}

// fit trains a path, or goes on with what Keep has of it.
func (set *imageSet) fit(ctx context.Context, cfg RunConfig, b imageBudget, p contender, seed uint64, pool *ad.Pool,
	run recipe.RunOptions) (*ito.Model, error) {
	c := recipe.DefaultTrain()
	c.Seed, c.Steps, c.Batch, c.Network, c.Transform = seed, b.steps, mnistBatch, b.network, "none"
	c.Precision = cmp.Or(cfg.Precision, c.Precision)
	p.cfg(&c)
	c.StagePaths = b.paths
	c = c.Sized(0, 0)
	s := set.source()
	own := recipe.RunOptions{Pool: pool, Workers: run.WorkerCount(), Version: run.Version, Now: run.Now,
		Progress: run.Progress}
	if cfg.Keep == "" {
		m, _, err := recipe.FitSource(ctx, s, c, own)
		return m, err
	}
	if err := os.MkdirAll(cfg.Keep, 0o777); err != nil {
		return nil, err
	}
	file := filepath.Join(cfg.Keep, fmt.Sprintf("%s-%s-%d.safetensors", b.name, c.Path, seed))
	places := store.CheckpointFile(file + ".checkpoint")
	if m, err := set.finished(file, c, s); m != nil || err != nil {
		return m, err
	}
	own.Checkpoint, own.Resume = places, true
	m, _, err := recipe.FitSource(ctx, s, c, own)
	if err != nil {
		return nil, err
	}
	if err := store.SaveModel(file, m); err != nil {
		return nil, err
	}
	return m, places.Remove()
}

// finished is the model of a file, if it is there: that of this configuration and these images.
func (set *imageSet) finished(file string, c recipe.TrainConfig, s recipe.Set) (*ito.Model, error) {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	m, err := store.LoadModel(file)
	if err != nil {
		return nil, err
	}
	var was recipe.TrainConfig
	if err := spec.Parse(file, m.Provenance.Config, &was); err != nil {
		return nil, err
	}
	if c, err = c.For(s.Space()); err != nil {
		return nil, err
	}
	if err := store.CompareConfig(spec.Canonical(&was), spec.Canonical(&c)); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if m.Provenance.Digest != s.Digest() {
		return nil, &ito.InputError{Where: file, What: "it is a model of other images",
			Do: "give `keep` another folder"}
	}
	return m, nil
}
