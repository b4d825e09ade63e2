package learn

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/wrap"
)

// Data is what is learnt: states, and a condition for each, or none.
type Data struct {
	X    ito.States
	Cond ito.Cond
}

func (d Data) check() error {
	bad := func(what string) error { return &ito.InputError{Where: "training data", What: what} }
	if err := d.X.Check(); err != nil {
		return bad(err.Error())
	}
	if d.X.N == 0 || d.X.D == 0 {
		return bad("there are no rows")
	}
	if d.Cond.C > 0 && len(d.Cond.X) != d.Cond.C*d.X.N {
		return bad("the conditions are not one for each row")
	}
	if i := d.X.FirstNonFinite(); i >= 0 {
		return &ito.NonFiniteError{What: "training data", Sample: d.X.ID[i]}
	}
	return nil
}

// moments are those of the rows; a single row has no spread.
func (d Data) moments() (ito.Gaussian, error) { return metric.Moments(d.X) }

// batch draws and prepares the rows of one training step. Everything has the address (seed, purpose, step,
// place in the batch), so a step is the same whenever and wherever it is taken.
type batch struct {
	*wrap.Batch
	cond    []float32 // [N,C], zeros where dropped
	x0, eps ito.States
	t       ito.Times
	drop    []float64

	tails    *path.PFGMKernel // of the noise; nil: Gaussian
	together []int            // bounds of the groups of rows that share a time; nil: each has its own
}

// newBatch is for a network that reads the given number of values: those of a row, or twice as many on a momentum path.
func newBatch(n int, d Data, in int) *batch {
	b := &batch{Batch: wrap.NewBatch(n, d.X.D), cond: make([]float32, n*d.Cond.C), x0: ito.NewStates(n, d.X.D, 0), t: make(ito.Times, n)}
	if in > d.X.D {
		b.Batch = wrap.NewMomentumBatch(n, d.X.D)
	}
	b.eps = b.x0.Like(b.In)
	if d.Cond.C > 0 {
		b.drop = make([]float64, n)
	}
	return b
}

// fill draws rows with replacement, noise, times and dropped conditions of step, and prepares them.
func (b *batch) fill(d Data, c scaling, o Objective, clock clock, seed uint64, step uint32, dropout float64) error {
	ids := b.x0.ID
	rows := rng.NewKey(seed, rng.PurposeData, step, 0)
	if b.drop != nil {
		rng.NewKey(seed, rng.PurposeDropout, step, 0).Uniforms64(b.drop, 1, ids)
	}
	for i, id := range ids {
		r := rows.Intn(id, 0, d.X.N)
		copy(b.x0.Row(i), d.X.Row(r))
		if b.drop == nil {
			continue
		}
		to := b.cond[i*d.Cond.C : (i+1)*d.Cond.C]
		clear(to)
		if b.drop[i] >= dropout {
			for k, v := range d.Cond.Row(r) {
				to[k] = float32(v)
			}
		}
	}
	if b.tails != nil {
		b.tails.Noise(b.eps, ito.Seed(seed), rng.PurposePath, step)
	} else {
		ito.Seed(seed).Normal(b.eps, rng.PurposePath, step, 0)
	}
	if b.together != nil {
		clock.drawTogether(b.t, ids, b.together, seed, step)
	} else {
		clock.draw(b.t, ids, seed, step)
	}
	return c.Prepare(b.Batch, b.x0, b.eps, b.t, o.Predicts())
}
