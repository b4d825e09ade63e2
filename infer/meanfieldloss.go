package infer

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/rng"
)

// meanFieldLoss is −ELBO of a [MeanField], divided by the dimension, as a function of a displacement δ of (m/s, log s):
// its value at δ = 0 and ⟨slope, δ⟩, with the slope that the draws of a step give. It keeps the parameters itself, in
// float64, and so is a [learn.Mover].
type meanFieldLoss struct {
	c     *MeanField
	slope []float32 // [2D]
	value [1]float32
	seen  TrainingReport // of the last step
}

func newMeanFieldLoss(c *MeanField) *meanFieldLoss {
	return &meanFieldLoss{c: c, slope: make([]float32, 2*len(c.Mean))}
}

// Rows implements learn.Loss: the rows are summed in Draw.
func (*meanFieldLoss) Rows() int { return 1 }

// Trace implements learn.Loss.
func (l *meanFieldLoss) Trace(g *ad.Graph, nets []learn.Apply) ad.Value {
	slope, value := g.Shared("slope", ad.F32, len(l.slope)), g.Shared("value", ad.F32)
	return ad.Add(value, ad.Dot(slope, nets[0](g.Const(ad.F32, []float64{0}, 1), ad.Value{}, ad.Value{})))
}

// Inputs implements learn.Loss.
func (l *meanFieldLoss) Inputs() []ad.Array { return []ad.Array{ad.F32s(l.slope), ad.F32s(l.value[:])} }

// Outputs implements learn.Loss.
func (*meanFieldLoss) Outputs() []ad.Array { return nil }

// mostSlope keeps the square of a slope within float32.
const mostSlope = 1e18

func bounded(x float64) float64 { return max(-mostSlope, min(x, mostSlope)) }

// Draw implements learn.Loss.
func (l *meanFieldLoss) Draw(ctx context.Context, step uint32, _ *ad.Pool) error {
	c := l.c
	n, d := c.batch(), len(c.Mean)
	z, x, g := ito.NewStates(n, d, 0), ito.NewStates(n, d, 0), ito.NewStates(n, d, 0)
	rng.NewKey(c.Seed, rng.PurposePath, step, 1).Normals64(z.X[:n/2*d], d, z.ID[:n/2])
	for i := range n / 2 * d {
		z.X[n/2*d+i] = -z.X[i]
	}
	for i := range x.X {
		x.X[i] = c.Mean[i%d] + c.SD[i%d]*z.X[i]
	}
	logp := make([]float64, n)
	if err := c.Target.Gradient(ctx, logp, g, x); err != nil {
		return err
	}
	loss := TrainingReport{Iteration: int(step)}
	slope := make([]float64, 2*d)
	kept, squares := 0., 0.
	q := c.Reference()
	for i := range n / 2 {
		pair := [2]int{i, i + n/2}
		bound := 0.
		for _, k := range pair {
			bound += (logp[k] - q.LogDensity(x.Row(k))) / 2
		}
		if !Finite(bound) || !AllFinite(g.Row(pair[0])) || !AllFinite(g.Row(pair[1])) {
			loss.Dropped += 2
			continue
		}
		kept++
		δ := bound - loss.ELBO
		loss.ELBO += δ / kept
		squares += δ * (bound - loss.ELBO)
		for _, k := range pair {
			for j, v := range g.Row(k) {
				zj := z.Row(k)[j]
				h := (c.SD[j]*v + zj) / 2
				slope[j] += h
				slope[d+j] += h * zj
			}
		}
	}
	l.seen = loss
	if kept == 0 {
		return &ito.NonFiniteError{What: "the gradient at every draw of the mean field", Step: int(step)}
	}
	loss.Value, loss.Variance = -loss.ELBO/float64(d), 2*squares/max(kept-1, 1)/float64(d)
	l.seen, l.value[0] = loss, float32(bounded(loss.Value))
	for i, v := range slope {
		l.slope[i] = float32(bounded(v * (-1 / kept)))
	}
	return nil
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
