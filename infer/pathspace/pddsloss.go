package pathspace

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/rng"
)

// potentialLoss is the score matching loss of a [PotentialTraining]: the mean over rows x_t of ‖naive + r(slope −
// naive) − want‖², where naive is √(1−λ)∇log g_0(√(1−λ) x_t) and want √(1−λ)∇log g_0(x_0).
type potentialLoss struct {
	c                    *PotentialTraining
	x, feat, naive, want []float32 // [B,D], [B], [B,D], [B,D]
}

func newPotentialLoss(c *PotentialTraining) *potentialLoss {
	b, n := c.batch(), c.batch()*c.Potential.D
	return &potentialLoss{c, make([]float32, n), make([]float32, b), make([]float32, n), make([]float32, n)}
}

// Rows implements learn.Loss.
func (l *potentialLoss) Rows() int { return len(l.feat) }

// Trace implements learn.Loss.
func (l *potentialLoss) Trace(g *ad.Graph, nets []learn.Apply) ad.Value {
	d := l.c.Potential.D
	x, feat := g.Input("x", ad.F32, d), g.Input("feat", ad.F32, 1)
	r, _, slope := potential(g, nets, x, feat)
	naive, want := g.Input("naive", ad.F32, d), g.Input("want", ad.F32, d)
	off := ad.Sub(ad.Add(naive, ad.Mul(r, ad.Sub(slope, naive))), want)
	return ad.BatchMean(ad.Sum(ad.Square(off)))
}

// Inputs implements learn.Loss.
func (l *potentialLoss) Inputs() []ad.Array {
	return []ad.Array{ad.F32s(l.x), ad.F32s(l.feat), ad.F32s(l.naive), ad.F32s(l.want)}
}

// Outputs implements learn.Loss.
func (*potentialLoss) Outputs() []ad.Array { return nil }

// Draw implements learn.Loss: where particles are due it runs the sampler first. A row whose gradients are not finite
// is replaced by x = 0, λ = 0, where the loss has no derivative.
func (l *potentialLoss) Draw(ctx context.Context, step uint32, _ *ad.Pool) error {
	c := l.c
	address := c.round*c.iterations() + int(step)
	if int(step)%c.refresh() == 0 && c.made != address+1 {
		if err := c.run(ctx, address); err != nil {
			return err
		}
	}
	b, d, k := l.Rows(), c.Potential.D, c.Kernel.WithDefaults()
	ids := make([]uint64, b)
	for i := range ids {
		ids[i] = uint64(i)
	}
	key := func(p rng.Purpose) rng.Key { return rng.NewKey(c.Seed, p, uint32(address), 0) }
	u, pick, ε := make([]float64, b), make([]float64, b), make([]float64, b*d)
	key(rng.PurposeTime).Uniforms64(u, 1, ids)
	key(rng.PurposeData).Uniforms64(pick, 1, ids)
	key(rng.PurposePath).Normals64(ε, d, ids)
	s := &infer.State{Groups: b, Slots: 1, D: d, ID: ids}
	s.AddVar("tally", infer.TallyWidth)
	y, g, logg, λ := make([]float64, b*d), make([]float64, b*d), make([]float64, b), make([]float64, b)
	for i := range b {
		t := 1e-3 + (1-1e-3)*(float64(i)+u[i])/float64(b)
		λ[i] = k.Noise(t)
		from := int(pick[i]*float64(len(c.x)/d)) * d
		for j := range d {
			v := math.Sqrt(1-λ[i])*c.x[from+j] + math.Sqrt(λ[i])*k.Sigma*ε[i*d+j]
			l.x[i*d+j], l.want[i*d+j] = float32(v), float32(math.Sqrt(1-λ[i])*c.g[from+j])
			y[i*d+j] = math.Sqrt(1-λ[i]) * v
		}
		l.feat[i] = levelFeature(λ[i])
	}
	if err := (Naive{}).Log(ctx, infer.SeededTarget{Target: c.Target}, s, 0, k.Sigma, logg, g, y); err != nil {
		return err
	}
	for i := range b {
		lo, hi := i*d, (i+1)*d
		ok := infer.AllFinite(g[lo:hi])
		for j := lo; j < hi; j++ {
			l.naive[j] = float32(math.Sqrt(1-λ[i]) * g[j])
			ok = ok && l.want[j]-l.want[j] == 0
		}
		if !ok {
			for _, z := range [][]float32{l.x, l.naive, l.want} {
				clear(z[lo:hi])
			}
			l.feat[i] = 0
		}
	}
	return nil
}
