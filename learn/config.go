package learn

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/wrap"
)

// Config says how a network is trained. Every field counts: a zero is a zero. [DefaultConfig] is what the
// recipes begin with.
type Config struct {
	Optimiser
	Objective Objective
	Wrapping  wrap.Maker // what stands between network and path; nil: as the objective takes it
	// Moments are those by which the network is scaled, of one that was trained on other data; nil: of the data
	Moments    *ito.Gaussian
	Times      int // points of the time grid; 0: continuous
	StageSteps int // steps in each stage of [Alternate]
	Batch      int
	Dropout    float64 // part of the rows that train without their condition
	Seed       uint64
}

// DefaultConfig is 20000 steps of 256 rows by Adam at 1e-3, falling as a cosine after 100 steps of warm-up, on a
// grid of 100 times, gradients clipped at 1, a moving average of .999 with warm-up, and a tenth of the conditions
// dropped.
func DefaultConfig() Config {
	return Config{
		Optimiser: Optimiser{Steps: 20000, LR: 1e-3, Schedule: nn.LRSchedule{Kind: "cosine", WarmUp: 100},
			Adam: nn.DefaultAdam(), Clip: 1,
			EMA: nn.EMA{Decay: .999, WarmUp: true}},
		Objective: ScoreMatching{}, Times: 100, StageSteps: 100, Batch: 256, Dropout: .1,
	}
}

func (c Config) check() error {
	if c.Objective == nil || c.Times < 0 || c.StageSteps < 0 || c.Batch < 1 || !(c.Dropout >= 0 && c.Dropout <= 1) {
		return &ito.InputError{Where: "training", What: fmt.Sprintf("batches of %d rows on %d times, dropout=%g",
			c.Batch, c.Times, c.Dropout),
			Do: "give an objective and positive numbers, dropout in [0,1]"}
	}
	return c.Optimiser.check()
}
