package solve

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/rng"
)

// pc is a planned PC.
type pc struct {
	PC
	applier
	steps       []pcStep
	pred, noise buffer
	t           [1]float64
}

// CorrectionHook is a hook that acts after each corrector of PC as well: number k of the step, at s.T, from 0. Inpaint and
// Project are.
type CorrectionHook interface {
	ito.Hook
	Corrected(s *ito.Step, k int) error
}

// Step implements ito.Stepper.
func (st *pc) Step(ctx context.Context, s *ito.Step) error {
	f := &st.steps[s.Index]
	pred := st.pred.like(s.X)
	st.t[0] = f.t
	for k := range st.Steps {
		if err := s.Predict(ctx, pred, s.X, st.t[:]); err != nil {
			return err
		}
		st.blocks(s, pred, uint32(k+1), true, func(x, pred, ξ ito.States) {
			if f.correct != nil {
				st.block(f.correct, x, x, pred, ξ)
			} else {
				st.langevin(f, x, pred, ξ)
			}
		})
		for _, h := range s.Hooks {
			if h, ok := h.(CorrectionHook); ok {
				if err := h.Corrected(s, k); err != nil {
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
	st.blocks(s, pred, 0, !f.deterministic, func(x, pred, ξ ito.States) { st.block(f.predict, x, x, pred, ξ) })
	return nil
}

// blocks calls do for one block of rows after the other, with noise or, if none is wanted, zeros.
func (st *pc) blocks(s *ito.Step, pred ito.States, sub uint32, noisy bool, do func(x, pred, ξ ito.States)) {
	step := max(1, blockSize/s.X.D)
	for lo := 0; lo < s.X.N; lo += step {
		hi := min(lo+step, s.X.N)
		z := st.noise.block(s.X, lo, hi)
		if noisy {
			s.Noise.Normal(z, rng.PurposeSolver, uint32(s.Index), sub)
		} else {
			clear(z.X)
		}
		do(s.X.Slice(lo, hi), pred.Slice(lo, hi), z)
	}
}

// langevin is one Langevin step of every row by its own norms. It leaves the score in pred.
func (st *pc) langevin(f *pcStep, x, pred, ξ ito.States) {
	st.block(f.score, pred, pred, x)
	d := x.D
	most, c := f.sigma*f.sigma/2, 2*f.a2*st.SNR*st.SNR
	if c == 0 { // α = 0: there is nothing to correct
		return
	}
	if d == 2 {
		simd.Langevin64(x.X, pred.X, ξ.X, c, most)
		return
	}
	X, S, Z := x.X, pred.X[:len(x.X)], ξ.X[:len(x.X)]
	for lo := 0; lo < len(X); lo += d {
		zz, ss := 0.0, 0.0
		for i := lo; i < lo+d; i++ {
			ss += float64(S[i] * S[i])
			zz += float64(Z[i] * Z[i])
		}
		e := most
		if q := c * zz; q < most*ss {
			e = q / ss
		}
		r := math.Sqrt(2 * e)
		for i := lo; i < lo+d; i++ {
			X[i] += float64(e*S[i]) + float64(r*Z[i])
		}
	}
}
