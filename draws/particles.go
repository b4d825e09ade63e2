package draws

import (
	"math"
	"sort"

	"github.com/seed9a7962a8/ito/metric"
)

// weights are the normalised weights of particles, [Chains][Draws], the sum of all 1; nil for chains. Without a
// column logw__ they are equal.
func (s *Set) weights() [][]float64 {
	lw, a := s.Find(LogWeight), s.Find(Ancestor)
	if lw < 0 && a < 0 {
		return nil
	}
	w := make([][]float64, s.Chains)
	for g := range w {
		w[g] = make([]float64, s.Draws)
	}
	if lw < 0 {
		for g := range w {
			for i := range w[g] {
				w[g][i] = 1 / float64(s.Chains*s.Draws)
			}
		}
		return w
	}
	groups := make([]float64, s.Chains)
	for g := range groups {
		groups[g] = metric.LogSumExp(s.Chain(lw, g))
	}
	total := metric.LogSumExp(groups)
	for g := range w {
		for i, v := range s.Chain(lw, g) {
			w[g][i] = math.Exp(v - total)
		}
	}
	return w
}

// particles measures the weights of every group.
func (s *Set) particles(w [][]float64) *Particles {
	p := &Particles{}
	lw, a := s.Find(LogWeight), s.Find(Ancestor)
	for g := range w {
		p.Weight = append(p.Weight, sumOf(w[g]))
		if lw >= 0 {
			ess, khat := math.NaN(), math.NaN()
			if !equal(w[g]) {
				ess, khat = metric.ESSWeights(s.Chain(lw, g)), metric.KHat(s.Chain(lw, g), 1)
			}
			p.ESS, p.KHat = append(p.ESS, ess), append(p.KHat, khat)
		}
		if a >= 0 {
			seen := map[float64]bool{}
			for _, v := range s.Chain(a, g) {
				seen[v] = true
			}
			p.Ancestors = append(p.Ancestors, len(seen))
		}
	}
	return p
}

// equal says that weights are equal, as resampling leaves them: their effective size is their number whatever they
// were before, and says nothing.
func equal(w []float64) bool {
	for _, v := range w {
		if v != w[0] {
			return false
		}
	}
	return true
}

// Before puts effective sizes and k̂ in the place of those of the weights that were kept: those of the last weights
// before resampling made them equal, which the sampler knows and a file does not. Lists that have not the groups'
// number are left alone.
func (p *Particles) Before(ess, khat []float64) {
	if len(ess) == len(p.Weight) && len(khat) == len(p.Weight) {
		p.ESS, p.KHat, p.Resampled = ess, khat, true
	}
}

func sumOf(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum
}

// weighted summarises one parameter of particles, m = Σwx over all groups. The error of m is that of self-normalised
// importance sampling, √Σw²(x−m)² (Owen, Monte Carlo theory, methods and examples, eq. 9.8), which knows nothing of
// resampling; with G ≥ 4 groups of weights W and means m_g it is √(G/(G−1) ΣW²(m_g−m)²), which does.
func weighted(name string, x, w [][]float64) Row {
	r := Row{Name: name, RHat: math.NaN(), ESSTail: math.NaN()}
	var second, delta, between, squares float64
	each := func(f func(g int, v, w float64)) {
		for g := range x {
			for i, v := range x[g] {
				if w[g][i] > 0 {
					f(g, v, w[g][i])
				}
			}
		}
	}
	same := true
	for g := range w {
		same = same && equal(w[g])
	}
	share, means := make([]float64, len(x)), make([]float64, len(x))
	each(func(g int, v, w float64) {
		share[g] += w
		means[g] += w * v
		squares += w * w
	})
	r.Mean, r.ESSBulk = sumOf(means), 1/squares
	if same {
		r.ESSBulk = math.NaN()
	}
	each(func(g int, v, w float64) {
		second += w * (v - r.Mean) * (v - r.Mean)
		delta += w * w * (v - r.Mean) * (v - r.Mean)
	})
	r.SD, r.MCSE = math.Sqrt(second), math.Sqrt(delta)
	if groups := float64(len(x)); groups >= 4 {
		for g := range means {
			d := means[g] - share[g]*r.Mean
			between += d * d
		}
		r.MCSE = math.Sqrt(groups / (groups - 1) * between)
	}
	q := weightedQuantiles(x, w, .05, .5, .95)
	r.Q5, r.Median, r.Q95 = q[0], q[1], q[2]
	return r
}

// weightedQuantiles are the smallest values with at least the probability p at or below them.
func weightedQuantiles(x, w [][]float64, p ...float64) []float64 {
	type particle struct{ x, w float64 }
	var all []particle
	for g := range x {
		for i, v := range x[g] {
			all = append(all, particle{v, w[g][i]})
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].x < all[j].x })
	out := make([]float64, len(p))
	for k, q := range p {
		sum, want := 0.0, q*(1-1e-12)
		for _, a := range all {
			out[k] = a.x
			if sum += a.w; sum >= want {
				break
			}
		}
	}
	return out
}

// Resampled is particles as at most n draws of equal weight in one chain, for pictures: particle i of all groups comes
// as often as systematic resampling with the offset ½ takes it. Chains are returned as they are.
func (s *Set) Resampled(n int) *Set {
	w := s.weights()
	if w == nil {
		return s
	}
	n = min(n, s.Chains*s.Draws)
	m := s.Meta
	m.Chains, m.Adaptation = 1, nil
	out := newSet(m, n)
	sum, to := 0.0, 0
	for g := range w {
		for i := range w[g] {
			for sum += w[g][i]; to < n && (float64(to)+.5)/float64(n) < sum; to++ {
				for k := range s.Columns {
					out.Chain(k, 0)[to] = s.Chain(k, g)[i]
				}
			}
		}
	}
	return out.first(to)
}

// first is the set of the first n draws; rounding may leave the last place of Resampled empty.
func (s *Set) first(n int) *Set {
	if n == s.Draws {
		return s
	}
	out := newSet(s.Meta, n)
	for k := range s.Columns {
		for c := range s.Chains {
			copy(out.Chain(k, c), s.Chain(k, c))
		}
	}
	return out
}
