package approx

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito/internal/matrix"
)

// Normal is a normal distribution N(Mean, Σ) to draw from. Σ = F Fᵀ with F lower triangular, or, for many dimensions,
// Σ = A^½ (I + Q (L Lᵀ − I) Qᵀ) A^½ with A diagonal, Q of few orthonormal columns and L lower triangular.
type Normal struct {
	Mean   []float64
	Factor []float64 // [d,d] F, row-major; nil: the other form

	root   []float64 // A^½
	q, l   *mat.Dense
	logDet float64 // ½ log|Σ|
}

// newDense is a normal with the covariance Σ [d,d]; nil where Σ is not positive definite.
func newDense(mean, covariance []float64) *Normal {
	d := len(mean)
	f := make([]float64, d*d)
	if !cholesky(f, covariance, d) {
		return nil
	}
	return NewNormal(mean, f)
}

// NewNormal is N(mean, F Fᵀ), F [d,d] lower triangular. It keeps both.
func NewNormal(mean, factor []float64) *Normal {
	n := &Normal{Mean: mean, Factor: factor}
	for j := range mean {
		n.logDet += math.Log(factor[j*len(mean)+j])
	}
	return n
}

// NewDiagonal is N(mean, diag sd²). It keeps both.
func NewDiagonal(mean, sd []float64) *Normal {
	n := &Normal{Mean: mean, root: sd}
	for _, v := range sd {
		n.logDet += math.Log(v)
	}
	return n
}

// cholesky writes the lower factor and reports whether there is one.
func cholesky(l, a []float64, d int) bool {
	for i := range d {
		for j := range i + 1 {
			v := a[i*d+j] - matrix.Dot(l[i*d:i*d+j], l[j*d:j*d+j])
			if i == j {
				if !(v > 0) || math.IsInf(v, 0) {
					return false
				}
				l[i*d+i] = math.Sqrt(v)
			} else {
				l[i*d+j] = v / l[j*d+j]
			}
		}
	}
	return true
}

// quasi is the normal that an ascent knows of at its place: the mean a Newton step away, the covariance the inverse
// Hessian by L-BFGS from the diagonal A (Zhang et al. 2022, algorithms 3 and 4; Byrd, Nocedal and Schnabel 1994),
//
//	Σ = A + B G Bᵀ,  B = [AY, S],  G = [[0, −R⁻¹], [−R⁻ᵀ, R⁻ᵀ(E + YᵀAY)R⁻¹]],
//
// R the upper triangle of SᵀY and E its diagonal. nil where Σ is not positive definite.
func quasi(p path) *Normal {
	d, m, α := p.d, p.pairs(), p.diagonal()
	root := make([]float64, d)
	for j, v := range α {
		root[j] = math.Sqrt(v)
	}
	mean := make([]float64, d)
	if m == 0 {
		n := &Normal{Mean: mean, root: root}
		for j, v := range root {
			mean[j] = p.x()[j] + α[j]*p.slope()[j]
			n.logDet += math.Log(v)
		}
		return n
	}
	// B scaled by A^{-½}: columns A^½ y_i, then A^{-½} s_i.
	b := mat.NewDense(d, 2*m, nil)
	for i := range m {
		s, y := p.step(i), p.change(i)
		for j := range d {
			b.Set(j, i, root[j]*y[j])
			b.Set(j, m+i, s[j]/root[j])
		}
	}
	g := middle(p, b)
	if g == nil {
		return nil
	}
	if 2*m >= d {
		var bg, k mat.Dense
		bg.Mul(b, g)
		k.Mul(&bg, b.T())
		cov := make([]float64, d*d)
		for i := range d {
			for j := range d {
				v := (k.At(i, j) + k.At(j, i)) / 2
				if i == j {
					v++
				}
				cov[i*d+j] = root[i] * v * root[j]
			}
		}
		for j := range d {
			mean[j] = p.x()[j] + matrix.Dot(cov[j*d:(j+1)*d], p.slope())
		}
		return newDense(mean, cov)
	}
	var qr mat.QR
	qr.Factorize(b)
	var q, r mat.Dense
	qr.QTo(&q)
	qr.RTo(&r)
	k := 2 * m
	thin := mat.DenseCopyOf(q.Slice(0, d, 0, k))
	top := r.Slice(0, k, 0, k)
	var rg, inner mat.Dense
	rg.Mul(top, g)
	inner.Mul(&rg, top.T())
	small := make([]float64, k*k)
	for i := range k {
		for j := range k {
			small[i*k+j] = (inner.At(i, j) + inner.At(j, i)) / 2
			if i == j {
				small[i*k+j]++
			}
		}
	}
	l := make([]float64, k*k)
	if !cholesky(l, small, k) {
		return nil
	}
	n := &Normal{Mean: mean, root: root, q: thin, l: mat.NewDense(k, k, l)}
	for _, v := range root {
		n.logDet += math.Log(v)
	}
	for i := range k {
		n.logDet += math.Log(l[i*k+i])
	}
	n.times(mean, p.slope())
	for j := range d {
		mean[j] += p.x()[j]
	}
	return n
}

// middle is G; nil where R has no inverse. b is [A^½Y, A^{-½}S].
func middle(p path, b *mat.Dense) *mat.Dense {
	m := p.pairs()
	var gram mat.Dense
	gram.Mul(b.T(), b) // YᵀAY, YᵀS, SᵀA⁻¹S
	r, core := mat.NewDense(m, m, nil), mat.NewDense(m, m, nil)
	for i := range m {
		for j := range m {
			if i <= j {
				r.Set(i, j, gram.At(m+i, j))
			}
			core.Set(i, j, gram.At(i, j))
		}
		core.Set(i, i, core.At(i, i)+gram.At(m+i, i))
	}
	var inverse mat.Dense
	if err := inverse.Inverse(r); err != nil {
		if _, bad := err.(mat.Condition); !bad || math.IsInf(float64(err.(mat.Condition)), 1) {
			return nil
		}
	}
	var left, corner mat.Dense
	left.Mul(inverse.T(), core)
	corner.Mul(&left, &inverse)
	g := mat.NewDense(2*m, 2*m, nil)
	for i := range m {
		for j := range m {
			g.Set(i, m+j, -inverse.At(i, j))
			g.Set(m+i, j, -inverse.At(j, i))
			g.Set(m+i, m+j, corner.At(i, j))
		}
	}
	return g
}

// times writes Σv, of the form with few columns.
func (n *Normal) times(dst, v []float64) {
	u := make([]float64, len(v))
	for j, r := range n.root {
		u[j] = r * v[j]
	}
	n.inner(u, func(w *mat.VecDense) {
		var t mat.VecDense
		t.MulVec(n.l.T(), w)
		w.MulVec(n.l, &t)
	})
	for j, r := range n.root {
		dst[j] = r * u[j]
	}
}

// inner turns the part of u within the span of Q by f.
func (n *Normal) inner(u []float64, f func(w *mat.VecDense)) {
	if n.q == nil {
		return
	}
	_, k := n.q.Dims()
	v := mat.NewVecDense(len(u), u)
	old, w := mat.NewVecDense(k, nil), mat.NewVecDense(k, nil)
	old.MulVec(n.q.T(), v)
	w.CopyVec(old)
	f(w)
	w.SubVec(w, old)
	var back mat.VecDense
	back.MulVec(n.q, w)
	v.AddVec(v, &back)
}

// Draw writes the draw that standard normals z make, and returns its log density. z is changed.
func (n *Normal) Draw(dst, z []float64) float64 {
	d := len(n.Mean)
	logq := -float64(d)/2*math.Log(2*math.Pi) - n.logDet - matrix.Dot(z, z)/2
	if n.Factor != nil {
		for i := range d {
			dst[i] = n.Mean[i] + matrix.Dot(n.Factor[i*d:i*d+i+1], z[:i+1])
		}
		return logq
	}
	n.inner(z, func(w *mat.VecDense) {
		var t mat.VecDense
		t.MulVec(n.l, w)
		w.CopyVec(&t)
	})
	for j, r := range n.root {
		dst[j] = n.Mean[j] + r*z[j]
	}
	return logq
}
