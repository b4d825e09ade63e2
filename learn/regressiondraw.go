package learn

import (
	"context"
	"errors"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/rng"
)

// parts are those in which a batch is drawn.
type parts struct {
	failed []error     // of each part
	rooms  [][]float64 // of each worker: rows and noise of a part
}

// shareFrom is the number of values from which a batch is drawn in parts.
const shareFrom = 1 << 15

// drawPart is about how many values are drawn at once: rows and noise are still in the processor's own memory when the
// wrapping reads them.
const drawPart = 1 << 14

// partRows is how many rows are drawn at once: whole groups of those that share a time.
func (r *regression) partRows(workers int) int {
	n := r.in.N
	if n*r.in.In < shareFrom {
		return n
	}
	rows := min(max(drawPart/r.in.In, 1), (n+2*workers-1)/(2*workers))
	if r.together != nil {
		return max((rows+sharedTime-1)/sharedTime, 1) * sharedTime
	}
	return rows
}

// Draw implements Loss: rows, noise, times and dropped conditions of a step, as the wrapping prepares them. Rows do not
// depend on each other, so it makes no difference how they are cut.
func (r *regression) Draw(_ context.Context, step uint32, pool *ad.Pool) error {
	b, n := r.rows, r.in.N
	ids := b.x0.ID
	if r.together != nil {
		r.clock.drawTogether(r.t, ids, r.together, b.seed, step)
	} else {
		r.clock.draw(r.t, ids, b.seed, step)
	}
	whole := r.holes != nil || r.means != nil // rows are looked at all together first
	if whole {
		if err := r.fill(step); err != nil {
			return err
		}
	}
	rows := r.partRows(pool.Workers())
	units := (n + rows - 1) / rows
	if len(r.parts.failed) != units {
		r.parts.failed = make([]error, units)
	}
	if len(r.parts.rooms) != pool.Workers() {
		r.parts.rooms = make([][]float64, pool.Workers())
	}
	pool.Do(units, func(worker, u int) {
		lo, hi := u*rows, min((u+1)*rows, n)
		room := resize(r.parts.rooms[worker], rows*(r.in.D+r.in.In))
		r.parts.rooms[worker] = room
		x0 := b.x0.Slice(lo, hi)
		eps := ito.States{N: x0.N, D: r.in.In, X: room[:x0.N*r.in.In], ID: x0.ID}
		if !whole {
			x0.X = room[rows*r.in.In:][:x0.N*r.in.D]
			if r.parts.failed[u] = b.fillPart(x0, lo, step); r.parts.failed[u] != nil {
				return
			}
		}
		if r.tails != nil {
			r.tails.Noise(eps, ito.Seed(b.seed), rng.PurposePath, step)
		} else {
			b.space.Noise(ito.Seed(b.seed), x0.ID, b.part(lo, x0.N)).Normal(eps, rng.PurposePath, step, 0)
		}
		r.parts.failed[u] = r.wrap.Prepare(r.in.Slice(lo, hi), x0, eps, r.t[lo:hi], r.kind)
	})
	if err := errors.Join(r.parts.failed...); err != nil {
		return err
	}
	if r.clock.levels != nil {
		r.clock.levels.weigh(r.in, r.t)
	}
	if r.holes != nil {
		r.holes.weigh(r.in)
	}
	return nil
}

// fill draws the rows of a step, closes their holes and takes their means off.
func (r *regression) fill(step uint32) error {
	b := r.rows
	if err := b.fill(step); err != nil {
		return err
	}
	if r.holes != nil {
		r.holes.close(b.x0)
	}
	if r.means != nil {
		if err := r.means.MeanOf(r.μ, b.conditions()); err != nil {
			return err
		}
		matrix.AddScaled(b.x0.X, -1, r.μ.X)
	}
	return nil
}

func resize(b []float64, n int) []float64 {
	if cap(b) < n {
		return make([]float64, n)
	}
	return b[:n]
}
