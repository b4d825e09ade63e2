package methods

import (
	"cmp"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/pathspace"
)

// controlled plans a diffusion whose control is trained first.
func controlled(process func(d int, s infer.Settings) (pathspace.Process, error)) func(ito.Target,
	infer.Settings) (infer.MethodPlan, error) {
	build := func(t ito.Target, s infer.Settings) (infer.MethodPlan, error) {
		pr, err := process(t.Dim(), s)
		if err != nil {
			return infer.MethodPlan{}, err
		}
		l, err := pathspace.NewLearned(pr, t.Dim(), pathspace.NetworkShape{Width: s.Width}, s.Seed)
		if err != nil {
			return infer.MethodPlan{}, err
		}
		train, err := trainer(t, l, s)
		if err != nil {
			return infer.MethodPlan{}, err
		}
		p := s.RunPlan(pathspace.Controlled{Process: pr, Control: l, Particles: s.Draws})
		p.Train = train
		return p, nil
	}
	return func(t ito.Target, s infer.Settings) (infer.MethodPlan, error) {
		return s.WhitenedPlan(t, "none", func(t ito.Target) (infer.MethodPlan, error) { return build(t, s) })
	}
}

// trainer makes the training of a control by the loss of a name. A loss that the target does not allow is refused
// before anything is trained.
func trainer(t ito.Target, l *pathspace.Learned, s infer.Settings) (infer.Trainer, error) {
	c := &pathspace.Training{Target: t, Control: l, Batch: cmp.Or(s.Batch, 256), Iterations: cmp.Or(s.Iterations, 2000),
		LearningRate: s.LearningRate, Seed: s.Seed, Pool: s.Pool}
	switch s.Loss {
	case "", "log-variance":
		c.PathLoss = pathspace.LogVariance{}
	case "kl":
		c.PathLoss = pathspace.KL{}
	default:
		return nil, &ito.InputError{Where: "loss", What: fmt.Sprintf("unknown loss %q", s.Loss),
			Do: "there are log-variance and kl"}
	}
	return c, c.Validate()
}
