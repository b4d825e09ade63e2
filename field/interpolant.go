package field

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/path"
)

// Interpolant is the exact field of an interpolant between mixtures. With joint components k of means (μ_k,ν_k) and
// blocks S00, S01, S11, each of weight p_k,
//
//	m = Aμ + Bν,  C = A²S00 + AB(S01+S01ᵀ) + B²S11 + γ²I,  K = Cov(İ,x_t) = ȦA S00 + ȦB S01 + ḂA S01ᵀ + ḂB S11,
//	v_k = ṁ + K C⁻¹(x−m),  b_k = v_k + γγ̇ C⁻¹(x−m),  s_k = −C⁻¹(x−m),  η_k = −γ s_k,
//
// mixed by the posterior weights of k given x. A prediction costs O(kD²) a row and O(kD³) once for each run of
// equal times. A row's bytes depend on the row and its time only; the condition is ignored.
type Interpolant struct {
	path    ito.TwoEnded
	d       int
	logw    []float64
	means   []float64 // [K,2D]
	cov     []float64 // [K,2D,2D]
	kind    ito.Prediction
	reduced bool // v instead of b
}

func errBoth(what string) error {
	return &ito.UnsupportedError{What: what + " of velocity and score together", Why: "they are two fields",
		Nearest: "one of them"}
}

// NewInterpolant is the velocity b = E[ẋ_t|x_t] of pairs on p: PredVelocity. See Score, Eta and Reduced for the others.
func NewInterpolant(p ito.TwoEnded, pairs Pairs) (*Interpolant, error) {
	m := pairs.Mixture
	if err := m.Check(); err != nil {
		return nil, err
	}
	if m.D%2 != 0 || len(m.Cov) != m.K()*m.D*m.D {
		return nil, &ito.InputError{Where: "exact field of an interpolant",
			What: "the pairs are not a mixture of both ends with a covariance each",
			Do:   "make them by Independent, Same or Coupled"}
	}
	f := &Interpolant{path: p, d: m.D / 2, logw: m.weights(), means: m.Means, cov: m.Cov, kind: ito.PredVelocity}
	for k, w := range f.logw {
		f.logw[k] = math.Log(w)
	}
	return f, nil
}

// Score is s = ∇log p_t, PredScore.
func (f *Interpolant) Score() *Interpolant { return f.as(ito.PredScore, false) }

// Eta is η = E[z|x] = −γs, PredEps.
func (f *Interpolant) Eta() *Interpolant { return f.as(ito.PredEps, false) }

// Reduced is v = E[İ|x]. Its Kind is none that a path's prediction has, so that no solver takes it for b:
// see [AddNoise].
func (f *Interpolant) Reduced() *Interpolant { return f.as(path.PredReduced, true) }

// Both is b and s by one evaluation, path.PredBoth. It has no divergence.
func (f *Interpolant) Both() *Interpolant { return f.as(path.PredBoth, false) }

func (f *Interpolant) as(kind ito.Prediction, reduced bool) *Interpolant {
	g := *f
	g.kind, g.reduced = kind, reduced
	return &g
}

// Kind implements ito.Field.
func (f *Interpolant) Kind() ito.Prediction { return f.kind }

// OutDim implements ito.Field: d, or 2d of [path.PredBoth].
func (f *Interpolant) OutDim(d int) int {
	if f.kind == path.PredBoth {
		d *= 2
	}
	return d
}

// crossing is the law at one time, component by component.
type crossing struct {
	t     float64
	logw  []float64 // [K] log p_k − ½ log det C
	m, dm []float64 // [K,D]
	white []float64 // [K,D,D] inverse Cholesky factors of C
	gain  []float64 // [K,D,D] K, with γγ̇I for b: the component predicts dm − gain·s_k
	η     float64   // −γ, for η = −γs
}

func (f *Interpolant) at(t float64) (*crossing, error) {
	c, d, n := f.path.Interpolation(t), f.d, 2*f.d
	k := len(f.logw)
	l := &crossing{t: t, logw: append([]float64(nil), f.logw...), m: make([]float64, k*d), dm: make([]float64, k*d),
		white: make([]float64, k*d*d), gain: make([]float64, k*d*d), η: -c.Gamma}
	C := make([]float64, d*d)
	for i := range k {
		S := f.cov[i*n*n : (i+1)*n*n]
		gain := l.gain[i*d*d : (i+1)*d*d]
		for a := range d {
			μ, ν := f.means[i*n+a], f.means[i*n+d+a]
			l.m[i*d+a], l.dm[i*d+a] = c.A*μ+c.B*ν, c.DA*μ+c.DB*ν
			for b := range d {
				s00, s01, s10, s11 := S[a*n+b], S[a*n+d+b], S[(d+a)*n+b], S[(d+a)*n+d+b]
				C[a*d+b] = c.A*c.A*s00 + c.A*c.B*(s01+s10) + c.B*c.B*s11
				gain[a*d+b] = c.DA*c.A*s00 + c.DA*c.B*s01 + c.DB*c.A*s10 + c.DB*c.B*s11
				if a == b {
					C[a*d+b] += c.Gamma * c.Gamma
					if !f.reduced {
						gain[a*d+b] += c.HalfDGamma2
					}
				}
			}
		}
		logdet, ok := inverseCholesky(l.white[i*d*d:(i+1)*d*d], C, d)
		if !ok {
			return nil, &ito.InputError{Where: fmt.Sprintf("exact field of an interpolant at t=%g", t),
				What: fmt.Sprintf("the covariance of pair %d is singular there", i),
				Do:   "keep away from that time, or give the data some width"}
		}
		l.logw[i] -= logdet / 2
	}
	return l, nil
}

// look is one row seen by a crossing: the posterior weights, the score of every component and of all.
type look struct {
	w, u, s []float64 // [K], [K,D], [D]
	δ, z    []float64
	logp    float64
}

func (f *Interpolant) newLook() *look {
	return &look{w: make([]float64, len(f.logw)), u: make([]float64, len(f.logw)*f.d), s: make([]float64, f.d),
		δ: make([]float64, f.d), z: make([]float64, f.d)}
}

func (o *look) see(l *crossing, x []float64) {
	d := len(x)
	top := math.Inf(-1)
	for k := range o.w {
		for i, v := range x {
			o.δ[i] = v - l.m[k*d+i]
		}
		W, q := l.white[k*d*d:(k+1)*d*d], 0.0
		for i := range d {
			o.z[i] = matrix.Dot(W[i*d:i*d+i+1], o.δ[:i+1])
			q += float64(o.z[i] * o.z[i])
		}
		lowerT(o.u[k*d:(k+1)*d], W, o.z, -1)
		o.w[k] = l.logw[k] - q/2
		top = math.Max(top, o.w[k])
	}
	sum := 0.0
	for k, v := range o.w {
		if o.w[k] = 0; v-top >= negligible {
			o.w[k] = math.Exp(v - top)
			sum += o.w[k]
		}
	}
	clear(o.s)
	for k := range o.w {
		if o.w[k] == 0 {
			continue
		}
		o.w[k] /= sum
		for i, v := range o.u[k*d : (k+1)*d] {
			o.s[i] += float64(o.w[k] * v)
		}
	}
	o.logp = top + math.Log(sum) - float64(d)/2*math.Log(2*math.Pi)
}

// targetOf writes b_k or v_k, in δ.
func (o *look) targetOf(l *crossing, k int) []float64 {
	d := len(o.δ)
	for i := range o.δ {
		o.δ[i] = l.dm[k*d+i] - matrix.Dot(l.gain[(k*d+i)*d:(k*d+i+1)*d], o.u[k*d:(k+1)*d])
	}
	return o.δ
}

// rows calls do for every row with the law at its time.
func (f *Interpolant) rows(ctx context.Context, x ito.States, t ito.Times, do func(i int, l *crossing, o *look)) error {
	if x.D != f.d || len(t) != 1 && len(t) != x.N {
		return &ito.InputError{Where: "exact field of an interpolant",
			What: fmt.Sprintf("%d times for %d rows of dimension %d, the ends have %d", len(t), x.N, x.D, f.d)}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	o := f.newLook()
	var l *crossing
	for i := range x.N {
		if s := t.At(i); l == nil || s != l.t {
			var err error
			if l, err = f.at(s); err != nil {
				return err
			}
		}
		o.see(l, x.Row(i))
		do(i, l, o)
	}
	return nil
}

// Predict implements ito.Field.
func (f *Interpolant) Predict(ctx context.Context, dst, x ito.States, t ito.Times, _ ito.Cond) error {
	if dst.N != x.N || dst.D != f.OutDim(x.D) {
		return shapeError("predictions", dst, x)
	}
	return f.rows(ctx, x, t, func(i int, l *crossing, o *look) {
		row := dst.Row(i)
		switch f.kind {
		case ito.PredScore:
			copy(row, o.s)
		case ito.PredEps:
			for j, s := range o.s {
				row[j] = l.η * s
			}
		default:
			if f.kind == path.PredBoth {
				copy(row[f.d:], o.s)
				row = row[:f.d]
			}
			clear(row)
			for k, w := range o.w {
				if w == 0 {
					continue
				}
				for j, v := range o.targetOf(l, k) {
					row[j] += float64(w * v)
				}
			}
		}
	})
}

// Divergence implements ito.Divergencer: of b and v, Σ_k w_k [tr K_kC_k⁻¹ + b_k·(s_k−s)].
func (f *Interpolant) Divergence(ctx context.Context, div []float64, x ito.States, t ito.Times, _ ito.Cond) error {
	if f.kind == path.PredBoth {
		return errBoth("a divergence")
	}
	if err := checkRoom("exact field of an interpolant", div, x); err != nil {
		return err
	}
	d := f.d
	return f.rows(ctx, x, t, func(i int, l *crossing, o *look) {
		total := 0.0
		for k, w := range o.w {
			if w == 0 {
				continue
			}
			W, tr := l.white[k*d*d:(k+1)*d*d], 0.0
			for a := range d { // C⁻¹ = WᵀW
				for b := range d {
					inv := 0.0
					for r := max(a, b); r < d; r++ {
						inv += float64(W[r*d+a] * W[r*d+b])
					}
					switch {
					case f.kind == ito.PredScore || f.kind == ito.PredEps:
						if a == b {
							tr -= inv
						}
					default:
						tr += float64(l.gain[(k*d+a)*d+b] * inv)
					}
				}
			}
			u, val := o.u[k*d:(k+1)*d], o.u[k*d:(k+1)*d]
			if f.kind != ito.PredScore && f.kind != ito.PredEps {
				val = o.targetOf(l, k)
			}
			for j, v := range val {
				tr += float64(v * (u[j] - o.s[j]))
			}
			total += w * tr
		}
		if f.kind == ito.PredEps {
			total *= l.η
		}
		div[i] = total
	})
}

// LogDensity writes log p_t(x), in nats, of each row into dst [N].
func (f *Interpolant) LogDensity(ctx context.Context, dst []float64, x ito.States, t ito.Times) error {
	if len(dst) != x.N {
		return &ito.InputError{Where: "exact field of an interpolant",
			What: fmt.Sprintf("room for %d densities of %d rows", len(dst), x.N)}
	}
	return f.rows(ctx, x, t, func(i int, _ *crossing, o *look) { dst[i] = o.logp })
}
