package infer

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/rng"
)

// meanFieldLoss is the loss of a [MeanField], whose displacement is one of (m/s, log s).
type meanFieldLoss struct {
	elboLoss
	c *MeanField
}

func newMeanFieldLoss(c *MeanField) *meanFieldLoss {
	return &meanFieldLoss{elboLoss{slope: make([]float32, 2*len(c.Mean))}, c}
}

// Draw implements learn.Loss.
func (l *meanFieldLoss) Draw(ctx context.Context, step uint32, _ *ad.Pool) error {
	c, d, q := l.c, len(l.c.Mean), l.c.Reference()
	return l.draw(ctx, elboDraws{target: c.Target, key: rng.NewKey(c.Seed, rng.PurposePath, step, 1), step: step,
		n: c.batch(), d: d, what: "mean field",
		place: func(x, z ito.States) {
			for i := range x.X {
				x.X[i] = c.Mean[i%d] + c.SD[i%d]*z.X[i]
			}
		},
		density: func(x, _ []float64) float64 { return q.LogDensity(x) },
		add: func(slope, g, z []float64) {
			for j, v := range g {
				h := (c.SD[j]*v + z[j]) / 2
				slope[j] += h
				slope[d+j] += h * z[j]
			}
		}})
}

// Move implements learn.Mover: a step in the coordinates (m/u, log s), u = s or, where s < 1, s^τ with τ the time that
// has passed, of 1.
func (l *meanFieldLoss) Move(by []float32) {
	c, d := l.c, len(l.c.Mean)
	done, of := c.Progress()
	τ := float64(done) / float64(of)
	for j := range d {
		c.Mean[j] += max(c.SD[j], math.Pow(c.SD[j], τ)) * float64(by[j])
		c.SD[j] *= math.Exp(float64(by[d+j]))
	}
}

// displacement is a network that writes its parameters, as many as it says, whatever it reads.
type displacement int

// Kind implements nn.Network.
func (displacement) Kind() string { return "displacement" }

// Resolve implements nn.Network.
func (n displacement) Resolve() (nn.Network, error) { return n, nil }

// Trace implements nn.Network.
func (n displacement) Trace(s *nn.Scope, _ nn.Inputs) []ad.Value {
	return []ad.Value{s.Param("displacement", nn.Init{}, int(n))}
}
