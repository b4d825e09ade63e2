package wrap

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/path"
)

// Batch is what a training program reads of n samples, as [Moments.Prepare] writes it. With F the network's
// output at (X, Feat), the loss of a sample is
//
//	Σ_k Weight_k ((QᵀF)_k − Target_k)²,   Q = [Moments.Basis].
//
// With Weight left out it is the loss in units of the network's own output.
type Batch struct {
	N, D   int
	In     int       // width of what the network reads: D, or 2D on a momentum path
	X      []float32 // [N,In] x̃ in data coordinates
	Feat   []float32 // [N] c(t)
	Target []float32 // [N,D] QᵀF: in the modes of the basis
	Weight []float32 // [N,D] c_out² of each mode

	u    []float64 // [N,D]
	e, x []float64 // [N,In]
}

// NewBatch makes room for n samples of dimension d.
func NewBatch(n, d int) *Batch { return newBatch(n, d, d) }

func newBatch(n, in, d int) *Batch {
	f, s := make([]float32, n*(in+2*d+1)), make([]float64, n*(2*in+d))
	nd, nin := n*d, n*in
	return &Batch{N: n, D: d, In: in, X: f[:nin], Target: f[nin : nin+nd], Weight: f[nin+nd : nin+2*nd],
		Feat: f[nin+2*nd:],
		u:    s[:nd], e: s[nd : nd+nin], x: s[nd+nin:]}
}

// Slice is the samples lo ≤ i < hi, sharing memory: parts of a batch can be prepared side by side.
func (b *Batch) Slice(lo, hi int) *Batch {
	d, in := b.D, b.In
	return &Batch{N: hi - lo, D: d, In: in, X: b.X[lo*in : hi*in], Target: b.Target[lo*d : hi*d],
		Weight: b.Weight[lo*d : hi*d], Feat: b.Feat[lo:hi],
		u: b.u[lo*d : hi*d], e: b.e[lo*in : hi*in], x: b.x[lo*in : hi*in]}
}

// Prepare writes inputs, targets and weights of x_t = μ + QαQᵀ(x_0−μ) + Qσ Qᵀε for given rows x0, noise ε
// in data coordinates, and times. Weight makes the loss ‖ŷ − y‖² of the given kind of prediction:
//
//	ε         α² s0/s               denoising score matching in the symmetric-root scaling
//	velocity  (α̇σ − ασ̇)² s0/s      flow matching
//	x0        σ² s0/s
//	score     α² s0/(s σ²)          0 where σ = 0
//
// It allocates little, and costs O(D) a row beside the path's schedule, O(D²) with a basis.
func (c *Moments) Prepare(b *Batch, x0, eps ito.States, t ito.Times, kind ito.Prediction) error {
	d := c.d
	if x0.N != b.N || eps.N != b.N || b.D != d || b.In != d || x0.D != d || eps.D != d || len(t) != 1 && len(t) != b.N {
		return &ito.InputError{Where: "training batch", What: fmt.Sprintf("room for %d×%d, data %d×%d, noise %d×%d, "+
			"%d times; the path has dimension %d",
			b.N, b.D, x0.N, x0.D, eps.N, eps.D, len(t), d)}
	}
	for i := range b.N {
		row, x := b.x[i*d:(i+1)*d], x0.Row(i)
		for k, m := range c.data.Mean {
			row[k] = x[k] - m
		}
	}
	c.turn(b.u, b.x, b.N)
	c.turn(b.e, eps.X, b.N)
	s := c.newSchedule()
	last := math.NaN()
	feat := float32(0)
	for i := range b.N {
		if t.At(i) != last {
			last = t.At(i)
			s.set(c.path, last, kind == ito.PredVelocity)
			feat = float32(c.feature(s))
		}
		b.Feat[i] = feat
		at := i * d
		for j, s0 := range c.s0 {
			k := path.Mode(j, c.modes)
			α, σ, root := s.alpha[k], s.sigma[k], c.root[j]
			v := float64(α*α*s0) + float64(σ*σ)
			in := 1 / math.Sqrt(v)
			centred, e := b.u[at+j], b.e[at+j] // x_0−m and ε
			b.u[at+j] = (float64(α*centred) + float64(σ*e)) * in
			b.Target[at+j] = float32((float64(α*root*e) - float64(σ*(centred/root))) * in)
			p, q := s.target(k, kind)
			out := (float64(q*α) - float64(p*σ)) * root * in
			if kind == ito.PredScore {
				if out /= σ; σ == 0 {
					out = 0
				}
			}
			b.Weight[at+j] = float32(out * out)
		}
	}
	c.back(b.x, b.u, b.N)
	simd.CvtF64F32(b.X, b.x)
	return nil
}
