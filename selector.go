package ito

// Selector chooses among the particles of a group, with their rewards or weights. The group is the sample: what a
// Selector does depends on the group alone, so that its bytes do not depend on what other groups there are.
type Selector interface {
	Name() string
	// Select is called after every step of a run. It reads s, changes s.LogWeight, and says in s.Ancestor from
	// which particle each goes on. It keeps nothing of s.
	Select(s *Selection) error
}

// Selection is a group of K particles after a step.
type Selection struct {
	Group uint64 // id
	Step  int    // from 1 to Steps
	Steps int
	// Reward [K] is that of the data that a particle is predicted to become, and of the data that it has become
	// after the last step. Before is what Reward was after the step before, of the particle's own line; zeros at
	// the first.
	Reward, Before []float64
	LogWeight      []float64  // [K], kept from step to step
	Ancestor       []int      // [K], filled with 0 … K−1
	Uniform        [2]float64 // numbers in (0,1) that belong to the group and the step
	// Chosen is the particle that the group gives; it is asked for after the last step, and counts after Ancestor.
	Chosen int
}
