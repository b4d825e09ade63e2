package learn

import (
	"context"
	"math"

	"golang.org/x/sync/errgroup"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

// Reversal is what an update of a path needs to know of its simulated reverse SDE: second
// moments at the times of the grid, x counted from the path's centre μ and s the score there.
type Reversal struct {
	T      []float64   // [N], falling from the drawn end
	Weight []float64   // [N] weights of ∫ β dt by the trapezoidal rule
	XX, SX [][]float64 // [N][D,D] means of x xᵀ and s xᵀ; on a path of the diagonal variant their diagonals, [N][D]
}

// reverseRows is how many paths are carried at a time. Moments are summed inside such chunks and then over
// them in order, so the number of workers does not show.
const reverseRows = 256

// Reverse simulates the reverse SDE of p under the score of f,
//
//	dx = −β_t (½D_t (x−μ) + s) dt + √β_t dw̄,
//
// from the path's own prior N(μ,I), where the bridge ends, and returns its moments. c holds a condition for each
// path, or none. The scheme is Heun's with additive noise, of weak order 2 (Kloeden & Platen 1992, §15.1): an
// update is a fixed point of these moments whose contraction is slow, and Euler–Maruyama on 100 steps would move it
// by .05 and more. The nodes divide the span evenly into steps, of which the last, where the score is stiffest and
// β least, is left out. With steps = 0 only the drawn end is looked at and nothing simulated. The cost is 2·steps
// evaluations of f for each path, and O(D²) a path and step, O(D) on a path of the diagonal variant.
func Reverse(ctx context.Context, p path.Variational, f ito.Field, c ito.Cond, paths, steps, workers int,
	noise ito.Noise) (*Reversal, error) {
	return reverse(ctx, p, p.Mean(), f, c, paths, workers, newNodes(p, steps), noise)
}

// ReverseMomentum is [Reverse] for a momentum path, whose states have positions and velocities: x and s are those
// of dimension 2d, of s only the half of the velocities counts, and the weights are those of ∫ g² dt of the first
// velocity, γβ on a path of [path.NewVSMD]:
//
//	dz = (F(z−μ) − GGᵀ s) dt + G dw̄.
func ReverseMomentum(ctx context.Context, p path.VariationalMomentum, f ito.Field, c ito.Cond, paths, steps,
	workers int, noise ito.Noise) (*Reversal, error) {
	return reverse(ctx, p, p.Mean(), f, c, paths, workers, momentumNodes(p, steps), noise)
}

func reverse(ctx context.Context, p ito.Path, mean []float64, f ito.Field, c ito.Cond, paths, workers int, nodes []node,
	noise ito.Noise) (*Reversal, error) {
	if err := CheckBound(f, p); err != nil {
		return nil, err
	}
	score, err := field.As(f, p, ito.PredScore)
	if err != nil {
		return nil, err
	}
	d := p.Dim()
	x := ito.NewStates(paths, d, 0)
	if err := p.Prior(x, c, noise); err != nil {
		return nil, err
	}
	chunks := make([]*reversal, (paths+reverseRows-1)/reverseRows)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(workers, 1))
	for i := range chunks {
		g.Go(func() error {
			from, to := i*reverseRows, min((i+1)*reverseRows, paths)
			chunks[i] = newReversal(score, x.Slice(from, to), c.Slice(from, to), mean, len(nodes), len(nodes[0].d))
			err := chunks[i].run(ctx, nodes, noise)
			chunks[i].release()
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return gather(nodes, chunks, paths, len(nodes[0].d)), nil
}

// reversal carries one chunk of paths and adds up x xᵀ and s xᵀ.
type reversal struct {
	score       ito.Field
	x           ito.States
	c           ito.Cond
	mean        []float64
	xx, sx      [][]float64
	s, y, a, dw ito.States // score, predicted state, drifts, increments
	row, root   []float64
}

func newReversal(score ito.Field, x ito.States, c ito.Cond, mean []float64, n, moments int) *reversal {
	d := x.D
	r := &reversal{score: score, x: x, c: c, mean: mean, s: x.Like(d), y: x.Like(d), a: x.Like(d), dw: x.Like(d),
		row: make([]float64, d), root: make([]float64, d)}
	for range n {
		r.xx, r.sx = append(r.xx, make([]float64, moments)), append(r.sx, make([]float64, moments))
	}
	return r
}

// release lets go of all but the moments.
func (r *reversal) release() { *r = reversal{xx: r.xx, sx: r.sx} }

func (r *reversal) run(ctx context.Context, nodes []node, noise ito.Noise) error {
	if err := r.predict(ctx, r.x, nodes[0].t); err != nil {
		return err
	}
	for k, n := range nodes {
		r.add(k)
		if k == len(nodes)-1 {
			return nil
		}
		next := nodes[k+1]
		noise.Normal(r.dw, rng.PurposeSolver, uint32(k), 0)
		r.drift(r.a, r.x, n, n.h)
		for i := range r.root {
			r.root[i] = math.Sqrt(n.h * (n.g2[i] + next.g2[i]) / 2) // ∫g² over the step
		}
		for i, a := range r.a.X {
			r.dw.X[i] *= r.root[i%r.x.D]
			r.y.X[i] = r.x.X[i] + a + r.dw.X[i]
			r.x.X[i] += a/2 + r.dw.X[i]
		}
		if err := r.predict(ctx, r.y, next.t); err != nil {
			return err
		}
		r.drift(r.a, r.y, next, n.h/2)
		for i, a := range r.a.X {
			r.x.X[i] += a
		}
		if bad := r.x.FirstNonFinite(); bad >= 0 {
			return &ito.NonFiniteError{What: "reverse path", Step: k, Sample: r.x.ID[bad], T: next.t}
		}
		if err := r.predict(ctx, r.x, next.t); err != nil {
			return err
		}
	}
	return nil
}

func (r *reversal) predict(ctx context.Context, x ito.States, t float64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return r.score.Predict(ctx, r.s, x, ito.Times{t}, r.c)
}

// drift writes h(−F(x−μ) + g²s).
func (r *reversal) drift(dst, x ito.States, n node, h float64) {
	d := x.D
	for i := range x.N {
		c, s, out := r.centred(x.Row(i)), r.s.Row(i), dst.Row(i)
		if len(n.d) == d {
			for j := range out {
				out[j] = h * (float64(n.g2[j]*s[j]) + float64(n.d[j]*c[j]))
			}
			continue
		}
		for j := range out {
			v := n.g2[j] * s[j]
			for l, w := range n.d[j*d : (j+1)*d] {
				v += float64(w * c[l])
			}
			out[j] = h * v
		}
	}
}

func (r *reversal) centred(x []float64) []float64 {
	copy(r.row, x)
	for i, μ := range r.mean {
		r.row[i] -= μ
	}
	return r.row
}

// add accumulates the moments at node k.
func (r *reversal) add(k int) {
	xx, sx, d := r.xx[k], r.sx[k], r.x.D
	for i := range r.x.N {
		c, s := r.centred(r.x.Row(i)), r.s.Row(i)
		if len(xx) == d {
			for j, cj := range c {
				xx[j] += float64(cj * cj)
				sx[j] += float64(s[j] * cj)
			}
			continue
		}
		for j, cj := range c {
			for l, cl := range c {
				xx[j*d+l] += float64(cj * cl)
				sx[j*d+l] += float64(s[j] * cl)
			}
		}
	}
}

// gather adds up the chunks in order.
func gather(nodes []node, chunks []*reversal, paths, moments int) *Reversal {
	r := &Reversal{}
	for k, n := range nodes {
		xx, sx := make([]float64, moments), make([]float64, moments)
		for _, c := range chunks {
			for i := range xx {
				xx[i] += c.xx[k][i] / float64(paths)
				sx[i] += c.sx[k][i] / float64(paths)
			}
		}
		r.T, r.Weight = append(r.T, n.t), append(r.Weight, n.weight)
		r.XX, r.SX = append(r.XX, xx), append(r.SX, sx)
	}
	return r
}

// stageNoise is the noise of one stage: the addresses of seed, with the stage (from 1) as sub.
type stageNoise struct {
	seed  uint64
	stage uint32
}

// Normal implements ito.Noise.
func (n stageNoise) Normal(dst ito.States, p rng.Purpose, step, _ uint32) {
	rng.NewKey(n.seed, p, step, n.stage).Normals64(dst.X, dst.D, dst.ID)
}

// Uniform implements ito.Noise.
func (n stageNoise) Uniform(dst ito.States, p rng.Purpose, step, _ uint32) {
	ito.Seed(n.seed).Uniform(dst, p, step, n.stage)
}
