package serve

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/task/sample"
)

// mostPlans is how many plans are kept of a model.
const mostPlans = 64

// smallRows is how many samples a request may have to be drawn in one batch with others.
const smallRows = 32

// batcher draws small requests that differ in seed and ids alone in one batch. A request waits for nothing but a
// worker: those that come while all are busy are drawn together when one is free. It changes no byte.
type batcher struct {
	slots chan struct{}
	drew  func(requests int)

	mu   sync.Mutex
	open map[string]*batch // that wait for a worker, by what their requests have in common
}

// batch are requests that are drawn together.
type batch struct {
	plan   *recipe.Planned
	most   int // rows
	shares []recipe.Share
	wait   []chan drawn
	rows   int

	left int // requests whose client is still there
	stop context.CancelFunc
}

// drawn is what a request gets.
type drawn struct {
	recipe.Shared
	err error
}

func newBatcher(slots chan struct{}, drew func(int)) *batcher {
	return &batcher{slots: slots, drew: drew, open: map[string]*batch{}}
}

// draw draws the samples of a request. The work ends at its next step when ctx of all its requests has.
func (b *batcher) draw(ctx context.Context, key string, plan *recipe.Planned, most int, share recipe.Share) (
	recipe.Shared, error) {
	if err := ctx.Err(); err != nil {
		return recipe.Shared{}, err
	}
	b.mu.Lock()
	t := b.open[key]
	if t == nil {
		select {
		case b.slots <- struct{}{}: // a worker is free, and nobody waits: it is the caller
			b.mu.Unlock()
			defer func() { <-b.slots }()
			b.drew(1)
			all, err := plan.Together(ctx, []recipe.Share{share})
			if err != nil {
				return recipe.Shared{}, err
			}
			return all[0], nil
		default:
		}
	}
	answer := make(chan drawn, 1)
	if t == nil || t.rows+share.N > t.most {
		work, stop := context.WithCancel(context.WithoutCancel(ctx))
		t = &batch{plan: plan, most: most, stop: stop}
		b.open[key] = t
		go b.run(work, key, t)
	}
	t.shares, t.wait = append(t.shares, share), append(t.wait, answer)
	t.rows += share.N
	t.left++
	b.mu.Unlock()
	select {
	case d := <-answer:
		return d.Shared, d.err
	case <-ctx.Done():
		b.mu.Lock()
		defer b.mu.Unlock()
		if t.left--; t.left == 0 {
			t.stop()
			b.close(key, t)
		}
		return recipe.Shared{}, ctx.Err()
	}
}

// close lets nobody join a batch any more; b.mu is held.
func (b *batcher) close(key string, t *batch) {
	if b.open[key] == t {
		delete(b.open, key)
	}
}

// run waits for a worker and draws.
func (b *batcher) run(ctx context.Context, key string, t *batch) {
	defer t.stop()
	select {
	case b.slots <- struct{}{}:
		defer func() { <-b.slots }()
	case <-ctx.Done():
		return // nobody is there
	}
	b.mu.Lock()
	b.close(key, t)
	b.mu.Unlock()
	b.drew(len(t.shares))
	defer func() { // a bug, which is the requests' and not the server's end
		if e := recover(); e != nil {
			for _, w := range t.wait {
				select {
				case w <- drawn{err: fmt.Errorf("panic: %v\n%s", e, debug.Stack())}:
				default:
				}
			}
		}
	}()
	all, err := t.plan.Together(ctx, t.shares)
	for i, share := range t.shares {
		switch {
		case err == nil:
			t.wait[i] <- drawn{all[i], nil}
		case len(t.shares) == 1 || ctx.Err() != nil:
			t.wait[i] <- drawn{err: err}
		default: // it may be another's fault
			one, err := t.plan.Together(ctx, []recipe.Share{share})
			if err != nil {
				t.wait[i] <- drawn{err: err}
				continue
			}
			t.wait[i] <- drawn{one[0], nil}
		}
	}
}

// plan is the plan of a request, kept for those that differ from it in seed and ids alone; nil where it has none, or
// none that is shared. A request that is refused besides is an error.
func (m *served) plan(a *asked) (*recipe.Planned, error) {
	m.mu.Lock()
	p := m.plans[a.key]
	m.mu.Unlock()
	if p != nil {
		return p, sample.CheckIDs(&a.c, m.model)
	}
	p, err := recipe.Plan(m.model, a.c.SampleConfig)
	if err != nil || !p.Shareable() {
		return nil, nil // drawing alone has the words for it
	}
	if err := sample.CheckRequest(&a.c, m.model); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.plans == nil || len(m.plans) >= mostPlans {
		m.plans = map[string]*recipe.Planned{}
	}
	m.plans[a.key] = p
	return p, nil
}

// together draws a small request with others; ok is false where it is not one.
func (s *Server) together(ctx context.Context, a *asked, env *sample.Env) (r sample.Report, ok bool, err error) {
	if a.c.N > smallRows || a.c.N < 1 {
		return r, false, nil
	}
	plan, err := a.model.plan(a)
	switch {
	case err != nil:
		return r, true, err
	case plan == nil:
		return r, false, nil
	}
	for _, line := range a.c.Remarks(a.model.model) {
		env.Tell(line)
	}
	all, err := s.batcher.draw(
		ctx,
		a.model.digest+a.key,
		plan,
		a.c.Chunk,
		recipe.Share{Seed: a.c.Seed, First: a.c.First,
			N: a.c.N},
	)
	if err != nil {
		return r, true, err
	}
	return sample.Report{SampleReport: all.Report}, true, env.Sink(all.Rows)
}
