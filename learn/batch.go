package learn

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// batch draws the rows of one training step from a source, with their conditions. Everything has the address (seed,
// purpose, step, place in the batch), so a step is the same whenever and wherever it is taken.
type batch struct {
	source  ito.Source
	space   ito.Space
	seed    uint64
	dropout float64
	x0      ito.States
	cond    []float32 // [N,C], zeros where dropped; a mask is never dropped
	wide    []float64
	drop    []float64
}

func newBatch(pr Setup) *batch {
	n, c, space := pr.Batch, pr.Source.CondWidth(), pr.Source.Space()
	b := &batch{source: pr.Source, space: space, seed: pr.Seed, dropout: pr.Dropout, x0: ito.NewStates(n, space.Dim(),
		0)}
	if c > 0 {
		b.cond, b.wide, b.drop = make([]float32, n*c), make([]float64, n*c), make([]float64, n)
	}
	return b
}

// fill draws the rows and conditions of a step.
func (b *batch) fill(step uint32) error {
	if err := b.source.Fill(b.x0, b.wide, b.seed, step); err != nil {
		return err
	}
	if b.drop == nil {
		return nil
	}
	rng.NewKey(b.seed, rng.PurposeDropout, step, 0).Uniforms64(b.drop, 1, b.x0.ID)
	c := len(b.cond) / b.x0.N
	for i, u := range b.drop {
		to, from := b.cond[i*c:(i+1)*c], b.wide[i*c:(i+1)*c]
		for k, v := range from {
			m := b.space.Mask
			if kept := u >= b.dropout || m != nil && k >= m.At && k < m.At+m.N; !kept {
				v = 0
			}
			to[k] = float32(v)
		}
	}
	return nil
}

// rows are conditions as a mask is looked for in them.
func (b *batch) conditions() ito.Cond { return ito.Cond{C: b.source.CondWidth(), X: b.wide} }
