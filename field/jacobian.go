package field

import "github.com/seed9a7962a8/ito/internal/matrix"

// The Jacobians of a mixture's predictions in the basis, from s = Σγ u, ∇γ_k = γ_k (u_k − s) and
// ∂u_k = −S_k⁻¹:
//
//	∂s  = −Σ γ_k S_k⁻¹ + Σ γ_k u_k (u_k − s)ᵀ          (symmetric)
//	∂x0 = Σ γ_k C_k A S_k⁻¹ + Σ γ_k a_k (u_k − s)ᵀ,     a_k = c_k − C_k A u_k.

// solve writes S_k⁻¹ w.
func (p *posterior) solve(l *law, dst []float64, k int, w []float64) {
	d := l.d
	if l.prec != nil {
		prec := componentPart(l.prec, k, d)
		for i, v := range w {
			dst[i] = prec[i] * v
		}
		return
	}
	white, z := componentPart(l.white, k, d*d), p.tmp[1]
	for i := range d {
		z[i] = matrix.Dot(white[i*d:i*d+i+1], w[:i+1])
	}
	lowerT(dst, white, z, 1)
}

// scoreTimes adds c·∂s w to dst. It needs see, each and moments.
func (p *posterior) scoreTimes(l *law, dst, w []float64, c float64) {
	d, v := l.d, p.tmp[0]
	sw := matrix.Dot(p.s, w)
	for k, g := range p.γ {
		if g == 0 {
			continue
		}
		u := p.u[k*d : (k+1)*d]
		p.solve(l, v, k, w)
		h := matrix.Dot(u, w) - sw
		for i := range dst {
			dst[i] += c * g * (float64(u[i]*h) - v[i])
		}
	}
}

// shrink writes C_k A v, or its transpose A C_k v.
func (p *posterior) shrink(l *law, dst []float64, k int, v []float64, transposed bool) {
	d := l.d
	if l.prec != nil {
		gain := componentPart(l.gain, k, d)
		for i, x := range v {
			dst[i] = gain[i] * x
		}
		return
	}
	cov, w := componentPart(l.covs, k, d*d), p.tmp[3]
	if transposed {
		for i := range dst {
			dst[i] = l.alpha[i] * matrix.Dot(cov[i*d:(i+1)*d], v)
		}
		return
	}
	for i, x := range v {
		w[i] = l.alpha[i] * x
	}
	for i := range dst {
		dst[i] = matrix.Dot(cov[i*d:(i+1)*d], w)
	}
}

// meanTimes adds ∂x0 w to dst, meanTransposed adds ∂x0ᵀ w.
func (p *posterior) meanTimes(l *law, dst, w []float64) {
	d, v, sw := l.d, p.tmp[0], matrix.Dot(p.s, w)
	for k, g := range p.γ {
		if g == 0 {
			continue
		}
		h := matrix.Dot(p.u[k*d:(k+1)*d], w) - sw
		for i, a := range p.guess(l, k) {
			dst[i] += g * h * a
		}
		p.solve(l, v, k, w)
		p.shrink(l, p.tmp[2], k, v, false)
		for i, x := range p.tmp[2] {
			dst[i] += g * x
		}
	}
}

func (p *posterior) meanTransposed(l *law, dst, w []float64) {
	d, v := l.d, p.tmp[0]
	for k, g := range p.γ {
		if g == 0 {
			continue
		}
		aw := matrix.Dot(p.guess(l, k), w)
		for i, u := range p.u[k*d : (k+1)*d] {
			dst[i] += g * aw * (u - p.s[i])
		}
		p.shrink(l, p.tmp[2], k, w, true)
		p.solve(l, v, k, p.tmp[2])
		for i, x := range v {
			dst[i] += g * x
		}
	}
}

// traces returns Σ xc_i ∂x0_i/∂y_i + sc_i ∂s_i/∂y_i, the divergence of the prediction on a Diagonal path.
func (p *posterior) trace(l *law) float64 {
	d, total := l.d, 0.0
	e, v := p.y, p.tmp[0] // y is not needed any more
	for k, g := range p.γ {
		if g == 0 {
			continue
		}
		u := p.u[k*d : (k+1)*d]
		var a []float64
		if l.useX0 {
			a = p.guess(l, k)
		}
		for i := range d {
			h := u[i] - p.s[i]
			t := float64(l.sc[i] * u[i] * h)
			if a != nil {
				t += float64(l.xc[i] * a[i] * h)
			}
			total += g * t
		}
		if l.prec != nil {
			prec, gain := componentPart(l.prec, k, d), componentPart(l.gain, k, d)
			for i := range d {
				total += g * prec[i] * (float64(l.xc[i]*gain[i]) - l.sc[i])
			}
			continue
		}
		clear(e)
		for i := range d {
			e[i] = 1
			p.solve(l, v, k, e)
			e[i] = 0
			t := -l.sc[i] * v[i]
			if l.useX0 {
				p.shrink(l, p.tmp[2], k, v, false)
				t += l.xc[i] * p.tmp[2][i]
			}
			total += g * t
		}
	}
	return total
}

// traceLinear returns the divergence of the score, or of F y − ½GGᵀ s, on a Linear path.
func (p *posterior) traceLinear(l *law) float64 {
	d, total := l.d, 0.0
	e, col := p.y, p.tmp[2]
	clear(e)
	for i := range d {
		e[i] = 1
		clear(col)
		p.scoreTimes(l, col, e, 1)
		e[i] = 0
		if l.drift == nil {
			total += col[i]
			continue
		}
		total += l.drift[i*d+i] - matrix.Dot(l.half[i*d:(i+1)*d], col)
	}
	return total
}
