package interop

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// From is the plan of a run that begins at a call, counted from 0, with the states that the plan has there: what
// set_begin_index does. Perturb of its Path at Grid[0] noises data to that level, as add_noise does. A call that
// belongs to a step that has begun is an *ito.UnsupportedError with the nearest before it.
func (p *SchedulerPlan) From(call int) (*SchedulerPlan, error) {
	if n := len(p.Grid) - 1; call < 0 || call >= n {
		return nil, &ito.InputError{Where: "scheduler", What: fmt.Sprintf("a run from call %d of %d", call, n),
			Do: fmt.Sprintf("give 0 to %d", n-1)}
	}
	out := *p
	out.Grid, out.from = p.Grid[call:], p.from+call
	if p.tail != nil {
		out.Solver = p.tail(out.from)
	}
	if s, ok := out.Solver.(*own); ok && s.inside != nil && s.inside(out.from) {
		_, err := s.Plan(p.Path, out.Grid, ito.PredX0)
		return nil, err
	}
	return &out, nil
}

// Strength is the plan of the last part of the steps, ⌊n·strength⌋ of n, as the image-to-image pipelines of diffusers
// have it. A strength of which no step is left is an *ito.InputError.
func (p *SchedulerPlan) Strength(strength float64) (*SchedulerPlan, error) {
	steps, calls := p.steps, len(p.Path.levels)-1
	left := int(math.Min(float64(steps)*strength, float64(steps)))
	if !(strength > 0 && strength <= 1) || left < 1 {
		return nil, &ito.InputError{Where: "scheduler", What: fmt.Sprintf("a strength of %g of %d steps", strength,
			steps),
			Do: fmt.Sprintf("give one from %.3g to 1", 1/float64(steps))}
	}
	order := 1
	if calls == 2*steps-1 {
		order = 2
	}
	return p.From((steps-left)*order - p.from)
}

// Begin is the level at which the run begins.
func (p *SchedulerPlan) Begin() Level { return p.Path.levels[p.from] }
