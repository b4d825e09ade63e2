package learn

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
)

// Config says how a network is trained. Every field counts: a zero is a zero. [DefaultConfig] is what the
// recipes begin with.
type Config struct {
	Objective  Objective
	Times      int // points of the time grid; 0: continuous
	Steps      int // of the whole run, over which the learning rate falls
	StageSteps int // of these in each stage of [Alternate]
	Batch      int
	LR         float64
	Schedule   nn.Schedule
	Adam       nn.Adam
	Clip       float64 // largest norm of the gradient; 0: unlimited
	EMA        nn.EMA
	Dropout    float64 // part of the rows that train without their condition
	Seed       uint64
}

// DefaultConfig is 20000 steps of 256 rows by Adam at 1e-3, falling as a cosine after 100 steps of warm-up, on a
// grid of 100 times, gradients clipped at 1, a moving average of .999 with warm-up, and a tenth of the conditions dropped.
func DefaultConfig() Config {
	return Config{Objective: ScoreMatching{}, Times: 100, Steps: 20000, StageSteps: 100, Batch: 256, LR: 1e-3, Schedule: nn.Schedule{Kind: "cosine", WarmUp: 100},
		Adam: nn.DefaultAdam(), Clip: 1, EMA: nn.EMA{Decay: .999, WarmUp: true}, Dropout: .1}
}

func (c Config) check() error {
	if c.Objective == nil || c.Times < 0 || c.Steps < 0 || c.StageSteps < 0 || c.Batch < 1 {
		return &ito.InputError{Where: "training", What: fmt.Sprintf("%d steps of %d rows on %d times", c.Steps, c.Batch, c.Times), Do: "give an objective and positive numbers"}
	}
	if !(c.LR > 0) || math.IsInf(c.LR, 0) || !(c.Clip >= 0) || !(c.Dropout >= 0 && c.Dropout <= 1) || !(c.EMA.Decay >= 0 && c.EMA.Decay < 1) {
		return &ito.InputError{Where: "training", What: fmt.Sprintf("lr=%g, clip=%g, dropout=%g, ema=%g", c.LR, c.Clip, c.Dropout, c.EMA.Decay),
			Do: "lr must be positive, clip not negative, dropout in [0,1], ema in [0,1)"}
	}
	if err := c.Adam.Check(); err != nil {
		return &ito.InputError{Where: "training", What: err.Error()}
	}
	if err := c.Schedule.Check(); err != nil {
		return &ito.InputError{Where: "training", What: err.Error()}
	}
	return nil
}
