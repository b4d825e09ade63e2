package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/recipe"
)

// pathPace is how long a training takes: Fixed + steps·Step seconds of one processor.
type pathPace struct {
	Step    float64 `json:"step"`
	Fixed   float64 `json:"fixed"` // the stages of learnt paths, and what comes before and after
	Refused string  `json:"refused,omitempty"`
}

// steps that a budget pays for.
func (p pathPace) steps(seconds float64) int {
	return int(math.Max(math.Min((seconds-p.Fixed)/p.Step, 1e6), leastSteps))
}

const leastSteps = 2 * paceStages

// The steps of the trainings that measure a pace, and the stages of learnt paths in them: as many as by default.
const paceShort, paceLong, paceStages = 80, 240, 40

// pace measures by two short trainings, each the faster of two, since a machine is only ever slower than it is, in
// processor time.
func (b PathBench) pace(ctx context.Context, j pathJob, key string) (p pathPace, err error) {
	if b.Keep != nil {
		if found, err := b.Keep.Load(key, &p); found || err != nil {
			return p, err
		}
	}
	took := [2]float64{math.Inf(1), math.Inf(1)}
	for range 2 {
		for k, steps := range []int{paceShort, paceLong} {
			began := processorTime()
			_, err := j.train(ctx, steps, 1)
			if refused(err) {
				p.Refused = err.Error()
				return p, b.keep(key, p)
			}
			if err != nil {
				return p, fmt.Errorf("%s: %w", j.name(), err)
			}
			took[k] = math.Min(took[k], (processorTime() - began).Seconds())
		}
	}
	p.Step = math.Max((took[1]-took[0])/(paceLong-paceShort), took[1]/paceLong/100)
	p.Fixed = math.Max(took[0]-paceShort*p.Step, 0)
	return p, b.keep(key, p)
}

func (b PathBench) keep(name string, v any) error {
	if b.Keep == nil {
		return nil
	}
	return b.Keep.Save(name, v)
}

// refused reports an error that says that a path, a solver or a grid is not for what it was asked for.
func refused(err error) bool {
	var lost *ito.NonFiniteError
	return err != nil && (errors.As(err, &lost) || errors.Is(err, ito.ErrInput))
}

// train trains the path of a job on one processor.
func (j pathJob) train(ctx context.Context, steps, stageSteps int) (*ito.Model, error) {
	c := recipe.DefaultTrain()
	c.Path, c.Seed, c.Steps, c.StageSteps = j.path, j.seed, steps, stageSteps
	c.Stages = min(c.Stages, max(steps-1, 0))
	c, err := c.Expand([]string{"path"})
	if err != nil {
		return nil, err
	}
	return j.set.fit(ctx, c)
}

// cell trains for the budget, samples by every solver on every grid, and measures the best.
func (b PathBench) cell(ctx context.Context, j pathJob, p pathPace) (*PathCell, error) {
	c := &PathCell{Set: j.set.name, Digest: j.set.digest(), Path: j.path, Seed: j.seed,
		Budget: b.Seconds * j.set.weight, Calls: b.Calls, Floor: j.set.floor, Refused: p.Refused}
	if p.Refused != "" {
		return c, nil
	}
	c.Steps = p.steps(c.Budget)
	began := time.Now() // of this machine, with whatever runs beside
	m, err := j.train(ctx, c.Steps, 0)
	if refused(err) {
		c.Refused = err.Error()
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	c.Trained = since(began)
	began = time.Now()
	for _, k := range b.Calls {
		f, err := j.best(ctx, m, k)
		if err != nil {
			return nil, err
		}
		if f.Solver != "" {
			c.Figures = append(c.Figures, f)
		}
	}
	c.Judged = since(began)
	return c, nil
}

// best is the figure of the solver and grid whose samples are nearest to the rows that are for choosing.
func (j pathJob) best(ctx context.Context, m *ito.Model, calls int) (PathFigure, error) {
	out := PathFigure{Calls: calls}
	least := math.Inf(1)
	var kept ito.States
	for _, solver := range j.set.solvers {
		for _, grid := range j.set.grids {
			s := recipe.DefaultSample()
			s.N, s.Seed, s.Solver, s.Grid, s.NFE = j.set.choose.N, j.seed, solver, grid, calls
			x, err := recipe.Collect(ctx, m, s, recipe.RunOptions{Workers: 1})
			if refused(err) {
				continue
			}
			if err != nil {
				return out, err
			}
			x = j.set.place(x)
			d, err := metric.SlicedW2(ctx, x, j.set.choose, metric.Directions, j.seed)
			if err != nil {
				return out, err
			}
			if d < least {
				least, kept, out.Solver, out.Grid = d, x, solver, grid
			}
		}
	}
	if out.Solver == "" {
		return out, nil
	}
	var err error
	out.Value, err = j.set.distance(ctx, kept, j.set.judge)
	return out, err
}
