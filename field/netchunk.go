package field

import (
	"context"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// netChunk is the number of rows that are prepared at a time: it bounds memory and keeps rows in cache.
const netChunk = 1024

// netScratch is the memory of one chunk, in float64, row-major.
type netScratch struct {
	n           int
	y, a, b, in []float64 // [n,D]; in is x̃ in data coordinates
	out         []float64 // [n,D], or [n,K,D] of the divergence
	feat        []float64 // [n]
	cond        []float64 // [n,C]
	tangent     []float64 // [n,D] a tangent or cotangent of x̃ or F, in data coordinates
	dfeat       []float64 // [n]
	scales      []scales  // of each run of equal times
	at          []int     // [n] the scales of a row
	used        int
	sched       schedule
	narrow      [7][]float32 // inputs and output of the program
}

func (s *netScratch) scale(i int) *scales { return &s.scales[s.at[i]] }

// forward lists the inputs of the network.
func (s *netScratch) forward() [][]float64 { return [][]float64{s.in, s.feat, s.cond} }

func size(b *[]float64, n int) []float64 {
	*b = slices.Grow((*b)[:0], n)[:n]
	return *b
}

// chunks runs do for every chunk of rows, with y, x̃, c(t) and the condition prepared.
func (f *Net) chunks(ctx context.Context, x ito.States, t ito.Times, c ito.Cond, do func(s *netScratch, lo, hi int) error) error {
	s := f.progs.scratch.Get().(*netScratch)
	defer f.progs.scratch.Put(s)
	if s.sched.alpha == nil {
		s.sched = f.pre.newSchedule()
	}
	return byChunks(ctx, x.N, func(lo, hi int) error {
		f.prepare(s, x.Slice(lo, hi), t.Slice(lo, hi), c, lo)
		return do(s, lo, hi)
	})
}

// byChunks runs do for lo ≤ i < hi until all n rows are done or there is an error.
func byChunks(ctx context.Context, n int, do func(lo, hi int) error) error {
	for lo := 0; lo < n; lo += netChunk {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := do(lo, min(lo+netChunk, n)); err != nil {
			return err
		}
	}
	return nil
}

func (f *Net) prepare(s *netScratch, x ito.States, t ito.Times, c ito.Cond, lo int) {
	d, n := f.pre.d, x.N
	s.n = n
	for _, b := range []*[]float64{&s.y, &s.a, &s.b, &s.in, &s.out, &s.tangent} {
		size(b, n*d)
	}
	size(&s.feat, n)
	size(&s.dfeat, n)
	s.at = slices.Grow(s.at[:0], n)[:n]
	s.used = 0
	for i := range n {
		if i == 0 || len(t) > 1 && t[i] != t[i-1] {
			if s.used == len(s.scales) {
				s.scales = append(s.scales, f.pre.newScales())
			}
			f.pre.at(s.scales[s.used], s.sched, t.At(i), f.Predicts)
			s.used++
		}
		s.at[i] = s.used - 1
	}
	copy(s.a, x.X)
	if f.pre.mean != nil {
		for i := range n {
			for k, μ := range f.pre.mean {
				s.a[i*d+k] -= μ
			}
		}
	}
	f.pre.turn(s.y, s.a, n)
	for i := range n {
		o, at := s.scale(i), i*d
		for k := range d {
			s.a[at+k] = o.in[k] * (s.y[at+k] - o.centre[k])
		}
		s.feat[i] = o.feat[0]
	}
	f.pre.back(s.in, s.a, n)
	w := f.Net.Ports.CondWidth()
	size(&s.cond, n*w)
	if c.None() {
		clear(s.cond)
	} else {
		copy(s.cond, c.X[lo*w:(lo+n)*w])
	}
}
