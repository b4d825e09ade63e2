package learn

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
)

// Optimiser is how a [Loop] moves parameters. Every field counts: a zero is a zero.
type Optimiser struct {
	Steps    int // of the whole run, over which the learning rate falls
	LR       float64
	Schedule nn.LRSchedule
	// Rate is the learning rate of step 0, 1, …, where it is neither LR nor falls by the schedule; nil: LR and
	// Schedule.
	Rate func(step int) float64
	Adam nn.Adam
	Clip float64 // largest norm of the gradient; 0: unlimited
	EMA  nn.EMA
}

func (c Optimiser) check() error {
	if c.Steps < 0 || c.Rate == nil && (!(c.LR > 0) || math.IsInf(c.LR, 0)) || !(c.Clip >= 0) ||
		!(c.EMA.Decay >= 0 && c.EMA.Decay < 1) {
		return &ito.InputError{Where: "training", What: fmt.Sprintf("steps=%d, lr=%g, clip=%g, ema=%g", c.Steps, c.LR,
			c.Clip, c.EMA.Decay),
			Do: "lr must be positive, steps and clip not negative, ema in [0,1)"}
	}
	if err := c.Adam.Check(); err != nil {
		return &ito.InputError{Where: "training", What: err.Error()}
	}
	if err := c.Schedule.Check(); err != nil {
		return &ito.InputError{Where: "training", What: err.Error()}
	}
	return nil
}

// rate is the learning rate of a step.
func (c Optimiser) rate(step int) float64 {
	if c.Rate != nil {
		return c.Rate(step)
	}
	return c.LR * c.Schedule.At(step, c.Steps)
}
