package advise_test

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/advise"
	"github.com/seed9a7962a8/ito/infer/anneal"
	"github.com/seed9a7962a8/ito/target/zoo"
)

// On the forty modes of gmm40 the dilation path with its defaults finds all of them with TV < .2 (measured .15;
// exact draws .08), 1000 particles and 1200 gradients each; and Trust says that the proportions are off.
func TestDilationOnForty(t *testing.T) {
	if testing.Short() {
		t.Skip("a million gradients")
	}
	target, err := zoo.Open("gmm40", nil)
	if err != nil {
		t.Fatal(err)
	}
	truth, err := zoo.Known("gmm40")
	if err != nil {
		t.Fatal(err)
	}
	s := infer.NewState(anneal.Annealed{}, 1000, 2, 0)
	if _, err := infer.Run(t.Context(), target, anneal.Annealed{}, s, infer.RunOptions{}); err != nil {
		t.Fatal(err)
	}
	x := s.Particles()
	share := make([]float64, len(truth.Modes))
	for i := range x.N {
		best, at := math.Inf(1), 0
		for k, m := range truth.Modes {
			if d := math.Hypot(x.Row(i)[0]-m[0], x.Row(i)[1]-m[1]); d < best {
				best, at = d, k
			}
		}
		share[at] += 1 / float64(x.N)
	}
	found, tv := 0, 0.
	for k, p := range share {
		tv += math.Abs(p-truth.Weights[k]) / 2
		if p > 0 {
			found++
		}
	}
	if found != 40 || tv > .2 {
		t.Errorf("%d modes, TV %v", found, tv)
	}
	o, err := advise.Trust(t.Context(), target, x, advise.CheckOptions{})
	if err != nil || len(o.Warnings) == 0 || math.Abs(o.TV-tv) > .05 {
		t.Errorf("the check says TV %v and %v, %v; the truth is %v", o.TV, o.Warnings, err, tv)
	}
}
