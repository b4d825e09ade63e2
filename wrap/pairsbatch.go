package wrap

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/simd"
)

// PairBatch is what a training program reads of n samples, as [Pairs.Prepare] writes it: with F [H,D] the network's
// output at (X, Feat), the squared error of a sample's predictions is Σ Weight (F − Target)².
type PairBatch struct {
	N, D, H int
	X       []float32 // [N,D] x̃
	Feat    []float32 // [N]
	Target  []float32 // [N,H,D]
	Weight  []float32 // [N,H,D] out²
	x       []float64
}

// NewPairBatch makes room for n samples of dimension d and h targets.
func NewPairBatch(n, d, h int) *PairBatch {
	return &PairBatch{N: n, D: d, H: h, X: make([]float32, n*d), Feat: make([]float32, n), Target: make([]float32,
		n*h*d), Weight: make([]float32, n*h*d), x: make([]float64, n*d)}
}

// Prepare writes inputs, targets and weights of x_t = A x_0 + B x_1 + γz for given ends, noise and times. Times
// beyond Span are moved to its ends.
func (c *Pairs) Prepare(b *PairBatch, x0, x1, z ito.States, t ito.Times) error {
	d, heads := c.d, len(c.heads)
	for _, s := range []ito.States{x0, x1, z} {
		if s.N != b.N || s.D != d || b.D != d || b.H != heads || len(t) != 1 && len(t) != b.N {
			return &ito.InputError{Where: "training batch", What: fmt.Sprintf("room for %d×%d×%d, rows %d×%d, %d "+
				"times; the path has %d targets of dimension %d",
				b.N, b.H, b.D, s.N, s.D, len(t), heads, d)}
		}
	}
	l := c.newLaw()
	for r := range b.N {
		c.set(l, c.within(t.At(r)))
		b.Feat[r] = float32(l.feat)
		u, w, ε := x0.Row(r), x1.Row(r), z.Row(r)
		for k := range d {
			y := float64(l.i.A*u[k]) + float64(l.i.B*w[k]) + float64(l.i.Gamma*ε[k]) - l.m[k]
			b.x[r*d+k] = y * l.in[k]
			for h := range heads {
				at, to := h*d+k, (r*heads+h)*d+k
				target := float64(l.a[h]*u[k]) + float64(l.b[h]*w[k]) + float64(l.zeta[h]*ε[k]) - l.mean[at] -
					float64(l.skip[at]*y)
				out := l.out[at]
				b.Target[to], b.Weight[to] = 0, float32(out*out)
				if out > 0 {
					b.Target[to] = float32(target / out)
				}
			}
		}
	}
	simd.CvtF64F32(b.X, b.x)
	return nil
}
