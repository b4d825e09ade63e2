package path

import (
	"cmp"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// Mixed is the path of rows of numbers and levels. Its clock is the noise level of [EDM], t = σ ∈ [SigmaMin, SigmaMax],
// which numbers follow:
//
//	x_t = x_0 + t ε.
//
// A level is a corner of a regular simplex (see [Corner]), which its block of the state holds, and it is absorbed as
// on [Absorbing], the mask being 0, the centre of all corners:
//
//	x_t = x_0 with probability α(t), and 0 otherwise,   α = 1 − Φ((log t − m)/s) between the ends of the span,
//
// with m and s those of the levels that EDM is trained at, so that in training a level is masked with a probability
// that is uniform in (0,1). The mean of x_0 given x_t holds the whole law of a level, p_k = 1/K + corner_k·x̂_0/scale²:
// one prediction serves both (the idea of TabDDPM, Kotelnikov et al. 2023, arXiv:2209.15421, and of TabDiff, Shi et al.
// 2025, arXiv:2410.20626, of which the second absorbs levels too).
//
// A Mixed is immutable. It is not [ito.Diagonal]: its solver is "mixed".
type Mixed struct {
	cfg      MixedConfig
	numbers  []int
	low, all float64 // Φ at the least noise, and how much of it the span has
}

// MixedConfig is the configuration of [Mixed].
type MixedConfig struct {
	SigmaMin float64 `json:"sigma_min" default:"0.002" above:"0" help:"Least noise, the sampled end."` // 0 means .002
	SigmaMax float64 `json:"sigma_max" default:"80" above:"0" help:"Largest noise, the drawn end."`    // 0 means 80

	D int `json:"d" help:"Numbers of a state."`
	// of every block: where it begins in a state, how many corners it has, and their scale
	At      []float64 `json:"at" help:"Where the blocks of levels begin in a state."`
	Corners []float64 `json:"corners" help:"Levels of each block."`
	Scale   []float64 `json:"scale" help:"Scale of the corners of each block."`
}

// CapMixed is the capability of a [Levelled] path.
const CapMixed ito.Capability = "mixed"

// The law of log t by which levels are masked, which is that of EDM's training for data of standard deviation 1.
const (
	maskMean = -1.2 + math.Ln2
	maskSD   = 1.2
)

// NewMixed checks cfg.
func NewMixed(cfg MixedConfig) (*Mixed, error) {
	const where = "path mixed"
	bad := func(format string, a ...any) (*Mixed, error) {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf(format, a...),
			Do: "give a table with types, whose columns say it"}
	}
	cfg.SigmaMin, cfg.SigmaMax = cmp.Or(cfg.SigmaMin, .002), cmp.Or(cfg.SigmaMax, 80)
	if err := checkLevels(where, cfg.SigmaMin, cfg.SigmaMax); err != nil {
		return nil, err
	}
	if len(cfg.At) == 0 && len(cfg.Corners) == 0 && len(cfg.Scale) == 0 {
		return nil, &ito.UnsupportedError{What: where, Why: "it is for tables with types, whose columns have levels",
			Nearest: "path edm"}
	}
	if len(cfg.Corners) != len(cfg.At) || len(cfg.Scale) != len(cfg.At) {
		return bad("%d blocks of levels with %d numbers of corners and %d scales", len(cfg.At), len(cfg.Corners),
			len(cfg.Scale))
	}
	p := &Mixed{cfg: cfg}
	next := 0
	for b, at := range cfg.At {
		k := int(cfg.Corners[b])
		if at != math.Trunc(at) || int(at) < next || cfg.Corners[b] != float64(k) || k < 2 || int(at)+k-1 > cfg.D ||
			!(cfg.Scale[b] > 0) || math.IsInf(cfg.Scale[b], 0) {
			return bad("block %d has %g corners of scale %g at %g of %d", b, cfg.Corners[b], cfg.Scale[b], at, cfg.D)
		}
		for ; next < int(at); next++ {
			p.numbers = append(p.numbers, next)
		}
		next = int(at) + k - 1
	}
	for ; next < cfg.D; next++ {
		p.numbers = append(p.numbers, next)
	}
	p.low = maskLaw(cfg.SigmaMin)
	p.all = maskLaw(cfg.SigmaMax) - p.low
	return p, nil
}

func maskLaw(t float64) float64 { return math.Erfc(-(math.Log(t)-maskMean)/maskSD/math.Sqrt2) / 2 }

// Config returns the configuration with its defaults filled in.
func (p *Mixed) Config() MixedConfig { return p.cfg }

// Name returns "mixed".
func (*Mixed) Name() string { return "mixed" }

// Objective implements [Published].
func (*Mixed) Objective() string { return "mixed" }

// Dim is the number of values of a state.
func (p *Mixed) Dim() int { return p.cfg.D }

// Span returns SigmaMin and SigmaMax.
func (p *Mixed) Span() (lo, hi float64) { return p.cfg.SigmaMin, p.cfg.SigmaMax }

// Has implements ito.Capable.
func (p *Mixed) Has(c ito.Capability) bool { return c == CapMixed || ito.Offers(p, c) }

// EDM is the path of the numbers.
func (p *Mixed) EDM() EDM { return EDM{p.cfg.SigmaMin, p.cfg.SigmaMax} }

// Numbers are the places in a state that belong to no block. The caller must not change them.
func (p *Mixed) Numbers() []int { return p.numbers }

// Blocks is the number of levels of a row.
func (p *Mixed) Blocks() int { return len(p.cfg.At) }

// Block is block b of a state with its scale; it has one corner more than values.
func (p *Mixed) Block(x []float64, b int) (block []float64, scale float64) {
	at, k := int(p.cfg.At[b]), int(p.cfg.Corners[b])
	return x[at : at+k-1 : at+k-1], p.cfg.Scale[b]
}

// Masked reports a block that is the mask.
func Masked(block []float64) bool {
	for _, v := range block {
		if v != 0 {
			return false
		}
	}
	return true
}

// Mask is 1−α(t): the probability that a level is masked.
func (p *Mixed) Mask(t float64) float64 {
	return math.Min(math.Max((maskLaw(t)-p.low)/p.all, 0), 1)
}

// Perturb draws x_t given x_0: a block by the first of its uniform numbers.
func (p *Mixed) Perturb(dst, x0 ito.States, t ito.Times, _ ito.Cond, n ito.Noise) error {
	if err := checkPerturb(p, dst, x0, t, p.cfg.D); err != nil {
		return err
	}
	u := dst.Like(dst.D)
	n.Normal(dst, rng.PurposePath, 0, 0)
	n.Uniform(u, rng.PurposePath, 0, 1)
	for i := range dst.N {
		σ := t.At(i)
		mask := p.Mask(σ)
		row, from := dst.Row(i), x0.Row(i)
		for _, k := range p.numbers {
			row[k] = from[k] + float64(σ*row[k])
		}
		for b := range p.cfg.At {
			to, _ := p.Block(row, b)
			own, _ := p.Block(from, b)
			if r, _ := p.Block(u.Row(i), b); r[0] < mask {
				clear(to)
			} else {
				copy(to, own)
			}
		}
	}
	return nil
}

// Prior draws N(0, σ_max² I) for the numbers, and masks.
func (p *Mixed) Prior(dst ito.States, _ ito.Cond, n ito.Noise) error {
	if err := checkStates(p, "destination", dst, p.cfg.D); err != nil {
		return err
	}
	n.Normal(dst, rng.PurposePrior, 0, 0)
	for i := range dst.N {
		row := dst.Row(i)
		for _, k := range p.numbers {
			row[k] *= p.cfg.SigmaMax
		}
		for b := range p.cfg.At {
			block, _ := p.Block(row, b)
			clear(block)
		}
	}
	return nil
}
