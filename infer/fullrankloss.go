package infer

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/rng"
)

// fullRankLoss is the loss of a [FullRank], whose displacement is one of (δ, Δ).
type fullRankLoss struct {
	elboLoss
	c *FullRank
}

func newFullRankLoss(c *FullRank) *fullRankLoss {
	return &fullRankLoss{elboLoss{slope: make([]float32, c.numbers())}, c}
}

// Draw implements learn.Loss.
func (l *fullRankLoss) Draw(ctx context.Context, step uint32, _ *ad.Pool) error {
	c, d := l.c, len(l.c.Mean)
	logVolume, h := 0., make([]float64, d)
	for i := range d {
		logVolume += math.Log(c.Factor[i*d+i])
	}
	return l.draw(ctx, elboDraws{target: c.Target, key: rng.NewKey(c.Seed, rng.PurposePath, step, 2), step: step,
		n: c.batch(), d: d, what: "full-rank fit",
		place: func(x, z ito.States) {
			for k := range x.N {
				for i := range d {
					x.Row(k)[i] = c.Mean[i] + matrix.Dot(c.Factor[i*d:i*d+i+1], z.Row(k)[:i+1])
				}
			}
		},
		density: func(_, z []float64) float64 {
			return -float64(d)/2*math.Log(2*math.Pi) - logVolume - matrix.Dot(z, z)/2
		},
		add: func(slope, g, z []float64) {
			copy(h, z)
			for i, v := range g { // h = Fᵀ∇log ρ + z
				matrix.AddScaled(h[:i+1], v, c.Factor[i*d:i*d+i+1])
			}
			at := d
			for i, v := range h {
				slope[i] += v / 2
				matrix.AddScaled(slope[at:at+i+1], v/2, z[:i+1])
				at += i + 1
			}
		}})
}

// Move implements learn.Mover: m + Fδ, and F(I + Δ) with the diagonal of I + Δ taken as its exponential.
func (l *fullRankLoss) Move(by []float32) {
	c, d := l.c, len(l.c.Mean)
	for i := range d {
		s := 0.
		for j, f := range c.Factor[i*d : i*d+i+1] {
			s += float64(f * float64(by[j]))
		}
		c.Mean[i] += s
	}
	lower, row := by[d:], make([]float64, d)
	for i := range d {
		old := c.Factor[i*d : i*d+i+1]
		clear(row)
		at := 0
		for k := range i + 1 { // row i of F times row k of I + Δ
			for j := range k {
				row[j] += float64(old[k] * float64(lower[at+j]))
			}
			row[k] += float64(old[k] * math.Exp(float64(lower[at+k])))
			at += k + 1
		}
		copy(old, row[:i+1])
	}
}
