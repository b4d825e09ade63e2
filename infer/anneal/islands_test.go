package anneal

import (
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/rng"

	"gonum.org/v1/gonum/floats"
)

// Runs of independent particles agree: over 300 sets of four runs of 100 particles in five dimensions the
// threshold, which chance alone passes once in a thousand sets, and that three times as wide, is never passed. Runs
// of which one is displaced by one standard deviation, or five times as wide, do not agree.
func TestIslandWarnings(t *testing.T) {
	const runs, n, d = 4, 100, 5
	state := func(seed uint64) *infer.State {
		s := &infer.State{Groups: runs, Slots: n, D: d, ID: []uint64{0, 1, 2, 3}, X: make([]float64, runs*n*d),
			LogP: make([]float64, runs*n)}
		rng.NewKey(seed, rng.PurposeUser, 0, 0).Normals64(s.X, n*d, s.ID)
		logw := s.AddVar("logw", n)
		for i := range s.LogP {
			x := s.X[i*d : (i+1)*d]
			s.LogP[i], logw[i] = -floats.Dot(x, x)/2, -math.Log(n)
		}
		return s
	}
	for seed := range uint64(300) {
		if w := islandWarnings(state(seed)); w != nil {
			t.Errorf("seed %d: %v", seed, w)
		}
	}
	away, wide := state(1), state(2)
	for i := 2 * n; i < 3*n; i++ {
		away.X[i*d+3]++
		wide.X[i*d+1] *= 5
	}
	for want, s := range map[string]*infer.State{"mean of coordinate 4 ": away, "the square of coordinate 2 ": wide} {
		if w := strings.Join(islandWarnings(s), ""); !strings.Contains(w, want) {
			t.Errorf("%q: %s", want, w)
		}
	}
}

// Where moves are short they are so by the factor, and the others alone adapt the step size.
func TestShortMoves(t *testing.T) {
	new, old := &infer.State{Groups: 1}, &infer.State{Groups: 1}
	new.AddVar("short", 1)
	for _, c := range []struct {
		moves int
		want  []bool
	}{{0, []bool{false, true, false, true}}, {2, []bool{false, false}}, {3, []bool{false, false, false}},
		{4, []bool{false, true, false, true}}} {
		for m, want := range c.want {
			if got := (particles{moves: c.moves}).short(new, uint32(m)); got != want ||
				(particles{moves: c.moves}).short(old, uint32(m)) {
				t.Errorf("move %d of %d: %v", m, c.moves, got)
			}
		}
	}
	target, sizes := infertest.Normal(0, []float64{0, 0, 0}, []float64{1, 1, 1}), []float64{}
	for _, moves := range []int{4, 5} { // the last move is short of 4, and not of 5
		k := SMC{Particles: 300, Reference: infer.Reference{SD: []float64{2}}, Moves: moves}
		s := infer.NewState(k, 1, 3, 0)
		info := infer.NewInfo(1)
		p := infer.SeededTarget{Target: target, Seed: 1}
		s.AddVar("tally", infer.TallyWidth)
		if err := k.Init(t.Context(), p, s); err != nil {
			t.Fatal(err)
		}
		if err := k.Step(t.Context(), p, s, info); err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, info.StepSize[0]/s.Var("eps")[0])
	}
	if math.Abs(sizes[0]-shortMove) > 1e-12 || sizes[1] < .7 || sizes[1] > 1.4 {
		t.Errorf("last step sizes %v of that of full moves", sizes)
	}
}
