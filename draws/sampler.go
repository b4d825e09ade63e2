package draws

import (
	"errors"
	"math"

	"github.com/seed9a7962a8/ito/metric"
)

// scan calls f with the draws of one chain.
func scan(c metric.Column, chain int, f func(v float64)) error {
	block := make([]float64, min(1<<12, c.Draws()))
	for at := 0; at < c.Draws(); at += len(block) {
		b := block[:min(len(block), c.Draws()-at)]
		if err := c.Read(b, chain, at); err != nil {
			return err
		}
		for _, v := range b {
			f(v)
		}
	}
	return nil
}

// sampler collects the statistics that are there, nil when none is.
func sampler(src source) (*Sampler, error) {
	m, draws := src.about()
	out := &Sampler{MaxDepth: m.MaxDepth}
	some, n := false, float64(draws)
	var failed error
	// each calls f with every draw of every chain and end after each chain.
	each := func(name string, f func(v float64), end func()) {
		k := m.Find(name)
		if k < 0 || k >= m.Stats {
			return
		}
		some = true
		for c := range m.Chains {
			failed = errors.Join(failed, scan(src.column(k), c, f))
			end()
		}
	}
	mean := func(name string, to *Numbers) {
		sum := 0.0
		each(name, func(v float64) { sum += v }, func() {
			*to = append(*to, sum/n)
			sum = 0
		})
	}
	count := func(name string, to *[]int, is func(v float64) bool) {
		hits := 0
		each(name, func(v float64) { hits += btoi(is(v)) }, func() {
			*to = append(*to, hits)
			hits = 0
		})
	}
	mean(Accept, &out.Accept)
	last := math.NaN()
	each(StepSize, func(v float64) { last = v }, func() { out.StepSize = append(out.StepSize, last) })
	mean(Leapfrogs, &out.Leapfrogs)
	if k := m.Find(Energy); k >= 0 && k < m.Stats {
		some = true
		for c := range m.Chains {
			v, err := metric.ColumnEBFMI(src.column(k), c)
			failed = errors.Join(failed, err)
			out.EBFMI = append(out.EBFMI, v)
		}
	}
	count(Divergent, &out.Divergent, func(v float64) bool { return v != 0 })
	if m.MaxDepth > 0 {
		count(Depth, &out.Saturated, func(v float64) bool { return v >= float64(m.MaxDepth) })
	}
	if !some {
		return nil, failed
	}
	return out, failed
}

func sum(n []int) int {
	total := 0
	for _, v := range n {
		total += v
	}
	return total
}
