package path

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// What the house's trainings and wrappings ask of a path beyond ito's interfaces. A path of one's own that has these
// methods is treated as the house's that has them.

// Hybrid is a path whose states are positions and velocities, of twice the dimension of the data, and whose kernel
// with v_0 integrated out falls into blocks, one a dimension or one for all. [Momentum] is one. A network there is
// trained by hybrid score matching in the wrapping momentum.
type Hybrid interface {
	ito.Path
	// DataDim is d, half of Dim.
	DataDim() int
	// Mean is (μ,0) [2d], or nil for zero.
	Mean() []float64
	// Shared reports that every dimension has one law: the slices below have one block then, else d.
	Shared() bool
	// Hybrid writes the response to x_0, (f_x,f_v) a block, and the Cholesky factor (L_xx,L_vx,L_vv) of the noise.
	Hybrid(t float64, response, chol []float64)
	// Rates writes the drift (xx,xv,vx,vv) a block, and g² of the velocity.
	Rates(t float64, rates, g2 []float64)
}

// Noisy is a diagonal path whose ε in x_t = μ + α(x_0−μ) + σε is not normal, but can be drawn by itself: training draws
// it there. [PFGM] is one.
type Noisy interface {
	ito.Diagonal
	Law() NoiseLaw
}

// NoiseLaw draws the noise of a [Noisy] path, of unit scale. A row is a function of its id, purpose and step.
type NoiseLaw interface {
	Noise(dst ito.States, n ito.Noise, p rng.Purpose, step uint32)
}

// Mirrored is a path between two ends that may be the same row: x_1 = x_0.
type Mirrored interface {
	ito.TwoEnded
	Mirrored() bool
}

// Entropic is a path between two ends that are to be coupled by their entropic plan: of the reference √κ W,
//
//	π = argmin Σ_ij π_ij ½|y_j − x_i|² + κ KL(π | uniform ⊗ uniform).
//
// ok is false where they stay independent.
type Entropic interface {
	ito.TwoEnded
	Entropic() (kappa float64, ok bool)
}

// Lifted is a path whose states hold more than the data do, as a [Hybrid] one's: Lift gives the moments of states at
// the sampled end for those of the data.
type Lifted interface {
	ito.Path
	Lift(data ito.Gaussian) (ito.Gaussian, error)
}

// Levelled is a path of rows of numbers and levels, as [Mixed]: numbers follow x_t = x_0 + tε on the clock of [EDM],
// and a level is a block of the state, a corner of a simplex (see [Corner]) or the mask 0. Its Has reports [CapMixed].
// The wrapping and the objective mixed train on one, the solvers mixed sample it.
type Levelled interface {
	ito.Path
	// EDM is the path of the numbers.
	EDM() EDM
	// Numbers are the places in a state that belong to no block.
	Numbers() []int
	// Blocks is the number of levels of a row.
	Blocks() int
	// Block is block b of a state with its scale; it has one corner more than values.
	Block(x []float64, b int) (block []float64, scale float64)
	// Mask is the probability that a level is masked at t. It rises with t.
	Mask(t float64) float64
}

// SNRClock is a path that has the inverse of its log signal-to-noise ratio in closed form: see [TimeAt]. A path that
// embeds one and changes the schedule has to change this as well.
type SNRClock interface {
	ito.Diagonal
	// TimeAt is the t at which log(α/σ) is λ.
	TimeAt(λ float64) float64
}

// Published is a path that names the objective with which it was published, which a training takes unless another is
// given: dsm where a path names none.
type Published interface {
	ito.Path
	Objective() string
}

// SameEnds reports a path between two ends that are the same row.
func SameEnds(p ito.Path) bool {
	m, ok := p.(Mirrored)
	return ok && m.Mirrored()
}

// LevelClock reports a path whose clock is its noise level itself, α = 1 and σ = t in one mode, as EDM's: times are
// then drawn even in t^{1/7}.
func LevelClock(p ito.Path) bool {
	d, ok := p.(ito.Diagonal)
	if !ok || d.Modes() != 1 {
		return false
	}
	lo, hi := d.Span()
	for _, t := range []float64{lo, (lo + hi) / 2, hi} {
		var α, σ [1]float64
		if d.Schedule(t, α[:], σ[:], nil, nil); α[0] != 1 || σ[0] != t {
			return false
		}
	}
	return true
}
