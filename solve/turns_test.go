package solve_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// attributes is the exact field, as ε, of two concepts of data in the plane: under (1,0) the first number is 1 ± .2 and
// the second 0 ± 1, under (0,1) the other way round; between them means and variances are mixed.
type attributes struct{}

func (attributes) Kind() ito.Prediction { return ito.PredEps }
func (attributes) OutDim(d int) int     { return d }
func (attributes) Predict(_ context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error {
	m := path.NewModes(path.VP{})
	for i := range x.N {
		m.At(t.At(i))
		α, σ := m.Alpha[0], m.Sigma[0]
		w := c.Row(i)
		for j, v := range x.Row(i) {
			μ, s2 := w[j], .04*w[j]+1-w[j]
			dst.Row(i)[j] = σ * (v - α*μ) / (α*α*s2 + σ*σ)
		}
	}
	return nil
}

func has(i int, x0 []float64) float64 { return math.Exp(-(x0[i] - 1) * (x0[i] - 1) / .2) }

// Five ways to blend two concepts that fit together, at the same calls: how much of both is in a sample. The concepts
// alone have one of the two. The figures are in docs/systems.md.
func TestBlendsCompared(t *testing.T) {
	a, b := []float64{1, 0}, []float64{0, 1}
	const n, steps = 2000, 40
	both := func(hooks ...ito.Hook) (s float64) {
		x, _, _ := hooked(t, attributes{}, solve.DDIM{Eta: 1}, n, steps, hooks...)
		for i := range x.N {
			s += has(0, x.Row(i)) * has(1, x.Row(i)) / n
		}
		return s
	}
	ab := [][]float64{a, b}
	got := map[string]float64{
		"one":       both(solve.Turns{Concepts: ab[:1], Turn: solve.Alternate(1)}),
		"lerp":      both(solve.Turns{Concepts: [][]float64{{.5, .5}}, Turn: solve.Alternate(1)}),
		"alternate": both(solve.Turns{Concepts: ab, Turn: solve.Alternate(2)}),
		"switch":    both(solve.Turns{Concepts: ab, Turn: solve.Switch(2, steps)}),
		"price":     both(solve.Blend{Concepts: ab, Reward: has, Steps: steps}),
		"greedy":    both(solve.Blend{Concepts: ab, Reward: has, Steps: steps, Greedy: true}),
	}
	t.Logf("mean of the product of both scores: %.3v", got)
	for _, way := range []string{"alternate", "price", "greedy"} {
		if got[way] < 1.5*got["one"] {
			t.Errorf("%s has %.3f of both, one concept alone %.3f", way, got[way], got["one"])
		}
	}
}

// Turns are what their names say, and a batch of 8 is 8 batches of 1.
func TestTurns(t *testing.T) {
	var alternate, switched []int
	for k := range 7 {
		alternate, switched = append(alternate, solve.Alternate(3)(k)), append(switched, solve.Switch(3, 7)(k))
	}
	if !slices.Equal(alternate, []int{0, 1, 2, 0, 1, 2, 0}) || !slices.Equal(switched, []int{0, 0, 0, 1, 1, 2, 2}) {
		t.Errorf("turns %v and %v", alternate, switched)
	}
	a, b := []float64{1, 0}, []float64{0, 1}
	for name, h := range map[string]ito.Hook{
		"turns":  solve.Turns{Concepts: [][]float64{a, b}, Turn: solve.Alternate(2)},
		"price":  solve.Blend{Concepts: [][]float64{a, b}, Reward: has, Steps: 10},
		"greedy": solve.Blend{Concepts: [][]float64{a, b}, Reward: has, Steps: 10, Greedy: true},
	} {
		run := func(x ito.States) ito.States {
			if err := (path.VP{}).Prior(x, ito.Cond{}, ito.Seed(5)); err != nil {
				t.Fatal(err)
			}
			if _, err := solve.Run(ctx, path.VP{}, attributes{}, x, must(solve.LogSNR(path.VP{}, 1, 1e-3, 10)),
				solve.DDIM{Eta: 1}, solve.RunOptions{Noise: ito.Seed(6), Hooks: []ito.Hook{h}}); err != nil {
				t.Fatal(err)
			}
			return x
		}
		all := run(ito.NewStates(8, 2, 40))
		for i := range 8 {
			if one := run(ito.NewStates(1, 2, 40+uint64(i))); !slices.Equal(one.X, all.Row(i)) {
				t.Errorf("%s: row %d alone differs", name, i)
			}
		}
	}
	for _, h := range []solve.Turns{{}, {Concepts: [][]float64{a, {1}}, Turn: solve.Alternate(2)},
		{Concepts: [][]float64{a}, Turn: solve.Alternate(2)}} {
		x := ito.NewStates(1, 2, 0)
		_, err := solve.Run(ctx, path.VP{}, attributes{}, x, must(solve.LogSNR(path.VP{}, 1, 1e-3, 4)), solve.Euler{},
			solve.RunOptions{Hooks: []ito.Hook{h}})
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%d concepts: %v", len(h.Concepts), err)
		}
	}
}
