package mcmc

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/path"
)

// tenthField is the score of tenth on a path.
func tenthField(t *testing.T, p ito.Diagonal) *FieldScore {
	t.Helper()
	f, err := field.NewMixture(p, field.Mixture{D: 1, Weights: []float64{.1, .9}, Means: []float64{-5, 5},
		Var: []float64{1}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewFieldScore(f, p, 1)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The score of an exact field on VE, EDM and VP is that of the smoothed density, to 1e-9, and a level that a path
// has not is refused.
func TestFieldScore(t *testing.T) {
	x, σ := ito.NewStates(4, 1, 0), []float64{.02, .5, 3, 10}
	copy(x.X, []float64{-4.8, 1, .3, -7})
	want, got, logp := x.Like(1), x.Like(1), make([]float64, 4)
	if err := tenth.Smoothed(t.Context(), logp, want, x, σ); err != nil {
		t.Fatal(err)
	}
	for _, p := range []ito.Diagonal{path.VE{}, path.EDM{}, path.VP{}} {
		f := tenthField(t, p)
		if err := f.Score(t.Context(), got, x, σ); err != nil {
			t.Fatal(err)
		}
		for i, v := range got.X {
			if math.Abs(v-want.X[i]) > 1e-9*(1+math.Abs(want.X[i])) {
				t.Errorf("%s at σ = %v: score %v, want %v", p.Name(), σ[i], v, want.X[i])
			}
		}
		if err := f.Score(t.Context(), got, x, []float64{1, 1, 1, 1e9}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", p.Name(), err)
		}
	}
}

var fewLevels = []float64{.1, .25, .6, 1.5, 4, 10}

// The classifier learns the posterior of the levels from data alone: mean total variation to the exact p(σ|x) ∝
// p_σ(x) below .04 over 600 noisy states; and DMCMC led by a field's score and the classifier has the mass .1 of
// the small mode within .03 and levels within .06 of uniform.
func TestNoiseLevels(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of training")
	}
	data := infertest.ExactMixture(4000, [][]float64{{-5}, {5}}, []float64{.1, .9})
	k, err := TrainNoiseLevels(t.Context(), data, LevelTraining{Levels: fewLevels, Width: 32, Iterations: 1200,
		Batch: 256, Seed: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	x, m := ito.NewStates(600, 1, 0), len(fewLevels)
	infer.StepKey(3, 0, 0).Normals64(x.X, 1, x.ID)
	for i := range x.N {
		x.X[i] = data.X[i] + fewLevels[i%m]*x.X[i]
	}
	got := make([]float64, x.N*m)
	if err := k.Levels(t.Context(), got, x); err != nil {
		t.Fatal(err)
	}
	tv := 0.
	for i := range x.N {
		rows, logp := ito.NewStates(m, 1, 0), make([]float64, m)
		for l := range m {
			rows.X[l] = x.X[i]
		}
		if err := tenth.Smoothed(t.Context(), logp, ito.States{}, rows, fewLevels); err != nil {
			t.Fatal(err)
		}
		total := metric.LogSumExp(logp)
		for l := range m {
			tv += math.Abs(math.Exp(got[i*m+l])-math.Exp(logp[l]-total)) / 2 / float64(x.N)
		}
	}
	t.Logf("mean total variation %.4f", tv)
	if tv > .04 {
		t.Errorf("the classifier is %v from the exact posterior in the mean", tv)
	}
	kernel := DMCMC{Score: tenthField(t, path.EDM{}), Level: k, Levels: fewLevels, StepSize: .5}
	left, count, total := 0., make([]float64, m), 0.
	s := infer.NewState(kernel, 60, 1, 0)
	if _, err := infer.Run(t.Context(), Flat{1}, kernel, s, infer.RunOptions{Seed: 1, Draws: 300, Thin: 10,
		Sink: func(d infer.Draw) error {
			if d.Index < 50 {
				return nil
			}
			for g, x := range d.State.X {
				if x < 0 {
					left++
				}
				count[int(d.State.Var("level")[g])]++
				total++
			}
			return nil
		}}); err != nil {
		t.Fatal(err)
	}
	off := 0.
	for _, c := range count {
		off += math.Abs(c/total-1/float64(m)) / 2
	}
	t.Logf("mass %.4f, levels off by %.4f", left/total, off)
	if math.Abs(left/total-.1) > .03 || off > .06 {
		t.Errorf("mass %v at the mode of weight .1, levels %v from uniform", left/total, off)
	}
}

// What does not go together is refused: a score without levels, with adjustment, or with a classifier of other levels.
func TestDMCMCRefuses(t *testing.T) {
	k, err := TrainNoiseLevels(t.Context(), ito.NewStates(3, 1, 0), LevelTraining{Levels: fewLevels, Width: 8,
		Iterations: 2, Batch: 8}, nil)
	if err != nil {
		t.Fatal(err)
	}
	score := tenthField(t, path.EDM{})
	for what, d := range map[string]DMCMC{"nothing": {}, "both": {Density: tenth, Score: score, Level: k,
		Levels: fewLevels}, "no levels": {Score: score, Levels: fewLevels},
		"adjusted": {Score: score, Level: k, Levels: fewLevels, Adjust: true}, "other levels": {Score: score,
			Level: k}} {
		if err := d.Validate(1); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := TrainNoiseLevels(t.Context(), ito.NewStates(3, 1, 0), LevelTraining{Levels: []float64{2, 1}},
		nil); !errors.Is(err, ito.ErrInput) {
		t.Errorf("decreasing levels: %v", err)
	}
}

// The training of levels that is interrupted has the weights of one that is not.
func TestLevelTrainingResumes(t *testing.T) {
	rows := infertest.ExactMixture(100, [][]float64{{-5}, {5}}, []float64{.1, .9})
	c := LevelTraining{Levels: fewLevels, Width: 8, Iterations: 6, Batch: 16, Seed: 1}
	steps := func(tr *LevelTrainer, n int) {
		for range n {
			if _, err := tr.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	fresh := func() *LevelTrainer {
		tr, err := NewLevelTrainer(rows, c)
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}
	whole, part, second := fresh(), fresh(), fresh()
	steps(whole, 6)
	steps(part, 2)
	if err := second.Restore(infertest.StateOf(t, part)); err != nil {
		t.Fatal(err)
	}
	steps(second, 4)
	if done, of := second.Progress(); done != 6 || of != 6 || !slices.Equal(second.levels.net.Params,
		whole.levels.net.Params) {
		t.Errorf("%d of %d iterations, or other weights", done, of)
	}
	infertest.RefusesStates(t, second)
}
