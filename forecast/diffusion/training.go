package diffusion

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
)

// Budget is how long a network is trained. The zero values are the model's own.
type Budget struct {
	Steps int     `json:"steps,omitempty" min:"0" help:"Training steps; 0: the model's own number."`
	Batch int     `json:"batch,omitempty" min:"0" max:"65536" help:"Windows a step; 0: 64."`
	LR    float64 `json:"lr,omitempty" name:"lr" min:"0" help:"Learning rate of Adam, which falls as a cosine; 0: .001."`
	// Precision is of the products with the network's weights, f32 (the default) or bf16; the model keeps it.
	Precision string `json:"precision,omitempty" default:"f32" omit:"default" enum:"f32,bf16" help:"Of the products with the network's weights, in training and forecasts: ${enum}."`
}

// filled is the budget with its defaults.
func (b Budget) filled(steps int) Budget {
	if b.Steps == 0 {
		b.Steps = steps
	}
	if b.Batch == 0 {
		b.Batch = 64
	}
	if b.LR == 0 {
		b.LR = 1e-3
	}
	return b
}

// trainer plans a training of net on the windows of a source, by score matching at continuous times, on paths whose
// states have velocities or not.
func (b Budget) trainer(net nn.Network, src ito.Source, seed uint64, velocities bool, more ...func(*learn.Config)) (
	*learn.Trainer, error) {
	c := learn.DefaultConfig()
	c.Steps, c.Batch, c.LR, c.Seed, c.Times, c.Dropout = b.Steps, b.Batch, b.LR, seed, 0, 0
	for _, change := range more {
		change(&c)
	}
	w, err := nn.New(net, c.Objective.Ports(src.Space(), src.CondWidth(), velocities), seed)
	if err != nil {
		return nil, &ito.InputError{Where: "`network`", What: err.Error()}
	}
	if w.Precision, err = ad.ParsePrecision(b.Precision); err != nil {
		return nil, &ito.InputError{Where: "`precision`", What: err.Error()}
	}
	return learn.NewTrainer(c, w, src, learn.Drawn{})
}

// identity is all that a training depends on.
func identity(model any, f frame, src ito.Source) string {
	return fmt.Sprintf("%T %s\n%+v\n%s", model, spec.Canonical(model), f, src.Digest())
}

// sorted is a set with its series in the order of their names, so that the order in which they come has no part in what
// is learnt.
func sorted(d *forecast.Set) *forecast.Set {
	c := *d
	c.Series = slices.SortedFunc(slices.Values(d.Series), func(a, b *forecast.Series) int {
		return cmp.Compare(a.ID, b.ID)
	})
	return &c
}
