// Package rng makes addressed noise: every random number of ito is a pure function of
// (seed, purpose, sample id, step, sub-step, element), so that it never depends on the size of a
// batch, on the number of workers or on the order of the work.
package rng

// Purpose separates the streams of one sample: two draws with different purposes are independent.
type Purpose uint32

// The purposes that ito itself uses. Users take values from PurposeUser upwards.
const (
	PurposePrior   Purpose = 1  // the starting point of a sampler
	PurposePath    Purpose = 2  // noise that a training loss adds to the data
	PurposeSolver  Purpose = 3  // the Wiener increments of a stochastic solver
	PurposeTime    Purpose = 4  // times drawn by a training loss
	PurposeData    Purpose = 5  // rows drawn by a trainer
	PurposeInit    Purpose = 6  // initial weights of a network
	PurposeDropout Purpose = 7  // dropout of the condition
	PurposeProbe   Purpose = 8  // Hutchinson probes
	PurposeMetric  Purpose = 9  // subsets and directions drawn by a metric
	PurposeTarget  Purpose = 10 // draws from a known density
	PurposeProgram Purpose = 11 // random operations of a traced program
	PurposeSplit   Purpose = 12 // train/test splits
	PurposeUser    Purpose = 1 << 16
)
