package solve

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

// Project is a hook that keeps known linear features, such as the grey image of a colour one or a mean: at the start
// and after every step, with A [K,D] of orthonormal rows,
//
//	x ← x + Aᵀ(A x̃_t − A x),   x̃_t ~ p_t(x | x_0 = Aᵀ Value)
//
// (colourisation: Song et al. 2021, arXiv:2011.13456, appendix I.3, in a basis that has A among its vectors). It is
// exact where the features and the rest are independent. Paths of one mode, in which features diffuse by themselves.
type Project struct {
	None
	A     []float64  // [K,D] row-major, orthonormal rows
	Value ito.States // [·,K]: one row for all, or the rows by their ids
}

// GreyRows is the A of colourisation: for every one of n pixels, of which channels values stand side by side, the mean
// of its channels times √channels.
func GreyRows(n, channels int) []float64 {
	d := n * channels
	a := make([]float64, n*d)
	for i := range n {
		for c := range channels {
			a[i*d+i*channels+c] = 1 / math.Sqrt(float64(channels))
		}
	}
	return a
}

// Before implements ito.Hook.
func (h Project) Before(_ context.Context, s *ito.Step) error {
	if s.Index > 0 {
		return nil
	}
	k, d := h.Value.D, s.X.D
	p := s.Path
	if c, ok := p.(ito.RowMean); ok {
		p = c.Around()
	}
	if !ito.Has(p, ito.CapOneMode) {
		return &ito.UnsupportedError{What: "conditioning on features on path " + s.Path.Name(),
			Why: "its modes mix the features with the rest", Nearest: "path vp"}
	}
	if k == 0 || len(h.A) != k*d {
		return &ito.InputError{Where: "known features", What: fmt.Sprintf("%d numbers are not %d features of %d "+
			"coordinates", len(h.A), k, d)}
	}
	for i := range k {
		for j := range i + 1 {
			want := 0.
			if i == j {
				want = 1
			}
			if got := matrix.Dot(h.A[i*d:(i+1)*d], h.A[j*d:(j+1)*d]); math.Abs(got-want) > 1e-8 {
				return &ito.InputError{Where: "known features", What: fmt.Sprintf("rows %d and %d have the product %g",
					j, i, got), Do: "give orthonormal rows"}
			}
		}
	}
	return h.replace(s, s.T, 0, 0)
}

// After implements ito.Hook.
func (h Project) After(_ context.Context, s *ito.Step) error {
	return h.replace(s, s.Next, uint32(s.Index)+1, 0)
}

// Corrected implements CorrectionHook.
func (h Project) Corrected(_ context.Context, s *ito.Step, k int) error {
	return h.replace(s, s.T, uint32(s.Index), uint32(k)+1)
}

func (h Project) replace(s *ito.Step, t float64, step, sub uint32) error {
	k, d := h.Value.D, s.X.D
	v, err := knownRows(h.Value, ito.States{N: s.X.N, D: k, ID: s.X.ID})
	if err != nil {
		return err
	}
	y, noisy := s.X.Like(d), s.X.Like(d)
	for i := range y.N {
		for j, c := range v.Row(i) {
			matrix.AddScaled(y.Row(i), c, h.A[j*d:(j+1)*d])
		}
	}
	if err := s.Path.Perturb(noisy, y, ito.Times{t}, s.Cond, atStep{s.Noise, step, sub}); err != nil {
		return err
	}
	move := make([]float64, k)
	for i := range noisy.N {
		row := s.X.Row(i)
		for j := range move {
			a := h.A[j*d : (j+1)*d]
			move[j] = matrix.Dot(a, noisy.Row(i)) - matrix.Dot(a, row)
		}
		for j, c := range move {
			matrix.AddScaled(row, c, h.A[j*d:(j+1)*d])
		}
	}
	return nil
}
