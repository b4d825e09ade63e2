package baseline

import (
	"cmp"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/rng"
)

// Marginals is a forecast of a method that knows the distribution of each step by itself: Quantile(h, q), not
// decreasing in q, and the trajectories of past errors [n, H], which lend their ranks to the paths. Mean is nil where
// it is the mean of the quantiles of a fine grid.
type Marginals struct {
	Mean     []float64
	Quantile func(h int, q float64) float64
	Errors   [][]float64
	Spread   string
}

// Forecast makes quantiles and paths. Path k takes its ranks from a past trajectory of errors that is drawn for it,
// with a uniform place inside the rank of each step (Clark et al. 2004, the Schaake shuffle, with drawn
// trajectories): each step has the distribution of the quantiles, and the steps hang together as they did. Without
// past trajectories the ranks of a path are one uniform number for all steps. With r.Together path k takes the same
// past trajectory in all windows of one origin, counted from the latest: series that have one beginning and end and no
// gaps then hang together as they did.
func (m *Marginals) Forecast(w forecast.Window, r forecast.Request) forecast.Forecast {
	f := forecast.Forecast{Levels: slices.Clone(r.Levels), Mean: m.Mean, Spread: m.Spread}
	if len(f.Levels) == 0 && r.Paths == 0 {
		f.Levels = []float64{.5}
	}
	if f.Mean == nil {
		f.Mean = make([]float64, w.Horizon)
		const fine = 99
		for h := range f.Mean {
			for i := range fine {
				f.Mean[h] += m.Quantile(h, (float64(i)+.5)/fine) / fine
			}
		}
	}
	for _, q := range f.Levels {
		for h := range w.Horizon {
			f.Q = append(f.Q, m.Quantile(h, q))
		}
	}
	if r.Paths == 0 {
		return f
	}
	ranks := rankColumns(m.Errors, w.Horizon)
	f.Paths = make([]float64, r.Paths*w.Horizon)
	ids := make([]uint64, r.Paths)
	for k := range ids {
		ids[k] = w.Address + uint64(k)
	}
	u := ito.States{N: r.Paths, D: w.Horizon + 1, X: make([]float64, r.Paths*(w.Horizon+1)), ID: ids}
	ito.Seed(r.Seed).Uniform(u, rng.PurposePrior, 0, 0)
	if r.Together {
		past := ito.NewStates(r.Paths, 1, forecast.Address("", w.Begins()))
		ito.Seed(r.Seed).Uniform(past, rng.PurposePrior, 0, 0)
		for k := range r.Paths {
			u.Row(k)[0] = past.X[k]
		}
	}
	for k := range r.Paths {
		row := u.Row(k)
		for h := range w.Horizon {
			q := row[0]
			if n := len(m.Errors); n > 0 {
				from := min(int(row[0]*float64(n)), n-1)
				q = (float64(ranks[from*w.Horizon+h]) + row[1+h]) / float64(n)
			}
			f.Paths[k*w.Horizon+h] = m.Quantile(h, q)
		}
	}
	return f
}

// rankColumns are the places 0 … n−1 of each error among those of its step.
func rankColumns(errors [][]float64, horizon int) []int {
	ranks, order := make([]int, len(errors)*horizon), make([]int, len(errors))
	for h := range horizon {
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(errors[a][h], errors[b][h]) })
		for place, i := range order {
			ranks[i*horizon+h] = place
		}
	}
	return ranks
}

// interpolated is the quantile q of sorted numbers, between those beside (n−1)q: type 7 of Hyndman and Fan (1996).
func interpolated(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	k := min(int(at), len(sorted)-1)
	if k+1 >= len(sorted) {
		return sorted[k]
	}
	// a weighted mean, which cannot overflow, and never decreases in q
	low, high := sorted[k], sorted[k+1]
	if low == high {
		return low
	}
	return low + (at-float64(k))*(high-low)
}

// pastErrors are the errors x_t − x_{t−lag} of the steps t that a function takes, sorted.
func pastErrors(x []float64, lag int, take func(t int) bool) []float64 {
	var e []float64
	for t := lag; t < len(x); t++ {
		if d := x[t] - x[t-lag]; !math.IsNaN(d) && take(t) {
			e = append(e, d)
		}
	}
	slices.Sort(e)
	return e
}

// mostTrajectories are taken, the latest ones.
const mostTrajectories = 1000

// Trajectories are the errors of the season before, repeated, at past origins o:
// x_{o+h} − x_{o+h−m⌈(h+1)/m⌉}, h < horizon. Origins with a missing error are left out.
func Trajectories(x []float64, m, horizon int) [][]float64 {
	var out [][]float64
	for o := len(x) - horizon; o >= m && len(out) < mostTrajectories; o-- {
		e := make([]float64, horizon)
		whole := true
		for h := range e {
			e[h] = x[o+h] - x[o-m+h%m]
			whole = whole && !math.IsNaN(e[h])
		}
		if whole {
			out = append(out, e)
		}
	}
	return out
}
