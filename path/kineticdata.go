package path

import (
	"cmp"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/internal/spec"
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
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("%d rows of dimension %d", x.N, x.D),
			Do: "give at least 2 finite rows"}
	}
	o.Bandwidth = cmp.Or(o.Bandwidth, .05)
	for _, c := range []struct {
		v   *int
		def int
	}{{&o.Rows, kineticRows}, {&o.Draws, 1024}, {&o.Nodes, 129}} {
		if *c.v == 0 {
			*c.v = c.def
		}
		if *c.v < 4 {
			return nil, &ito.InputError{Where: where, What: fmt.Sprintf("rows=%d, draws=%d, nodes=%d", o.Rows, o.Draws,
				o.Nodes), Do: "give at least 4 of each"}
		}
	}
	if !(o.Bandwidth > 0 && o.Bandwidth < 1) {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("bandwidth %g", o.Bandwidth),
			Do: "give one between 0 and 1"}
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
	γ := gammaOf(o.Nodes, func(θ float64) float64 { return posteriorSpeed(points, o.Bandwidth, y, z, θ) })
	return NewKinetic(KineticConfig{Gamma: γ, Scale: scale, Mean: mean})
}

// kineticRows are those of the data that a kinetic-optimal path is computed from.
const kineticRows = 512

// Rows implements [FromRows]: some where γ is open.
func (c *KineticConfig) Rows() int {
	if len(c.Gamma) > 0 {
		return 0
	}
	return kineticRows
}

// Complete implements [FromRows]: γ, and unless they are set scale and mean, are those of [KineticFromData].
func (c *KineticConfig) Complete(x ito.States, n ito.Noise) error {
	p, err := KineticFromData(x, KineticOptions{Noise: n})
	if err != nil {
		return err
	}
	c.Gamma = p.cfg.Gamma
	if spec.IsDefault(c, "scale") {
		c.Scale = p.cfg.Scale
	}
	if spec.IsDefault(c, "mean") {
		c.Mean = p.cfg.Mean
	}
	return nil
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

// posteriorSpeed returns γ(θ), s = tan θ, as the mean over rows (y,z) of ‖x̂_0 − x sin θ‖²/(D cos²θ) with x = cos θ
// (sy + z): the squared speed of the flow where the radius stands still. The data are points with standard
// deviation h around each, so x̂_0 = (E_w p + sh²(sy+z))/v, v = s²h²+1, with w the posterior weights of the points.
// No draw is below 0, and its spread goes with γ itself, so √γ of the mean is hardly biased; 1 − ω(s)/cos²θ has the
// same mean and a spread that does not vanish with γ, whose root is then too large.
func posteriorSpeed(points ito.States, h float64, y, z ito.States, θ float64) float64 {
	sin, cos := math.Sincos(θ)
	s := sin / cos
	v := s*s*h*h + 1
	w, mean, at := make([]float64, points.N), make([]float64, points.D), make([]float64, points.D)
	total := 0.0
	for i := range y.N {
		for j := range at {
			at[j] = float64(s*y.Row(i)[j]) + z.Row(i)[j]
		}
		top := math.Inf(-1)
		for k := range w {
			q := 0.0
			for j, p := range points.Row(k) {
				δ := at[j] - float64(s*p)
				q += float64(δ * δ)
			}
			w[k] = -q / (2 * v)
			top = math.Max(top, w[k])
		}
		sum := 0.0
		clear(mean)
		for k, e := range w {
			if e -= top; e < -50 {
				continue
			}
			g := math.Exp(e)
			sum += g
			matrix.AddScaled(mean, g, points.Row(k))
		}
		for j, m := range mean {
			u := (m/sum+float64(s*h*h*at[j]))/v - float64(sin*cos*at[j])
			total += float64(u * u)
		}
	}
	return total / (float64(y.N) * float64(points.D) * cos * cos)
}
