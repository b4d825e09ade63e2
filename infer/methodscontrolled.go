package infer

import (
	"cmp"
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// controlled plans a diffusion whose control is trained first.
func controlled(process func(d int, s Settings) (Process, error)) func(ito.Target, Settings) (Plan, error) {
	build := func(t ito.Target, s Settings) (Plan, error) {
		pr, err := process(t.Dim(), s)
		if err != nil {
			return Plan{}, err
		}
		l, err := NewLearned(pr, t.Dim(), Shape{Width: s.Width}, s.Seed)
		if err != nil {
			return Plan{}, err
		}
		train, err := trainer(t, l, s)
		if err != nil {
			return Plan{}, err
		}
		p := s.runs(Controlled{Process: pr, Control: l, Particles: s.Draws})
		p.Train = train
		return p, nil
	}
	return func(t ito.Target, s Settings) (Plan, error) {
		return s.whitened(t, "none", func(t ito.Target) (Plan, error) { return build(t, s) })
	}
}

// trainer makes the training of a control by the loss of a name. A loss that the target does not allow is refused
// before anything is trained.
func trainer(t ito.Target, l *Learned, s Settings) (Trainer, error) {
	c := &Training{Target: t, Control: l, Batch: cmp.Or(s.Batch, 256), Iterations: cmp.Or(s.Iterations, 2000),
		LearningRate: s.LearningRate, Seed: s.Seed, Pool: s.Pool}
	switch s.Loss {
	case "", "log-variance":
		c.PathLoss = LogVariance{}
	case "kl":
		c.PathLoss = KL{}
	default:
		return nil, &ito.InputError{Where: "loss", What: fmt.Sprintf("unknown loss %q", s.Loss),
			Do: "there are log-variance and kl"}
	}
	return c, c.validate()
}
