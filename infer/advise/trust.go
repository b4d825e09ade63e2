package advise

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/anneal"
	"github.com/seed9a7962a8/ito/metric"
)

// Basin is a mode with the particles nearest to it and the mass that is estimated there.
type Basin struct {
	Mean, SD []float64 // of its particles
	Share    float64   // of all particles
	LogZ     float64   // log of the integral of ρ over the basin, by SMC
	LogZSD   float64   // of that, over its runs
	Weight   float64   // the basin's fraction of the sum of the integrals
}

// Occupancy compares where particles are with where the mass is.
type Occupancy struct {
	Basins []Basin
	TV     float64 // ½Σ|Share − Weight|
	// Floor is the TV that as many exact draws would have in the mean.
	Floor     float64
	Particles int
	Gradients float64 // that the check cost
	Warnings  []string
}

// CheckOptions is how [Trust] looks.
type CheckOptions struct {
	Seed      uint64
	Most      int // particles used, evenly spaced rows; 0: 1000
	Particles int // of an SMC run in a basin; 0: 256
	Runs      int // of SMC in a basin; 0: 2
	Workers   int
}

// tooFar is the total variation between occupancy and estimate from which the proportions are not to be trusted.
const tooFar = .1

// Trust says whether particles stand in the right proportions in the modes that they have found, for any target and
// without knowing its truth: it finds their modes (see [Modes]), cuts space into the basins of the modes'
// particles, estimates the integral of ρ over each by [anneal.SMC] from a normal fitted there, and compares. TV above
// .1 is a warning, and so is one of several basins where SMC lags behind. It cannot see a mode that has no particle.
// Cost: 100 gradients a particle and some 20 to 40 thousand a basin.
func Trust(ctx context.Context, t ito.Target, x ito.States, c CheckOptions) (Occupancy, error) {
	if err := x.Check(); err != nil {
		return Occupancy{}, err
	}
	if x.N < 2 || x.D != t.Dim() {
		return Occupancy{}, &ito.InputError{Where: "trust",
			What: fmt.Sprintf("%d particles of dimension %d for a target of dimension %d", x.N, x.D, t.Dim())}
	}
	x = thin(x, cmp.Or(c.Most, 1000))
	out := Occupancy{Particles: x.N, Gradients: float64(x.N * (ascentSteps + 1))}
	modes, complete, err := Modes(ctx, t, x)
	if err != nil {
		return out, err
	}
	if !complete || len(modes) == 0 {
		out.TV, out.Floor = math.NaN(), math.NaN()
		out.Warnings = append(out.Warnings, fmt.Sprintf("the particles lie in no clear basins (%d modes and more): "+
			"their proportions could not be checked", len(modes)))
		return out, nil
	}
	cells := newCells(x, modes)
	out.Basins = make([]Basin, len(modes))
	for i := range x.N {
		out.Basins[cells.nearest(x.Row(i))].Share += 1 / float64(x.N)
	}
	logz := make([]float64, len(modes))
	var late []string // basins whose estimate is probably too low
	for k := range out.Basins {
		b := &out.Basins[k]
		b.Mean, b.SD = cells.mean[k], cells.sd[k]
		wide := make([]float64, x.D)
		for j, v := range b.SD {
			wide[j] = 1.3 * v
		}
		// near by, and cheap: where it lags it says so
		smc := anneal.SMC{Particles: cmp.Or(c.Particles, 256), Reference: infer.Reference{Mean: b.Mean, SD: wide},
			Moves: 2, Diagonal: true}
		s := infer.NewState(smc, cmp.Or(c.Runs, 2), x.D, uint64(k)<<32)
		r, err := infer.Run(ctx, basin{t, cells, k}, smc, s, infer.RunOptions{Seed: c.Seed, Workers: c.Workers})
		if err != nil {
			return out, fmt.Errorf("basin %d: %w", k, err)
		}
		e := r.Evidence()
		b.LogZ, b.LogZSD, logz[k] = e.LogZ, e.SD, e.LogZ
		out.Gradients += r.Gradients
		if len(anneal.LagWarnings(s)) > 0 {
			late = append(late, fmt.Sprint(k+1))
		}
	}
	total := metric.LogSumExp(logz)
	for k := range out.Basins {
		b := &out.Basins[k]
		b.Weight = math.Exp(b.LogZ - total)
		out.TV += math.Abs(b.Share-b.Weight) / 2
		out.Floor += math.Sqrt(b.Weight * (1 - b.Weight) / (2 * math.Pi * float64(x.N)))
	}
	if len(late) > 0 && len(modes) > 1 {
		out.Warnings = append(out.Warnings, fmt.Sprintf("the estimated masses are uncertain: the particles of smc "+
			"lagged behind its temperatures in basin %s, whose mass is probably more than estimated; compare with a "+
			"run of smc with more moves", strings.Join(late, ", ")))
	}
	if out.TV > tooFar {
		out.Warnings = append(out.Warnings, fmt.Sprintf("the particles stand in the wrong proportions: of %d basins "+
			"the shares differ from the estimated masses by %.2f in total variation (%.2f for exact draws); "+
			"use the draws for the places of the modes only, and smc or pt for their weights", len(out.Basins), out.TV,
			out.Floor))
	}
	return out, nil
}

// thin takes at most n evenly spaced rows.
func thin(x ito.States, n int) ito.States {
	if x.N <= n {
		return x
	}
	y := ito.NewStates(n, x.D, 0)
	for i := range n {
		k := i * x.N / n
		copy(y.Row(i), x.Row(k))
		y.ID[i] = x.ID[k]
	}
	return y
}

// cells cut space by the most probable of equally weighted normals, one a mode.
type cells struct{ mean, sd [][]float64 }

// newCells fits the normals. A coordinate of a mode with fewer than 5 members takes the pooled scale of all modes.
func newCells(x ito.States, modes []Mode) *cells {
	c := &cells{}
	pooled, members := make([]float64, x.D), 0.
	for _, m := range modes {
		mean, sd := make([]float64, x.D), make([]float64, x.D)
		n := float64(len(m.Members))
		for _, i := range m.Members {
			for j, v := range x.Row(i) {
				mean[j] += v / n
			}
		}
		for _, i := range m.Members {
			for j, v := range x.Row(i) {
				sd[j] += (v - mean[j]) * (v - mean[j])
			}
		}
		for j := range sd {
			pooled[j] += sd[j]
			sd[j] = math.Sqrt(sd[j] / n)
		}
		members += n
		c.mean, c.sd = append(c.mean, mean), append(c.sd, sd)
	}
	for k, m := range modes {
		for j := range x.D {
			all := math.Sqrt(pooled[j] / members)
			if len(m.Members) < 5 || c.sd[k][j] == 0 {
				c.sd[k][j] = all
			}
			if c.sd[k][j] == 0 { // every mode is one point
				c.sd[k][j] = 1
			}
		}
	}
	return c
}

// nearest is the cell of a point.
func (c *cells) nearest(x []float64) int {
	best, at := math.Inf(1), 0
	for k, m := range c.mean {
		q := 0.
		for j, v := range x {
			z := (v - m[j]) / c.sd[k][j]
			q += z*z + 2*math.Log(c.sd[k][j])
		}
		if q < best {
			best, at = q, k
		}
	}
	return at
}

// basin is a target cut to one cell: its density is zero elsewhere.
type basin struct {
	ito.Target
	cells *cells
	k     int
}

func (b basin) cut(logp []float64, x ito.States) {
	if len(b.cells.mean) == 1 {
		return
	}
	for i := range logp {
		if b.cells.nearest(x.Row(i)) != b.k {
			logp[i] = math.Inf(-1)
		}
	}
}

func (b basin) LogDensity(ctx context.Context, dst []float64, x ito.States) error {
	if err := b.Target.LogDensity(ctx, dst, x); err != nil {
		return err
	}
	b.cut(dst, x)
	return nil
}

func (b basin) Gradient(ctx context.Context, logp []float64, grad, x ito.States) error {
	if err := b.Target.Gradient(ctx, logp, grad, x); err != nil {
		return err
	}
	b.cut(logp, x)
	return nil
}
