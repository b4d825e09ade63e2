package boost

import (
	"math"
	"slices"
)

// most is the number of bins of a column beside that of missing values, so that a bin is a byte.
const most = 254

// leastInBin is the least number of rows of a bin of numbers.
const leastInBin = 3

// binned is a column as bins: numbers by their order, categories by their frequency. Missing values are the last bin.
type binned struct {
	bin     []uint8
	bounds  []float64 // numbers: bin b holds those ≤ bounds[b], the last all others
	levels  []int32   // categories: the level of each bin
	bins    int       // with that of missing values
	missing bool      // there are missing values
	cats    bool
}

func (b *binned) lost() uint8 { return uint8(b.bins - 1) }

func bin(c Column) binned {
	if c.Levels > 0 {
		return binLevels(c)
	}
	sorted := make([]float64, 0, len(c.X))
	for _, v := range c.X {
		if v == v {
			sorted = append(sorted, v)
		}
	}
	slices.Sort(sorted)
	b := binned{bin: make([]uint8, len(c.X)), bounds: bounds(sorted), missing: len(sorted) < len(c.X)}
	b.bins = len(b.bounds) + 2
	for i, v := range c.X {
		b.bin[i] = b.lost()
		if v == v {
			at, _ := slices.BinarySearch(b.bounds, v)
			b.bin[i] = uint8(at)
		}
	}
	return b
}

// bounds are the upper bounds of all bins but the last: half-way between neighbours where there are few values, else
// at about equal numbers of rows, with a bin of its own for a value that fills one.
func bounds(sorted []float64) []float64 {
	var values []float64
	var counts []int
	for i, v := range sorted {
		if i == 0 || v != sorted[i-1] {
			values, counts = append(values, v), append(counts, 0)
		}
		counts[len(counts)-1]++
	}
	var out []float64
	cut := func(i int) {
		mid := values[i]/2 + values[i+1]/2
		if !(mid >= values[i] && mid < values[i+1]) {
			mid = values[i]
		}
		out = append(out, mid)
	}
	if len(values) <= most {
		in := 0
		for i := 0; i+1 < len(values); i++ {
			if in += counts[i]; in >= leastInBin {
				cut(i)
				in = 0
			}
		}
		return out
	}
	big := make([]bool, len(values))
	left, bins := len(sorted), min(most, max(len(sorted)/leastInBin, 1))
	mean := float64(left) / float64(bins)
	for i, c := range counts {
		if float64(c) >= mean {
			big[i] = true
			left, bins = left-c, bins-1
		}
	}
	share := func() float64 {
		if bins < 1 {
			return math.Inf(1)
		}
		return float64(left) / float64(bins)
	}
	mean = share()
	in := 0
	for i := 0; i+1 < len(values) && len(out)+1 < most; i++ {
		if in += counts[i]; !big[i] {
			left -= counts[i]
		}
		if big[i] || float64(in) >= mean || big[i+1] && float64(in) >= max(1, mean/2) {
			cut(i)
			if in = 0; !big[i] {
				bins--
				mean = share()
			}
		}
	}
	return out
}

// binLevels gives the most frequent levels a bin each. The others count as missing.
func binLevels(c Column) binned {
	counts := map[int32]int{}
	for _, v := range c.X {
		if l, ok := level(v, c.Levels); ok {
			counts[l]++
		}
	}
	b := binned{bin: make([]uint8, len(c.X)), cats: true}
	for l := range counts {
		b.levels = append(b.levels, l)
	}
	slices.SortFunc(b.levels, func(x, y int32) int {
		if counts[x] != counts[y] {
			return counts[y] - counts[x]
		}
		return int(x) - int(y)
	})
	b.levels = b.levels[:min(len(b.levels), most)]
	b.bins = len(b.levels) + 1
	of := make(map[int32]uint8, len(b.levels))
	for i, l := range b.levels {
		of[l] = uint8(i)
	}
	for i, v := range c.X {
		b.bin[i] = b.lost()
		if l, ok := level(v, c.Levels); ok {
			if at, ok := of[l]; ok {
				b.bin[i] = at
				continue
			}
		}
		b.missing = true
	}
	return b
}

// level is v as a level of a column, where it is one.
func level(v float64, levels int) (int32, bool) {
	if v != v || v < 0 || v >= float64(levels) {
		return 0, false
	}
	return int32(v), true
}
