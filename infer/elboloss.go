package infer

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/rng"
)

// elboLoss is what the losses of [MeanField] and [FullRank] share: −ELBO, divided by the dimension, as a function of a
// displacement: its value at nothing and ⟨slope, displacement⟩, with the slope that the draws of a step give. A loss
// keeps the parameters itself, in float64, and so is a [learn.Mover].
type elboLoss struct {
	slope []float32
	value [1]float32
	seen  TrainingReport // of the last step
}

// Rows implements learn.Loss: the rows are summed in Draw.
func (*elboLoss) Rows() int { return 1 }

// Trace implements learn.Loss.
func (l *elboLoss) Trace(g *ad.Graph, nets []learn.Apply) ad.Value {
	slope, value := g.Shared("slope", ad.F32, len(l.slope)), g.Shared("value", ad.F32)
	return ad.Add(value, ad.Dot(slope, nets[0](g.Const(ad.F32, []float64{0}, 1), ad.Value{}, ad.Value{})))
}

// Inputs implements learn.Loss.
func (l *elboLoss) Inputs() []ad.Array { return []ad.Array{ad.F32s(l.slope), ad.F32s(l.value[:])} }

// Outputs implements learn.Loss.
func (*elboLoss) Outputs() []ad.Array { return nil }

// mostSlope keeps the square of a slope within float32.
const mostSlope = 1e18

func bounded(x float64) float64 { return max(-mostSlope, min(x, mostSlope)) }

// elboDraws are the n draws of a step, in antithetic pairs, row i with row n/2 + i.
type elboDraws struct {
	target  ito.Target
	key     rng.Key
	step    uint32
	n, d    int
	what    string                       // that is fitted
	place   func(x, z ito.States)        // the draws x of the normals z
	density func(x, z []float64) float64 // log q of one
	add     func(slope, g, z []float64)  // what a gradient of log ρ adds to the slope of a pair
}

// draw sets the loss from draws. Pairs without finite gradients are left out; a step without others is a
// *ito.NonFiniteError.
func (l *elboLoss) draw(ctx context.Context, c elboDraws) error {
	n, d := c.n, c.d
	z, x, g := ito.NewStates(n, d, 0), ito.NewStates(n, d, 0), ito.NewStates(n, d, 0)
	c.key.Normals64(z.X[:n/2*d], d, z.ID[:n/2])
	for i := range n / 2 * d {
		z.X[n/2*d+i] = -z.X[i]
	}
	c.place(x, z)
	logp := make([]float64, n)
	if err := c.target.Gradient(ctx, logp, g, x); err != nil {
		return err
	}
	loss := TrainingReport{Iteration: int(c.step)}
	slope := make([]float64, len(l.slope))
	kept, squares := 0., 0.
	for i := range n / 2 {
		pair := [2]int{i, i + n/2}
		bound := 0.
		for _, k := range pair {
			bound += (logp[k] - c.density(x.Row(k), z.Row(k))) / 2
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
			c.add(slope, g.Row(k), z.Row(k))
		}
	}
	l.seen = loss
	if kept == 0 {
		return &ito.NonFiniteError{What: "the gradient at every draw of the " + c.what, Step: int(c.step)}
	}
	loss.Value, loss.Variance = -loss.ELBO/float64(d), 2*squares/max(kept-1, 1)/float64(d)
	l.seen, l.value[0] = loss, float32(bounded(loss.Value))
	for i, v := range slope {
		l.slope[i] = float32(bounded(v * (-1 / kept)))
	}
	return nil
}
