package metric

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seed9a7962a8/ito"
)

func TestNearestNeighbour(t *testing.T) {
	train := ito.States{N: 4, D: 1, X: []float64{0, 1, 10, 11}, ID: make([]uint64, 4)}
	labels := []int{3, 3, 7, 7}
	x := ito.States{N: 4, D: 1, X: []float64{-5, 2, 9, 5.5}, ID: make([]uint64, 4)} // 5.5 is a tie: the first
	got, err := NearestNeighbour(t.Context(), train, labels, x)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int{3, 3, 7, 3}, got); d != "" {
		t.Error(d)
	}
	a, err := Accuracy(got, []int{3, 3, 7, 7})
	if err != nil || a != .75 {
		t.Errorf("accuracy %v, %v", a, err)
	}
	if a, err = LeaveOneOut(t.Context(), train, labels); err != nil || a != 1 {
		t.Errorf("leave one out %v, %v", a, err)
	}
	if a, err = LeaveOneOut(t.Context(), train, []int{1, 2, 3, 4}); err != nil || a != 0 {
		t.Errorf("leave one out with labels all different %v, %v", a, err)
	}
	if _, err = NearestNeighbour(t.Context(), train, labels[:3], x); err == nil {
		t.Error("too few labels: no error")
	}
	if _, err = LeaveOneOut(t.Context(), train.Slice(0, 1), labels[:1]); err == nil {
		t.Error("one row: no error")
	}
	if _, err = Accuracy(got, nil); err == nil {
		t.Error("no labels: no error")
	}
}
