package learn

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/wrap"
)

// Apply traces a network that is trained, on the flat rows of [nn.Weights.Apply].
type Apply func(x, time, cond ad.Value) ad.Value

// Loss is a training loss as a program, and what a step feeds it. [Loop] trains networks under it.
type Loss interface {
	// Rows is the number of rows of a step.
	Rows() int
	// Trace declares what a step reads, inputs and shared inputs, and returns the loss, a shared number. nets are the
	// networks that are trained. It may declare outputs of its own.
	Trace(g *ad.Graph, nets []Apply) ad.Value
	// Inputs are what Trace declares, in its order; Draw overwrites them. Outputs are those of its own outputs.
	Inputs() []ad.Array
	Outputs() []ad.Array
	// Draw makes a step's inputs: a function of the step, and of the weights where the loss is about what they do.
	// The workers of the pool may share the rows (nil: the caller alone); the bytes are the same.
	Draw(ctx context.Context, step uint32, pool *ad.Pool) error
}

// Retraced is a Loss that may go on with the program of another, which it takes the place of.
type Retraced interface {
	Loss
	SameProgram(old Loss) bool
}

// Ratio is a Loss that is a sum over rows, divided by a number that is known only when all rows have been computed,
// such as how many of them count. The loop differentiates the sum and divides its gradient, which spares a second pass
// over the rows. The number has no derivative; Trace is the ratio.
type Ratio interface {
	Loss
	TraceRatio(g *ad.Graph, nets []Apply) (sum, over ad.Value)
}

// Random is a Loss whose program draws random numbers ([ad.Stream]). Their address is this seed and purpose, the step,
// and the place of a row in it.
type Random interface {
	Loss
	Noise() (seed uint64, purpose rng.Purpose)
}

// Mover is a Loss of parameters that it keeps itself, in coordinates of its own, such as a scale that is multiplied.
// The loop's parameters are a displacement from them: zero when a step begins, then a step of Adam, which Move takes.
type Mover interface {
	Loss
	Move(by []float32)
}

// Bound is the loss of an [Objective] on a path: it knows the field that is learnt.
type Bound interface {
	Loss
	Field(net *nn.Weights) (*field.Net, error)
}

// Setup is what an objective is bound to, beside a path.
type Setup struct {
	Source  ito.Source
	Moments ito.Gaussian // of the rows, or of pairs of ends: see [Objective]
	Drawn   Drawn        // the other end of a path between two
	Batch   int          // rows a step
	Times   int          // points of the time grid; 0: continuous
	// Wrapping is what stands between network and path, of an objective that has a choice; nil: its own.
	Wrapping wrap.Maker
	Dropout  float64 // part of the rows without their condition
	Seed     uint64
}

// bound keeps a loss that could not be made from leaving as a typed nil.
func bound[B Bound](b B, err error) (Bound, error) {
	if err != nil {
		return nil, err
	}
	return b, nil
}
