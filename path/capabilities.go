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
