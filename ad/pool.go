package ad

import (
	"sync"
	"sync/atomic"
)

// Pool is a number of workers that share the passes of programs. Units of work are claimed, so a worker that
// the machine holds up delays nobody who does not wait for it. Only one run uses a pool at a time; a second
// one works alone meanwhile. A nil Pool is the caller alone.
type Pool struct {
	workers int
	busy    sync.Mutex
	job     func(worker, unit int)
	// state is phase<<32 | units left. A claim is a compare-and-swap, so a late worker cannot take a unit of a
	// phase that it has not seen begin.
	state  atomic.Uint64
	undone atomic.Int64
	asleep []atomic.Bool
	wake   []chan struct{}
	closed atomic.Bool
	wg     sync.WaitGroup
}

// spins is how often an idle worker looks for work before it sleeps, some tens of microseconds.
const spins = 20000

// NewPool starts workers−1 goroutines beside the caller's own. Close ends them.
func NewPool(workers int) *Pool {
	p := &Pool{workers: max(workers, 1)}
	p.asleep = make([]atomic.Bool, p.workers)
	p.wake = make([]chan struct{}, p.workers)
	for w := 1; w < p.workers; w++ {
		p.wake[w] = make(chan struct{}, 1)
		p.wg.Add(1)
		go p.loop(w)
	}
	return p
}

// Workers is the number of workers, the caller included.
func (p *Pool) Workers() int {
	if p == nil {
		return 1
	}
	return p.workers
}

// Close ends the pool's goroutines and waits for them.
func (p *Pool) Close() {
	if p == nil {
		return
	}
	p.closed.Store(true)
	for w := 1; w < p.workers; w++ {
		select {
		case p.wake[w] <- struct{}{}:
		default:
		}
	}
	p.wg.Wait()
}

// Do has f called for every unit 0 … units−1 by some worker and returns when all are done. Units must not
// depend on each other.
func (p *Pool) Do(units int, f func(worker, unit int)) {
	if p == nil || p.workers == 1 || !p.busy.TryLock() {
		for u := range units {
			f(0, u)
		}
		return
	}
	defer p.busy.Unlock()
	p.job = f
	p.undone.Store(int64(units))
	phase := p.state.Load()>>32 + 1
	p.state.Store(phase<<32 | uint64(units))
	for w := 1; w < p.workers && w < units; w++ {
		if p.asleep[w].Load() {
			select {
			case p.wake[w] <- struct{}{}:
			default:
			}
		}
	}
	p.claim(0)
	for p.undone.Load() > 0 {
		// The last units are in other hands.
	}
}

// claim does units until none are left, and reports whether it did any.
func (p *Pool) claim(worker int) bool {
	did := false
	for {
		s := p.state.Load()
		left := s & (1<<32 - 1)
		if left == 0 {
			return did
		}
		if p.state.CompareAndSwap(s, s-1) {
			p.job(worker, int(left-1))
			p.undone.Add(-1)
			did = true
		}
	}
}

func (p *Pool) loop(w int) {
	defer p.wg.Done()
	idle := 0
	for !p.closed.Load() {
		if p.claim(w) {
			idle = 0
			continue
		}
		if idle++; idle < spins {
			continue
		}
		p.asleep[w].Store(true)
		if p.state.Load()&(1<<32-1) == 0 && !p.closed.Load() {
			<-p.wake[w]
		}
		p.asleep[w].Store(false)
		idle = 0
	}
}
