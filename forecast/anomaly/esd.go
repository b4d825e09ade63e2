package anomaly

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"
)

// ESD is the generalised test of extreme studentised deviates (Rosner 1983) for at most k outliers at the level α. It
// returns their places, the most extreme first. With robust the deviate is |x − median|/(1.4826 MAD) instead of
// |x − mean|/s. Values that do not vary have none. What is left after some were removed is a range of the sorted
// values, so that the cost is a sort and O(log n) a step.
func ESD(x []float64, k int, α float64, robust bool) []int {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	v := make([]float64, len(x))
	for i, p := range order {
		v[i] = x[p]
	}
	var out []int
	outliers, lo, hi := 0, 0, len(v)
	for i := 1; i <= min(k, len(x)-2); i++ {
		var centre, spread float64
		if robust {
			centre, spread = medianMAD(v[lo:hi])
		} else {
			centre, spread = meanSD(v[lo:hi])
		}
		if spread == 0 {
			break
		}
		far := max(centre-v[lo], v[hi-1]-centre)
		if v[hi-1]-centre >= far {
			hi--
			out = append(out, order[hi])
		} else {
			out = append(out, order[lo])
			lo++
		}
		if far/spread > esdLimit(len(x), i, α) {
			outliers = i
		}
	}
	return out[:outliers]
}

// esdLimit is λ_i of n values: (n−i) t / √((n−i−1+t²)(n−i+1)), t the 1−α/(2(n−i+1)) quantile of Student's t with
// n−i−1 degrees of freedom.
func esdLimit(n, i int, α float64) float64 {
	m := float64(n - i)
	t := distuv.StudentsT{Sigma: 1, Nu: m - 1}.Quantile(1 - α/(2*(m+1)))
	return m * t / math.Sqrt((m-1+t*t)*(m+1))
}

func meanSD(x []float64) (mean, sd float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		sd += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(sd / float64(len(x)-1))
}

// medianMAD are the median of sorted values and 1.4826 times the median distance from it.
func medianMAD(v []float64) (median, mad float64) {
	n := len(v)
	median = (v[(n-1)/2] + v[n/2]) / 2
	return median, 1.4826 * (nearest(v, median, (n-1)/2) + nearest(v, median, n/2)) / 2
}

// nearest is the distance from c of the value with k nearer ones, among sorted values.
func nearest(v []float64, c float64, k int) float64 {
	right, _ := slices.BinarySearch(v, c) // those before it are left of c
	left := right
	l := func(i int) float64 { return c - v[left-1-i] } // increasing
	r := func(j int) float64 { return v[right+j] - c }
	// the k+1 nearest are i from the left, the least for which no other left one is nearer than the last right one
	from, to := max(0, k+1-(len(v)-right)), min(k+1, left)
	i := from + sort.Search(to-from, func(d int) bool {
		i := from + d
		return l(i) >= r(k-i)
	})
	far := 0.
	if i > 0 {
		far = l(i - 1)
	}
	if j := k + 1 - i; j > 0 {
		far = max(far, r(j-1))
	}
	return far
}
