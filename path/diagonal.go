package path

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// perturb draws x_t = μ + Q(α ⊙ Qᵀ(x_0−μ)) + Q(σ ⊙ Qᵀε) for a diagonal path. It writes ε into dst and
// combines in place, so dst and x0 must not overlap. The schedule is evaluated once for each run of
// equal times; a row has the same bytes whether its time is common or its own.
// It costs O(N·D), or O(N·D²) with a basis.
func perturb(p ito.Diagonal, dst, x0 ito.States, t ito.Times, n ito.Noise) error {
	if err := checkPerturb(p, dst, x0, t, dst.D); err != nil {
		return err
	}
	n.Normal(dst, rng.PurposePath, 0, 0)
	modes := p.Modes()
	alpha, sigma := make([]float64, modes), make([]float64, modes)
	mean, basis := p.Mean(), p.Basis()
	var buf []float64
	if basis != nil {
		buf = make([]float64, 2*dst.D)
	}
	last := 0.0
	for i := range dst.N {
		if s := t.At(i); i == 0 || s != last {
			p.Schedule(s, alpha, sigma, nil, nil)
			last = s
		}
		row, x := dst.Row(i), x0.Row(i)
		switch {
		case basis != nil:
			combineModes(row, x, alpha, sigma, basis, mean, buf)
		case modes == 1 && mean == nil:
			a, s := alpha[0], sigma[0]
			for k, e := range row {
				row[k] = float64(a*x[k]) + float64(s*e)
			}
		default:
			for k, e := range row {
				m, μ := k, 0.0
				if modes == 1 {
					m = 0
				}
				if mean != nil {
					μ = mean[k]
				}
				row[k] = μ + (float64(alpha[m]*(x[k]-μ)) + float64(sigma[m]*e))
			}
		}
	}
	return nil
}

// combineModes replaces ε in row by μ + Q(α ⊙ Qᵀ(x−μ) + σ ⊙ Qᵀε). buf holds 2D values.
func combineModes(row, x, alpha, sigma, q, mean, buf []float64) {
	d := len(row)
	z, c := buf[:d], buf[d:2*d]
	for k := range c {
		c[k] = x[k]
		if mean != nil {
			c[k] -= mean[k]
		}
	}
	for k := range z {
		u, e := 0.0, 0.0
		for j := range d {
			u += float64(q[j*d+k] * c[j])
			e += float64(q[j*d+k] * row[j])
		}
		m := k
		if len(alpha) == 1 {
			m = 0
		}
		z[k] = float64(alpha[m]*u) + float64(sigma[m]*e)
	}
	for j := range row {
		v := 0.0
		for k := range d {
			v += float64(q[j*d+k] * z[k])
		}
		if mean != nil {
			v += mean[j]
		}
		row[j] = v
	}
}

// drawPrior draws N(μ, sd²I).
func drawPrior(p ito.Path, dst ito.States, mean []float64, sd float64, n ito.Noise) error {
	if err := checkStates(p, "destination", dst, p.Dim()); err != nil {
		return err
	}
	n.Normal(dst, rng.PurposePrior, 0, 0)
	if sd == 1 && mean == nil {
		return nil
	}
	for i := range dst.N {
		row := dst.Row(i)
		for k := range row {
			row[k] *= sd
			if mean != nil {
				row[k] += mean[k]
			}
		}
	}
	return nil
}

// checkPerturb reports shapes that do not fit: dst takes the path's dimension, x0 the dimension given.
func checkPerturb(p ito.Path, dst, x0 ito.States, t ito.Times, x0D int) error {
	if err := checkStates(p, "destination", dst, p.Dim()); err != nil {
		return err
	}
	if err := checkStates(p, "data", x0, x0D); err != nil {
		return err
	}
	if dst.N != x0.N {
		return &ito.InputError{Where: "path " + p.Name(), What: fmt.Sprintf("%d rows of data for %d rows of states",
			x0.N, dst.N)}
	}
	if len(t) != 1 && len(t) != dst.N {
		return &ito.InputError{Where: "path " + p.Name(), What: fmt.Sprintf("%d times for %d rows", len(t), dst.N),
			Do: "give one time, or one for each row"}
	}
	return nil
}

// checkStates reports states that are malformed or not of dimension d; d = 0 takes any.
func checkStates(p ito.Path, what string, s ito.States, d int) error {
	if err := s.Check(); err != nil {
		return &ito.InputError{Where: "path " + p.Name(), What: what + ": " + err.Error()}
	}
	if d != 0 && s.D != d {
		return &ito.InputError{Where: "path " + p.Name(), What: fmt.Sprintf("the %s has dimension %d, not %d", what,
			s.D, d)}
	}
	return nil
}
