package bench

import (
	"context"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/target/zoo"
)

// densityJudge holds a target with its truth.
type densityJudge struct {
	table  DensityTable
	target ito.Target
	truth  zoo.Truth
	exact  []ito.States // one set for each repeat
	seed   uint64
}

// judge opens a target, draws the exact sets, and measures floor and baseline.
func (b DensityBench) judge(ctx context.Context, name string) (*densityJudge, error) {
	t, err := zoo.Open(name, b.Pool)
	if err != nil {
		return nil, err
	}
	truth, err := zoo.Known(name)
	if err != nil {
		return nil, err
	}
	j := &densityJudge{target: t, truth: truth, seed: b.Seed, table: DensityTable{Target: name, Dim: t.Dim(), Scale: 1,
		Modes: len(truth.Modes)}}
	if !math.IsNaN(truth.LogZ) {
		j.table.LogZ = &truth.LogZ
	}
	if truth.Sample == nil {
		return j, nil
	}
	j.table.Metric = "W2"
	if truth.Normalise != nil {
		j.table.Metric = "KS"
	}
	floor, base := make([]densityRun, b.Repeats), make([]densityRun, b.Repeats)
	for r := range b.Repeats {
		j.exact = append(j.exact, exactDraws(j, b.Draws, b.Seed+uint64(r)))
	}
	j.table.Scale = scaleOf(j.exact[0])
	for r := range b.Repeats {
		seed := b.Seed + uint64(r)
		floor[r] = densityRun{x: exactDraws(j, b.Draws, seed+1<<40), logZ: math.NaN(), ess: math.NaN()}
		x := ito.NewStates(b.Draws, t.Dim(), 0)
		normals(x, seed, j.table.Scale)
		base[r] = densityRun{x: x, logZ: math.NaN(), ess: math.NaN()}
	}
	for _, l := range []struct {
		name string
		runs []densityRun
		to   **DensityLine
	}{{"exact draws", floor, &j.table.Floor}, {"N(0, scale²)", base, &j.table.Baseline}} {
		line, err := j.line(ctx, l.name, l.runs)
		if err != nil {
			return nil, err
		}
		*l.to = &line
	}
	return j, nil
}

// line sums up the runs of a method.
func (j *densityJudge) line(ctx context.Context, method string, runs []densityRun) (DensityLine, error) {
	l := DensityLine{Method: method, Repeats: len(runs)}
	var dist, tv, found, logz, ess []float64
	for r, run := range runs {
		l.Gradients += run.used / float64(len(runs))
		l.Seconds += run.seconds / float64(len(runs))
		if j.exact != nil {
			d, err := j.distance(ctx, run.x, j.exact[r])
			if err != nil {
				return l, err
			}
			dist = append(dist, d)
		}
		if len(j.truth.Modes) > 0 {
			a, b := j.occupancy(run.x)
			tv, found = append(tv, a), append(found, b)
		}
		if !math.IsNaN(run.logZ) {
			logz = append(logz, run.logZ-j.truth.LogZ)
		}
		if !math.IsNaN(run.ess) {
			ess = append(ess, run.ess)
		}
	}
	if len(dist) > 0 {
		slices.Sort(dist)
		m := (dist[(len(dist)-1)/2] + dist[len(dist)/2]) / 2
		l.Distance = &m
	}
	l.TV, _ = moments(tv)
	l.Found, _ = moments(found)
	l.ESS, _ = moments(ess)
	l.LogZError, l.LogZSD = moments(logz)
	return l, nil
}

// moments are the mean, nil of nothing or where it is not finite, and the standard deviation, nil of fewer than two.
func moments(x []float64) (mean, sd *float64) {
	if len(x) == 0 {
		return nil, nil
	}
	var m, ss float64
	for _, v := range x {
		m += v / float64(len(x))
	}
	for _, v := range x {
		ss += (v - m) * (v - m)
	}
	if math.IsNaN(m) || math.IsInf(m, 0) {
		return nil, nil
	}
	if s := math.Sqrt(ss / float64(len(x)-1)); len(x) > 1 {
		sd = &s
	}
	return &m, sd
}

// distance is W2, or where the truth has a normal form the largest Kolmogorov distance of its coordinates.
func (j *densityJudge) distance(ctx context.Context, x, exact ito.States) (float64, error) {
	if j.truth.Normalise == nil {
		return metric.W2(ctx, x, exact)
	}
	z := x.Clone()
	for i := range z.N {
		j.truth.Normalise(z.Row(i))
	}
	worst, column := 0., make([]float64, z.N)
	for k := range z.D {
		for i := range column {
			column[i] = z.X[i*z.D+k]
		}
		worst = max(worst, metric.KSAgainst(column, func(v float64) float64 { return .5 * math.Erfc(-v/math.Sqrt2) }))
	}
	return worst, nil
}

// occupancy is the total variation of the fractions nearest to each mode from the weights, and how many modes have
// draws.
func (j *densityJudge) occupancy(x ito.States) (tv, found float64) {
	for k, p := range nearestShares(x, j.truth.Modes) {
		tv += math.Abs(p-j.truth.Weights[k]) / 2
		if p > 0 {
			found++
		}
	}
	return tv, found
}

// nearestShares is the fraction of the rows that is nearest to each centre.
func nearestShares(x ito.States, centres [][]float64) []float64 {
	share := make([]float64, len(centres))
	for i := range x.N {
		best, at := math.Inf(1), 0
		for k, m := range centres {
			d := 0.
			for c, v := range x.Row(i) {
				d += (v - m[c]) * (v - m[c])
			}
			if d < best {
				best, at = d, k
			}
		}
		share[at] += 1 / float64(x.N)
	}
	return share
}
