package learn

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
)

// Trainer fits one network on one path at a time, by an objective on a source: a [Loop] that is bound to paths. It
// is not for concurrent use.
type Trainer struct {
	*Loop
	cfg     Config
	problem Setup
	path    ito.Path
	bound   Bound // of the largest states, where there are several sizes
}

// NewTrainer plans the training of net, which it copies. The network stands between the ports that the objective
// has for the source's space: [Objective].Ports, or others of the same sizes. drawn is the other end of a path
// between two; the zero value is N(0,I).
func NewTrainer(cfg Config, net *nn.Weights, src ito.Source, drawn Drawn) (*Trainer, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if d, ok := src.(Data); ok {
		if err := d.Check(); err != nil {
			return nil, err
		}
	}
	space, c := src.Space(), src.CondWidth()
	if err := space.Check(); err != nil {
		return nil, err
	}
	if m := space.Mask; m != nil && c < m.At+m.N {
		return nil, &ito.InputError{Where: "training", What: fmt.Sprintf("a condition of width %d has no mask of %d "+
			"nodes at %d", c, m.N, m.At)}
	}
	still, moving, p := cfg.Objective.Ports(space, c, false), cfg.Objective.Ports(space, c, true), net.Ports
	if r := p.Reads(); r != still.Reads() && r != moving.Reads() || p.Writes() != still.Writes() || p.CondWidth() != c {
		return nil, &ito.InputError{Where: "training", What: fmt.Sprintf("a network from %d to %d with %d conditions "+
			"for objective %s on data of dimension %d with %d: it is to go from %d to %d",
			r, p.Writes(), p.CondWidth(), cfg.Objective.Name(), space.Dim(), c, still.Reads(), still.Writes())}
	}
	l, err := NewLoop(cfg.Optimiser, net)
	if err != nil {
		return nil, err
	}
	t := &Trainer{Loop: l, cfg: cfg, problem: Setup{Source: src, Drawn: drawn, Wrapping: cfg.Wrapping,
		Batch: cfg.Batch, Times: cfg.Times,
		Dropout: cfg.Dropout, Seed: cfg.Seed}}
	t.problem.Moments, err = t.moments(t.problem)
	return t, err
}

// moments are those that a wrapping is made of.
func (t *Trainer) moments(pr Setup) (ito.Gaussian, error) {
	if t.cfg.Moments != nil {
		return *t.cfg.Moments, nil
	}
	return t.cfg.Objective.Moments(pr)
}

// Bind puts the network on a path, the first or the next. The parameters and the optimiser stay: the network sees x_t
// through the path's own wrapping.
func (t *Trainer) Bind(p ito.Path) error {
	bound, err := t.cfg.Objective.Bind(p, t.problem)
	if err != nil {
		return err
	}
	if _, err := bound.Field(t.nets[0]); err != nil { // of another width, say
		return err
	}
	src, ok := t.problem.Source.(ito.Bucketed)
	if !ok {
		if err := t.Loop.Bind(bound); err != nil {
			return err
		}
		t.path, t.bound = p, bound
		return nil
	}
	var sizes []size
	for _, own := range src.Buckets() {
		pr := t.problem
		pr.Source = own
		if pr.Moments, err = t.moments(pr); err != nil {
			return err
		}
		loss, err := t.cfg.Objective.Bind(p, pr)
		if err != nil {
			return err
		}
		net, err := t.nets[0].Between(t.cfg.Objective.Ports(own.Space(), own.CondWidth(), false))
		if err != nil {
			return err
		}
		sizes = append(sizes, size{loss: loss, nets: []*nn.Weights{net}})
	}
	if err := t.bind(sizes, func(step uint32) int { return src.Bucket(t.cfg.Seed, step) }); err != nil {
		return err
	}
	t.path, t.bound = p, bound
	return nil
}

// HoldOut has the loss on the rows of another source of the same space computed every so many steps: see
// [Loop.HoldOut]. The network must be bound to its path, and stay so.
func (t *Trainer) HoldOut(src ito.Source, every, patience int) error {
	if t.bound == nil {
		return errUnbound
	}
	pr := t.problem
	pr.Source = src
	pr.Seed += heldSeed
	loss, err := t.cfg.Objective.Bind(t.path, pr)
	if err != nil {
		return err
	}
	return t.Loop.HoldOut(loss, every, patience)
}

// heldSeed keeps the noise of held-out rows from being that of the first steps.
const heldSeed = 1 << 62

// Moments are those of the data, which scale the network.
func (t *Trainer) Moments() ito.Gaussian { return t.problem.Moments }

// Field is the field of the moving average of the weights on the path that the network is bound to. It is a copy:
// training on does not change it.
func (t *Trainer) Field() (*field.Net, error) {
	if t.bound == nil {
		return nil, errUnbound
	}
	net, err := t.Average(0)
	if err != nil {
		return nil, err
	}
	return t.bound.Field(net)
}

// With returns a Fitter of t under the given options: stage k trains until k·StageSteps steps are done. The
// field that it returns has a copy of the moving average.
func (t *Trainer) With(opts LoopOptions) Fitter {
	return FitterFunc(func(ctx context.Context, p ito.Path, stage int) (ito.Field, error) {
		if err := t.Bind(p); err != nil {
			return nil, err
		}
		if err := t.Run(ctx, stage*t.cfg.StageSteps, opts); err != nil {
			return nil, err
		}
		return t.Field()
	})
}
