package draws

import (
	"math"
	"sort"

	"github.com/seed9a7962a8/ito/metric"
)

// weights are the normalised weights of particles, [Chains][Draws], each group's sum 1; nil for chains. Without a
// column logw__ they are equal.
func (s *Set) weights() [][]float64 {
	lw, a := s.Find(LogWeight), s.Find(Ancestor)
	if lw < 0 && a < 0 {
		return nil
	}
	w := make([][]float64, s.Chains)
	for g := range w {
		w[g] = make([]float64, s.Draws)
		if lw < 0 {
			for i := range w[g] {
				w[g][i] = 1 / float64(s.Draws)
			}
			continue
		}
		x := s.Chain(lw, g)
		total := metric.LogSumExp(x)
		for i, v := range x {
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
		if lw >= 0 {
			p.ESS = append(p.ESS, ess(w[g]))
			p.KHat = append(p.KHat, metric.KHat(s.Chain(lw, g), 1))
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

// ess is 1/Σw² of normalised weights.
func ess(w []float64) float64 {
	sum := 0.0
	for _, v := range w {
		sum += v * v
	}
	return 1 / sum
}

// weighted summarises one parameter of particles. The error of the mean is that of self-normalised importance
// sampling, √Σw²(x−m)² (Owen, Monte Carlo theory, methods and examples, eq. 9.8), the groups averaged; it knows nothing of resampling.
// With four groups or more it is the standard error of the groups' means, which does.
func weighted(name string, x, w [][]float64) Row {
	r := Row{Name: name, RHat: math.NaN(), ESSTail: math.NaN()}
	groups := float64(len(x))
	var second, delta float64
	means := make([]float64, len(x))
	for g := range x {
		for i, v := range x[g] {
			if w[g][i] > 0 {
				means[g] += w[g][i] * v
			}
		}
		r.Mean += means[g] / groups
		r.ESSBulk += ess(w[g])
	}
	for g := range x {
		for i, v := range x[g] {
			if w[g][i] > 0 {
				second += w[g][i] * (v - r.Mean) * (v - r.Mean) / groups
				delta += w[g][i] * w[g][i] * (v - means[g]) * (v - means[g]) / (groups * groups)
			}
		}
	}
	r.SD, r.MCSE = math.Sqrt(second), math.Sqrt(delta)
	if len(x) >= 4 {
		v := 0.0
		for _, m := range means {
			v += (m - r.Mean) * (m - r.Mean)
		}
		r.MCSE = math.Sqrt(v / (groups - 1) / groups)
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
		sum, want := 0.0, q*float64(len(x))*(1-1e-12) // the weights of all groups sum to their number
		for _, a := range all {
			out[k] = a.x
			if sum += a.w; sum >= want {
				break
			}
		}
	}
	return out
}
