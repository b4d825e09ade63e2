package inverse

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// slotNoise is the noise of the particles of one sample: row i of what is drawn is part i of a wide row of its id.
type slotNoise struct {
	noise ito.Noise
	id    uint64
}

// Normal implements ito.Noise.
func (s slotNoise) Normal(dst ito.States, p rng.Purpose, step, sub uint32) {
	s.noise.Normal(ito.States{N: 1, D: len(dst.X), X: dst.X, ID: []uint64{s.id}}, p, step, sub)
}

// Uniform implements ito.Noise.
func (s slotNoise) Uniform(dst ito.States, p rng.Purpose, step, sub uint32) {
	s.noise.Uniform(ito.States{N: 1, D: len(dst.X), X: dst.X, ID: []uint64{s.id}}, p, step, sub)
}
