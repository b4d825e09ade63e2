package solve_test

import (
	"errors"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
)

// Every solver that chooses its own steps takes a tolerance, and no other does.
func TestWithTolerance(t *testing.T) {
	for _, s := range solve.All() {
		for _, s := range []ito.Solver{s, solve.Finish{Solver: s, Action: solve.Denoise}} {
			got, err := solve.WithTolerance(s, 1e-3)
			if s.Info().Adaptive {
				if err != nil || got == s {
					t.Errorf("%s: %v", s.Info().Name, err)
				}
				if _, err := solve.WithTolerance(s, -1); !errors.Is(err, ito.ErrInput) {
					t.Errorf("%s with a negative tolerance: %v", s.Info().Name, err)
				}
			} else if !errors.Is(err, ito.ErrInput) {
				t.Errorf("%s takes a tolerance: %v", s.Info().Name, err)
			}
		}
	}
}
