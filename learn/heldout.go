package learn

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
)

// heldOut is the loss of the moving average on rows that training does not see.
type heldOut struct {
	loss  Loss
	nets  []*nn.Weights
	ema   []float32
	prog  *ad.Program
	call  ad.Call
	value [1]float32
}

// heldSteps are the batches that a held-out loss is the mean of: always the same.
const heldSteps = 8

// HoldOut has the loss of the moving average of the weights computed under another loss, that of rows which
// training does not see, every so many steps: see [State].HeldOut. It costs eight batches without their gradient,
// the same ones each time. The average at the least of them is what [Loop.Average] gives from then on, and with a
// patience > 0 [Loop.Run] ends so many steps after the last that was least.
func (l *Loop) HoldOut(loss Loss, every, patience int) error {
	h := &heldOut{loss: loss, ema: make([]float32, len(l.weights))}
	at := 0
	for _, n := range l.nets {
		own, err := n.With(h.ema[at : at+len(n.Params) : at+len(n.Params)])
		if err != nil {
			return err
		}
		h.nets = append(h.nets, own)
		at += len(n.Params)
	}
	var err error
	if h.prog, err = ad.Compile(func(g *ad.Graph) {
		var params []ad.Value
		g.Output("loss", loss.Trace(g, applies(g, h.nets, &params, false)))
	}); err != nil {
		return err
	}
	var in []ad.Array
	for _, n := range h.nets {
		in = append(in, n.Arrays(n.Params)...)
	}
	h.call = ad.Call{N: loss.Rows(), In: append(in, loss.Inputs()...), Out: append(loss.Outputs(), ad.F32s(h.value[:]))}
	l.held, l.heldEvery, l.patience = h, max(every, 1), patience
	return nil
}

// holdOut computes the held-out loss where a step asks for it.
func (l *Loop) holdOut(ctx context.Context, pool *ad.Pool) error {
	if l.held == nil || l.state.Step%l.heldEvery != 0 {
		return nil
	}
	h := l.held
	l.expand(h.ema, l.state.EMA)
	h.call.Pool = pool
	sum := 0.0
	for k := range heldSteps {
		if err := h.loss.Draw(ctx, uint32(k), pool); err != nil {
			return err
		}
		if err := h.prog.Run(ctx, h.call); err != nil {
			return err
		}
		sum += float64(h.value[0])
	}
	now := LossPoint{l.state.Step, sum / heldSteps}
	if s := &l.state; s.Best == nil || now.Loss < s.least() {
		s.Best, s.BestAt = append(s.Best[:0], s.EMA...), s.Step
	}
	l.state.HeldOut = append(l.state.HeldOut, now)
	return nil
}

// least is the least held-out loss so far.
func (s *State) least() float64 {
	least := math.Inf(1)
	for _, p := range s.HeldOut {
		least = min(least, p.Loss)
	}
	return least
}

// Stopped reports that the held-out loss has not fallen for as long as the loop has patience.
func (l *Loop) Stopped() bool {
	return l.held != nil && l.patience > 0 && l.state.Best != nil && l.state.Step-l.state.BestAt >= l.patience
}
