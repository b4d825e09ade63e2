package solve_test

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// What is left at the last node is kept, turned into x̂0, or followed to time 0, for one evaluation more.
func TestFinish(t *testing.T) {
	for _, pr := range []problem{{"vp", path.VP{}, 1, .02}, {"flow", path.Flow{}, .99, .05}, {"edm", path.EDM{}, 80,
		.05}} {
		f := counting{exact(pr), make([]int, 4)}
		x := noise(pr, 4)
		for _, s := range []ito.Solver{solve.DDIM{}, solve.UniPC{}, solve.Dopri5{}, solve.PC{}, solve.DPMFast{}} {
			stop, info := run(t, pr, f, x, grid(pr, 8), solve.Finish{Solver: s})
			plainly, _ := run(t, pr, f, x, grid(pr, 8), s)
			if e := rmse(stop, plainly); e != 0 {
				t.Errorf("%s on %s: stopping changes the result by %g", s.Info().Name, pr.name, e)
			}
			x0, v := x.Like(2), x.Like(2)
			for kind, dst := range map[ito.Prediction]ito.States{ito.PredX0: x0, ito.PredVelocity: v} {
				if err := must(exact(pr).As(kind)).Predict(ctx, dst, stop, ito.Times{pr.to}, ito.Cond{}); err != nil {
					t.Fatal(err)
				}
			}
			for i := range v.X {
				v.X[i] = stop.X[i] - pr.to*v.X[i]
			}
			for a, want := range map[solve.Action]ito.States{solve.Denoise: x0, solve.Euler0: v} {
				clear(f.calls)
				got, more := run(t, pr, f, x, grid(pr, 8), solve.Finish{Solver: s, Action: a})
				if e := rmse(got, want); e > 1e-12 {
					t.Errorf("%s on %s, action %d: differs by %g", s.Info().Name, pr.name, a, e)
				}
				for i := range f.calls {
					if more.Evals[i] != info.Evals[i]+2 || more.Evals[i] != f.calls[i] {
						t.Errorf("%s on %s, action %d: %d calls reported, %d made, %d without the end", s.Info().Name,
							pr.name, a, more.Evals[i], f.calls[i], info.Evals[i])
					}
				}
			}
		}
	}
	vsmd := problems()[9]
	var u *ito.UnsupportedError
	if _, err := (solve.Finish{Solver: solve.Heun{}, Action: solve.Denoise}).Plan(vsmd.p, ito.Grid{1, .5},
		ito.PredScore); !errors.As(err, &u) {
		t.Errorf("denoising with momentum: %v", err)
	}
	if _, err := (solve.Finish{Solver: solve.Heun{}, Action: solve.Euler0}).Plan(path.VE{}, ito.Grid{1, .5},
		ito.PredScore); !errors.As(err, &u) || u.Nearest != "denoise" {
		t.Errorf("Euler to the noise that VE keeps: %v", err)
	}
	for nfe, want := range map[int]int{10: 9, 2: 1, 1: 0} {
		k, _ := solve.StepsFor(solve.Finish{Solver: solve.DDIM{}, Action: solve.Denoise}, nfe, 1)
		if k != want {
			t.Errorf("%d evaluations allow %d steps and a denoising, want %d", nfe, k, want)
		}
	}
}

// The start that is found is the best of all draws for the known rows, and helps rows that were not known.
func TestOptimalStart(t *testing.T) {
	p := path.VP{}
	// data at the row's condition, and a little to the right of it for half of the draws
	f := moved{must(field.NewMixture(p, field.Mixture{D: 1, Means: []float64{0, .5}, Var: []float64{.0025}}))}
	known := ito.NewStates(3, 1, 0)
	copy(known.X, []float64{1.5, -.5, 4.5})
	c := ito.Cond{C: 1, X: []float64{1, -1, 4}}
	g := must(solve.LogSNR(p, 1, 1e-3, 6))
	got, err := solve.OptimalStart{Candidates: 40}.Find(ctx, p, f, known, g, solve.DPMpp{}, solve.RunOptions{Cond: c,
		Noise: ito.Seed(5)})
	if err != nil {
		t.Fatal(err)
	}
	draws := ito.NewStates(40, 1, 0)
	if err := p.Prior(draws, ito.Cond{}, ito.Seed(5)); err != nil {
		t.Fatal(err)
	}
	if got.X[0] != draws.X[got.Candidate] || got.Evals != 40*6 {
		t.Errorf("candidate %d is %g, not %g; %d evaluations", got.Candidate, got.X[0], draws.X[got.Candidate],
			got.Evals)
	}
	for m, l := range got.Losses {
		if l < got.Losses[got.Candidate] {
			t.Errorf("candidate %d has the smaller loss %g", m, l)
		}
	}
	fresh := ito.NewStates(1, 1, 7)
	fresh.X[0] = got.X[0]
	if _, err := solve.Run(ctx, p, f, fresh, g, solve.DPMpp{},
		solve.RunOptions{Cond: ito.Cond{C: 1, X: []float64{-7}}}); err != nil || math.Abs(fresh.X[0]+6.5) > .1 {
		t.Errorf("a new row ends at %g (%v)", fresh.X[0], err)
	}
	if _, err := (solve.OptimalStart{}).Find(ctx, p, f, known, g, solve.EM{},
		solve.RunOptions{Cond: c}); !errors.Is(err,
		ito.ErrInput) {
		t.Errorf("with noise: %v", err)
	}
}
