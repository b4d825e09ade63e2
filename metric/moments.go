package metric

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// momentBlock is the number of rows that are summed together: the sum over a block, then over blocks
// in order, is the same on any number of processors.
const momentBlock = 4096

// Moments returns the mean of the rows and their covariance about it, divided by n: the moments of the
// empirical distribution, not an unbiased estimate. Two passes, O(nd²).
func Moments(x ito.States) (ito.Gaussian, error) {
	mean, err := Mean(x)
	if err != nil {
		return ito.Gaussian{}, err
	}
	d := x.D
	cov := addBlocks(x, d*d, func(s, row []float64) {
		for i := range d {
			a := row[i] - mean[i]
			for j := range i + 1 {
				s[i*d+j] += float64(a * (row[j] - mean[j]))
			}
		}
	})
	for i := range d {
		for j := range i + 1 {
			cov[i*d+j] /= float64(x.N)
			cov[j*d+i] = cov[i*d+j]
		}
	}
	return ito.Gaussian{Mean: mean, Cov: cov}, nil
}

// Variances returns the mean of the rows and the variance of each axis about it, divided by n: the diagonal of what
// [Moments] returns, to the last bit. Two passes, O(nd).
func Variances(x ito.States) (ito.Gaussian, error) {
	mean, err := Mean(x)
	if err != nil {
		return ito.Gaussian{}, err
	}
	v := addBlocks(x, x.D, func(s, row []float64) {
		for a, v := range row {
			d := v - mean[a]
			s[a] += float64(d * d)
		}
	})
	for a := range v {
		v[a] /= float64(x.N)
	}
	return ito.Gaussian{Mean: mean, Cov: v}, nil
}

// Mean returns the mean of each axis. The mean of equal numbers is that number exactly.
func Mean(x ito.States) ([]float64, error) {
	if err := x.Check(); err != nil {
		return nil, err
	}
	if x.N == 0 {
		return nil, fmt.Errorf("metric: no rows have no moments")
	}
	// Sums of differences from the first row: exact for a constant axis, and no digits are lost to a
	// common offset.
	first := x.Row(0)
	mean := addBlocks(x, x.D, func(s, row []float64) {
		for a, v := range row {
			s[a] += v - first[a]
		}
	})
	for a := range mean {
		mean[a] = first[a] + mean[a]/float64(x.N)
	}
	return mean, nil
}

// SD returns the standard deviation of each axis, divided by n. It is 0 exactly for equal numbers.
func SD(x ito.States) ([]float64, error) {
	g, err := Variances(x)
	if err != nil {
		return nil, err
	}
	for a, v := range g.Cov {
		g.Cov[a] = math.Sqrt(v)
	}
	return g.Cov, nil
}

// addBlocks sums over rows what add adds for one row, blocks in order.
func addBlocks(x ito.States, width int, add func(s, row []float64)) []float64 {
	blocks := (x.N + momentBlock - 1) / momentBlock
	part := make([]float64, blocks*width)
	blockwise(x.N, momentBlock, func(lo, hi int) {
		s := part[lo/momentBlock*width:][:width]
		for i := lo; i < hi; i++ {
			add(s, x.Row(i))
		}
	})
	total := make([]float64, width)
	for b := range blocks {
		for k, v := range part[b*width:][:width] {
			total[k] += v
		}
	}
	return total
}
