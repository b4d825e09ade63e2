package pathspace

import (
	"context"

	"github.com/seed9a7962a8/ito/ad"
)

// BothWays is a [Process] whose backward process has a learned control v too, which adds to the cost of a path.
// [Controlled] and [Training] treat every one alike.
type BothWays interface {
	Process
	// BackwardControl is v, without a guide. It is trained beside the control of the process.
	BackwardControl() *Learned
	// Divergence says whether the cost of a step has ∇·v in it: v then stands at the start of the step, and otherwise
	// at its end. With probes the divergence is Hutchinson's estimate.
	Divergence() (needed, probed bool)
	// Extra is what v adds to the cost of step k from x to y, with control u, noise ε and the divergence.
	Extra(k int, x, y, u, ε, v []float64, div float64) float64
	// TracedExtra is Extra in a program; c are the terms of the process.
	TracedExtra(c []ad.Value, x, y, u, ε, v, div ad.Value) ad.Value
}

// backwards writes v and, where the cost has it, its divergence for the rows of a step from x to y. z holds the probes.
func backwards(ctx context.Context, b BothWays, k int, v, div, x, y, z []float64) error {
	l := b.BackwardControl()
	needed, probed := b.Divergence()
	if !needed {
		return l.Control(ctx, k+1, l.D, v, y, nil)
	}
	d, err := l.withDivergence(probed)
	if err != nil {
		return err
	}
	return d.evaluate(ctx, k, v, div, x, z)
}
