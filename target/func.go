package target

import (
	"context"

	"github.com/seed9a7962a8/ito"
)

// Func is a density given by plain Go functions of one state. They must be safe for concurrent calls and
// must not keep x. Verify the pair with CheckGradient before trusting a sampler with it.
type Func struct {
	D   int
	Log func(x []float64) float64 // log ρ(x)
	// Grad writes ∇log ρ(x) to grad. Nil: central differences, 2·D evaluations of Log a gradient, with a
	// relative error near 1e-10; good for a first look, too coarse for a long run.
	Grad func(grad, x []float64)
}

// Dim implements ito.Target.
func (f *Func) Dim() int { return f.D }

// LogDensity implements ito.Target.
func (f *Func) LogDensity(ctx context.Context, dst []float64, x ito.States) error {
	if err := check(f.D, x, len(dst)); err != nil {
		return err
	}
	for i := range dst {
		if i%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		dst[i] = f.Log(x.Row(i))
	}
	return nil
}

// Gradient implements ito.Target.
func (f *Func) Gradient(ctx context.Context, logp []float64, grad, x ito.States) error {
	if err := check(f.D, x, len(logp)); err != nil {
		return err
	}
	if err := check(f.D, grad, x.N); err != nil {
		return err
	}
	var y []float64
	for i := range logp {
		if i%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		logp[i] = f.Log(x.Row(i))
		if f.Grad != nil {
			f.Grad(grad.Row(i), x.Row(i))
			continue
		}
		y = append(y[:0], x.Row(i)...)
		for k, g := 0, grad.Row(i); k < f.D; k++ {
			g[k] = central(f.Log, y, k, step(y[k]))
		}
	}
	return nil
}

// step balances the truncation h² of a central difference against rounding, 1e-16/h.
func step(x float64) float64 { return 6e-6 * max(1, abs(x)) }

func central(f func([]float64) float64, x []float64, k int, h float64) float64 {
	at := x[k]
	x[k] = at + h
	up, hi := f(x), x[k]
	x[k] = at - h
	down, lo := f(x), x[k]
	x[k] = at
	return (up - down) / (hi - lo)
}

func abs(x float64) float64 {
	if x < 0 {
		return -x
	}
	return x
}
