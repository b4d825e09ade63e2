package speed

import (
	"context"
	"math"
	"slices"
	"time"
)

// Turn is one timed turn: many slices, each timed by itself, so that those which the scheduler leaves alone can be
// told from those which it cuts.
type Turn struct {
	Rates []float64 `json:"rates"` // work a second of every slice
}

// slice is the time that a slice shall have: less than a scheduler gives at once, and much more than it takes to
// read the clock.
const slice = 4 * time.Millisecond

// begun is a measure that is ready to be timed.
type begun struct {
	measure
	run     func(ctx context.Context, n int) (float64, error)
	end     func()
	workers int
	n       int // repetitions in a slice
	slices  int // in a turn
}

// start makes what is timed, warms it up and finds how often it fits into a slice, and how many slices into a turn.
func (m measure) start(ctx context.Context, workers int, length time.Duration) (*begun, error) {
	run, end, err := m.begin(workers)
	if err != nil {
		return nil, err
	}
	b := &begun{measure: m, run: run, end: end, workers: workers, n: 1, slices: 1}
	if _, _, err := b.once(ctx); err != nil { // the first one fills caches
		return nil, err
	}
	for {
		_, took, err := b.once(ctx)
		if err != nil {
			return nil, err
		}
		if took < slice.Seconds()/2 {
			b.n = int(math.Ceil(float64(b.n) * min(max(slice.Seconds()/max(took, 1e-9), 1.1), 100)))
			continue
		}
		b.slices = max(1, int(math.Ceil(length.Seconds()/took)))
		return b, nil
	}
}

// once is a slice: its work and its seconds, of the processor with one worker, which a busy machine disturbs least,
// and by the clock on the wall with several.
func (b *begun) once(ctx context.Context) (work, seconds float64, err error) {
	wall, cpu := time.Now(), processorSeconds()
	work, err = b.run(ctx, b.n)
	seconds = time.Since(wall).Seconds()
	if used := processorSeconds() - cpu; b.workers == 1 && used > 0 {
		seconds = used
	}
	return work, seconds, err
}

func (b *begun) turn(ctx context.Context) (Turn, error) {
	t := Turn{Rates: make([]float64, b.slices)}
	for i := range t.Rates {
		if err := ctx.Err(); err != nil {
			return t, err
		}
		work, seconds, err := b.once(ctx)
		if err != nil {
			return t, err
		}
		t.Rates[i] = work / seconds
	}
	return t, nil
}

// Spread is a median with its quartiles.
type Spread struct {
	Median float64 `json:"median"`
	Lower  float64 `json:"lower"` // quartile
	Upper  float64 `json:"upper"` // quartile
}

// spread sums up x, which is not empty, with quantiles that interpolate.
func spread(x []float64) Spread {
	x = slices.Sorted(slices.Values(x))
	at := func(q float64) float64 {
		i := q * float64(len(x)-1)
		k := min(int(i), len(x)-2)
		if k < 0 {
			return x[0]
		}
		return x[k] + (i-float64(k))*(x[k+1]-x[k])
	}
	return Spread{at(.5), at(.25), at(.75)}
}
