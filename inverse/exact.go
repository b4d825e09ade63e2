package inverse

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/rng"
)

// Exact is the posterior of mixture data under a linear operator and Gaussian noise, in closed form: with component k
// N(c_k, C_k) and S_k = A C_k Aᵀ + σ²I, the posterior is the mixture of
//
//	N(c_k + C_k Aᵀ S_k⁻¹ (y − A c_k), C_k − C_k Aᵀ S_k⁻¹ A C_k)
//
// with weights w_k N(y; A c_k, S_k). It is what methods are measured against. O(K·M³) once, O(K·M² + M·D) a draw.
type Exact struct {
	prior field.Mixture
	a     Linear
	sigma float64
	logw  []float64
	ac    [][]float64    // [K][M,D] A C_k
	root  [][]float64    // [K] of C_k: [D], or [D,D] lower triangular
	chol  []mat.Cholesky // of S_k
	mean  []float64      // [K,M] A c_k
}

// NewExact prepares the posteriors of all measurements.
func NewExact(prior field.Mixture, a Linear, sigma float64) (*Exact, error) {
	if err := prior.Check(); err != nil {
		return nil, err
	}
	d, m := a.Dims()
	if d != prior.D || !(sigma > 0) {
		return nil, &ito.InputError{Where: "exact posterior", What: fmt.Sprintf("an operator on %d numbers, "+
			"data of %d, noise %g", d, prior.D, sigma), Do: "the noise must be above 0"}
	}
	e := &Exact{prior: prior, a: a, sigma: sigma, mean: make([]float64, prior.K()*m)}
	rows := Matrix(a)
	total := 0.
	for k := range prior.K() {
		w := 1.
		if prior.Weights != nil {
			w = prior.Weights[k]
		}
		total += w
		e.logw = append(e.logw, math.Log(w))
		a.Apply(e.mean[k*m:(k+1)*m], prior.Means[k*d:(k+1)*d])
		ac := make([]float64, m*d)
		root, err := e.times(ac, rows, k)
		if err != nil {
			return nil, err
		}
		s := mat.NewSymDense(m, nil)
		for i := range m {
			for j := range i + 1 {
				v := matrix.Dot(ac[i*d:(i+1)*d], rows[j*d:(j+1)*d])
				if i == j {
					v += sigma * sigma
				}
				s.SetSym(i, j, v)
			}
		}
		var c mat.Cholesky
		if !c.Factorize(s) {
			return nil, &ito.InputError{Where: "exact posterior", What: "the covariance of a measurement is singular"}
		}
		e.ac, e.root, e.chol = append(e.ac, ac), append(e.root, root), append(e.chol, c)
	}
	for k := range e.logw {
		e.logw[k] -= math.Log(total)
	}
	return e, nil
}

// times writes A C_k and returns a root of C_k.
func (e *Exact) times(ac, rows []float64, k int) (root []float64, err error) {
	p, d := e.prior, e.prior.D
	if p.Cov == nil {
		root = make([]float64, d)
		if p.Var != nil {
			v := p.Var[:d]
			if len(p.Var) > d {
				v = p.Var[k*d : (k+1)*d]
			}
			for i := range ac {
				ac[i] = rows[i] * v[i%d]
			}
			for i, x := range v {
				root[i] = math.Sqrt(x)
			}
		}
		return root, nil
	}
	c := p.Cov[:d*d]
	if len(p.Cov) > d*d {
		c = p.Cov[k*d*d : (k+1)*d*d]
	}
	for i := range len(rows) / d {
		rowsTimes(ac[i*d:(i+1)*d], c, rows[i*d:(i+1)*d]) // C is symmetric
	}
	var chol mat.Cholesky
	if !chol.Factorize(mat.NewSymDense(d, append([]float64(nil), c...))) {
		return nil, &ito.InputError{Where: "exact posterior", What: "a covariance of the data is singular"}
	}
	var l mat.TriDense
	chol.LTo(&l)
	root = make([]float64, d*d)
	for i := range d {
		for j := range i + 1 {
			root[i*d+j] = l.At(i, j)
		}
	}
	return root, nil
}

// Weights are those of the components given y.
func (e *Exact) Weights(y []float64) []float64 {
	m := len(y)
	w, top := make([]float64, len(e.logw)), math.Inf(-1)
	for k := range w {
		r := e.rest(y, k)
		var v mat.VecDense
		_ = e.chol[k].SolveVecTo(&v, mat.NewVecDense(m, r)) // an ill condition is told there, and not an error
		w[k] = e.logw[k] - (matrix.Dot(r, v.RawVector().Data)+e.chol[k].LogDet())/2
		top = math.Max(top, w[k])
	}
	sum := 0.
	for k := range w {
		w[k] = math.Exp(w[k] - top)
		sum += w[k]
	}
	divide(w, sum)
	return w
}

func (e *Exact) rest(y []float64, k int) []float64 {
	r := append([]float64(nil), y...)
	matrix.AddScaled(r, -1, e.mean[k*len(y):(k+1)*len(y)])
	return r
}

// add adds C_k Aᵀ S_k⁻¹ r to x.
func (e *Exact) add(x, r []float64, k int) {
	var v mat.VecDense
	_ = e.chol[k].SolveVecTo(&v, mat.NewVecDense(len(r), r))
	for i, c := range v.RawVector().Data {
		matrix.AddScaled(x, c, e.ac[k][i*len(x):(i+1)*len(x)])
	}
}

// Mean writes the posterior mean given y into x [D].
func (e *Exact) Mean(x, y []float64) {
	clear(x)
	one := make([]float64, len(x))
	for k, w := range e.Weights(y) {
		copy(one, e.prior.Means[k*len(x):(k+1)*len(x)])
		e.add(one, e.rest(y, k), k)
		matrix.AddScaled(x, w, one)
	}
}

// Draw fills dst with draws given y, row i from the noise of its id with purpose target: a draw of the component and of
// its measurement, corrected by what was measured instead.
func (e *Exact) Draw(dst ito.States, y []float64, n ito.Noise) {
	d, m := dst.D, len(y)
	z, noise, u := dst.Like(d), dst.Like(m), dst.Like(1)
	n.Normal(z, rng.PurposeTarget, 0, 2)
	n.Normal(noise, rng.PurposeTarget, 0, 3)
	n.Uniform(u, rng.PurposeTarget, 0, 4)
	w := e.Weights(y)
	for i := range dst.N {
		k, row := pickOf(w, u.X[i]), dst.Row(i)
		copy(row, e.prior.Means[k*d:(k+1)*d])
		for j := range row {
			if root := e.root[k]; len(root) == d {
				row[j] += root[j] * z.Row(i)[j]
			} else {
				row[j] += matrix.Dot(root[j*d:j*d+j+1], z.Row(i)[:j+1])
			}
		}
		r := make([]float64, m)
		e.a.Apply(r, row)
		for j := range r {
			r[j] = y[j] - r[j] - e.sigma*noise.Row(i)[j]
		}
		e.add(row, r, k)
	}
}
