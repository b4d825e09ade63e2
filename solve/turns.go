package solve

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// Turns is a hook by which several conditions take turns: at every step of a run all rows have the concept that Turn
// gives for the step, from 0. Rows do not differ; [Blend] chooses for each row.
type Turns struct {
	None
	Concepts [][]float64 // conditions, of one width
	Turn     func(step int) int
}

// Alternate lets k concepts follow one another step by step.
func Alternate(k int) func(step int) int { return func(step int) int { return step % k } }

// Switch lets k concepts have one after the other as many of the steps.
func Switch(k, steps int) func(step int) int {
	return func(step int) int { return min(step*k/max(steps, 1), k-1) }
}

// Before implements ito.Hook.
func (h Turns) Before(_ context.Context, s *ito.Step) error {
	if len(h.Concepts) == 0 || h.Turn == nil {
		return &ito.InputError{Where: "turns of conditions", What: fmt.Sprintf("%d concepts", len(h.Concepts)),
			Do: "give concepts and their turns"}
	}
	for i, c := range h.Concepts {
		if len(c) == 0 || len(c) != len(h.Concepts[0]) {
			return &ito.InputError{Where: "turns of conditions", What: fmt.Sprintf("concept %d has %d values, the "+
				"first has %d", i, len(c), len(h.Concepts[0]))}
		}
	}
	k := h.Turn(s.Index)
	if k < 0 || k >= len(h.Concepts) {
		return &ito.InputError{Where: "turns of conditions", What: fmt.Sprintf("turn %d of %d concepts", k,
			len(h.Concepts))}
	}
	c := ito.Cond{C: len(h.Concepts[k])}
	for range s.X.N {
		c.X = append(c.X, h.Concepts[k]...)
	}
	s.Cond = c
	return nil
}
