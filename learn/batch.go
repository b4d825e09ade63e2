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
func (b *batch) fill(step uint32) error { return b.fillPart(b.x0, 0, step) }

// fillPart draws those at the places from, from+1, …, whose ids x has: rows into x, conditions into their places.
func (b *batch) fillPart(x ito.States, from int, step uint32) error {
	c := b.source.CondWidth()
	at, end := from*c, (from+x.N)*c
	wide := b.wide[at:end]
	if err := b.source.Fill(x, wide, b.seed, step); err != nil {
		return err
	}
	if b.drop == nil {
		return nil
	}
	drop := b.drop[from : from+x.N]
	rng.NewKey(b.seed, rng.PurposeDropout, step, 0).Uniforms64(drop, 1, x.ID)
	for i, u := range drop {
		to, from := b.cond[at+i*c:at+(i+1)*c], wide[i*c:(i+1)*c]
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

// part are the conditions of n rows from a place.
func (b *batch) part(from, n int) ito.Cond {
	c := b.source.CondWidth()
	return ito.Cond{C: c, X: b.wide[from*c : (from+n)*c]}
}

// rows are conditions as a mask is looked for in them.
func (b *batch) conditions() ito.Cond { return ito.Cond{C: b.source.CondWidth(), X: b.wide} }
