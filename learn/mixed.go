package learn

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/wrap"
)

// MixedRows is the training on a [path.Levelled] path:
//
//	E_t ( Σ_numbers λ(t) (x̂_0−x_0)²  +  Σ_masked −log p(level | x_t) ) / (numbers + blocks)
//
// with the noise levels and weights λ of [Denoising], and the cross-entropy of a level that is masked with even weight
// at all times, as their law makes the masked part of a row uniform. Its minimiser is E[x_0|x_t], which of a level is
// its law.
type MixedRows struct{}

// Name returns "mixed".
func (MixedRows) Name() string { return "mixed" }

// Predicts returns x0.
func (MixedRows) Predicts() ito.Prediction { return ito.PredX0 }

// Ports implements Objective.
func (MixedRows) Ports(s ito.Space, cond int, velocities bool) nn.Ports {
	return rowPorts(s, cond, velocities)
}

// Moments implements Objective.
func (MixedRows) Moments(pr Setup) (ito.Gaussian, error) { return momentsOf(pr.Source) }

// Bind implements Objective.
func (o MixedRows) Bind(p ito.Path, pr Setup) (Bound, error) { return bound(bindMixed(o, p, pr)) }

// mixedLoss is the loss of [MixedRows].
type mixedLoss struct {
	path   path.Levelled
	wrap   *wrap.Mixed
	levels *levels
	clock  clock
	rows   *batch
	most   int // corners of the largest block

	eps, u ito.States
	xt     []float64 // [D]
	in     []float64
	t      ito.Times
	x      []float32 // [N,D]
	feat   []float32 // [N]
	target []float32 // [N,D] of the numbers
	weight []float32 // [N,D]
	to     []int32   // [N,blocks] place of the level
	masked []float32 // [N,blocks]
}

func bindMixed(o MixedRows, p ito.Path, pr Setup) (*mixedLoss, error) {
	m, ok := p.(path.Levelled)
	if !ok {
		return nil, &ito.UnsupportedError{What: "objective mixed on path " + p.Name(),
			Why: "it has no blocks of levels", Nearest: "path mixed"}
	}
	d, n := pr.Source.Space().Dim(), pr.Batch
	if d != m.Dim() || !pr.Source.Space().Free() {
		return nil, &ito.InputError{Where: "objective mixed", What: fmt.Sprintf("states of %d numbers on a path of %d",
			d, m.Dim())}
	}
	if err := ownWrapping(o, p, pr, wrap.MixedMaker{}.Kind()); err != nil {
		return nil, err
	}
	w, err := wrap.NewMixed(m, pr.Moments)
	if err != nil {
		return nil, err
	}
	levels, err := newLevels(Denoising{}, m.EDM(), ito.StandardNormal(d))
	if err != nil {
		return nil, err
	}
	l := &mixedLoss{path: m, wrap: w, levels: levels, clock: newClock(m, 0), rows: newBatch(pr), xt: make([]float64, d),
		in: make([]float64, d), t: make(ito.Times, n), x: make([]float32, n*d), feat: make([]float32, n),
		target: make([]float32, n*d), weight: make([]float32, n*d), to: make([]int32, n*m.Blocks()),
		masked: make([]float32, n*m.Blocks())}
	l.clock.levels = levels
	l.eps, l.u = l.rows.x0.Like(d), l.rows.x0.Like(d)
	for b := range m.Blocks() {
		block, _ := m.Block(l.xt, b)
		l.most = max(l.most, len(block)+1)
	}
	return l, nil
}

// Rows implements Loss.
func (l *mixedLoss) Rows() int { return len(l.t) }

// Noise implements Random.
func (l *mixedLoss) Noise() (uint64, rng.Purpose) { return l.rows.seed, rng.PurposeProgram }

// never is a logit of no level.
const never = -1e9

// Trace implements Loss. The logits of all blocks are brought side by side, [blocks, most], with 0 for each first
// corner and never behind the last.
func (l *mixedLoss) Trace(g *ad.Graph, nets []Apply) ad.Value {
	d, blocks := l.path.Dim(), l.path.Blocks()
	x, time := g.Input("x", ad.F32, d), g.Input("time", ad.F32, 1)
	target, weight := g.Input("target", ad.F32, d), g.Input("weight", ad.F32, d)
	var cond ad.Value
	if c := l.rows.source.CondWidth(); c > 0 {
		cond = g.Input("condition", ad.F32, c)
	}
	to := ad.Reshape(g.Input("level", ad.I32, blocks), blocks, 1)
	masked := g.Input("masked", ad.F32, blocks)
	out := nets[0](x, time, cond)
	place, fill := make([]float64, blocks*l.most), make([]float64, blocks*l.most)
	at := make([]float64, d)
	for k := range at {
		at[k] = float64(k)
	}
	for b := range blocks {
		block, _ := l.path.Block(at, b)
		for k := range l.most {
			switch {
			case k > len(block):
				fill[b*l.most+k] = never
			case k > 0:
				place[b*l.most+k] = block[k-1]
			}
		}
	}
	keep := make([]float64, len(fill))
	for b := range blocks {
		block, _ := l.path.Block(at, b)
		for k := range block {
			keep[b*l.most+k+1] = 1
		}
	}
	flat := blocks * l.most
	logits := ad.Gather(out, g.Const(ad.I32, place, flat))
	logits = ad.Add(ad.Mul(logits, g.Const(ad.F32, keep, flat)), g.Const(ad.F32, fill, flat))
	logp := ad.LogSoftmax(ad.Reshape(logits, blocks, l.most), 1)
	hit := ad.Reshape(ad.TakeAlong(logp, to, 1), blocks)
	levels := ad.Neg(ad.Sum(ad.Mul(masked, hit)))
	numbers := ad.Sum(ad.Mul(weight, ad.Square(ad.Sub(out, target))))
	each := g.Const(ad.F32, []float64{1 / float64(blocks+len(l.path.Numbers()))})
	return ad.BatchMean(ad.Mul(ad.Add(levels, numbers), each))
}

// Inputs implements Loss.
func (l *mixedLoss) Inputs() []ad.Array {
	in := []ad.Array{ad.F32s(l.x), ad.F32s(l.feat), ad.F32s(l.target), ad.F32s(l.weight)}
	if len(l.rows.cond) > 0 {
		in = append(in, ad.F32s(l.rows.cond))
	}
	return append(in, ad.I32s(l.to), ad.F32s(l.masked))
}

// Outputs implements Loss.
func (*mixedLoss) Outputs() []ad.Array { return nil }

// Draw implements Loss.
func (l *mixedLoss) Draw(_ context.Context, step uint32, _ *ad.Pool) error {
	b := l.rows
	if err := b.fill(step); err != nil {
		return err
	}
	l.clock.draw(l.t, b.x0.ID, b.seed, step)
	noise := ito.Seed(b.seed)
	noise.Normal(l.eps, rng.PurposePath, step, 0)
	noise.Uniform(l.u, rng.PurposePath, step, 1)
	d, blocks := l.path.Dim(), l.path.Blocks()
	scores := make([]float64, l.most)
	for i, σ := range l.t {
		x0, eps, u := b.x0.Row(i), l.eps.Row(i), l.u.Row(i)
		λ := 1/float64(σ*σ) + 1
		for _, k := range l.path.Numbers() {
			l.xt[k] = x0[k] + float64(σ*eps[k])
			_, skip, out, offset := l.wrap.Number(k, l.xt[k], σ)
			l.target[i*d+k] = float32((x0[k] - float64(skip*l.xt[k]) - offset) / out)
			l.weight[i*d+k] = float32(λ * out * out)
		}
		mask := l.path.Mask(σ)
		for k := range blocks {
			to, _ := l.path.Block(l.xt, k)
			from, _ := l.path.Block(x0, k)
			r, _ := l.path.Block(u, k)
			s := scores[:len(from)+1]
			path.CornerScores(s, from)
			best := 0
			for j, v := range s {
				if v > s[best] {
					best = j
				}
			}
			l.to[i*blocks+k], l.masked[i*blocks+k] = int32(best), 0
			copy(to, from)
			switch {
			case path.Masked(from): // the day of the week of a date that is missing: no level
			case r[0] < mask:
				clear(to)
				l.masked[i*blocks+k] = 1
			}
		}
		l.wrap.Read(l.in, l.xt, σ)
		for k, v := range l.in {
			l.x[i*d+k] = float32(v)
		}
		l.feat[i] = float32(l.wrap.Feature(σ))
	}
	return nil
}

// Field implements Bound.
func (l *mixedLoss) Field(net *nn.Weights) (*field.Net, error) {
	return field.NewNet(l.wrap, net, ito.PredX0)
}
