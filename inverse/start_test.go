package inverse

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
)

// A start that is searched does no worse the more are tried, better on others than a start by chance, and on Gaussian
// data not better than the middle of the prior, from which the flow leads to the mean of the posterior.
func TestFindStart(t *testing.T) {
	prior, err := PriorOf("gaussian", 8)
	if err != nil {
		t.Fatal(err)
	}
	f, err := field.NewMixture(path.EDM{}, prior)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Parse("downsample:factor=2", Setting{Shape: []int{8}})
	if err != nil {
		t.Fatal(err)
	}
	const n, known = 48, 16
	truth := ito.NewStates(n, 8, 0)
	if err := prior.Draw(truth, ito.Seed(3)); err != nil {
		t.Fatal(err)
	}
	y := truth.Like(4)
	for i := range n {
		a.Apply(y.Row(i), truth.Row(i))
	}
	square := func(x, want []float64) (s float64) {
		for j, v := range x {
			s += (v - want[j]) * (v - want[j]) / float64(len(x))
		}
		return s
	}
	p := Measured{Path: path.EDM{}, Field: f, Operator: a, Noise: Gaussian{.1}, Y: y.Slice(0, known)}
	m := Moments{Iterations: 10, Tolerance: 1e-3}
	loss := func(i int, x []float64) float64 { return square(x, truth.Row(i)) }
	found, err := FindStart(context.Background(), p, m, 8, 24, loss, RestoreOptions{Levels: 12})
	if err != nil {
		t.Fatal(err)
	}
	best := found.Losses[found.Candidate]
	if best != slices.Min(found.Losses) {
		t.Errorf("candidate %d of %v", found.Candidate, found.Losses)
	}
	fewer, err := FindStart(context.Background(), p, m, 8, 5, loss, RestoreOptions{Levels: 12})
	if err != nil || !slices.Equal(fewer.Losses, found.Losses[:5]) || fewer.Losses[fewer.Candidate] < best {
		t.Errorf("five candidates: %+v, %v", fewer, err)
	}
	p.Y = y.Slice(known, n)
	other := func(s SharedStart) (e float64) {
		s.Noise = ito.Seed(0)
		x := ito.NewStates(n-known, 8, 0)
		if _, err := Restore(context.Background(), p, m, x, RestoreOptions{Levels: 12, Noise: s}); err != nil {
			t.Fatal(err)
		}
		for i := range x.N {
			e += square(x.Row(i), truth.Row(known+i)) / float64(x.N)
		}
		return e
	}
	chance := 0.
	for k := range uint64(8) {
		chance += other(SharedStart{Candidate: 100 + k}) / 8
	}
	searched, zero := other(SharedStart{Candidate: found.Candidate}), other(SharedStart{Zero: true})
	t.Logf("squared error from the best of 24 starts %.4f, from one by chance %.4f, from the middle %.4f", searched,
		chance, zero)
	if !(zero < searched && searched < chance) {
		t.Error("they are not in that order")
	}
	p.Y = y.Slice(0, known)
	_, err = FindStart(context.Background(), p, PiGDM{Spread: 1, Eta: 1}, 8, 4, loss, RestoreOptions{})
	if !errors.Is(err, ito.ErrInput) {
		t.Errorf("a method with noise: %v", err)
	}
	if _, err := FindStart(context.Background(), p, m, 8, 0, loss, RestoreOptions{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("no candidates: %v", err)
	}
}
