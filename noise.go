package ito

import "github.com/seed9a7962a8/ito/rng"

// Noise fills dst with random numbers. The values of a row depend on its id, on the purpose, step and sub given, and on
// nothing else. It is an interface so that a test can replay another program's noise.
type Noise interface {
	// Normal writes standard normals.
	Normal(dst States, p rng.Purpose, step, sub uint32)
	// Uniform writes numbers in (0,1), independent of the normals of the same address.
	Uniform(dst States, p rng.Purpose, step, sub uint32)
}

// Seed is the addressed noise of one seed: the Noise that everything uses by default.
type Seed uint64

// Normal implements Noise with float64 normals of rng.
func (s Seed) Normal(dst States, p rng.Purpose, step, sub uint32) {
	rng.NewKey(uint64(s), p, step, sub).Normals64(dst.X, dst.D, dst.ID)
}

// Uniform implements Noise with float64 uniforms of rng.
func (s Seed) Uniform(dst States, p rng.Purpose, step, sub uint32) {
	rng.NewKey(uint64(s), p, step, sub).Uniforms64(dst.X, dst.D, dst.ID)
}
