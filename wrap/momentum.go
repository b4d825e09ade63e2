package wrap

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/path"
)

// Momentum is what [Moments] is, for a momentum path: a network reads 2d numbers of unit variance, positions first,
// and says d, of which Gaussian data need none. It is hybrid score matching (Dockhorn et al. 2022, arXiv:2112.07068,
// §3.1): v_0 is integrated out of the kernel.
//
// In a mode of variance s0 the state is z_t = m_t + f√s0 u + Lε, with f the response of [path.Hybrid], Σ =
// LLᵀ and S = Σ + s0 ffᵀ. Then
//
//	x̃ = L_S⁻¹ (z−m_t)                                   the network's input, L_S the Cholesky factor of S
//	F = √(|Σ|/|S|) u − √(s0/|S|) (f_x L_vv ε_x + (f_v L_xx − f_x L_vx) ε_v)      its target
//
// is a rotation of (u, ε_x, ε_v): three numbers of which the two of x̃ are known. So one output a dimension says
// all that can be said, and the whole score follows from it,
//
//	score = −S⁻¹(z−m_t) + √(s0|Σ|/|S|) Σ⁻¹f F,
//
// not only that of the velocity, which is −ε̂_v/L_vv and the one that samplers need. The modes are the eigenvectors
// of S_0 where every dimension has one law (Shared), else the coordinates. The network is told the
// time by the mean over modes of −½ log(s0 fᵀΣ⁻¹f), the noise-to-signal ratio, cut to ±10.
//
// A Momentum is immutable and safe for concurrent use.
type Momentum struct {
	basis    // of the positions
	path     path.Hybrid
	data     ito.Gaussian
	cells    int
	mean     []float64 // μ of the positions, nil for zero
	center   []float64 // [d] Qᵀ(m−μ)
	s0, root []float64 // [d]
}

// NewMomentum plans the scaling for data with the given moments, of dimension d. Variances near zero count as
// those of [NewMoments] do.
func NewMomentum(p path.Hybrid, data ito.Gaussian) (*Momentum, error) {
	d, where := p.DataDim(), "preconditioning on path "+p.Name()
	if len(data.Mean) != d {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("the data have %d means, the path has dimension %d",
			len(data.Mean), d)}
	}
	if err := data.Check(where); err != nil {
		return nil, err
	}
	c := &Momentum{basis: basis{d: d}, path: p, data: data, cells: d}
	if p.Mean() != nil {
		c.mean = p.Mean()[:d]
	}
	if p.Shared() {
		c.cells = 1
		c.q = eigenvectors(data)
	}
	var err error
	c.center, c.s0, c.root, err = modesOf(where, data, c.mean, c.q)
	if c.q != nil {
		c.qt = matrix.Transposed(c.q, d)
	}
	return c, err
}

// Kind implements Wrapping.
func (*Momentum) Kind() string { return "momentum" }

// Path implements Wrapping.
func (c *Momentum) Path() ito.Path { return c.path }

// Moments implements Wrapping: those of the data, of dimension d. The caller must not change them.
func (c *Momentum) Moments() ito.Gaussian { return c.data }

// Sizes implements Wrapping.
func (c *Momentum) Sizes() Sizes { return Sizes{2 * c.d, 2 * c.d, c.d} }

// OutDim implements Wrapping.
func (c *Momentum) OutDim(ito.Prediction) int { return 2 * c.d }

// Check implements Wrapping: there are the score and the velocity.
func (c *Momentum) Check(kind ito.Prediction) error {
	if kind != ito.PredScore && kind != ito.PredVelocity {
		return &ito.UnsupportedError{What: fmt.Sprintf("prediction %s on path %s", kind, c.path.Name()),
			Why: "only a diagonal path separates x0 from ε", Nearest: "score"}
	}
	return nil
}

// Basis is Q [d,d], as [Moments.Basis].
func (c *Momentum) Basis() []float64 { return c.q }

// turnHalves carries n rows of positions and velocities into the basis, each half by itself.
func (b basis) turnHalves(dst, src []float64, n int) { b.rotateHalves(dst, src, n, b.q) }

// backHalves is the inverse of turnHalves.
func (b basis) backHalves(dst, src []float64, n int) { b.rotateHalves(dst, src, n, b.qt) }

func (b basis) rotateHalves(dst, src []float64, n int, q []float64) {
	if q == nil {
		copy(dst, src)
		return
	}
	if n == 0 {
		return
	}
	d := b.d
	simd.GemmNN64(dst, 2*d, src, 2*d, q, d, n, d, d, false)
	simd.GemmNN64(dst[d:], 2*d, src[d:], 2*d, q, d, n, d, d, false)
}

// block is the law of one mode at one time.
type block struct {
	fx, fv, lxx, lvx, lvv float64
	g1, g2                float64 // |L|·L⁻¹f = (f_x L_vv, f_v L_xx − f_x L_vx)
	sxx, sxv, svv, det    float64 // S and its determinant, which does not cancel
}

func newBlock(f, l []float64, s0 float64) block {
	b := block{fx: f[0], fv: f[1], lxx: l[0], lvx: l[1], lvv: l[2]}
	b.g1, b.g2 = b.fx*b.lvv, float64(b.fv*b.lxx)-float64(b.fx*b.lvx)
	b.sxx = float64(b.lxx*b.lxx) + float64(s0*b.fx*b.fx)
	b.sxv = float64(b.lxx*b.lvx) + float64(s0*b.fx*b.fv)
	b.svv = float64(b.lvx*b.lvx) + float64(b.lvv*b.lvv) + float64(s0*b.fv*b.fv)
	v := b.lxx * b.lvv
	b.det = float64(v*v) + s0*(float64(b.g1*b.g1)+float64(b.g2*b.g2))
	return b
}

// input returns the lower triangle (xx, vx, vv) of L_S⁻¹.
func (b block) input() (n11, n21, n22 float64) {
	n22 = math.Sqrt(b.sxx / b.det)
	return 1 / math.Sqrt(b.sxx), -b.sxv / b.sxx * n22, n22
}

// noise is −½ log(s0 fᵀΣ⁻¹f), cut.
func (b block) noise(root float64) float64 {
	return math.Max(-cutFeature, math.Min(cutFeature, math.Log(b.lxx*b.lvv/(root*math.Hypot(b.g1, b.g2)))))
}

// momentumScales is what a prediction needs at one time, in the basis: with y = (positions − μ, velocities) of one
// mode,
//
//	x̃ = in (y−centre),  ŷ = skip (y−centre) + out F + offset.
type momentumScales struct {
	all                 []float64
	in                  []float64 // [d,3] lower triangles (xx, vx, vv)
	skip                []float64 // [d,4] (xx, xv, vx, vv)
	out, centre, offset []float64 // [d,2]
	feat                []float64 // [1]
}

func (c *Momentum) newScales() *momentumScales {
	d := c.d
	all := make([]float64, 13*d+1)
	return &momentumScales{all, all[:3*d], all[3*d : 7*d], all[7*d : 9*d], all[9*d : 11*d], all[11*d : 13*d],
		all[13*d:]}
}

// at fills o for a score, or for the velocity F(z−μ) − ½GGᵀ score, at t.
func (c *Momentum) at(o *momentumScales, t float64, kind ito.Prediction) {
	f, l := make([]float64, 2*c.cells), make([]float64, 3*c.cells)
	c.path.Hybrid(t, f, l)
	var rates, g2 []float64
	if kind == ito.PredVelocity {
		rates, g2 = make([]float64, 4*c.cells), make([]float64, c.cells)
		c.path.Rates(t, rates, g2)
	}
	o.feat[0] = 0
	for k, s0 := range c.s0 {
		m := path.Mode(k, c.cells)
		b := newBlock(f[2*m:], l[3*m:], s0)
		o.feat[0] += b.noise(c.root[k]) / float64(c.d)
		o.in[3*k], o.in[3*k+1], o.in[3*k+2] = b.input()
		x, v := b.fx*c.center[k], b.fv*c.center[k]
		o.centre[2*k], o.centre[2*k+1] = x, v
		skip, out := o.skip[4*k:4*k+4], o.out[2*k:2*k+2]
		skip[0], skip[1], skip[2], skip[3] = -b.svv/b.det, b.sxv/b.det, b.sxv/b.det, -b.sxx/b.det
		out[0], out[1] = 0, 0
		if b.lxx > 0 && b.lvv > 0 {
			r := c.root[k] / math.Sqrt(b.det)
			out[0], out[1] = r*(b.g1-b.lvx*b.g2/b.lvv)/b.lxx, r*b.g2/b.lvv
		}
		o.offset[2*k], o.offset[2*k+1] = 0, 0
		if kind == ito.PredVelocity {
			a, h := rates[4*m:4*m+4], g2[m]/2
			skip[0], skip[1] = a[0], a[1]
			skip[2], skip[3] = a[2]-h*skip[2], a[3]-h*skip[3]
			out[0], out[1] = 0, -h*out[1]
			o.offset[2*k], o.offset[2*k+1] = float64(a[0]*x)+float64(a[1]*v), float64(a[2]*x)+float64(a[3]*v)
		}
	}
}
