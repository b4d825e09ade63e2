package metric

import (
	"fmt"
	"math"
	"slices"
)

// R2 is 1 − Σ(y−p)²/Σ(y−ȳ)², the coefficient of determination of predictions p of y. It is 1 for y without spread that
// is predicted exactly and 0 otherwise. NaN without rows.
func R2(p, y []float64) float64 {
	sameLength("R2", p, y)
	if len(y) == 0 {
		return math.NaN()
	}
	mean := 0.0
	for i, v := range y {
		mean += (v - mean) / float64(i+1)
	}
	var off, all float64
	for i, v := range y {
		off += (v - p[i]) * (v - p[i])
		all += (v - mean) * (v - mean)
	}
	if all == 0 {
		if off == 0 {
			return 1
		}
		return 0
	}
	return 1 - off/all
}

// AUC is the probability that a row with label 1 has a larger score than one with label 0, ties counting half: the area
// under the receiver operating characteristic. Labels other than 1 count as 0. NaN where a label does not occur.
func AUC(score, label []float64) float64 {
	sameLength("AUC", score, label)
	order := make([]int, len(score))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case score[a] < score[b]:
			return -1
		case score[a] > score[b]:
			return 1
		}
		return 0
	})
	var below, won, ones float64 // rows of 0 so far; pairs won by rows of 1
	for i := 0; i < len(order); {
		var zero, one float64
		j := i
		for ; j < len(order) && score[order[j]] == score[order[i]]; j++ {
			if label[order[j]] == 1 {
				one++
			} else {
				zero++
			}
		}
		won += one * (below + zero/2)
		below, ones = below+zero, ones+one
		i = max(j, i+1)
	}
	if below == 0 || ones == 0 {
		return math.NaN()
	}
	return won / (below * ones)
}

// F1 is 2·hits/(2·hits + false alarms + misses) of predicted labels p for class c; 0 where the class neither occurs nor
// is predicted.
func F1(p, y []float64, c float64) float64 {
	sameLength("F1", p, y)
	var hits, wrong float64
	for i := range y {
		switch {
		case y[i] == c && p[i] == c:
			hits++
		case y[i] == c || p[i] == c:
			wrong++
		}
	}
	if hits == 0 {
		return 0
	}
	return 2 * hits / (2*hits + wrong)
}

func sameLength(what string, a, b []float64) {
	if len(a) != len(b) {
		panic(fmt.Sprintf("metric: %s of %d and %d rows", what, len(a), len(b)))
	}
}
