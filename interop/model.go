package interop

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// FieldOf is a field of a path of one's own on the plan's levels: call k asks it at the time at which its path has the
// same σ/α, for the states that are scaled to it. Beyond the noisy end of that path, by up to .05 in α/σ, it is asked
// at the end; further, or on a path of several modes, it is an *ito.UnsupportedError. Below its data end it is asked
// there. It predicts x_0.
func (p *SchedulerPlan) FieldOf(f ito.Field, on ito.Path) (ito.Field, error) {
	d, ok := on.(ito.Diagonal)
	if _, own := on.(ito.RowMean); !ok || own || d.Modes() != 1 || len(d.Basis()) > 0 {
		return nil, &ito.UnsupportedError{What: "a scheduler on path " + on.Name(),
			Why: "it has one α and one σ for all columns", Nearest: "a model on vp, ve, edm or flow"}
	}
	inner, err := field.As(f, on, ito.PredX0)
	if err != nil {
		return nil, err
	}
	pl, err := affine.New(on, ito.PredX0)
	if err != nil {
		return nil, err
	}
	const most = .05 // of α/σ at the start
	lo, hi := on.Span()
	λlo, _ := pl.MeanLambda(lo)
	λhi, _ := pl.MeanLambda(hi)
	out := &modelField{plan: p, inner: inner, at: make([]place, len(p.Path.levels)-1)}
	for k, l := range p.Path.levels[:len(p.Path.levels)-1] {
		t := lo
		switch λ := l.lambda(); {
		case λ <= λhi:
			if gap := math.Exp(λhi) - math.Exp(λ); gap > most {
				return nil, &ito.UnsupportedError{What: fmt.Sprintf("a scheduler whose call %d is at σ/α = %.4g", k,
					l.Sigma/l.Alpha), Why: fmt.Sprintf("the model was trained up to %.4g", math.Exp(-λhi)),
					Nearest: "another beta schedule, or the model's own solvers"}
			}
			t = hi
		case λ < λlo:
			t = pl.TimeOf(hi, lo, λ)
		}
		var α, σ [1]float64
		d.Schedule(t, α[:], σ[:], nil, nil)
		out.at[k] = place{t, l.Alpha, σ[0] / l.Sigma}
		if t == lo { // less noise than the path has: its signal is what must fit
			out.at[k].scale = α[0] / l.Alpha
		}
	}
	out.mean = d.Mean()
	return out, nil
}

// place is where the inner field is asked at a call: y = scale x + (1−α) μ.
type place struct{ t, level, scale float64 }

type modelField struct {
	plan  *SchedulerPlan
	inner ito.Field
	at    []place
	mean  []float64
}

// Kind implements ito.Field.
func (*modelField) Kind() ito.Prediction { return ito.PredX0 }

// OutDim implements ito.Field.
func (f *modelField) OutDim(d int) int { return f.inner.OutDim(d) }

// Calls implements ito.Coster.
func (f *modelField) Calls() int { return ito.Calls(f.inner) }

// Predict implements ito.Field.
func (f *modelField) Predict(ctx context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error {
	if len(t) != 1 {
		return &ito.UnsupportedError{What: "a time for each row",
			Why: "a scheduler calls its network for the whole batch", Nearest: "one time"}
	}
	k, err := f.plan.call(t[0])
	if err != nil {
		return err
	}
	at := f.at[k]
	y := x.Clone()
	for i := range y.X {
		y.X[i] *= at.scale
	}
	if f.mean != nil { // α(x_0 − μ) + μ of the path, α x_0 of the level
		for i := range y.N {
			for j, μ := range f.mean {
				y.Row(i)[j] += (1 - float64(at.scale*at.level)) * μ
			}
		}
	}
	return f.inner.Predict(ctx, dst, y, ito.Times{at.t}, c)
}
