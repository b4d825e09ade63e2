package path

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

// DataDim is the dimension of the data whose states on p have dimension d: half of it on a momentum path, whose states
// begin with the data and end with velocities.
func DataDim(p ito.Path, d int) int {
	if m, ok := p.(Hybrid); ok {
		return m.DataDim()
	}
	return d
}

// Marginal returns the moments of x_t for data with the given moments,
//
//	N(μ + Φ_t(m_0−μ), Φ_t S_0 Φ_tᵀ + Σ_t),
//
// on a Diagonal path (Φ = QαQᵀ, Σ = Qσ²Qᵀ) or a Linear one. They are exact for any data; the marginal itself is
// this Gaussian when the data are Gaussian. A momentum path takes the moments of the data alone, [d], and gives
// those of (x,v), [2d]. Moments of another dimension are an [ito.InputError], a path that is neither Diagonal nor
// Linear an [ito.UnsupportedError]. It costs O(D³); for variances alone on a Diagonal path without a basis O(D),
// and gives variances alone.
func Marginal(p ito.Path, t float64, data ito.Gaussian) (ito.Gaussian, error) {
	if l, ok := p.(Lifted); ok && 2*len(data.Mean) == p.Dim() {
		lifted, err := l.Lift(data)
		if err != nil {
			return ito.Gaussian{}, err
		}
		data = lifted
	}
	d := len(data.Mean)
	if err := checkGaussian("path "+p.Name(), data, p.Dim()); err != nil {
		return ito.Gaussian{}, err
	}
	if !ito.Has(p, ito.CapGaussian) {
		return ito.Gaussian{}, &ito.UnsupportedError{What: "a Gaussian marginal of path " + p.Name(),
			Why: "its transition is not Gaussian"}
	}
	if q, ok := p.(ito.Diagonal); ok && data.PerColumn() && q.Basis() == nil {
		return columnMarginal(q, t, data), nil
	}
	data, err := data.Full()
	if err != nil {
		return data, err
	}
	var phi, cov, mean []float64
	switch q := p.(type) {
	case ito.Diagonal:
		phi, cov = diagonalTransition(q, t, d)
		mean = q.Mean()
	case ito.Linear:
		phi, cov = make([]float64, d*d), make([]float64, d*d)
		q.Transition(t, phi, cov)
		mean = q.Mean()
	default:
		return ito.Gaussian{}, &ito.UnsupportedError{What: "a Gaussian marginal of path " + p.Name(),
			Why: "its transition is not linear"}
	}
	c := append([]float64(nil), data.Mean...)
	matrix.AddScaled(c, -1, mean)
	out := ito.Gaussian{Mean: apply(phi, c), Cov: sandwich(phi, data.Cov, d)}
	matrix.AddScaled(out.Mean, 1, mean)
	matrix.AddScaled(out.Cov, 1, cov)
	return out, nil
}

// columnMarginal is Marginal column by column.
func columnMarginal(p ito.Diagonal, t float64, data ito.Gaussian) ito.Gaussian {
	d, mean := len(data.Mean), p.Mean()
	alpha, sigma := make([]float64, p.Modes()), make([]float64, p.Modes())
	p.Schedule(t, alpha, sigma, nil, nil)
	out := ito.Gaussian{Mean: make([]float64, d), Cov: make([]float64, d)}
	for i := range d {
		k := Mode(i, len(alpha))
		α, v, μ := alpha[k], float64(sigma[k]*sigma[k]), 0.0
		if mean != nil {
			μ = mean[i]
		}
		out.Mean[i] = float64(α*(data.Mean[i]-μ)) + μ
		out.Cov[i] = float64(float64(α*data.Cov[i])*α) + v
	}
	return out
}

// MomentPrior returns the moments of x_T for data with the given moments: the Gaussian from which to
// start a sampler, nearer to the truth than the path's own prior as long as e^{−B} is not negligible.
func MomentPrior(p ito.Path, data ito.Gaussian) (ito.Gaussian, error) {
	_, hi := p.Span()
	return Marginal(p, hi, data)
}

// KernelPrior returns N(μ, Σ_T), what is at the end of the path of data that all lie at its centre: the start of
// the published programs of VSDM and VSMD. It leaves out what is left of the data, e^{−B} of their spread, and is
// the path's own prior as far as the noise of the path ends there. d is the dimension of the data. Beyond
// [ito.DefaultFull] columns it is variances alone where the path has no basis.
func KernelPrior(p ito.Path, d int) (ito.Gaussian, error) {
	g := ito.Gaussian{Mean: make([]float64, d), Cov: make([]float64, d)}
	if d <= ito.DefaultFull {
		g.Cov = make([]float64, d*d)
	}
	if c, ok := p.(interface{ Mean() []float64 }); ok {
		copy(g.Mean, c.Mean())
	}
	return MomentPrior(p, g)
}

// diagonalTransition returns Φ = Q diag(α) Qᵀ and Σ = Q diag(σ²) Qᵀ.
func diagonalTransition(p ito.Diagonal, t float64, d int) (phi, cov []float64) {
	alpha, sigma := make([]float64, p.Modes()), make([]float64, p.Modes())
	p.Schedule(t, alpha, sigma, nil, nil)
	a, v := make([]float64, d), make([]float64, d)
	for k := range d {
		m := k
		if len(alpha) == 1 {
			m = 0
		}
		a[k], v[k] = alpha[m], sigma[m]*sigma[m]
	}
	s := symmetric{d: d, q: p.Basis()}
	return s.with(a), s.with(v)
}

// checkGaussian reports moments that are malformed, not finite or not of dimension d; d = 0 takes any.
func checkGaussian(where string, g ito.Gaussian, d int) error {
	n := len(g.Mean)
	if full := n > 0 && len(g.Cov)/n == n && len(g.Cov)%n == 0; n == 0 || !full && !g.PerColumn() || d != 0 && n != d {
		if d == 0 {
			d = n
		}
		return &ito.InputError{Where: where, What: fmt.Sprintf("the moments have %d means and %d covariances", n,
			len(g.Cov)),
			Do: fmt.Sprintf("dimension %d takes %d and %d, or %d variances", d, d, d*d, d)}
	}
	if err := checkFinite(where, "mean", g.Mean); err != nil {
		return err
	}
	return checkFinite(where, "covariance", g.Cov)
}
