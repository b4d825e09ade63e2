package target

// Normal is a normal distribution of D coordinates: independent ones with the standard deviations SD, and blocks
// whose coordinates vary together.
type Normal struct {
	Mean   []float64 // [D]
	SD     []float64 // [D]; not read inside of blocks
	Blocks []NormalBlock
}

// NormalBlock is K coordinates from From on with the covariance LLᵀ.
type NormalBlock struct {
	From  int
	K     int
	Lower []float64 // L, [K,K] row-major
}

// Priored is a Target that knows a normal prior of its coordinates, which its density includes. Samplers that move
// under the prior begin there.
type Priored interface {
	// NormalPrior returns the prior, or an error that says which parameter has another.
	NormalPrior() (Normal, error)
}
