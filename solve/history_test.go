package solve_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// jump is a hook that drops history after every step.
type jump struct{ reset bool }

func (jump) Before(context.Context, *ito.Step) error                    { return nil }
func (jump) Predicted(context.Context, *ito.Step, ito.Evaluation) error { return nil }
func (h jump) After(_ context.Context, s *ito.Step) error {
	if h.reset {
		s.Reset()
	}
	return nil
}

// Without their history multistep solvers are DDIM; a hook that leaves it alone changes nothing.
func TestReset(t *testing.T) {
	pr := problems()[0]
	f, x := exact(pr), noise(pr, 4)
	g := grid(pr, 9)
	for _, s := range []ito.Solver{solve.DPMpp{}, solve.DPMpp{Order: 3, Eps: true}, solve.UniPC{},
		solve.UniPC{Order: 1}, solve.DEIS{}, solve.IPNDM{}} {
		plainly, _ := run(t, pr, f, x, g, s)
		first, _ := run(t, pr, f, x, g, solve.DDIM{})
		for h, want := range map[jump]ito.States{{false}: plainly, {true}: first} {
			y := x.Clone()
			if _, err := solve.Run(ctx, pr.p, f, y, g, s, solve.RunOptions{Hooks: []ito.Hook{h}}); err != nil {
				t.Fatal(err)
			}
			if e := rmse(y, want); e > 1e-12 {
				t.Errorf("%s, reset %v: differs by %g", s.Info().Name, h.reset, e)
			}
		}
		if rmse(plainly, first) < 1e-3 {
			t.Errorf("%s has no history to drop", s.Info().Name)
		}
	}
}

// Batches larger than a block give the bytes of their parts, wherever they are cut: with one number for all, one
// for each coordinate, small and large bases, and full matrices.
func TestBlocks(t *testing.T) {
	diag, _ := big(path.DiagonalOnly, 3)
	small, _ := big(path.Constant, 3)
	large, _ := big(path.Constant, 20)
	for _, pr := range []problem{{"vp", path.VP{}, 1, .1}, {"diagonal", diag, 1, .1}, {"basis", problems()[5].p, 1, .1},
		{"basis of 3", small, 1, .1}, {"basis of 20", large, 1, .1}, problems()[8]} {
		n, d := 2600, max(3, pr.p.Dim())
		if pr.p.Dim() == 2 {
			d = 2
		}
		if d == 20 {
			n = 230
		}
		x := ito.NewStates(n, d, 0)
		ito.Seed(9).Normal(x, rng.PurposeUser, 0, 0)
		for _, s := range solve.All() {
			if s.Info().Adaptive || !serves(pr.p, s) {
				continue
			}
			g := ito.Grid{.9, .8, .7, .65, .6}
			whole, _ := run(t, pr, plain{ito.PredScore, -.7}, x, g, s)
			for lo, hi := 0, 1; lo < n; lo, hi = hi, min(n, hi+hi/2+2) {
				part, _ := run(t, pr, plain{ito.PredScore, -.7}, x.Slice(lo, hi), g, s)
				for i, v := range part.X {
					if v != whole.X[lo*d+i] {
						t.Fatalf("%s on %s: value %d of rows %d to %d is %v, in the whole %v", s.Info().Name, pr.name,
							i, lo, hi, v, whole.X[lo*d+i])
					}
				}
			}
		}
	}
}

// Settings that make no sense are refused before anything runs.
func TestSettings(t *testing.T) {
	for name, s := range map[string]ito.Solver{
		"order 5":            solve.DPMpp{Order: 5},
		"order −1":           solve.SDEDPMpp{Order: -1},
		"order 4 of unipc":   solve.UniPC{Order: 4},
		"order 4 of dpm":     solve.DPM{Order: 4},
		"order 9 of deis":    solve.DEIS{Order: 9},
		"clock 9":            solve.DEIS{Clock: 9},
		"order 7 of ipndm":   solve.IPNDM{Order: 7},
		"order 4, adaptive":  solve.DPMAdaptive{Order: 4},
		"safety 2":           solve.DPMAdaptive{Safety: 2},
		"another's compat":   solve.DPMpp{Compat: solve.CompatSDE3Sign},
		"an unknown compat":  solve.SDEDPMpp{Compat: "sde3-sing"},
		"compat without use": solve.UniPC{Compat: solve.CompatVaryCoeffIndex},
		"em-step without em": solve.PC{Compat: solve.CompatEMStep},
		"negative noise":     solve.SDEDPMpp{Eta: -1},
		"η of 2":             solve.DDIM{Eta: 2},
		"negative churn":     solve.EDM{Churn: -1},
		"nothing to do":      solve.PC{Predictor: solve.PredictorNone, Corrector: solve.CorrectorNone},
		"too many for fast":  solve.DPMFast{NFE: 30},
		"an unknown end":     solve.Finish{Solver: solve.DDIM{}, Action: 7},
	} {
		if _, err := s.Plan(path.VP{}, ito.Grid{1, .5, .1}, ito.PredEps); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var u *ito.UnsupportedError
	if err := solve.Check(problems()[5].p, solve.EDMChurn()); !errors.As(err, &u) || u.Nearest == "" {
		t.Errorf("churn with many modes: %v", err)
	}
	if _, err := (solve.EDM{Churn: 40}).Plan(path.Flow{}, ito.Grid{.999999, .5}, ito.PredEps); err != nil {
		t.Errorf("churn below the end of a flow: %v", err)
	}
}

// DPM-Solver-fast spends what it is given.
func TestFastSpends(t *testing.T) {
	pr := problems()[0]
	for nfe := 1; nfe <= 12; nfe++ {
		s := solve.DPMFast{NFE: nfe}
		y, info := run(t, pr, exact(pr), noise(pr, 2), grid(pr, s.Steps()), s)
		if info.Evals[0] != nfe || math.IsNaN(y.X[0]) {
			t.Errorf("%d evaluations, want %d", info.Evals[0], nfe)
		}
	}
}
