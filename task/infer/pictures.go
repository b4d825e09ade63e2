package infer

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/draws"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/anneal"
	"github.com/seed9a7962a8/ito/plot"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/diagnose"
)

// pictures draws the parameters that matter most, and in two dimensions the draws over the density's contours.
func (r *inference) pictures(ctx context.Context, o *Report) error {
	t, err := r.journal.Table(&r.meta)
	if err != nil {
		return err
	}
	s, err := diagnose.PicturedDraws(t, &o.Summary)
	if err = errors.Join(err, t.Close()); err != nil {
		return err
	}
	path := filepath.Join(r.c.Plot, "contours.png")
	if err := task.RemoveIfThere(path); err != nil { // that of an earlier run
		return err
	}
	if o.Plots, err = diagnose.Draw(r.c.Plot, s); err != nil || r.p.Dim() != 2 {
		return err
	}
	var clouds []plot.Cloud
	if k, ok := r.plan.Kernel.(anneal.Follower); ok {
		clouds, err = r.along(ctx, k)
	} else if r.p.model == nil { // the draws are points of the density
		clouds, err = r.over(ctx, s.Resampled(cloudPoints))
	}
	if err != nil || clouds == nil {
		return err
	}
	f, err := plot.Clouds(draws.Label(r.p.coordinate(0)), draws.Label(r.p.coordinate(1)), clouds...)
	if err != nil {
		return err
	}
	o.Plots = append(o.Plots, path)
	return f.Save(path)
}

const (
	cloudPoints = 1000 // particles over contours
	cloudGrid   = 240  // points of the density's grid along an axis
)

// over is draws over the contours of the density.
func (r *inference) over(ctx context.Context, s *draws.Set) ([]plot.Cloud, error) {
	c := plot.Cloud{Title: "the draws over the density"}
	per := max(1, (s.Chains*s.Draws+cloudPoints-1)/cloudPoints) // every per-th draw of each chain
	for g := range s.Chains {
		x, y := s.Chain(s.Stats, g), s.Chain(s.Stats+1, g)
		for i := 0; i < s.Draws; i += per {
			c.Points = append(c.Points, x[i], y[i])
		}
	}
	c.X, c.Y = plot.GridOver(c.Points, cloudGrid)
	err := r.contours(ctx, &c, nil, 1)
	return []plot.Cloud{c}, err
}

// along follows at most a thousand of the particles along their path once more, which costs little in two
// dimensions, and keeps where they are at some λ: a run that was resumed has the same pictures as one that was not.
func (r *inference) along(ctx context.Context, k anneal.Follower) ([]plot.Cloud, error) {
	s := infer.NewState(k, min(r.plan.Groups, cloudPoints), 2, 0)
	var clouds []plot.Cloud
	var at []float64
	keep := []float64{.01, .1, .4}
	o := r.plan.RunOptions(infer.RunOptions{Workers: task.Workers(r.c.Workers)})
	o.Progress = func(e infer.RunEvent) {
		if λ := k.Lambda(e.Step - 1); len(keep) > 0 && λ >= keep[0] {
			clouds = append(clouds, plot.Cloud{Title: fmt.Sprintf("λ = %.2g", λ), Points: slices.Clone(s.X)})
			at, keep = append(at, λ), keep[1:]
		}
	}
	if _, err := infer.Run(ctx, r.p, k, s, o); err != nil {
		return nil, err
	}
	clouds, at = append(clouds, plot.Cloud{Title: "λ = 1, the end", Points: s.X}), append(at, 1)
	for i := range clouds {
		clouds[i].X, clouds[i].Y = plot.GridOver(clouds[i].Points, cloudGrid)
		if err := r.contours(ctx, &clouds[i], k.Annealing(), at[i]); err != nil {
			return nil, err
		}
	}
	return clouds, nil
}

// contours evaluates the log density at λ of an annealing on the grid of c, that of the target where there is none or
// where it has none that could be evaluated, as a convolution.
func (r *inference) contours(ctx context.Context, c *plot.Cloud, path anneal.Annealing, λ float64) error {
	nx, ny := len(c.X), len(c.Y)
	x := ito.NewStates(nx*ny, 2, 0)
	for j := range ny {
		for i := range nx {
			copy(x.Row(j*nx+i), []float64{c.X[i], c.Y[j]})
		}
	}
	c.LogDens = make([]float64, nx*ny)
	if d, ok := path.(anneal.Density); ok {
		return d.LogDensity(ctx, r.p, λ, c.LogDens, x)
	}
	return r.p.LogDensity(ctx, c.LogDens, x)
}
