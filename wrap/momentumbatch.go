package wrap

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/path"
)

// NewMomentumBatch makes room for n samples of data of dimension d on a momentum path: X is [N,2d], what the
// network reads.
func NewMomentumBatch(n, d int) *Batch { return newBatch(n, 2*d, d) }

// Prepare writes inputs, targets and weights for given rows x0 [N,d], noise ε [N,2d] in data coordinates, positions
// first, and times. The loss is ‖ε̂_v − ε_v‖², hybrid score matching; kind must be ε, the only prediction that it
// serves.
func (c *Momentum) Prepare(b *Batch, x0, eps ito.States, t ito.Times, kind ito.Prediction) error {
	d := c.d
	if x0.N != b.N || eps.N != b.N || b.D != d || b.In != 2*d || x0.D != d || eps.D != 2*d || len(t) != 1 &&
		len(t) != b.N {
		return &ito.InputError{Where: "training batch", What: fmt.Sprintf("room for %d×%d from %d, data %d×%d, noise "+
			"%d×%d, %d times; the path has dimension %d",
			b.N, b.D, b.In, x0.N, x0.D, eps.N, eps.D, len(t), d)}
	}
	if kind != ito.PredEps {
		return &ito.UnsupportedError{What: "a loss in " + kind.String() + " on path " + c.path.Name(),
			Why: "a network there learns the score of the velocity", Nearest: "dsm"}
	}
	for i := range b.N {
		row, x := b.x[i*d:(i+1)*d], x0.Row(i)
		for k, m := range c.data.Mean {
			row[k] = x[k] - m
		}
	}
	c.turn(b.u, b.x[:b.N*d], b.N)
	c.turnHalves(b.e, eps.X, b.N)
	f, l := make([]float64, 2*c.cells), make([]float64, 3*c.cells)
	blocks := make([]block, d)
	feat := float32(0)
	for i := range b.N {
		if i == 0 || t.At(i) != t.At(i-1) {
			c.path.Hybrid(t.At(i), f, l)
			sum := 0.0
			for k, s0 := range c.s0 {
				m := path.Mode(k, c.cells)
				blocks[k] = newBlock(f[2*m:], l[3*m:], s0)
				sum += blocks[k].noise(c.root[k])
			}
			feat = float32(sum / float64(d))
		}
		b.Feat[i] = feat
		x, e := b.x[2*i*d:2*(i+1)*d], b.e[2*i*d:2*(i+1)*d]
		for k := range d {
			w, centred, ex, ev := &blocks[k], b.u[i*d+k], e[k], e[d+k]
			zx := float64(w.fx*centred) + float64(w.lxx*ex)
			zv := float64(w.fv*centred) + float64(w.lvx*ex) + float64(w.lvv*ev)
			n11, n21, n22 := w.input()
			x[k], x[d+k] = n11*zx, float64(n21*zx)+float64(n22*zv)
			root, s := c.root[k], math.Sqrt(w.det)
			b.Target[i*d+k] = float32((float64(w.lxx*w.lvv*centred/root) -
				root*(float64(w.g1*ex)+float64(w.g2*ev))) / s)
			out := root * w.g2 / s
			b.Weight[i*d+k] = float32(out * out)
		}
	}
	c.backHalves(b.e, b.x, b.N)
	simd.CvtF64F32(b.X, b.e)
	return nil
}
