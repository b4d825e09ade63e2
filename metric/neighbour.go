package metric

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// NearestNeighbour classifies each row of x by the label of the nearest row of train in Euclidean
// distance; of equally near rows the first counts. O(train.N · x.N · d).
func NearestNeighbour(ctx context.Context, train ito.States, labels []int, x ito.States) ([]int, error) {
	if err := labelled(train, labels); err != nil {
		return nil, err
	}
	if err := compatible(train, x); err != nil {
		return nil, err
	}
	out := make([]int, x.N)
	err := parallel(ctx, x.N, 16, func(lo, hi int) {
		for i := lo; i < hi && ctx.Err() == nil; i++ {
			out[i] = labels[nearest(train, x.Row(i), -1)]
		}
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// LeaveOneOut is the accuracy of [NearestNeighbour] on its own training rows, each classified by the
// others: what the classifier scores on real data.
func LeaveOneOut(ctx context.Context, train ito.States, labels []int) (float64, error) {
	if err := labelled(train, labels); err != nil {
		return 0, err
	}
	if err := compatible(train, train); err != nil {
		return 0, err
	}
	if train.N < 2 {
		return 0, fmt.Errorf("metric: one row has no neighbour")
	}
	right, err := sum(ctx, train.N, 16, func(lo, hi int) float64 {
		var s float64
		for i := lo; i < hi && ctx.Err() == nil; i++ {
			if labels[nearest(train, train.Row(i), i)] == labels[i] {
				s++
			}
		}
		return s
	})
	return right / float64(train.N), err
}

// Accuracy is the fraction of places where got equals want; NaN when there are none.
func Accuracy(got, want []int) (float64, error) {
	if len(got) != len(want) {
		return 0, fmt.Errorf("metric: %d labels against %d", len(got), len(want))
	}
	var right float64
	for i, g := range got {
		if g == want[i] {
			right++
		}
	}
	return right / float64(len(got)), nil
}

func labelled(x ito.States, labels []int) error {
	if err := x.Check(); err != nil {
		return err
	}
	if len(labels) != x.N {
		return fmt.Errorf("metric: %d rows need as many labels, got %d", x.N, len(labels))
	}
	return nil
}

// nearest returns the row of train nearest to x, the row skip aside.
func nearest(train ito.States, x []float64, skip int) int {
	at, least := -1, math.Inf(1)
	for j := range train.N {
		if j == skip {
			continue
		}
		if r := squaredDistance(x, train.Row(j)); r < least || at < 0 {
			at, least = j, r
		}
	}
	return at
}
