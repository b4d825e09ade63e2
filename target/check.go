package target

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// GradientError is a gradient that disagrees with differences of its own log density.
type GradientError struct {
	Row, Coordinate int
	At              float64 // the coordinate's value
	Gradient        float64 // what the target says
	Difference      float64 // what its log density says
	Uncertainty     float64 // of Difference
}

func (e *GradientError) Error() string {
	return fmt.Sprintf("target: row %d: ∂log ρ/∂x[%d] at %.6g is %.9g by the gradient and %.9g ± %.1g by differences",
		e.Row, e.Coordinate, e.At, e.Gradient, e.Difference, e.Uncertainty)
}

// ValueError is a Gradient call that returns another log density than LogDensity.
type ValueError struct {
	Row                  int
	LogDensity, Gradient float64
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("target: row %d: log ρ is %.12g by LogDensity and %.12g by Gradient", e.Row, e.LogDensity,
		e.Gradient)
}

// CheckGradient compares the gradient of t at the rows of x, which it skips where log ρ is not finite, with
// central differences extrapolated over six step sizes (Ridders, Adv. Eng. Software 4, 1982). A component may
// differ by tol·max(1, |difference|, ‖∇log ρ‖∞·1e-3) and ten times the differences' own uncertainty; tol 0 means
// 1e-6. It returns the first *GradientError or *ValueError. Cost: one gradient and 12·d densities a row.
func CheckGradient(ctx context.Context, t ito.Target, x ito.States, tol float64) error {
	if tol == 0 {
		tol = 1e-6
	}
	d := t.Dim()
	logp, plain, grad := make([]float64, x.N), make([]float64, x.N), x.Like(d)
	if err := t.Gradient(ctx, logp, grad, x); err != nil {
		return err
	}
	if err := t.LogDensity(ctx, plain, x); err != nil {
		return err
	}
	steps := [ridders]float64{}
	probe, out := ito.NewStates(2*ridders, d, 0), make([]float64, 2*ridders)
	for i := range x.N {
		if math.IsNaN(plain[i]) || math.IsInf(plain[i], 0) {
			continue
		}
		if !(math.Abs(plain[i]-logp[i]) <= 1e-9*max(1, math.Abs(plain[i]))) {
			return &ValueError{i, plain[i], logp[i]}
		}
		largest := 0.
		for _, g := range grad.Row(i) {
			largest = max(largest, math.Abs(g))
		}
		for k := range d {
			h := .02 * max(1, math.Abs(x.Row(i)[k]))
			for s := range ridders {
				copy(probe.Row(2*s), x.Row(i))
				copy(probe.Row(2*s+1), x.Row(i))
				probe.Row(2 * s)[k] += h
				probe.Row(2*s + 1)[k] -= h
				steps[s] = probe.Row(2 * s)[k] - probe.Row(2*s + 1)[k]
				h /= shrink
			}
			if err := t.LogDensity(ctx, out, probe); err != nil {
				return err
			}
			var diff [ridders]float64
			for s := range ridders {
				diff[s] = (out[2*s] - out[2*s+1]) / steps[s]
			}
			want, doubt := extrapolate(diff)
			got := grad.Row(i)[k]
			if !(math.Abs(got-want) <= tol*max(1, math.Abs(want), 1e-3*largest)+10*doubt) {
				return &GradientError{i, k, x.Row(i)[k], got, want, doubt}
			}
		}
	}
	return nil
}

const (
	ridders = 6
	shrink  = 4.
)

// extrapolate applies Neville's scheme to central differences at steps h, h/4, … and returns the entry whose
// neighbours agree best, with that disagreement.
func extrapolate(t [ridders]float64) (best, doubt float64) {
	best, doubt = t[0], math.Inf(1)
	prev := t
	for j := 1; j < ridders; j++ {
		var next [ridders]float64
		f := math.Pow(shrink, 2*float64(j))
		for i := j; i < ridders; i++ {
			next[i] = (f*prev[i] - prev[i-1]) / (f - 1)
			if e := max(math.Abs(next[i]-prev[i]), math.Abs(next[i]-prev[i-1])); e < doubt {
				best, doubt = next[i], e
			}
		}
		prev = next
	}
	return best, doubt
}
