package recipe

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/target/zoo"
)

// DensityBench measures samplers on targets of the zoo whose truth is known, at equal budgets of gradients. A budget counts rows
// at which the target was evaluated, with gradient or without, warm-up, pilots and training included. Every method is told one number about a
// target, the standard deviation of its exact draws over all coordinates, and begins there: chains in a cube of that
// size, particles from a normal of it. The truth is used for that, and to judge; a sampler never sees it.
type DensityBench struct {
	Targets   []string // names of the zoo; nil: grid16, gmm40, funnel, manywell
	Methods   []string // names of [infer.Methods]; nil: all that run on every target
	Gradients float64  // of a run; 0: 1e6
	Repeats   int      // runs with other seeds; 0: 3
	Draws     int      // that are judged, of every run; 0: 1000
	Seed      uint64
	Pool      *ad.Pool // nil: one processor
	// Progress is told of a finished run.
	Progress func(DensityEvent)
	// Now is the clock; nil: time.Now.
	Now func() time.Time
}

// DensityEvent is one finished run of a bench.
type DensityEvent struct {
	Done, Of       int
	Target, Method string
}

// DensityTable is what a bench found for one target.
type DensityTable struct {
	Target string  `json:"target"`
	Dim    int     `json:"d"`
	Scale  float64 `json:"scale"` // the standard deviation that every method was told
	// LogZ is the truth; nil where it is not known.
	LogZ *float64 `json:"log_z"`
	// Metric says what Distance of the lines is: "W2", exact between the draws and as many exact ones; "KS", the largest Kolmogorov
	// distance of the normalised coordinates from N(0, 1); "" where there are no exact draws.
	Metric string `json:"metric"`
	Modes  int    `json:"modes"` // of the truth; 0 where they are not known
	// Floor is a sampler that is exact, Baseline one that only knows the scale: draws of N(0, scale²).
	Floor    *DensityLine  `json:"floor"`
	Baseline *DensityLine  `json:"baseline"`
	Lines    []DensityLine `json:"lines"`
}

// DensityLine is one method on one target. What does not apply is nil.
type DensityLine struct {
	Method    string   `json:"method"`
	Repeats   int      `json:"repeats"`
	Gradients float64  `json:"gradients"` // evaluations of a run, mean
	Distance  *float64 `json:"distance"`  // median over the repeats
	TV        *float64 `json:"tv"`        // of mode occupancy from the weights, ½Σ|p̂−w|, mean
	Found     *float64 `json:"found"`     // modes that have draws, mean
	LogZError *float64 `json:"log_z_error"`
	LogZSD    *float64 `json:"log_z_sd"` // over the repeats
	ESS       *float64 `json:"ess"`      // effective fraction of the last weights, mean
	Seconds   float64  `json:"seconds"`  // of a run, mean
	// Skipped says why there are no numbers.
	Skipped string `json:"skipped,omitempty"`
}

// densityRun is what one run left behind.
type densityRun struct {
	x       ito.States
	logZ    float64 // NaN: none
	ess     float64 // fraction; NaN: none
	used    float64
	seconds float64
}

func (b DensityBench) custom() DensityBench {
	if b.Targets == nil {
		b.Targets = []string{"grid16", "gmm40", "funnel", "manywell"}
	}
	if b.Methods == nil {
		b.Methods = []string{"dilation", "geometric", "nuts", "mala", "pt", "smc", "ais", "pdds", "dis"}
	}
	if b.Gradients == 0 {
		b.Gradients = 1e6
	}
	if b.Repeats == 0 {
		b.Repeats = 3
	}
	if b.Draws == 0 {
		b.Draws = 1000
	}
	if b.Now == nil {
		b.Now = time.Now
	}
	return b
}

// Check says what is wrong with the settings.
func (b DensityBench) Check() error {
	b = b.custom()
	bad := func(what, do string) error { return &ito.InputError{Where: "bench", What: what, Do: do} }
	for _, name := range b.Targets {
		if _, err := zoo.Known(name); err != nil {
			return &ito.InputError{Where: "targets", What: err.Error()}
		}
	}
	for _, name := range b.Methods {
		if _, err := infer.FindMethod(name); err != nil {
			return err
		}
	}
	switch {
	case len(b.Targets) == 0 || len(b.Methods) == 0:
		return bad("no targets or no methods", "name some")
	case b.Draws < 2 || b.Repeats < 1:
		return bad(fmt.Sprintf("%d draws, %d repeats", b.Draws, b.Repeats), "give two draws or more and one repeat or more")
	case !(b.Gradients >= 20*float64(b.Draws)) || b.Gradients > 1e12:
		return bad(fmt.Sprintf("%g gradients for %d draws", b.Gradients, b.Draws), "give at least twenty for every draw")
	}
	return nil
}

// Run measures, target by target and method by method. When ctx ends, what is complete comes back with its error.
func (b DensityBench) Run(ctx context.Context) ([]DensityTable, error) {
	if err := b.Check(); err != nil {
		return nil, err
	}
	b = b.custom()
	var out []DensityTable
	event := DensityEvent{Of: len(b.Targets) * len(b.Methods) * b.Repeats}
	for _, name := range b.Targets {
		j, err := b.judge(name)
		if err != nil {
			return out, err
		}
		out = append(out, j.table)
		t := &out[len(out)-1]
		for _, method := range b.Methods {
			m, err := infer.FindMethod(method)
			if err != nil {
				return out, err
			}
			var runs []densityRun
			line := DensityLine{Method: method}
			for r := range b.Repeats {
				run, err := b.sample(ctx, j, m, b.Seed+uint64(r))
				if ctx.Err() != nil {
					return out, ctx.Err()
				}
				if err != nil && !skippable(err) {
					return out, fmt.Errorf("%s on %s: %w", method, name, err)
				}
				event.Done++
				if err != nil {
					event.Done += b.Repeats - r - 1
				}
				event.Target, event.Method = name, method
				if b.Progress != nil {
					b.Progress(event)
				}
				if err != nil {
					line.Skipped = err.Error()
					break
				}
				runs = append(runs, run)
			}
			if line.Skipped == "" {
				if line, err = j.line(method, runs); err != nil {
					return out, err
				}
			}
			t.Lines = append(t.Lines, line)
		}
	}
	return out, nil
}

// skippable are the errors of a method that cannot work on a target: they belong into the table.
func skippable(err error) bool {
	var unsupported *ito.UnsupportedError
	var infinite *ito.NonFiniteError
	return errors.As(err, &unsupported) || errors.As(err, &infinite) || errors.Is(err, ito.ErrInput)
}

// densityJudge holds a target with its truth.
type densityJudge struct {
	table  DensityTable
	target ito.Target
	truth  zoo.Truth
	exact  []ito.States // one set for each repeat
	seed   uint64
}

// judge opens a target, draws the exact sets, and measures floor and baseline.
func (b DensityBench) judge(name string) (*densityJudge, error) {
	t, err := zoo.Open(name, b.Pool)
	if err != nil {
		return nil, err
	}
	truth, err := zoo.Known(name)
	if err != nil {
		return nil, err
	}
	j := &densityJudge{target: t, truth: truth, seed: b.Seed, table: DensityTable{Target: name, Dim: t.Dim(), Scale: 1, Modes: len(truth.Modes)}}
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
		line, err := j.line(l.name, l.runs)
		if err != nil {
			return nil, err
		}
		*l.to = &line
	}
	return j, nil
}

// line sums up the runs of a method.
func (j *densityJudge) line(method string, runs []densityRun) (DensityLine, error) {
	l := DensityLine{Method: method, Repeats: len(runs)}
	var dist, tv, found, logz, ess []float64
	for r, run := range runs {
		l.Gradients += run.used / float64(len(runs))
		l.Seconds += run.seconds / float64(len(runs))
		if j.exact != nil {
			d, err := j.distance(run.x, j.exact[r])
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
func (j *densityJudge) distance(x, exact ito.States) (float64, error) {
	if j.truth.Normalise == nil {
		return metric.W2(x, exact)
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

// occupancy is the total variation of the fractions nearest to each mode from the weights, and how many modes have draws.
func (j *densityJudge) occupancy(x ito.States) (tv, found float64) {
	share := make([]float64, len(j.truth.Modes))
	for i := range x.N {
		best, at := math.Inf(1), 0
		for k, m := range j.truth.Modes {
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
	for k, p := range share {
		tv += math.Abs(p-j.truth.Weights[k]) / 2
		if p > 0 {
			found++
		}
	}
	return tv, found
}
