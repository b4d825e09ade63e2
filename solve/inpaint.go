package solve

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// Inpaint is a hook that keeps known coordinates: at the start, after every step, and after every corrector of PC,
//
//	x ← (1−m) ∘ x + m ∘ x̃_t,   x̃_t ~ p_t(x | x_0 = y),
//
// with fresh noise of the path every time (Song et al. 2021, arXiv:2011.13456, appendix I.2; algorithm 1 of Lugmayr
// et al. 2022, arXiv:2201.09865, without resampling). It is exact where the known and the unknown are independent; in
// general it is not the posterior. At a last node where σ = 0 the known are y. Multistep solvers keep their history:
// what they remember are predictions, which the replacement does not spoil.
type Inpaint struct {
	None
	Mask  []bool     // [D], true where known
	Known ito.States // y: one row for all, or the rows by their ids
}

// Before implements ito.Hook.
func (h Inpaint) Before(_ context.Context, s *ito.Step) error {
	if s.Index > 0 {
		return nil
	}
	if len(h.Mask) != s.X.D {
		return &ito.InputError{Where: "inpainting", What: fmt.Sprintf("a mask of %d coordinates for %d", len(h.Mask),
			s.X.D)}
	}
	return h.replace(s, s.T, 0, 0)
}

// After implements ito.Hook.
func (h Inpaint) After(_ context.Context, s *ito.Step) error {
	return h.replace(s, s.Next, uint32(s.Index)+1, 0)
}

// Corrected implements CorrectionHook.
func (h Inpaint) Corrected(_ context.Context, s *ito.Step, k int) error {
	return h.replace(s, s.T, uint32(s.Index), uint32(k)+1)
}

func (h Inpaint) replace(s *ito.Step, t float64, step, sub uint32) error {
	y, err := knownRows(h.Known, s.X)
	if err != nil {
		return err
	}
	noisy := s.X.Like(s.X.D)
	if err := s.Path.Perturb(noisy, y, ito.Times{t}, s.Cond, atStep{s.Noise, step, sub}); err != nil {
		return err
	}
	for i := range s.X.N {
		row, n := s.X.Row(i), noisy.Row(i)
		for j, known := range h.Mask {
			if known {
				row[j] = n[j]
			}
		}
	}
	return nil
}

// knownRows finds the known row of every row of x: the one there is, or that of its id.
func knownRows(known, x ito.States) (ito.States, error) {
	if known.Check() != nil || known.D != x.D || known.N == 0 {
		return known, &ito.InputError{Where: "known values",
			What: fmt.Sprintf("%d rows of dimension %d for states of dimension %d", known.N, known.D, x.D),
			Do:   "give one row, or one for every id"}
	}
	at := make(map[uint64]int, known.N)
	for i, id := range known.ID {
		at[id] = i
	}
	y := x.Like(x.D)
	for i, id := range x.ID {
		k, ok := at[id]
		if known.N == 1 {
			k, ok = 0, true
		}
		if !ok {
			return y, &ito.InputError{Where: "known values", What: fmt.Sprintf("there are none for sample %d", id),
				Do: "give one row, or one for every id"}
		}
		copy(y.Row(i), known.Row(k))
	}
	return y, nil
}

// atStep moves the noise that a path draws to another step and draw.
type atStep struct {
	ito.Noise
	step, sub uint32
}

// Normal implements ito.Noise.
func (n atStep) Normal(dst ito.States, p rng.Purpose, step, sub uint32) {
	n.Noise.Normal(dst, p, step+n.step, sub+n.sub)
}

// Uniform implements ito.Noise.
func (n atStep) Uniform(dst ito.States, p rng.Purpose, step, sub uint32) {
	n.Noise.Uniform(dst, p, step+n.step, sub+n.sub)
}
