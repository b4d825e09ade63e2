package nn

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// SaRA trains the weights that are least in magnitude, which matter least to what the network has learnt, and leaves
// all others as they are to the bit (Hu et al. 2024, arXiv:2409.06633, §3.2): w = w₀ + δ on a fraction of the places,
// the smallest |w₀| of all tensors together, of equal ones the first. It is the paper's sparse training alone: without
// its penalty of the rank of δ and without its second choice of weights halfway.
type SaRA struct {
	Fraction float64 `json:"fraction" default:"0.1" above:"0" max:"1" help:"Part of the weights that is trained."`
}

// Kind implements Adaptation.
func (SaRA) Kind() string { return "sara" }

// Of implements Adaptation.
func (c SaRA) Of(w *Weights, _ uint64) (Adapter, error) {
	f := cmp.Or(c.Fraction, .1)
	n := int(f * float64(len(w.Params)))
	if !(f > 0 && f <= 1) || n < 1 {
		return nil, &ConfigError{"sara", fmt.Sprintf("a fraction %g of %d weights is no weight; give more, up to 1", f,
			len(w.Params))}
	}
	order := make([]int32, len(w.Params))
	for i := range order {
		order[i] = int32(i)
	}
	size := func(i int32) uint32 { return math.Float32bits(w.Params[i]) &^ (1 << 31) } // ordered as |w|
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(size(a), size(b)), cmp.Compare(a, b)) })
	s := &sara{base: w.Params, at: slices.Clone(order[:n])}
	slices.Sort(s.at)
	from := 0
	for _, t := range w.layout {
		to := from
		for to < n && int(s.at[to]) < t.Offset+t.Size() {
			to++
		}
		if to == from {
			continue
		}
		at := slices.Clone(s.at[from:to])
		for i := range at {
			at[i] -= int32(t.Offset)
		}
		s.parts = append(s.parts, AdapterPart{At: at,
			Tensor: Tensor{Name: t.Name + ".delta", Shape: []int{to - from}, Offset: from}})
		from = to
	}
	return s, nil
}

type sara struct {
	base  []float32
	at    []int32 // places among all parameters, ascending
	parts []AdapterPart
}

// Initial implements Adapter.
func (s *sara) Initial() []float32 { return make([]float32, len(s.at)) }

// Expand implements Adapter.
func (s *sara) Expand(dst, trained []float32) {
	copy(dst, s.base)
	for i, k := range s.at {
		dst[k] = s.base[k] + trained[i]
	}
}

// Pull implements Adapter.
func (s *sara) Pull(dst, _, grad []float32) {
	for i, k := range s.at {
		dst[i] = grad[k]
	}
}

// Parts implements Adapter.
func (s *sara) Parts() []AdapterPart { return s.parts }
