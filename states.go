package ito

import (
	"fmt"
	"math"
)

// States is a batch of n states of dimension d.
type States struct {
	N, D int
	X    []float64 // [N,D] row-major
	ID   []uint64  // [N] sample ids: the address of each row's noise
}

// NewStates makes n zero states of dimension d whose ids are first, first+1, …
func NewStates(n, d int, first uint64) States {
	s := States{N: n, D: d, X: make([]float64, n*d), ID: make([]uint64, n)}
	for i := range s.ID {
		s.ID[i] = first + uint64(i)
	}
	return s
}

// Row returns row i, sharing memory.
func (s States) Row(i int) []float64 { return s.X[i*s.D : (i+1)*s.D : (i+1)*s.D] }

// Slice returns rows lo ≤ i < hi, sharing memory.
func (s States) Slice(lo, hi int) States {
	return States{N: hi - lo, D: s.D, X: s.X[lo*s.D : hi*s.D : hi*s.D], ID: s.ID[lo:hi:hi]}
}

// Like makes zero states of dimension d with the ids of s. The ids are shared, not copied.
func (s States) Like(d int) States {
	return States{N: s.N, D: d, X: make([]float64, s.N*d), ID: s.ID}
}

// Clone copies the values; the ids are shared.
func (s States) Clone() States {
	c := s.Like(s.D)
	copy(c.X, s.X)
	return c
}

// Check reports a state whose slices do not have the lengths that N and D promise.
func (s States) Check() error {
	if s.N < 0 || s.D < 0 || len(s.X) != s.N*s.D || len(s.ID) != s.N {
		return fmt.Errorf("states: N=%d, D=%d need %d values and %d ids, got %d and %d",
			s.N, s.D, s.N*s.D, s.N, len(s.X), len(s.ID))
	}
	return nil
}

// FirstNonFinite returns the row of the first NaN or infinity, or -1.
func (s States) FirstNonFinite() int {
	for i, v := range s.X {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return i / s.D
		}
	}
	return -1
}

// Cond is per-row conditioning [N,C]; the zero value is "none".
type Cond struct {
	C int
	X []float64 // [N,C]
}

// None reports whether there is no condition.
func (c Cond) None() bool { return c.C == 0 }

// Row returns the condition of row i, nil when there is none.
func (c Cond) Row(i int) []float64 {
	if c.C == 0 {
		return nil
	}
	return c.X[i*c.C : (i+1)*c.C : (i+1)*c.C]
}

// Slice returns the conditions of rows lo ≤ i < hi, sharing memory.
func (c Cond) Slice(lo, hi int) Cond {
	if c.C == 0 {
		return c
	}
	return Cond{C: c.C, X: c.X[lo*c.C : hi*c.C : hi*c.C]}
}

// Times holds one time for a whole batch (length 1) or one for each row (length N).
type Times []float64

// At returns the time of row i.
func (t Times) At(i int) float64 {
	if len(t) == 1 {
		return t[0]
	}
	return t[i]
}

// Slice returns the times of rows lo ≤ i < hi; a common time stays common.
func (t Times) Slice(lo, hi int) Times {
	if len(t) == 1 {
		return t
	}
	return t[lo:hi:hi]
}
