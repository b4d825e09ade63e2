package learn

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/wrap"
)

// Denoising is the training of EDM,
//
//	E_ρ λ(ρ) E ‖x̂_0(x_t) − x_0‖²/D,   λ = (ρ²+σ_d²)/(ρσ_d)²,   log(ρ/σ_d) ~ N(−1.2 + log 2, 1.2²) inside the span,
//
// with ρ = σ/α the noise level and σ_d² the mean variance of the data, .5² in the paper, whose levels are moved to
// the scale of the data with it (Karras et al. 2022, arXiv:2206.00364, §5 and table 1). The loss has one size at
// all levels, and the levels drawn are those at which there is something to learn: far below and above the data's
// own scale the best linear estimate, which the network begins with, is all there is. Levels are drawn
// continuously, whatever [Config.Times] says.
//
// It needs a Diagonal path of one mode. Its minimiser is E[x_0|x_t], on [path.PFGM] that of its own noise.
type Denoising struct{}

// Name returns "edm".
func (Denoising) Name() string { return "edm" }

// Predicts returns x0.
func (Denoising) Predicts() ito.Prediction { return ito.PredX0 }

// Ports implements Objective.
func (Denoising) Ports(s ito.Space, cond int, velocities bool) nn.Ports {
	return rowPorts(s, cond, velocities)
}

// Moments implements Objective: of the rows.
func (Denoising) Moments(pr Setup) (ito.Gaussian, error) { return momentsOf(pr.Source) }

// Bind implements Objective.
func (o Denoising) Bind(p ito.Path, pr Setup) (Bound, error) { return bound(bindRows(o, p, pr)) }

// The law of log(ρ/σ_d).
const (
	levelMean = -1.2 + math.Ln2
	levelSD   = 1.2
)

// levels is the law of the noise levels of [Denoising] on a path, and its weight.
type levels struct {
	path   ito.Diagonal
	sd     float64 // σ_d
	lo, hi float64 // probabilities of the ends of the span
	t0, t1 float64
}

// newLevels is nil for other objectives.
func newLevels(o Objective, p ito.Path, data ito.Gaussian) (*levels, error) {
	if _, ok := o.(Denoising); !ok {
		return nil, nil
	}
	d, ok := p.(ito.Diagonal)
	if !ok || d.Modes() != 1 {
		return nil, &ito.UnsupportedError{What: "objective edm on path " + p.Name(),
			Why: "it has no noise level that all dimensions share", Nearest: ScoreMatching{}.Name()}
	}
	n := len(data.Mean)
	l := &levels{path: d}
	for i := range n {
		l.sd += data.Variance(i) / float64(n)
	}
	l.sd = math.Sqrt(math.Max(l.sd, 1e-30))
	l.t0, l.t1 = p.Span()
	below := func(t float64) float64 {
		z := (-path.LogSNR(d, t) - math.Log(l.sd) - levelMean) / levelSD
		return math.Erfc(-z/math.Sqrt2) / 2
	}
	l.lo, l.hi = below(l.t0), below(l.t1)
	if !(l.lo < l.hi) {
		return nil, &ito.InputError{Where: "objective edm",
			What: "the noise levels of the path are all far from the scale of the data",
			Do:   "standardise the columns, or give other ends of the noise"}
	}
	return l, nil
}

// at is the time of the level at u in (0,1) of the law.
func (l *levels) at(u float64) float64 {
	z := -math.Sqrt2 * math.Erfcinv(2*(l.lo+u*(l.hi-l.lo)))
	t := path.TimeAt(l.path, -(math.Log(l.sd) + levelMean + levelSD*z))
	return math.Max(l.t0, math.Min(l.t1, t))
}

// weigh turns the weights of ‖x̂_0−x_0‖² of a batch into those of the loss.
func (l *levels) weigh(b *wrap.Batch, t ito.Times) {
	for i := range b.N {
		ρ2 := math.Exp(-2 * path.LogSNR(l.path, t[i]))
		λ := float32(1/ρ2 + 1/(l.sd*l.sd))
		for k := range b.D {
			b.Weight[i*b.D+k] *= λ
		}
	}
}
