package solve

import "github.com/seed9a7962a8/ito"

// BestOfN is the selector that takes the particle with the largest reward at the end, the first of equals. In one
// dimension with a reward that grows its law has the distribution function Fᴷ, F that of the solver's samples.
type BestOfN struct{}

// Name returns "best-of-n".
func (BestOfN) Name() string { return "best-of-n" }

// Select implements ito.Selector.
func (BestOfN) Select(s *ito.Selection) error {
	if s.Step < s.Steps {
		return nil
	}
	for i, r := range s.Reward {
		if r > s.Reward[s.Chosen] {
			s.Chosen = i
		}
	}
	return nil
}
