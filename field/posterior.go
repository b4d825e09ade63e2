package field

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/path"
)

// posterior is one row seen by a law: y, the weight γ_k of each component given y, and the score
// u_k = −S_k⁻¹(y−m_k) of each. Its memory is reused from row to row.
type posterior struct {
	modes    *path.Modes // of the path, for the basis; nil on a Linear path
	y, s, x0 []float64
	γ        []float64 // [K]
	u        []float64 // [K,D]
	tmp      [5][]float64
	logp     float64
	mean     []float64 // Qᵀμ where μ is the row's own, which the law counts as zero; nil otherwise
}

func newPosterior(s *source) *posterior {
	d := s.d
	p := &posterior{γ: make([]float64, s.k), u: make([]float64, s.k*d), y: make([]float64, d), s: make([]float64, d),
		x0: make([]float64, d)}
	for i := range p.tmp {
		p.tmp[i] = make([]float64, d)
	}
	if s.diagonal != nil {
		p.modes = path.NewModes(s.diagonal)
	}
	return p
}

// negligible is the log weight below the largest at which a component no longer counts: e⁻⁵⁰ = 2e-22.
const negligible = -50

// see computes y, γ and log p(y), and u of every component unless the law shares one diagonal covariance.
func (p *posterior) see(l *law, x []float64) {
	if p.modes != nil {
		p.modes.Point(p.y, x)
		for i, μ := range p.mean { // x_t = μ + α(x_0−μ) + σε is α x_0 + σε moved by (1−α)μ
			p.y[i] -= float64((1 - l.alpha[i]) * μ)
		}
	} else {
		copy(p.y, x)
		for i, μ := range l.mean {
			p.y[i] -= μ
		}
	}
	switch {
	case len(l.prec) == 2 && l.d == 2:
		p.weighPlane(l)
	case l.prec != nil:
		p.weighDiagonal(l)
	default:
		p.weighFull(l)
	}
	p.normalise()
	p.logp -= float64(l.d) / 2 * math.Log(2*math.Pi)
}

// weighPlane is weighDiagonal for many components of one covariance in two dimensions.
func (p *posterior) weighPlane(l *law) {
	y0, y1, i0, i1 := p.y[0], p.y[1], l.prec[0], l.prec[1]
	m, γ := l.means, p.γ
	for k, w := range l.logw {
		a, b := y0-m[2*k], y1-m[2*k+1]
		γ[k] = w - (float64(a*a*i0)+float64(b*b*i1))/2
	}
}

func (p *posterior) weighDiagonal(l *law) {
	d := l.d
	for k, w := range l.logw {
		q, prec, m, u := 0.0, componentPart(l.prec, k, d), l.means[k*d:(k+1)*d], p.u[k*d:(k+1)*d]
		for i, y := range p.y {
			δ := y - m[i]
			v := δ * prec[i]
			u[i] = -v
			q += float64(δ * v)
		}
		p.γ[k] = w - q/2
	}
}

func (p *posterior) weighFull(l *law) {
	d, δ, z := l.d, p.tmp[0], p.tmp[1]
	for k, w := range l.logw {
		white, m, u := componentPart(l.white, k, d*d), l.means[k*d:(k+1)*d], p.u[k*d:(k+1)*d]
		for i, y := range p.y {
			δ[i] = y - m[i]
		}
		q := 0.0
		for i := range d {
			z[i] = matrix.Dot(white[i*d:i*d+i+1], δ[:i+1])
			q += float64(z[i] * z[i])
		}
		lowerT(u, white, z, -1)
		p.γ[k] = w - q/2
	}
}

// lowerT writes dst = c Wᵀ z with W lower triangular.
func lowerT(dst, w, z []float64, c float64) {
	d := len(z)
	clear(dst)
	for i, v := range z {
		for j, x := range w[i*d : i*d+i+1] {
			dst[j] += float64(c * x * v)
		}
	}
}

// normalise turns log weights into weights, and sets logp to their log-sum-exp.
func (p *posterior) normalise() {
	top := p.γ[0]
	for _, v := range p.γ {
		if v > top {
			top = v
		}
	}
	sum := 0.0
	for k, v := range p.γ {
		if v -= top; v < negligible {
			p.γ[k] = 0
			continue
		}
		e := math.Exp(v)
		p.γ[k] = e
		sum += e
	}
	for k, g := range p.γ {
		if g != 0 {
			p.γ[k] = g / sum
		}
	}
	p.logp = top + math.Log(sum)
}

// moments computes the score and, when the law's prediction needs it, E[x0−μ | x], in the basis.
func (p *posterior) moments(l *law) {
	d := l.d
	clear(p.s)
	clear(p.x0)
	shared := len(l.prec) == d
	for k, g := range p.γ {
		if g == 0 {
			continue
		}
		if shared { // both are affine in the mean of the components
			for i, c := range l.centers[k*d : (k+1)*d] {
				p.x0[i] += float64(g * c)
			}
			continue
		}
		u := p.u[k*d : (k+1)*d]
		for i, v := range u {
			p.s[i] += float64(g * v)
		}
		if !l.useX0 {
			continue
		}
		a := p.guess(l, k)
		for i, v := range a {
			p.x0[i] += float64(g * v)
		}
	}
	if shared {
		for i, c := range p.x0 {
			p.s[i] = -(p.y[i] - float64(l.alpha[i]*c)) * l.prec[i]
			p.x0[i] = c - float64(l.gain[i]*p.s[i])
		}
	}
}

// each makes sure that u holds every component's score.
func (p *posterior) each(l *law) {
	if !(len(l.prec) == 2 && l.d == 2) {
		return
	}
	for k := range p.γ {
		for i, y := range p.y {
			p.u[k*2+i] = -(y - l.means[k*2+i]) * l.prec[i]
		}
	}
}

// guess is a_k = E[x0−μ | x, k] = c_k − C_k A u_k in the basis, in tmp[2].
func (p *posterior) guess(l *law, k int) []float64 {
	d, a, u, c := l.d, p.tmp[2], p.u[k*l.d:(k+1)*l.d], l.centers[k*l.d:(k+1)*l.d]
	if l.prec != nil {
		gain := componentPart(l.gain, k, d)
		for i := range a {
			a[i] = c[i] - float64(gain[i]*u[i])
		}
		return a
	}
	cov, v := componentPart(l.covs, k, d*d), p.tmp[3]
	for i, w := range u {
		v[i] = l.alpha[i] * w
	}
	for i := range a {
		a[i] = c[i] - matrix.Dot(cov[i*d:(i+1)*d], v)
	}
	return a
}

// predict writes the law's prediction into dst in data coordinates. It needs see and moments.
func (p *posterior) predict(l *law, dst []float64, kind ito.Prediction) {
	if l.linear != nil {
		if kind == ito.PredScore {
			copy(dst, p.s)
			return
		}
		d := l.d
		for i := range dst {
			dst[i] = matrix.Dot(l.drift[i*d:(i+1)*d], p.y) - matrix.Dot(l.half[i*d:(i+1)*d], p.s)
		}
		return
	}
	out := p.tmp[4]
	for i := range out {
		out[i] = float64(l.sc[i] * p.s[i])
		if l.useX0 {
			out[i] += float64(l.xc[i] * p.x0[i])
		}
		if p.mean != nil && kind == ito.PredVelocity { // α̇ (x_0−μ)
			out[i] -= float64(l.xc[i] * p.mean[i])
		}
	}
	p.modes.To(dst, out, kind)
}
