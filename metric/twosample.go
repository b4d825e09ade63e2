package metric

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// Permuted is a statistic of two sets beside the same statistic of sets of the same sizes that were mixed at
// random, which are of one law: a test of equality that is exact whatever the law.
type Permuted struct {
	Value  float64 `json:"value"`
	Mixed  float64 `json:"mixed"` // mean over the mixed sets
	Limit  float64 `json:"limit"` // mixed sets exceed it with at most the probability that was asked for
	P      float64 `json:"p"`     // (1 + mixed sets that reach Value)/(1 + their number)
	Rows   int     `json:"rows"`  // of each set
	Mixing int     `json:"mixings"`
}

// Exceeds reports that the sets differ.
func (p Permuted) Exceeds() bool { return p.Value > p.Limit }

// TwoSample is two statistics of the rows of x and y for the test that they are of one law (Székely and Rizzo 2004;
// Schilling 1986). Each column is replaced by its ranks among both, from 0 to 1, so that neither units nor tails count:
//
//	energy      2·mean|x−y| − mean|x−x'| − mean|y−y'|, over different rows; expectation 0 for equal laws
//	neighbours  the share, among the five nearest of every row, of rows of its own set; expectation about ½
//
// rows bounds the rows of each set, taken at random and as many of both; level is the false-alarm rate of each
// statistic, at least 1/(mixings+1). Everything is addressed by the seed. O(rows²(d + mixings)), memory for 4·rows²
// numbers.
func TwoSample(ctx context.Context, x, y ito.States, rows, mixings int, level float64, seed uint64) (energy,
	neighbours Permuted, err error) {
	if err := compatible(x, y); err != nil {
		return energy, neighbours, err
	}
	n := min(rows, x.N, y.N)
	allowed := int(math.Floor(level*float64(mixings+1) + 1e-9))
	if n < 2 || mixings < 1 || allowed < 1 {
		return energy, neighbours, fmt.Errorf("metric: a test at level %g of %d rows needs two rows and %g mixings "+
			"or more, got %d", level, n, math.Ceil(1/level)-1, mixings)
	}
	// The rows stand in random order: which set a row is of must not be seen from its place where distances tie.
	own := subset(seed, 0, subMix, 2*n, n)
	pooled := ito.NewStates(2*n, x.D, 0)
	mine := mask(own, 2*n)
	a, b := subset(seed, 0, subX, x.N, n), subset(seed, 0, subY, y.N, n)
	for i := range pooled.N {
		if mine[i] == 1 {
			copy(pooled.Row(i), x.Row(a[0]))
			a = a[1:]
		} else {
			copy(pooled.Row(i), y.Row(b[0]))
			b = b[1:]
		}
	}
	g, err := newRowGraph(ctx, ranks(pooled))
	if err != nil {
		return energy, neighbours, err
	}
	values := make([][2]float64, mixings+1)
	err = parallel(ctx, mixings+1, 1, func(k, _ int) {
		set := mine
		if k > 0 {
			set = mask(subset(seed, uint32(k), subMix, 2*n, n), 2*n)
		}
		values[k] = [2]float64{g.energy(set), g.same(set)}
	})
	if err != nil {
		return energy, neighbours, err
	}
	return permuted(values, 0, n, allowed), permuted(values, 1, n, allowed), nil
}

// permuted summarises a statistic: value 0 is that of the sets, the others are those of mixed ones.
func permuted(values [][2]float64, which, rows, allowed int) Permuted {
	p := Permuted{Value: values[0][which], Rows: rows, Mixing: len(values) - 1}
	mixed := make([]float64, 0, p.Mixing)
	reached := 1
	for _, v := range values[1:] {
		mixed = append(mixed, v[which])
		p.Mixed += v[which] / float64(p.Mixing)
		if v[which] >= p.Value {
			reached++
		}
	}
	p.P = float64(reached) / float64(p.Mixing+1)
	slices.Sort(mixed)
	p.Limit = mixed[len(mixed)-allowed]
	return p
}

func mask(rows []int, n int) []float64 {
	m := make([]float64, n)
	for _, r := range rows {
		m[r] = 1
	}
	return m
}

// ranks replaces every column by its ranks over the number of rows, equal values by their mean rank.
func ranks(x ito.States) ito.States {
	out := x.Like(x.D)
	blockwise(x.D, 1, func(a, _ int) {
		c := column(x, a)
		order := make([]int, x.N)
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(c[i], c[j]), cmp.Compare(i, j)) })
		for i := 0; i < len(order); {
			j := i
			for j < len(order) && c[order[j]] == c[order[i]] {
				j++
			}
			for _, r := range order[i:j] {
				out.X[r*out.D+a] = (float64(i+j) / 2) / float64(x.N)
			}
			i = j
		}
	})
	return out
}

// neighbourCount is how many nearest rows are looked at.
const neighbourCount = 5

// rowGraph is the distances between rows, and the nearest of each.
type rowGraph struct {
	n        int
	distance []float64 // [n,n]
	sums     []float64 // [n] of the distances of a row
	all      float64   // sum over all pairs
	nearest  [][]int
}

func newRowGraph(ctx context.Context, x ito.States) (*rowGraph, error) {
	g := &rowGraph{n: x.N, distance: make([]float64, x.N*x.N), sums: make([]float64, x.N), nearest: make([][]int, x.N)}
	k := min(neighbourCount, x.N-1)
	err := parallel(ctx, x.N, 8, func(lo, hi int) {
		order := make([]int, 0, k+1)
		for i := lo; i < hi; i++ {
			row := g.distance[i*g.n : (i+1)*g.n]
			order = order[:0]
			for j := range row {
				row[j] = math.Sqrt(squaredDistance(x.Row(i), x.Row(j)))
				if j == i || len(order) == k && row[j] >= row[order[k-1]] {
					continue
				}
				at, _ := slices.BinarySearchFunc(order, row[j], func(o int, d float64) int {
					if row[o] <= d {
						return -1
					}
					return 1
				})
				order = slices.Insert(order, at, j)[:min(len(order)+1, k)]
			}
			g.nearest[i] = slices.Clone(order)
			for _, d := range row {
				g.sums[i] += d
			}
		}
	})
	for _, s := range g.sums {
		g.all += s / 2
	}
	return g, err
}

// energy is the energy distance between the rows of a set, those with 1, and the others, as many. Of the sums of
// distances only that within the set is taken: the sums of whole rows give the other two.
func (g *rowGraph) energy(set []float64) float64 {
	inside, rows := 0.0, 0.0
	own := make([]int32, 0, g.n/2)
	for i, in := range set {
		if in == 1 {
			inside += sumAt(g.distance[i*g.n:(i+1)*g.n], own)
			rows += g.sums[i]
			own = append(own, int32(i))
		}
	}
	across := rows - 2*inside
	outside := g.all - inside - across
	half := float64(g.n / 2)
	pairs := half * (half - 1) / 2
	return 2*across/(half*half) - inside/pairs - outside/pairs
}

// sumAt sums the values at some places, in four lanes.
func sumAt(x []float64, at []int32) float64 {
	var s [4]float64
	i := 0
	for ; i+4 <= len(at); i += 4 {
		s[0] += x[at[i]]
		s[1] += x[at[i+1]]
		s[2] += x[at[i+2]]
		s[3] += x[at[i+3]]
	}
	for ; i < len(at); i++ {
		s[0] += x[at[i]]
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

// same is the share of nearest rows that are on a row's own side of the set.
func (g *rowGraph) same(set []float64) float64 {
	var same, all int
	for i, nearest := range g.nearest {
		for _, j := range nearest {
			if set[i] == set[j] {
				same++
			}
		}
		all += len(nearest)
	}
	return float64(same) / float64(all)
}

// KSLimit is what the two-sample statistic [KS] of sets of n and m values of one law exceeds with at most the
// probability level: √(½ ln(2/level) · (1/n + 1/m)), the asymptotic law, which is conservative for values that
// repeat.
func KSLimit(n, m int, level float64) float64 {
	return math.Sqrt(math.Log(2/level) / 2 * (1/float64(n) + 1/float64(m)))
}
