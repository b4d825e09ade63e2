package path

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// Momentum is a path on positions and velocities z = (x_1…x_d, v_1…v_d), D = 2d, in which noise enters
// through the velocities alone. [NewCLD] and [NewVSMD] make one. Each dimension is an oscillator on the
// path's integrated clock s,
//
//	dx = a v ds,  dv = (−k x − r v) ds + √q dw,
//
// centred at μ. Noise is drawn through the Cholesky factor of each 2×2 block, position first:
// x_t = … + L_xx ε_x, v_t = … + L_vx ε_x + L_vv ε_v, so that the score of the velocity given x_0 is
// −ε_v/L_vv.
type Momentum struct {
	name   string
	config any // resolved
	d      int
	rate   beta
	scale  float64      // ds = scale·β_t dt
	lo     float64      // sampled end
	cells  []oscillator // one for all dimensions, or [d]
	v0     float64      // variance of the velocity at t = 0
	vT     float64      // variance of the velocity in the prior
	mean   []float64    // [2d] with zero velocities; nil for zero
}

// Config returns the configuration with its defaults filled in, a CLDConfig or a VSMDConfig. Its lists are not copies.
func (p *Momentum) Config() any { return p.config }

// Name returns "cld" or "vsmd".
func (p *Momentum) Name() string { return p.name }

// Dim returns 2d, positions and velocities.
func (p *Momentum) Dim() int { return 2 * p.d }

// DataDim returns d, that of the data.
func (p *Momentum) DataDim() int { return p.d }

// Span returns Lo and 1.
func (p *Momentum) Span() (lo, hi float64) { return p.lo, 1 }

// Mean returns (μ,0) [2d], or nil for zero. It is not a copy.
func (p *Momentum) Mean() []float64 { return p.mean }

// Beta returns β_t.
func (p *Momentum) Beta(t float64) float64 { return p.rate.at(t) }

// B returns B_t = ∫₀ᵗ β.
func (p *Momentum) B(t float64) float64 { return p.rate.integral(t) }

func (p *Momentum) cell(k int) oscillator {
	if len(p.cells) == 1 {
		return p.cells[0]
	}
	return p.cells[k]
}

// Kernel writes the blocks of the transition from t = 0: phi [d,4] as (xx, xv, vx, vv) and cov [d,3]
// as (xx, xv, vv).
func (p *Momentum) Kernel(t float64, phi, cov []float64) {
	s := p.scale * p.rate.integral(t)
	var f [4]float64
	var c [3]float64
	for k := range p.d {
		if k == 0 || len(p.cells) > 1 {
			f, c = p.cell(k).kernel(s)
		}
		copy(phi[4*k:], f[:])
		copy(cov[3*k:], c[:])
	}
}

// Transition writes Φ_t and Σ_t [2d,2d] of the kernel from z_0 at t = 0.
func (p *Momentum) Transition(t float64, phi, cov []float64) {
	f, c := make([]float64, 4*p.d), make([]float64, 3*p.d)
	p.Kernel(t, f, c)
	clear(phi)
	clear(cov)
	for k := range p.d {
		p.place(phi, k, f[4*k], f[4*k+1], f[4*k+2], f[4*k+3])
		p.place(cov, k, c[3*k], c[3*k+1], c[3*k+1], c[3*k+2])
	}
}

// Drift writes F(t) and GGᵀ(t) [2d,2d].
func (p *Momentum) Drift(t float64, f, ggT []float64) {
	β := p.scale * p.rate.at(t)
	clear(f)
	clear(ggT)
	for k := range p.d {
		c := p.cell(k)
		p.place(f, k, 0, β*c.a, -β*c.k, -β*c.r)
		p.place(ggT, k, 0, 0, 0, β*c.q)
	}
}

// place writes the 2×2 block of dimension k into a [2d,2d] matrix.
func (p *Momentum) place(m []float64, k int, xx, xv, vx, vv float64) {
	n := 2 * p.d
	m[k*n+k], m[k*n+p.d+k] = xx, xv
	m[(p.d+k)*n+k], m[(p.d+k)*n+p.d+k] = vx, vv
}

// Lift returns the moments of z_0 = (x_0, v_0) for data of the moments given, v_0 being N(0, v0·I) and
// independent.
func (p *Momentum) Lift(data ito.Gaussian) (ito.Gaussian, error) {
	if err := checkGaussian("path "+p.name, data, p.d); err != nil {
		return ito.Gaussian{}, err
	}
	n := 2 * p.d
	if err := ito.CheckFull("the moments of the states of path "+p.name, n, "a path without velocities"); err != nil {
		return ito.Gaussian{}, err
	}
	data, err := data.Full()
	if err != nil {
		return data, err
	}
	out := ito.Gaussian{Mean: make([]float64, n), Cov: make([]float64, n*n)}
	copy(out.Mean, data.Mean)
	for i := range p.d {
		copy(out.Cov[i*n:], data.Cov[i*p.d:(i+1)*p.d])
		out.Cov[(p.d+i)*n+p.d+i] = p.v0
	}
	return out, nil
}

// HSM writes the scale ℓ [d] of hybrid score matching (Dockhorn et al. 2022, arXiv:2112.07068, §3.1):
// with v_0 integrated out the score of the velocity is s_v = −ℓ ε_v, ℓ = √(Σxx/(Σxx Σvv − Σxv²)) = 1/L_vv.
func (p *Momentum) HSM(t float64, ell []float64) {
	phi, cov := make([]float64, 4*p.d), make([]float64, 3*p.d)
	p.Kernel(t, phi, cov)
	for k := range ell {
		_, _, vv := factor(phi[4*k:], cov[3*k:], p.v0)
		ell[k] = 1 / vv
	}
}

// Hybrid writes the law of each dimension of z_t given x_0 with v_0 integrated out, z_t = … + u (x_0−μ) + Lε: the
// response u [d,2] as (x, v) and the Cholesky factor L [d,3] as (xx, vx, vv). Where [Momentum.Shared], one
// dimension is written to slices of one.
func (p *Momentum) Hybrid(t float64, response, chol []float64) {
	s := p.scale * p.rate.integral(t)
	for k := range len(chol) / 3 {
		f, c := p.cell(k).kernel(s)
		response[2*k], response[2*k+1] = f[0], f[2]
		chol[3*k], chol[3*k+1], chol[3*k+2] = factor(f[:], c[:], p.v0)
	}
}

// Rates writes the forward SDE of each dimension at t: drift [d,4] as (xx, xv, vx, vv), and g2 [d], the squared
// diffusion of the velocity. Where [Momentum.Shared], one dimension is written to slices of one.
func (p *Momentum) Rates(t float64, drift, g2 []float64) {
	β := p.scale * p.rate.at(t)
	for k := range g2 {
		c := p.cell(k)
		drift[4*k], drift[4*k+1], drift[4*k+2], drift[4*k+3] = 0, β*c.a, -β*c.k, -β*c.r
		g2[k] = β * c.q
	}
}

// Shared reports that all dimensions have one law, so that the path is the same in every orthogonal basis.
func (p *Momentum) Shared() bool { return len(p.cells) == 1 }

// factor returns the Cholesky factor of a block of the covariance, v0·uuᵀ added with u the response
// (xv, vv) to the initial velocity. Its determinant is the sum of two that do not cancel.
func factor(phi, cov []float64, v0 float64) (lxx, lvx, lvv float64) {
	u, w := phi[1], phi[3]
	det := cov[0]*cov[2] - cov[1]*cov[1] + v0*(u*u*cov[2]-2*u*w*cov[1]+w*w*cov[0])
	xx, xv, vv := cov[0]+v0*u*u, cov[1]+v0*u*w, cov[2]+v0*w*w
	if xx <= 0 {
		return 0, 0, math.Sqrt(max(vv, 0))
	}
	lxx = math.Sqrt(xx)
	return lxx, xv / lxx, math.Sqrt(max(det, 0) / xx)
}

// Perturb draws z_t into dst [N,2d]. Where x0 has dimension 2d it is z_0, positions and velocities;
// where it has dimension d it is the data, and v_0 is integrated out of the kernel (hybrid score
// matching). dst and x0 must not overlap.
func (p *Momentum) Perturb(dst, x0 ito.States, t ito.Times, _ ito.Cond, n ito.Noise) error {
	width, v0 := 2*p.d, 0.0
	if x0.D == p.d {
		width, v0 = p.d, p.v0
	}
	if err := checkPerturb(p, dst, x0, t, width); err != nil {
		return err
	}
	n.Normal(dst, rng.PurposePath, 0, 0)
	phi, cov := make([]float64, 4*p.d), make([]float64, 3*p.d)
	last := 0.0
	for i := range dst.N {
		if s := t.At(i); i == 0 || s != last {
			p.Kernel(s, phi, cov)
			last = s
		}
		row, z := dst.Row(i), x0.Row(i)
		for k := range p.d {
			f, μ, v := phi[4*k:4*k+4], 0.0, 0.0
			if p.mean != nil {
				μ = p.mean[k]
			}
			if width > p.d {
				v = z[p.d+k]
			}
			x, ex, ev := z[k]-μ, row[k], row[p.d+k]
			lxx, lvx, lvv := factor(f, cov[3*k:], v0)
			row[k] = μ + (float64(f[0]*x) + float64(f[1]*v) + float64(lxx*ex))
			row[p.d+k] = float64(f[2]*x) + float64(f[3]*v) + float64(lvx*ex) + float64(lvv*ev)
		}
	}
	return nil
}

// Prior draws x ~ N(μ,I) and v ~ N(0, vT·I), independent: vT is M for CLD and 1 for VSMD.
func (p *Momentum) Prior(dst ito.States, _ ito.Cond, n ito.Noise) error {
	if err := drawPrior(p, dst, p.mean, 1, n); err != nil {
		return err
	}
	sd := math.Sqrt(p.vT)
	for i := range dst.N {
		row := dst.Row(i)
		for k := p.d; k < 2*p.d; k++ {
			row[k] *= sd
		}
	}
	return nil
}

// centre checks and copies what the configurations of momentum paths share, and sets the dimension.
func (p *Momentum) centre(where string, d *int, mean *[]float64) error {
	if *d == 0 {
		*d = len(*mean)
	}
	if err := checkDim(where, *d); err != nil {
		return err
	}
	if err := checkMean(where, *mean, *d); err != nil {
		return err
	}
	p.d = *d
	if *mean != nil {
		*mean = append([]float64(nil), *mean...)
		p.mean = append(append([]float64(nil), *mean...), make([]float64, *d)...)
	}
	if err := p.rate.check(where); err != nil {
		return err
	}
	return checkSpan(where, p.lo, 1)
}

// checkKernel reports constants so extreme that the kernel at the drawn end is not finite.
func (p *Momentum) checkKernel() error {
	for k := range p.cells {
		phi, cov := p.cells[k].kernel(p.scale * p.rate.integral(1))
		if err := checkFinite("path "+p.name, fmt.Sprintf("kernel of dimension %d", k),
			append(phi[:], cov[:]...)); err != nil {
			return err
		}
	}
	return nil
}
