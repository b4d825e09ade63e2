package inverse

import (
	"context"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// child carries a particle from level k−1 to k, with noise of its number.
func (w *searchRow) child(p particle, k, number int) ito.States {
	u, x0 := w.states(1), w.states(1)
	copy(u.X, p.u)
	copy(x0.X, p.x0)
	w.r.Step(u, x0, k-1, 1, uint32(number))
	return u
}

// children makes and evaluates n children at level k, of every particle in turn.
func (w *searchRow) children(ctx context.Context, k, n int) error {
	u, from := w.states(n), w.now
	for i := range n {
		copy(u.Row(i), w.child(from[i%len(from)], k, i).X)
	}
	x0 := w.states(n)
	if err := w.evaluate(ctx, x0, u, k); err != nil {
		return err
	}
	return w.weigh(ctx, x0, u, from)
}

// top keeps the n particles of largest reward, the first of equals before the others.
func (w *searchRow) top(n int) {
	slices.SortStableFunc(w.now, func(a, b particle) int {
		switch {
		case a.reward > b.reward:
			return -1
		case a.reward < b.reward:
			return 1
		}
		return 0
	})
	w.now = w.now[:min(n, len(w.now))]
}

// rollover tries children at level k until one is better than the best before, at most the level's quota; the last
// level spends what is left.
func (w *searchRow) rollover(ctx context.Context, k int) error {
	parent, quota, last := w.now[0], w.share(k), k == len(w.r.Rho)-1
	var tried []particle
	for i := range quota {
		u, x0 := w.child(parent, k, i), w.states(1)
		if err := w.evaluate(ctx, x0, u, k); err != nil {
			return err
		}
		if err := w.weigh(ctx, x0, u, nil); err != nil {
			return err
		}
		tried = append(tried, w.now[0])
		if w.now[0].reward > w.best && !last {
			break
		}
	}
	w.now = tried
	w.top(1)
	w.best = math.Max(w.best, w.now[0].reward)
	return nil
}

// resample weighs the particles of smc at level k and draws them anew where fewer than half count; after the last
// level one is drawn.
func (w *searchRow) resample(k int) error {
	n, levels := len(w.now), float64(len(w.r.Rho)-1)
	top := math.Inf(-1)
	for i := range w.now {
		p := &w.now[i]
		p.logw += (float64(k)/levels*p.reward - float64(k-1)/levels*p.before) / w.Temperature
		top = math.Max(top, p.logw)
	}
	if !finiteNorm(top) {
		return &ito.NonFiniteError{What: "largest log weight", Sample: w.r.X.ID[w.row]}
	}
	weights, sum, squares := make([]float64, n), 0., 0.
	for i, p := range w.now {
		weights[i] = math.Exp(p.logw - top)
		sum += weights[i]
		squares += float64(weights[i] * weights[i])
	}
	m := mcgRow{r: w.r, row: w.row}
	if k == len(w.r.Rho)-1 {
		w.now = w.now[pickOf(weights, m.uniform(uint32(k))*sum):][:1]
		return nil
	}
	if sum*sum/squares >= .5*float64(n) {
		return nil
	}
	old := slices.Clone(w.now)
	at, into, shift := weights[0], 0, m.uniform(uint32(k))
	for i := range w.now {
		for t := (float64(i) + shift) / float64(n) * sum; t >= at && into < n-1; {
			into++
			at += weights[into]
		}
		w.now[i] = old[into]
		w.now[i].logw = 0
	}
	return nil
}
