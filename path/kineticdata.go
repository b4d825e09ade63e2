package path

import (
	"cmp"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/rng"
)

// KineticOptions say how finely a kinetic-optimal path is computed from data.
type KineticOptions struct {
	Bandwidth float64   // standard deviation around every row, in units of the data's scale; 0 means .05
	Rows      int       // rows used, evenly strided; 0 means 512
	Draws     int       // noisy rows over which the posterior variance is averaged; 0 means 1024
	Nodes     int       // angles; 0 means 129
	Noise     ito.Noise // nil: ito.Seed(0)
}

// KineticFromData computes a kinetic-optimal path for a data set seen as points, each with the bandwidth around it: its
// mean, its scale, and γ by Monte Carlo over noisy rows with exact posteriors. A data set with a density has as many
// well-separated points as it has rows only at noise below their distance; the bandwidth should be near it. It costs
// Nodes·Draws·Rows·D.
func KineticFromData(x ito.States, o KineticOptions) (*Kinetic, error) {
	const where = "kinetic path from data"
	if err := x.Check(); err != nil || x.N < 2 || x.D == 0 || x.FirstNonFinite() >= 0 {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("%d rows of dimension %d", x.N, x.D), Do: "give at least 2 finite rows"}
	}
	o.Bandwidth = cmp.Or(o.Bandwidth, .05)
	for _, c := range []struct {
		v   *int
		def int
	}{{&o.Rows, 512}, {&o.Draws, 1024}, {&o.Nodes, 129}} {
		if *c.v == 0 {
			*c.v = c.def
		}
		if *c.v < 4 {
			return nil, &ito.InputError{Where: where, What: fmt.Sprintf("rows=%d, draws=%d, nodes=%d", o.Rows, o.Draws, o.Nodes), Do: "give at least 4 of each"}
		}
	}
	if !(o.Bandwidth > 0 && o.Bandwidth < 1) {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("bandwidth %g", o.Bandwidth), Do: "give one between 0 and 1"}
	}
	if o.Noise == nil {
		o.Noise = ito.Seed(0)
	}
	k := min(o.Rows, x.N)
	points := ito.NewStates(k, x.D, 0)
	for i := range k {
		copy(points.Row(i), x.Row(i*x.N/k))
	}
	mean, scale := standardise(points)
	if !(scale > 0) {
		return nil, &ito.InputError{Where: where, What: "all rows are equal"}
	}
	// Points and bandwidth together have E‖y‖² = D.
	shrink := math.Sqrt(1 - o.Bandwidth*o.Bandwidth)
	for i := range points.X {
		points.X[i] *= shrink
	}
	y, z := ito.NewStates(o.Draws, x.D, 0), ito.NewStates(o.Draws, x.D, 0)
	o.Noise.Normal(y, rng.PurposeData, 0, 0)
	o.Noise.Normal(z, rng.PurposePath, 0, 0)
	for i := range y.N {
		row := y.Row(i)
		for j, c := range points.Row(i * k / y.N % k) {
			row[j] = c + o.Bandwidth*row[j]
		}
	}
	γ := KineticGamma(o.Nodes, func(s float64) float64 { return posteriorVariance(points, o.Bandwidth, y, z, s) })
	return NewKinetic(KineticConfig{Gamma: γ, Scale: scale, Mean: mean})
}

// standardise subtracts the mean of the rows and divides by c = √(E‖x−μ‖²/D).
func standardise(x ito.States) (mean []float64, scale float64) {
	mean = make([]float64, x.D)
	for i := range x.N {
		matrix.AddScaled(mean, 1/float64(x.N), x.Row(i))
	}
	sum := 0.0
	for i := range x.N {
		row := x.Row(i)
		matrix.AddScaled(row, -1, mean)
		for _, v := range row {
			sum += v * v
		}
	}
	if scale = math.Sqrt(sum / float64(len(x.X))); scale > 0 {
		for i := range x.X {
			x.X[i] /= scale
		}
	}
	return mean, scale
}

// posteriorVariance returns the mean over rows (y,z) of tr Cov(x_0 | s y + z)/D, the data being points with standard
// deviation h around each: h²/v + tr Cov_γ(points)/(Dv²), v = s²h²+1, γ the posterior weights.
func posteriorVariance(points ito.States, h float64, y, z ito.States, s float64) float64 {
	v := s*s*h*h + 1
	w, mean := make([]float64, points.N), make([]float64, points.D)
	size := make([]float64, points.N)
	for k := range size {
		for _, p := range points.Row(k) {
			size[k] += p * p
		}
	}
	total := 0.0
	for i := range y.N {
		top := math.Inf(-1)
		for k := range w {
			q := 0.0
			for j, p := range points.Row(k) {
				δ := s*(y.Row(i)[j]-p) + z.Row(i)[j]
				q += float64(δ * δ)
			}
			w[k] = -q / (2 * v)
			top = math.Max(top, w[k])
		}
		sum, second := 0.0, 0.0
		clear(mean)
		for k, e := range w {
			if e -= top; e < -50 {
				continue
			}
			g := math.Exp(e)
			sum += g
			second += float64(g * size[k])
			matrix.AddScaled(mean, g, points.Row(k))
		}
		first := 0.0
		for _, m := range mean {
			first += m * m
		}
		total += second/sum - first/(sum*sum)
	}
	return h*h/v + total/float64(y.N)/(v*v*float64(points.D))
}
