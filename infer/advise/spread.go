package advise

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/mcmc"
)

// Spread is how the scatter of particles compares with that of the same particles after exact moves.
type Spread struct {
	Coordinate    int     // that changed the most
	Before, After float64 // standard deviations of that coordinate
	Shift         float64 // of its mean, in units of the larger of the two
	Particles     int
	Gradients     float64 // that the check cost
	Wrong         bool
}

func (s Spread) String() string {
	switch {
	case !s.Wrong:
		return fmt.Sprintf("exact moves leave the scatter of %d particles as it is", s.Particles)
	case s.After > s.Before:
		return fmt.Sprintf("the particles are too narrow: exact moves of %d of them raise the standard deviation of "+
			"coordinate %d from %.3g to %.3g, and more moves may raise it further", s.Particles, s.Coordinate+1,
			s.Before, s.After)
	case s.After < s.Before:
		return fmt.Sprintf("the particles are too wide: exact moves of %d of them lower the standard deviation of "+
			"coordinate %d from %.3g to %.3g", s.Particles, s.Coordinate+1, s.Before, s.After)
	}
	return fmt.Sprintf("the particles are displaced: exact moves of %d of them shift coordinate %d by %.2g standard "+
		"deviations", s.Particles, s.Coordinate+1, s.Shift)
}

// The check of the spread.
const (
	spreadParticles = 256
	spreadWarmup    = 60 // steps of hmc that adapt it
	spreadMoves     = 60 // steps that are then made
	spreadRatio     = 1.5
	spreadShift     = .5
	spreadErrors    = 5. // standard errors that a change must have besides
)

// CheckSpread asks whether particles are scattered as the density is where they are, for any target and without
// knowing its truth: exact moves (Hamiltonian, 16 leapfrog steps, each particle a chain of its own) leave the law
// of draws as it is. A standard deviation that they change by half or more, or a mean that they shift by half of
// one, in 5 standard errors or more, says that the particles were no draws. Beside that a change is as small as the
// moves can make it: they cross no gap between modes. Cost: 2000 gradients a particle, 256 particles at most.
func CheckSpread(ctx context.Context, t ito.Target, x ito.States, c CheckOptions) (Spread, error) {
	if err := x.Check(); err != nil {
		return Spread{}, err
	}
	if x.N < 2 || x.D != t.Dim() {
		return Spread{}, &ito.InputError{Where: "spread", What: fmt.Sprintf("%d particles of dimension %d for a "+
			"target of dimension %d", x.N, x.D, t.Dim())}
	}
	x = thin(x, cmp.Or(c.Most, spreadParticles))
	k := mcmc.HMC{Warmup: spreadWarmup, Leapfrogs: 16, Jitter: .3}
	s := infer.NewState(k, x.N, x.D, 1<<40)
	copy(s.X, x.X)
	logp := make([]float64, x.N)
	if err := t.LogDensity(ctx, logp, x); err != nil {
		return Spread{}, err
	}
	some := -1
	for i, l := range logp {
		if infer.Finite(l) {
			some = i
			break
		}
	}
	out := Spread{Particles: x.N}
	if some < 0 {
		return out, s.CheckStart(logp)
	}
	for i, l := range logp { // a particle where there is no density counts as it is, and moves from another's place
		if !infer.Finite(l) {
			copy(s.X[i*x.D:(i+1)*x.D], x.Row(some))
		}
	}
	r, err := infer.Run(ctx, t, k, s, infer.RunOptions{Seed: c.Seed, Draws: spreadMoves, Workers: c.Workers})
	if err != nil {
		return out, err
	}
	out.Gradients = r.Gradients
	worst := 0.
	for j := range x.D {
		m0, s0, e0 := columnMoments(x.X, x.D, j)
		m1, s1, e1 := columnMoments(s.X, x.D, j)
		big := max(s0, s1)
		ratio, shift := math.Abs(math.Log(s1/s0)), math.Abs(m1-m0)/big
		wide := ratio > math.Log(spreadRatio) && ratio > spreadErrors*math.Hypot(e0, e1)
		moved := shift > spreadShift && shift > spreadErrors*math.Hypot(s0, s1)/big/math.Sqrt(float64(x.N))
		if size := max(ratio/math.Log(spreadRatio), shift/spreadShift); (wide || moved) && size > worst {
			worst = size
			out.Coordinate, out.Before, out.After, out.Shift, out.Wrong = j, s0, s1, shift, true
			if !wide {
				out.After = s0 // its mean alone
			}
		}
	}
	return out, nil
}

// columnMoments are mean and standard deviation of a coordinate, and the standard error of the latter's logarithm,
// √((kurtosis − 1)/4n).
func columnMoments(x []float64, d, j int) (mean, sd, err float64) {
	n := float64(len(x) / d)
	for i := j; i < len(x); i += d {
		mean += x[i] / n
	}
	var v, q float64
	for i := j; i < len(x); i += d {
		δ := (x[i] - mean) * (x[i] - mean)
		v += δ / n
		q += δ * δ / n
	}
	return mean, math.Sqrt(v), math.Sqrt(max(q/v/v-1, 0) / 4 / n)
}
