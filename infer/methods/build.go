package methods

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/mcmc"
	"github.com/seed9a7962a8/ito/target"
)

// metricOf is the metric of a Hamiltonian sampler in d dimensions.
func metricOf(s infer.Settings, d int) mcmc.Metric {
	switch {
	case s.Metric == "dense" || s.Metric != "diagonal" && s.Metric != "unit" && d <= mcmc.DenseLimit:
		return mcmc.Dense
	case s.Metric == "unit":
		return mcmc.Unit
	}
	return mcmc.Diagonal
}

// denoisingField plans DMCMC led by a field.
func denoisingField(t mcmc.LedByScore, s infer.Settings) (infer.MethodPlan, error) {
	if s.Adjust == "yes" {
		return infer.MethodPlan{}, &ito.UnsupportedError{What: "adjusting the moves of dmcmc on a trained field",
			Why: "a field gives scores, and no density by which a move could be refused", Nearest: "`adjust=auto`"}
	}
	levels, err := t.Levels(s.Scale)
	if err != nil {
		return infer.MethodPlan{}, err
	}
	train, err := mcmc.NewLevelTrainer(t.Data(), mcmc.LevelTraining{Levels: levels, Width: s.Width,
		Iterations: s.Iterations,
		Batch:      s.Batch, LearningRate: s.LearningRate, Seed: s.Seed, Pool: s.Pool})
	if err != nil {
		return infer.MethodPlan{}, err
	}
	p, err := denoised(s, mcmc.DMCMC{Score: t.NoisyScore(), Level: train.Levels(), Levels: levels})
	p.Train = train
	return p, err
}

// normalPrior is the prior of the scale, or the one that the target declares.
func normalPrior(name string, t ito.Target, s infer.Settings) (mcmc.NormalPrior, error) {
	if s.Scale > 0 {
		return s.StartReference(), nil
	}
	refuse := func(why string) (mcmc.NormalPrior, error) {
		return nil, &ito.UnsupportedError{What: name, Why: why, Nearest: "nuts"}
	}
	p, ok := t.(target.Priored)
	if !ok {
		return refuse("it needs the normal prior of the parameters, which this density does not tell: give its " +
			"standard deviation as the scale")
	}
	law, err := p.NormalPrior()
	if err != nil {
		return refuse("it needs a normal prior of every parameter: " + err.Error())
	}
	return mcmc.NewBlockPrior(law)
}
