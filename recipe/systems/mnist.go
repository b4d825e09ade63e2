package systems

import (
	"cmp"
	"context"

	"github.com/seed9a7962a8/ito/recipe"
)

var mnistRecipe = Recipe{Name: "mnist", images: true,
	run: func(ctx context.Context, cfg RunConfig, run recipe.RunOptions, r *Result) error {
		return runImages(ctx, cfg, run, r, openMNIST, imageBudget{name: "mnist", network: mnistNetwork,
			steps: mnistSteps, reading: mnistClassifierSteps, samples: mnistSamples, calls: mnistCalls,
			paths: mnistPathsOfStage})
	},
	Summary: "handwritten digits by the same U-Net on a diagonal Schrödinger path, VP and EDM: Fréchet distance in " +
		"the features of a classifier, classes, copies, and few network calls"}

// The budget of the recipe: the same for every path.
const (
	mnistNetwork = "unet2d:base=16"
	mnistSteps   = 6000
	mnistBatch   = 64
	mnistSamples = 2000
	mnistCalls   = 50 // of Heun's solver
	// The classifier is the instrument, and the same in a trial.
	mnistClassifierSteps = 1000
	// The stages in which a path is learnt simulate 40,000 network calls and their derivatives, some minutes of a core
	// beside the hour of the steps.
	mnistStages, mnistPathsOfStage, mnistStageGrid = 10, 200, 20
)

// mnistPaths are the rivals.
var mnistPaths = []contender{
	{"VSDM diagonal", func(c *recipe.TrainConfig) {
		c.Path, c.Variant = "vsdm", "diagonal"
		c.Stages, c.StageGrid = mnistStages, mnistStageGrid
	}},
	{"VP", func(c *recipe.TrainConfig) { c.Path = "vp" }},
	{"EDM", func(c *recipe.TrainConfig) { c.Path = "edm" }},
}

// mnistFew are the numbers of calls of the few-step table, and mnistSolvers those of which the best is shown.
var (
	mnistFew     = []int{4, 6, 10, 20}
	mnistSolvers = []string{"euler", "heun", "dpmpp-2m", "unipc-2"}
)

// imageBudget is what a run of a recipe of images is made with.
type imageBudget struct {
	name    string // of the recipe
	network string
	steps   int // of a path
	reading int // of the classifier
	samples int
	calls   int
	paths   int // that a stage simulates

	guidance float64
}

// imageBudget is the recipe's budget b as a run changes it.
func (cfg RunConfig) imageBudget(b imageBudget) imageBudget {
	full := b.steps
	b.guidance = cmp.Or(cfg.Guidance, 1)
	b.network, b.steps = cmp.Or(cfg.network, b.network), cmp.Or(cfg.Steps, b.steps)
	if b.steps < full {
		// A trial: of everything as much less.
		b.samples = max(b.samples*b.steps/full, 50)
		b.paths = max(b.paths*b.steps/full, 10)
	}
	if cfg.protocol.samples > 0 {
		b.reading, b.samples, b.calls = 20, cfg.protocol.samples, 6
	}
	return b
}
