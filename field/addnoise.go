package field

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// AddNoise is the velocity b = v − γγ̇s of an interpolant from v = E[İ|x] and the score s, or b = v + γ̇η where s
// predicts η = E[z|x]: for networks that learned the parts. An evaluation costs one of each. From η it needs γ > 0.
func AddNoise(p ito.TwoEnded, v, s ito.Field) (ito.Field, error) {
	switch s.Kind() {
	case ito.PredScore:
		return combine(ito.PredVelocity, v, s, func(t float64) float64 { return -p.Interpolation(t).HalfDGamma2 }), nil
	case ito.PredEps:
		return combine(ito.PredVelocity, v, s, func(t float64) float64 {
			c := p.Interpolation(t)
			return c.HalfDGamma2 / c.Gamma
		}), nil
	}
	return nil, &ito.InputError{Where: "velocity of an interpolant",
		What: fmt.Sprintf("a field that predicts %s in the place of s or η", s.Kind())}
}

// ScoreFromEta is the score s = −η/γ of an interpolant from a field that predicts η = E[z|x]. It needs γ > 0.
func ScoreFromEta(p ito.TwoEnded, eta ito.Field) (ito.Field, error) {
	if eta.Kind() != ito.PredEps {
		return nil, &ito.InputError{Where: "score of an interpolant",
			What: fmt.Sprintf("a field that predicts %s in the place of η", eta.Kind())}
	}
	return combine(ito.PredScore, nil, eta, func(t float64) float64 { return -1 / p.Interpolation(t).Gamma }), nil
}

func combine(kind ito.Prediction, v, s ito.Field, c func(t float64) float64) ito.Field {
	f := combined{kind, v, s, c}
	_, ok := s.(ito.Divergencer)
	if v != nil && ok {
		_, ok = v.(ito.Divergencer)
	}
	if ok {
		return combinedDivergence{f}
	}
	return f
}

// combined is v + c(t)s, v being nil for zero.
type combined struct {
	kind ito.Prediction
	v, s ito.Field
	c    func(t float64) float64
}

// Kind implements ito.Field.
func (f combined) Kind() ito.Prediction { return f.kind }

// OutDim implements ito.Field.
func (f combined) OutDim(d int) int { return f.s.OutDim(d) }

// Calls implements ito.Coster.
func (f combined) Calls() int {
	if f.v == nil {
		return ito.Calls(f.s)
	}
	return ito.Calls(f.v) + ito.Calls(f.s)
}

// Predict implements ito.Field.
func (f combined) Predict(ctx context.Context, dst, x ito.States, t ito.Times, cond ito.Cond) error {
	return f.add(dst, t, func(g ito.Field, dst ito.States) error { return g.Predict(ctx, dst, x, t, cond) })
}

// VJP implements ito.VJPer where both parts do.
func (f combined) VJP(ctx context.Context, dx, x ito.States, t ito.Times, cond ito.Cond, cotangent ito.States) error {
	return f.add(dx, t, func(g ito.Field, dst ito.States) error {
		h, ok := g.(ito.VJPer)
		if !ok {
			return &ito.UnsupportedError{What: "a gradient of this field", Why: "one of its parts has none",
				Nearest: "fields with VJP"}
		}
		return h.VJP(ctx, dst, x, t, cond, cotangent)
	})
}

// add writes do(v) + c(t)·do(s).
func (f combined) add(dst ito.States, t ito.Times, do func(ito.Field, ito.States) error) error {
	if f.v == nil {
		if err := do(f.s, dst); err != nil {
			return err
		}
		for i := range dst.N {
			c := f.c(t.At(i))
			for k := range dst.Row(i) {
				dst.Row(i)[k] *= c
			}
		}
		return nil
	}
	if err := do(f.v, dst); err != nil {
		return err
	}
	part := dst.Like(dst.D)
	if err := do(f.s, part); err != nil {
		return err
	}
	for i := range dst.N {
		c := f.c(t.At(i))
		for k, v := range part.Row(i) {
			dst.Row(i)[k] += float64(c * v)
		}
	}
	return nil
}

type combinedDivergence struct{ combined }

// Divergence implements ito.Divergencer.
func (f combinedDivergence) Divergence(ctx context.Context, div []float64, x ito.States, t ito.Times,
	cond ito.Cond) error {
	d := ito.States{N: len(div), D: 1, X: div, ID: x.ID}
	return f.add(d, t, func(g ito.Field, dst ito.States) error {
		return g.(ito.Divergencer).Divergence(ctx, dst.X, x, t, cond)
	})
}
