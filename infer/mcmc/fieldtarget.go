package mcmc

import (
	"cmp"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
)

// LedByScore is what is known of a law whose score under noise leads [DMCMC]: that score, data of which a classifier
// learns the noise levels, and the levels up to the highest, 0 being as high as is usual.
type LedByScore interface {
	infer.LedTarget
	NoisyScore() NoisyScore
	Data() ito.States
	Levels(highest float64) ([]float64, error)
}

// FieldTarget is what a trained field has learned, for [DMCMC]: its score under noise, and rows of its data, of
// which a classifier learns the noise levels. As a Target it is flat: a field knows no density.
type FieldTarget struct {
	Flat
	Field *FieldScore
	Rows  ito.States // of data, in the field's coordinates
}

// NewFieldTarget checks that rows are of the field's dimension.
func NewFieldTarget(f *FieldScore, rows ito.States) (*FieldTarget, error) {
	if err := rows.Check(); err != nil {
		return nil, err
	}
	if rows.N < 1 || rows.D != f.d || !infer.AllFinite(rows.X) {
		return nil, &ito.InputError{Where: "dmcmc", What: fmt.Sprintf("%d rows of dimension %d for a field of "+
			"dimension %d", rows.N, rows.D, f.d), Do: "give finite rows of what the field has learned"}
	}
	return &FieldTarget{Flat{f.d}, f, rows}, nil
}

// Led implements LedTarget.
func (*FieldTarget) Led() {}

// NoisyScore implements LedByScore.
func (t *FieldTarget) NoisyScore() NoisyScore { return t.Field }

// Data implements LedByScore.
func (t *FieldTarget) Data() ito.States { return t.Rows }

// Levels implements LedByScore: they are twenty noise levels that the field's path has, the flow's end at a fifth of
// the lowest included, up to the highest or as high as the path goes.
func (t *FieldTarget) Levels(highest float64) ([]float64, error) {
	lo, hi := math.Max(.05, 5*t.Field.least*(1+1e-9)), math.Min(cmp.Or(highest, 10), t.Field.most*(1-1e-9))
	if !(hi > lo) {
		return nil, &ito.InputError{Where: "dmcmc", What: fmt.Sprintf("noise levels from %.3g to %.3g", lo, hi),
			Do: "give a larger scale, or a field whose path has more noise"}
	}
	return spacedLevels(lo, hi), nil
}
