package infer

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/rng"
)

// fullRankLoss is −ELBO of a [FullRank], divided by the dimension, as a function of a displacement (δ, Δ): its value at
// nothing and ⟨slope, displacement⟩, as meanFieldLoss is.
type fullRankLoss struct {
	c     *FullRank
	slope []float32
	value [1]float32
	seen  TrainingReport // of the last step
}

func newFullRankLoss(c *FullRank) *fullRankLoss {
	return &fullRankLoss{c: c, slope: make([]float32, c.numbers())}
}

// Rows implements learn.Loss: the rows are summed in Draw.
func (*fullRankLoss) Rows() int { return 1 }

// Trace implements learn.Loss.
func (l *fullRankLoss) Trace(g *ad.Graph, nets []learn.Apply) ad.Value {
	slope, value := g.Shared("slope", ad.F32, len(l.slope)), g.Shared("value", ad.F32)
	return ad.Add(value, ad.Dot(slope, nets[0](g.Const(ad.F32, []float64{0}, 1), ad.Value{}, ad.Value{})))
}

// Inputs implements learn.Loss.
func (l *fullRankLoss) Inputs() []ad.Array { return []ad.Array{ad.F32s(l.slope), ad.F32s(l.value[:])} }

// Outputs implements learn.Loss.
func (*fullRankLoss) Outputs() []ad.Array { return nil }

// Draw implements learn.Loss.
func (l *fullRankLoss) Draw(ctx context.Context, step uint32, _ *ad.Pool) error {
	c := l.c
	n, d := c.batch(), len(c.Mean)
	z, x, g := ito.NewStates(n, d, 0), ito.NewStates(n, d, 0), ito.NewStates(n, d, 0)
	rng.NewKey(c.Seed, rng.PurposePath, step, 2).Normals64(z.X[:n/2*d], d, z.ID[:n/2])
	for i := range n / 2 * d {
		z.X[n/2*d+i] = -z.X[i]
	}
	logVolume := 0.
	for i := range d {
		logVolume += math.Log(c.Factor[i*d+i])
		for k := range n {
			x.Row(k)[i] = c.Mean[i] + matrix.Dot(c.Factor[i*d:i*d+i+1], z.Row(k)[:i+1])
		}
	}
	logp := make([]float64, n)
	if err := c.Target.Gradient(ctx, logp, g, x); err != nil {
		return err
	}
	loss := TrainingReport{Iteration: int(step)}
	slope, h := make([]float64, c.numbers()), make([]float64, d)
	kept, squares := 0., 0.
	for i := range n / 2 {
		pair := [2]int{i, i + n/2}
		bound := 0.
		for _, k := range pair {
			logq := -float64(d)/2*math.Log(2*math.Pi) - logVolume - matrix.Dot(z.Row(k), z.Row(k))/2
			bound += (logp[k] - logq) / 2
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
			copy(h, z.Row(k))
			for i, v := range g.Row(k) { // h = Fᵀ∇log ρ + z
				matrix.AddScaled(h[:i+1], v, c.Factor[i*d:i*d+i+1])
			}
			at := d
			for i, v := range h {
				slope[i] += v / 2
				matrix.AddScaled(slope[at:at+i+1], v/2, z.Row(k)[:i+1])
				at += i + 1
			}
		}
	}
	l.seen = loss
	if kept == 0 {
		return &ito.NonFiniteError{What: "the gradient at every draw of the full-rank fit", Step: int(step)}
	}
	loss.Value, loss.Variance = -loss.ELBO/float64(d), 2*squares/max(kept-1, 1)/float64(d)
	l.seen, l.value[0] = loss, float32(bounded(loss.Value))
	for i, v := range slope {
		l.slope[i] = float32(bounded(v * (-1 / kept)))
	}
	return nil
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
