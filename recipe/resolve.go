package recipe

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/wrap"
)

// DefaultTrain returns the defaults of the tags.
func DefaultTrain() TrainConfig { return spec.New[TrainConfig]() }

// DefaultSample returns the defaults of the tags.
func DefaultSample() SampleConfig { return spec.New[SampleConfig]() }

// smallDim is the largest dimension that counts as small, for which a narrow network does.
const smallDim = 8

// SmallWidth is the width of the hidden layers by default up to smallDim, largeWidth beyond.
const SmallWidth, largeWidth = 128, 256

// defaultStageSteps is the number of training steps of a stage where there are enough.
const defaultStageSteps = 100

// Resolve replaces what is left to choose by what is chosen for data of dimension d, and reports words and
// numbers that cannot be used as *ito.InputError.
func (c TrainConfig) Resolve(d int) (TrainConfig, error) { return c.resolve(d, path.Settings{}) }

// resolve is Resolve with what a path takes of the data beside their moments.
func (c TrainConfig) resolve(d int, o path.Settings) (TrainConfig, error) {
	c, err := c.For(ito.Space{})
	if err != nil {
		return c, err
	}
	c = c.Sized(0, 0)
	c.pathDefaults()
	p := c.probe(d, o)
	if c.Objective == "auto" {
		c.Objective = learn.ObjectiveOf(p)
	}
	if c.kind() == "vsdm" && c.Variant == path.Constant && d > ito.DefaultFull {
		c.Variant = path.DiagonalOnly
	}
	if c.Prior == "auto" {
		c.Prior = "own"
		if learns(p) && ito.Has(p, ito.CapGaussian) {
			c.Prior = "moments"
		}
	}
	if c.Width == 0 {
		c.Width = SmallWidth
		if d > smallDim {
			c.Width = largeWidth
		}
	}
	if !learns(p) {
		c.Stages = 0
	}
	if c.StageSteps == 0 && c.Stages > 0 {
		c.StageSteps = max(min(defaultStageSteps, c.Steps/(2*c.Stages)), 1)
	}
	if err := c.full(d, moves(p)); err != nil {
		return c, err
	}
	if err := c.bounds(d, moves(p)); err != nil {
		return c, err
	}
	if c.Stages > 0 && c.Stages*c.StageSteps >= c.Steps {
		return c, &ito.InputError{Where: "`stages`", What: fmt.Sprintf("%d stages of %d steps leave none of %d for "+
			"the network once its path is fixed", c.Stages, c.StageSteps, c.Steps),
			Do: fmt.Sprintf("give `steps` more than %d, ten times as many if you can, or fewer `stages`",
				c.Stages*c.StageSteps)}
	}
	return c, nil
}

// full refuses what has a matrix of the square of d numbers where that is too large.
func (c TrainConfig) full(d int, moves bool) error {
	switch {
	case c.kind() == "vsdm" && c.Variant != path.DiagonalOnly:
		return ito.CheckFull("`variant="+c.Variant+"` of path vsdm", d, "`variant=diagonal`")
	case moves: // states have velocities, too
		return ito.CheckFull("`path="+c.kind()+"`", 2*d, "`path=vsdm` `variant=diagonal`, or vp")
	case c.FPWeight != 0 || strings.HasPrefix(c.Objective, "fokker-planck"):
		return ito.CheckFull("`objective="+c.Objective+"`", d, "`objective=dsm`")
	}
	return nil
}

// pathDefaults fills the numbers of the path that are left to choose.
func (c *TrainConfig) pathDefaults() {
	pick := func(v *float64, def float64) {
		if *v == 0 {
			*v = def
		}
	}
	switch c.kind() {
	case "vsdm":
		pick(&c.BetaMin, .1)
		pick(&c.BetaMax, 10)
		pick(&c.Power, 1.7)
	case "vp", "subvp":
		pick(&c.BetaMin, .1)
		pick(&c.BetaMax, 20)
		pick(&c.Power, 1)
	case "cld":
		pick(&c.BetaMax, 4)
		pick(&c.BetaMin, c.BetaMax)
		pick(&c.Power, 1)
	case "vsmd":
		pick(&c.BetaMax, 10)
		pick(&c.BetaMin, c.BetaMax)
		pick(&c.Power, 1)
	case "ve":
		pick(&c.SigmaMin, .01)
		pick(&c.SigmaMax, 50)
	case "edm", "pfgm":
		pick(&c.SigmaMin, .002)
		pick(&c.SigmaMax, 80)
	}
	if c.kind() == "pfgm" {
		pick(&c.Extra, 2048)
	}
}

// For is the training with the path and the network that states of a space have by default, where it leaves them to
// choose: absorbing of tokens, vp of graphs, vsdm of other numbers; graph of graphs, dense of others. Settings that
// these do not have are an *ito.InputError. The configuration is that of [TrainConfig.Expand] otherwise.
func (c TrainConfig) For(s ito.Space) (TrainConfig, error) {
	graph := slices.ContainsFunc(s.Parts, func(p ito.Part) bool { return p.Nodes > 0 })
	var given []string
	choose := func(word *string, kind, usual string, flags spec.Flags) {
		if *word != "auto" {
			return
		}
		*word = kind
		for _, name := range flags {
			if kind != usual && !spec.IsDefault(&c, name) {
				given = append(given, name)
			}
		}
	}
	network, p := "dense", defaultPath
	switch {
	case s.Tokens():
		p = "absorbing"
	case graph:
		network, p = nn.Graph{}.Kind(), "vp"
	}
	choose(&c.Network, network, "dense", networkFlags)
	choose(&c.Path, p, defaultPath, pathFlags)
	slices.Sort(given)
	return c.Expand(given)
}

// levels is the number of levels of a space of tokens, 0 of others.
func levels(s ito.Space) int {
	if !s.Tokens() {
		return 0
	}
	return s.Parts[0].Levels
}

// probe is the path of the training for data of dimension d as far as it is known before their moments are, to ask what
// it can do; nil where that does not make one.
func (c TrainConfig) probe(d int, o path.Settings) ito.Path {
	c.Warm = false
	p, err := c.path(ito.StandardNormal(d), o)
	if err != nil { // which the training finds when it makes its path
		return nil
	}
	return p
}

// learns reports a path that is learnt with the network, moves one whose states have velocities, between one whose ends
// are both data. They are false of nil.
func learns(p ito.Path) bool  { return p != nil && learn.Learns(p) }
func moves(p ito.Path) bool   { _, ok := p.(path.Hybrid); return ok }
func between(p ito.Path) bool { _, ok := p.(ito.TwoEnded); return ok }

// path is the path that the training begins with. g are the moments of the states, o what else a path takes of the
// data: the levels of tokens, the blocks of a table.
func (c TrainConfig) path(g ito.Gaussian, o path.Settings) (ito.Path, error) {
	return c.pathFrom(g, o, nil)
}

// pathFrom is path with rows of the data, n of them, for a path that is computed from some; nil: there are none.
func (c TrainConfig) pathFrom(g ito.Gaussian, o path.Settings, rows func(n int) (ito.States, error)) (ito.Path, error) {
	o.D = len(g.Mean)
	if !strings.Contains(flagged, " "+c.kind()+" ") {
		if c.Centre {
			o.Mean = g.Mean
		}
		return path.NewFrom(c.Path, o, rows, ito.Seed(c.Seed))
	}
	o.BetaMin, o.BetaMax, o.Power, o.SigmaMin, o.SigmaMax = c.BetaMin, c.BetaMax, c.Power, c.SigmaMin, c.SigmaMax
	o.Variant, o.Kappa, o.Aug, o.Family, o.Noise = c.Variant, c.Kappa, c.Extra, c.Family, c.Noise
	if c.Noise == "auto" {
		o.Noise = ""
	}
	switch {
	case c.kind() == "vsdm":
		var err error
		if o.Mean, o.A, err = c.start(g); err != nil {
			return nil, err
		}
	case c.Centre: // which those without one have no use for
		o.Mean = g.Mean
	}
	return path.NewFrom(c.Path, o, rows, ito.Seed(c.Seed))
}

// start is the centre of a Schrödinger path and its first A: zero, or with Warm the fixed point for
// Gaussian data with the moments g.
func (c TrainConfig) start(g ito.Gaussian) (mean, a []float64, err error) {
	if c.Centre {
		mean = g.Mean
	}
	if !c.Warm {
		return mean, nil, nil
	}
	B := path.VP{BetaMin: c.BetaMin, BetaMax: c.BetaMax, Power: c.Power}.B(1) // the same clock
	d := len(g.Mean)
	switch c.Variant {
	case path.Logistic:
		a, err = path.LogisticFromGaussian(g, B)
	case path.DiagonalOnly:
		a = make([]float64, d)
		for i := range a {
			a[i] = (1 - path.VSDMFixedPoint(g.Variance(i), B)) / 2
		}
	default:
		a, err = path.ConstantFromGaussian(g, B)
	}
	return mean, a, err
}

// trainer is the configuration of the trainer.
func (c TrainConfig) trainer() (learn.Config, error) {
	o, err := learn.ParseObjective(c.Objective)
	if err != nil {
		return learn.Config{}, placed("`objective`", err)
	}
	if fp, ok := o.(learn.FokkerPlanck); ok {
		fp.Weight = c.FPWeight
		o = fp
	} else if c.FPWeight != 0 {
		return learn.Config{}, &ito.InputError{Where: "`fp-weight`", What: "the objective is " + c.Objective,
			Do: "give `objective=fokker-planck`"}
	}
	t := learn.DefaultConfig()
	if c.Wrapping != "auto" && c.Wrapping != "" {
		if t.Wrapping, err = wrap.Parse(c.Wrapping); err != nil {
			return learn.Config{}, placed("`wrapping`", err)
		}
	}
	t.Objective, t.Times, t.Steps, t.StageSteps, t.Batch, t.LR, t.Clip, t.Dropout, t.Seed = o, c.Times, c.Steps,
		c.StageSteps, c.Batch, c.LR, c.Clip, c.Dropout, c.Seed
	t.Schedule = nn.LRSchedule{Kind: c.Schedule, WarmUp: c.Warmup}
	if c.Schedule == "exponential" {
		t.Schedule.Final = exponentialEnd(c.Steps)
	}
	t.Adam.WeightDecay = c.Decay
	t.EMA = nn.EMA{Decay: c.EMA, WarmUp: true}
	return t, nil
}

// network is the network that is trained.
func (c TrainConfig) network() (nn.Network, error) {
	if c.Network == "dense" || c.Network == "residual" {
		return nn.MLP{Residual: c.Network == "residual", Width: c.Width, Depth: c.Depth, Activation: c.Activation}, nil
	}
	n, err := nn.Parse(c.Network)
	if mlp, ok := n.(nn.MLP); ok {
		mlp.Width, mlp.Depth, mlp.Activation = c.Width, c.Depth, c.Activation
		n = mlp
	}
	return n, placed("`network`", err)
}

// alternate is the configuration of the stages.
func (c TrainConfig) alternate(workers int) learn.Alternate {
	return learn.Alternate{Stages: c.Stages, Paths: c.StagePaths, Grid: c.StageGrid, Zeta: c.Zeta, Eta: c.Eta,
		EtaStages: c.EtaStages, EtaPower: c.EtaPower,
		DMin: c.DMin, DMax: c.DMax, Both: c.FreeSpring, Seed: c.Seed, Workers: workers}
}

// exponentialEnd is the factor that a learning rate has after n steps when it falls by .99 every 1000.
func exponentialEnd(n int) float64 { return math.Pow(.99, float64(n)/1000) }
