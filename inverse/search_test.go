package inverse

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
)

// rare is a ring of modes of which one has 2 % of the weight; its reward is minus the squared distance.
func rare(t *testing.T, p ito.Path) (ito.Field, func(context.Context, []float64, ito.States) error) {
	t.Helper()
	m := field.Mixture{D: 2, Weights: []float64{.02, .14, .14, .14, .14, .14, .14, .14}, Var: []float64{.01, .01}}
	for k := range 8 {
		m.Means = append(m.Means, 2*math.Cos(float64(k)*math.Pi/4), 2*math.Sin(float64(k)*math.Pi/4))
	}
	f, err := field.NewMixture(p, m)
	if err != nil {
		t.Fatal(err)
	}
	return f, func(_ context.Context, dst []float64, x ito.States) error {
		for i := range dst {
			r := x.Row(i)
			dst[i] = -((r[0]-2)*(r[0]-2) + r[1]*r[1])
		}
		return nil
	}
}

func search(t *testing.T, s Search, p ito.Path, n, levels int, first uint64) ito.States {
	t.Helper()
	f, reward := rare(t, p)
	s.Reward = reward
	x := ito.NewStates(n, 2, first)
	if _, err := Restore(context.Background(), SearchProblem(p, f, 2, ito.Cond{}, nil), s, x,
		RestoreOptions{Levels: levels}); err != nil {
		t.Fatalf("%s: %v", s.Select, err)
	}
	return x
}

// Every search spends what it is asked to, exactly, and search by particles finds the rare mode of a flow where whole
// runs of the same budget do not: 500 calls in 20 levels are 25 runs, of which 1−.98²⁵ = 40 % have one there.
func TestSearchFindsTheRareMode(t *testing.T) {
	const n = 40
	hits := map[string]int{}
	for _, name := range Selects() {
		spent := 0
		s := Search{Select: name, Budget: 507, Temperature: .1,
			Found: func(_ int, _ float64, calls int) { spent += calls }}
		x := search(t, s, path.Flow{}, n, 20, 0)
		if spent != n*507 {
			t.Errorf("%s spent %d calls of %d", name, spent, n*507)
		}
		for i := range n {
			if r := x.Row(i); math.Hypot(r[0]-2, r[1]) < .5 {
				hits[name]++
			}
		}
	}
	t.Logf("hits of %d: %v", n, hits)
	if hits["best"] < 6 || hits["best"] > 28 { // 16 ± 3 of 40
		t.Errorf("best found %d of %d, 16 are expected", hits["best"], n)
	}
	for _, name := range []string{"svdd", "beam", "rbf"} {
		if hits[name] < 34 {
			t.Errorf("%s found %d of %d", name, hits[name], n)
		}
	}
}

// A sample does not depend on the batch, and the budget of one pass is a plain sample.
func TestSearchRowsDoNotDependOnTheBatch(t *testing.T) {
	for _, name := range Selects() {
		s := Search{Select: name, Budget: 47}
		all := search(t, s, path.VP{}, 8, 10, 3)
		for i := range 8 {
			if one := search(t, s, path.VP{}, 1, 10, 3+uint64(i)); !slices.Equal(one.X, all.Row(i)) {
				t.Errorf("%s: sample %d alone differs", name, i)
				break
			}
		}
	}
	if a, b := search(t, Search{Select: "svdd", Budget: 10}, path.VP{}, 4, 10, 0), search(t, Search{Select: "rbf",
		Budget: 10}, path.VP{}, 4, 10, 0); !slices.Equal(a.X, b.X) {
		t.Error("searches without anything to choose differ")
	}
}

// smc draws from the tilted law of the chain: for N(0,v), which the chain of 20 levels makes of N(0,1), and reward x
// that is N(v,v).
func TestSearchByResamplingTilts(t *testing.T) {
	f, err := field.NewGaussian(path.EDM{}, ito.StandardNormal(1))
	if err != nil {
		t.Fatal(err)
	}
	s := Search{Select: "smc", Budget: 64 * 20, Reward: func(_ context.Context, dst []float64, x ito.States) error {
		copy(dst, x.X)
		return nil
	}}
	x := ito.NewStates(200, 1, 0)
	if _, err := Restore(context.Background(), SearchProblem(path.EDM{}, f, 1, ito.Cond{}, nil), s, x,
		RestoreOptions{Levels: 20}); err != nil {
		t.Fatal(err)
	}
	mean := 0.
	for _, v := range x.X {
		mean += v / 200
	}
	plain, v := ito.NewStates(2000, 1, 0), 0.
	s.Budget = 20
	if _, err := Restore(context.Background(), SearchProblem(path.EDM{}, f, 1, ito.Cond{}, nil), s, plain,
		RestoreOptions{Levels: 20}); err != nil {
		t.Fatal(err)
	}
	for _, x := range plain.X {
		v += x * x / 2000
	}
	t.Logf("variance of the chain %.3f, mean of its tilted law %.3f", v, mean)
	if math.Abs(mean-v) > .2 || v < .4 { // .06 of standard error, and a bias of some e/K = .04
		t.Errorf("mean %.3f, of the tilted law %.3f", mean, v)
	}
}

// A budget below one pass, a reward that is NaN and an unknown word are errors.
func TestBadSearches(t *testing.T) {
	f, reward := rare(t, path.EDM{})
	run := func(s Search) error {
		x := ito.NewStates(2, 2, 7)
		_, err := Restore(context.Background(), SearchProblem(path.EDM{}, f, 2, ito.Cond{}, nil), s, x,
			RestoreOptions{Levels: 10})
		return err
	}
	if err := run(Search{Select: "svdd", Budget: 9, Reward: reward}); !errors.Is(err, ito.ErrInput) ||
		!strings.Contains(err.Error(), "at least 10") {
		t.Errorf("a budget of 9 of 10: %v", err)
	}
	if err := run(Search{Select: "bets", Budget: 99, Reward: reward}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("an unknown word: %v", err)
	}
	var nf *ito.NonFiniteError
	for _, name := range Selects() {
		err := run(Search{Select: name, Budget: 30, Reward: func(_ context.Context, dst []float64, _ ito.States) error {
			dst[0] = math.NaN()
			return nil
		}})
		if !errors.As(err, &nf) || nf.What != "reward" || nf.Sample != 7 {
			t.Errorf("%s with a reward that is NaN: %v", name, err)
		}
	}
}
