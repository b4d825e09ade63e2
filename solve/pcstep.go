package solve

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// pcBlock is the number of values that are corrected at a time.
const pcBlock = 2048

// pc is a planned PC.
type pc struct {
	PC
	affine.Applier
	steps       []pcStep
	pred, noise affine.Buffer
	t           [1]float64
}

// CorrectionHook is a hook that acts after each corrector of PC as well: number k of the step, at s.T, from 0.
// Inpaint and Project are.
type CorrectionHook interface {
	ito.Hook
	Corrected(ctx context.Context, s *ito.Step, k int) error
}

// Step implements ito.Stepper.
func (st *pc) Step(ctx context.Context, s *ito.Step) error {
	f := &st.steps[s.Index]
	pred := st.pred.Like(s.X)
	st.t[0] = f.t
	for k := range st.Steps {
		if err := s.Predict(ctx, pred, s.X, st.t[:]); err != nil {
			return err
		}
		st.blocks(s, pred, uint32(k+1), true, func(x, pred, ξ ito.States) { st.Apply(f.correct, x, x, pred, ξ) })
		for _, h := range s.Hooks {
			if h, ok := h.(CorrectionHook); ok {
				if err := h.Corrected(ctx, s, k); err != nil {
					return err
				}
			}
		}
	}
	if st.Predictor == PredictorNone {
		return nil
	}
	if err := s.Predict(ctx, pred, s.X, st.t[:]); err != nil {
		return err
	}
	st.blocks(s, pred, 0, !f.deterministic, func(x, pred, ξ ito.States) { st.Apply(f.predict, x, x, pred, ξ) })
	return nil
}

// blocks calls do for one block of rows after the other, with noise or, if none is wanted, zeros.
func (st *pc) blocks(s *ito.Step, pred ito.States, sub uint32, noisy bool, do func(x, pred, ξ ito.States)) {
	step := max(1, pcBlock/s.X.D)
	for lo := 0; lo < s.X.N; lo += step {
		hi := min(lo+step, s.X.N)
		z := st.noise.Block(s.X, lo, hi)
		if noisy {
			s.Noise.Normal(z, rng.PurposeSolver, uint32(s.Index), sub)
		} else {
			clear(z.X)
		}
		do(s.X.Slice(lo, hi), pred.Slice(lo, hi), z)
	}
}
