package ito

// Source is what training draws from. A step asks for its rows by address, so that it is the same whenever and
// wherever it is taken: windows, crops, flips and shuffles without replacement are functions of the address. It is
// safe for concurrent use, and may be larger than memory.
type Source interface {
	// Len is the number of examples.
	Len() int
	Space() Space
	// CondWidth is the width of the condition that comes with a state; 0: none.
	CondWidth() int
	// Digest names the data: what a model and a checkpoint remember of them.
	Digest() string
	// Read writes the examples from, from+1, … in order as they stand: for moments and floors. cond is [N,C].
	Read(dst States, cond []float64, from int) error
	// Fill writes the rows of one step of training: row i is a function of (seed, step, dst.ID[i]).
	Fill(dst States, cond []float64, seed uint64, step uint32) error
}

// Coupled is a Source whose rows have a place in the order of its examples: what belongs to example k of something else
// finds it so.
type Coupled interface {
	Source
	// Example is the index of the example that Fill takes for this address.
	Example(seed uint64, step uint32, id uint64) int
}

// Bucketed is a Source of states of a few sizes: a step has states of one of them, padded where they must be, and
// what is compiled is compiled once a size. Space is that of the largest.
type Bucketed interface {
	Source
	// Buckets are the sizes, each a Source of its own.
	Buckets() []Source
	// Bucket is that of a step.
	Bucket(seed uint64, step uint32) int
}
