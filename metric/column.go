package metric

import "math"

// Column is the draws of one quantity, read piece by piece: all chains have as many.
type Column interface {
	Chains() int
	Draws() int // of each chain
	// Read fills dst with the draws first, first+1, … of a chain.
	Read(dst []float64, chain, first int) error
}

// Scratch keeps words that a [Summariser] has no room for, such as a temporary file. What is read was written before.
type Scratch interface {
	ReadWords(dst []uint64, at int64) error // words at, at+1, …
	WriteWords(src []uint64, at int64) error
}

// chainsColumn is a Column in memory.
type chainsColumn [][]float64

func (c chainsColumn) Chains() int { return len(c) }

func (c chainsColumn) Draws() int {
	if len(c) == 0 {
		return 0
	}
	return len(c[0])
}

func (c chainsColumn) Read(dst []float64, chain, first int) error {
	copy(dst, c[chain][first:])
	return nil
}

// scaled is a column divided by 2^e.
type scaled struct {
	Column
	e int
}

func (c scaled) Read(dst []float64, chain, first int) error {
	err := c.Column.Read(dst, chain, first)
	for i, v := range dst {
		dst[i] = math.Ldexp(v, -c.e)
	}
	return err
}

// InMemory makes a Column of the draws of chains of one length, sharing memory.
func InMemory(chains [][]float64) Column { return chainsColumn(chains) }

// series is n numbers of each of some half chains.
type series struct {
	halves, n int
	read      func(dst []float64, half, first int) error
}

// halved is a column cut as split cuts chains, every draw replaced by f.
func halved(c Column, f func(float64) float64) series {
	chains, draws := c.Chains(), c.Draws()
	read := func(dst []float64, chain, first int) error {
		err := c.Read(dst, chain, first)
		if f != nil && err == nil {
			for i, v := range dst {
				dst[i] = f(v)
			}
		}
		return err
	}
	if draws < 2 {
		return series{chains, draws, read}
	}
	return series{2 * chains, draws / 2, func(dst []float64, half, first int) error {
		if half >= chains {
			half, first = half-chains, first+(draws+1)/2
		}
		return read(dst, half, first)
	}}
}

// splitPlace is where draw i of a chain stands in such a series, −1 for the middle draw of an odd number.
func splitPlace(chains, draws, chain, i int) int {
	switch n := draws / 2; {
	case draws < 2 || i < n:
		return chain*max(n, 1) + i
	case i >= (draws+1)/2:
		return (chains+chain)*n + i - (draws+1)/2
	}
	return -1
}

// moments are what the halves of a series are like.
type moments struct {
	mean, variance []float64 // [halves]; variances divided by n−1
	lo, hi         float64   // the least and the greatest number
	degenerate     bool      // see degenerate
}

// measure computes the moments of a series in three passes, as meanVariance does.
func (w *Summariser) measure(s series) (moments, error) {
	m := moments{mean: make([]float64, s.halves), variance: make([]float64, s.halves)}
	lo, hi, odd := math.Inf(1), math.Inf(-1), false
	n := float64(s.n)
	for h := range s.halves {
		var sum, rest, squares float64
		if err := w.each(s, h, func(v float64) {
			sum += v
			odd = odd || v-v != 0
			lo, hi = min(lo, v), max(hi, v)
		}); err != nil {
			return m, err
		}
		mean := sum / n
		if err := w.each(s, h, func(v float64) { rest += v - mean }); err != nil {
			return m, err
		}
		mean += rest / n
		if err := w.each(s, h, func(v float64) { squares += (v - mean) * (v - mean) }); err != nil {
			return m, err
		}
		m.mean[h], m.variance[h] = mean, squares/(n-1)
	}
	m.lo, m.hi = lo, hi
	m.degenerate = s.halves == 0 || s.n == 0 || odd || constant(lo, hi)
	return m, nil
}

// each calls f with the numbers of one half, in their order.
func (w *Summariser) each(s series, half int, f func(float64)) error {
	for at := 0; at < s.n; at += len(w.block) {
		b := w.block[:min(len(w.block), s.n-at)]
		if err := s.read(b, half, at); err != nil {
			return err
		}
		for _, v := range b {
			f(v)
		}
	}
	return nil
}
