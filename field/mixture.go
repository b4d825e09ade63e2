package field

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

// Mixture is a mixture of K Gaussians in D dimensions, Σ_k w_k N(c_k, C_k), as data.
//
// Give one of Var (diagonal covariances) and Cov (full ones). Either holds one covariance, which every
// component shares, or K of them. With neither the components are points.
type Mixture struct {
	D       int
	Weights []float64 // [K], scaled to sum to 1; nil: equal
	Means   []float64 // [K,D]
	Var     []float64 // [D] or [K,D]
	Cov     []float64 // [D,D] or [K,D,D] row-major, symmetric and positive semi-definite
}

// Gaussian is the mixture of one component.
func Gaussian(g ito.Gaussian) Mixture {
	if g.PerColumn() && len(g.Mean) > 1 {
		return Mixture{D: len(g.Mean), Means: g.Mean, Var: g.Cov}
	}
	return Mixture{D: len(g.Mean), Means: g.Mean, Cov: g.Cov}
}

// Points is the mixture of the rows of x as points of equal weight: a data set as it is.
func Points(x ito.States) Mixture { return Mixture{D: x.D, Means: x.X} }

// K is the number of components.
func (m Mixture) K() int {
	if m.D <= 0 {
		return 0
	}
	return len(m.Means) / m.D
}

// Check reports a mixture whose slices do not fit together or whose numbers make no sense.
func (m Mixture) Check() error {
	bad := func(format string, a ...any) error {
		return &ito.InputError{Where: "mixture", What: fmt.Sprintf(format, a...)}
	}
	k := m.K()
	switch {
	case m.D <= 0 || k == 0 || k*m.D != len(m.Means):
		return bad("%d values are not the means of components of dimension %d", len(m.Means), m.D)
	case m.Weights != nil && len(m.Weights) != k:
		return bad("%d weights for %d components", len(m.Weights), k)
	case m.Var != nil && m.Cov != nil:
		return bad("it has both variances and covariances")
	case m.Var != nil && len(m.Var) != m.D && len(m.Var) != k*m.D:
		return bad("%d variances for %d components of dimension %d", len(m.Var), k, m.D)
	case m.Cov != nil && len(m.Cov) != m.D*m.D && len(m.Cov) != k*m.D*m.D:
		return bad("%d values are not the covariances of %d components of dimension %d", len(m.Cov), k, m.D)
	}
	for _, c := range []struct {
		what   string
		v      []float64
		signed bool
	}{{"weight", m.Weights, false}, {"variance", m.Var, false}, {"value", m.Means, true}, {"value", m.Cov, true}} {
		for i, v := range c.v {
			if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 && !c.signed {
				return bad("%s %d is %g", c.what, i, v)
			}
		}
	}
	total := 0.0
	for _, w := range m.Weights {
		total += w
	}
	if m.Weights != nil && !(total > 0) {
		return bad("the weights sum to %g", total)
	}
	return nil
}

// lift adds the velocities that a momentum path gives the data, when p is one and m holds positions only.
func (m Mixture) lift(p ito.Path) (Mixture, error) {
	l, ok := p.(path.Lifted)
	if !ok || 2*m.D != p.Dim() {
		return m, nil
	}
	out := Mixture{D: 2 * m.D, Weights: m.Weights}
	for k := range m.K() {
		g := ito.Gaussian{Mean: m.Means[k*m.D : (k+1)*m.D], Cov: make([]float64, m.D*m.D)}
		m.covariance(g.Cov, k)
		lifted, err := l.Lift(g)
		if err != nil {
			return m, err
		}
		out.Means = append(out.Means, lifted.Mean...)
		if k == 0 || len(m.Var) > m.D || len(m.Cov) > m.D*m.D {
			out.Cov = append(out.Cov, lifted.Cov...)
		}
	}
	return out, nil
}

// weights returns w_k, scaled.
func (m Mixture) weights() []float64 {
	w := make([]float64, m.K())
	total := 0.0
	for i := range w {
		w[i] = 1
		if m.Weights != nil {
			w[i] = m.Weights[i]
		}
		total += w[i]
	}
	for i := range w {
		w[i] /= total
	}
	return w
}

// covariance writes C_k [D,D].
func (m Mixture) covariance(dst []float64, k int) {
	d := m.D
	switch {
	case m.Cov != nil:
		if len(m.Cov) == d*d {
			k = 0
		}
		copy(dst, m.Cov[k*d*d:(k+1)*d*d])
	default:
		clear(dst)
		if len(m.Var) == d {
			k = 0
		}
		for i := 0; i < d && m.Var != nil; i++ {
			dst[i*d+i] = m.Var[k*d+i]
		}
	}
}

// Moments is the Gaussian with the mean and covariance of the mixture.
func (m Mixture) Moments() ito.Gaussian {
	d, w := m.D, m.weights()
	g := ito.Gaussian{Mean: make([]float64, d), Cov: make([]float64, d*d)}
	for k, wk := range w {
		for i := range d {
			g.Mean[i] += wk * m.Means[k*d+i]
		}
	}
	c := make([]float64, d*d)
	for k, wk := range w {
		m.covariance(c, k)
		for i := range d {
			for j := range d {
				g.Cov[i*d+j] += wk * (c[i*d+j] + (m.Means[k*d+i]-g.Mean[i])*(m.Means[k*d+j]-g.Mean[j]))
			}
		}
	}
	return g
}

// Draw fills dst with exact draws, row i from the noise of its id with purpose rng.PurposeTarget.
func (m Mixture) Draw(dst ito.States, n ito.Noise) error {
	if err := m.Check(); err != nil {
		return err
	}
	if dst.D != m.D {
		return &ito.InputError{Where: "mixture", What: fmt.Sprintf("states of dimension %d for components of "+
			"dimension %d", dst.D, m.D)}
	}
	d, w := m.D, m.weights()
	which := dst.Like(1)
	n.Normal(which, rng.PurposeTarget, 0, 1)
	n.Normal(dst, rng.PurposeTarget, 0, 0)
	roots := map[int][]float64{}
	z := make([]float64, d)
	for i := range dst.N {
		u, k := math.Erfc(-which.X[i]/math.Sqrt2)/2, 0 // Φ of a normal is uniform
		for ; k < len(w)-1 && u >= w[k]; k++ {
			u -= w[k]
		}
		c := k
		if len(m.Cov) == d*d || len(m.Var) == d || m.Var == nil && m.Cov == nil {
			c = 0
		}
		row := dst.Row(i)
		if m.Cov == nil {
			for a, e := range row {
				row[a] = m.Means[k*d+a]
				if m.Var != nil {
					row[a] += float64(math.Sqrt(m.Var[c*d+a]) * e)
				}
			}
			continue
		}
		root, ok := roots[c]
		if !ok {
			root = make([]float64, d*d)
			m.covariance(root, c)
			semiRoot(root, d)
			roots[c] = root
		}
		copy(z, row)
		for a := range row {
			row[a] = m.Means[k*d+a] + matrix.Dot(root[a*d:a*d+a+1], z[:a+1])
		}
	}
	return nil
}

// semiRoot replaces a positive semi-definite matrix by its lower Cholesky factor; where a pivot
// vanishes the column is zero.
func semiRoot(a []float64, d int) {
	for j := range d {
		s := a[j*d+j] - matrix.Dot(a[j*d:j*d+j], a[j*d:j*d+j])
		p := 0.0
		if s > 1e-14*math.Abs(a[j*d+j]) {
			p = math.Sqrt(s)
		}
		for i := j + 1; i < d; i++ {
			v := 0.0
			if p > 0 {
				v = (a[i*d+j] - matrix.Dot(a[i*d:i*d+j], a[j*d:j*d+j])) / p
			}
			a[i*d+j] = v
			a[j*d+i] = 0
		}
		a[j*d+j] = p
	}
}
