package model

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/rng"
)

// Uniform is how a parameter's ranks differ from uniform: the greatest distance of their ECDF from the diagonal in the
// units of the simultaneous 95 % band (above 1: outside), and the signs of the usual faults.
type Uniform struct {
	Column  string  `json:"column"`
	Outside float64 `json:"ecdf_over_band"`
	Mean    float64 `json:"mean_rank"` // of [0, 1]; .5 is right
	// sd of the ranks over that of uniform ones; below 1: the posteriors are too wide, above: too narrow
	Spread    float64 `json:"rank_sd"`
	Histogram []int   `json:"histogram"`
}

// judge compares the ranks with uniform ones.
func (r *SBCReport) judge() {
	n, bins := len(r.Ranks), 10
	band := ecdfBand(n, r.Draws)
	for j, name := range r.Columns {
		u := Uniform{Column: name, Histogram: make([]int, bins)}
		v := make([]int, n)
		m, ss := 0., 0.
		for i, row := range r.Ranks {
			v[i] = row[j]
			f := (float64(row[j]) + .5) / float64(r.Draws+1)
			m += f / float64(n)
			ss += f * f / float64(n)
			u.Histogram[row[j]*bins/(r.Draws+1)]++
		}
		u.Mean, u.Spread = m, math.Sqrt(max(ss-m*m, 0)*12)
		u.Outside = ecdfDistance(v, r.Draws) / band
		if u.Outside > 1 {
			what := "are not uniform"
			switch {
			case u.Mean < .45:
				what = "are low: the posteriors lie above the truth"
			case u.Mean > .55:
				what = "are high: the posteriors lie below the truth"
			case u.Spread < .9:
				what = "crowd in the middle: the posteriors are wider than they should be"
			case u.Spread > 1.1:
				what = "crowd at the ends: the posteriors are narrower than they should be"
			}
			r.Warnings = append(r.Warnings,
				fmt.Sprintf("the ranks of %s %s (their ECDF leaves the 95 %% band, %.2f times its "+
					"width)", name, what, u.Outside))
		}
		r.Parameters = append(r.Parameters, u)
	}
	if r.Divergent > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d trajectories diverged", r.Divergent))
	}
}

// ecdfDistance is the greatest difference of the ranks' ECDF from that of uniform ranks of 0 … draws, in standard
// deviations of each point.
func ecdfDistance(ranks []int, draws int) float64 {
	count := make([]int, draws+1)
	for _, v := range ranks {
		count[v]++
	}
	n, worst, sum := float64(len(ranks)), 0., 0
	for k, c := range count[:draws] {
		sum += c
		p := float64(k+1) / float64(draws+1)
		worst = max(worst, math.Abs(float64(sum)/n-p)/math.Sqrt(p*(1-p)/n))
	}
	return worst
}

// ecdfBand is the .95 quantile of that distance under uniform ranks, over 2000 simulations of a seed of its own, so
// that
// the band is simultaneous over all ranks (Säilynoja, Bürkner and Vehtari 2022).
func ecdfBand(n, draws int) float64 {
	const sims = 2000
	key := rng.NewKey(1, rng.PurposeTarget, 0, 0)
	u, ids := make([]float64, n), []uint64{0}
	ranks, all := make([]int, n), make([]float64, sims)
	for s := range all {
		ids[0] = uint64(s)
		key.Uniforms64At(u, n, ids, 0)
		for i, v := range u {
			ranks[i] = min(int(v*float64(draws+1)), draws)
		}
		all[s] = ecdfDistance(ranks, draws)
	}
	slices.Sort(all)
	return all[sims*95/100]
}
