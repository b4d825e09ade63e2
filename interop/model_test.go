package interop_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/interop"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// A field of another path with the same data gives what the exact field of the levels gives, wherever the path has the
// level; the mean of the path and flows' clocks included.
func TestFieldOfAModel(t *testing.T) {
	g := ito.Gaussian{Mean: []float64{.3, -2}, Cov: []float64{.25, .1, .1, 2}}
	for _, on := range []ito.Path{path.VP{}, path.Flow{}, path.EDM{SigmaMin: 1e-4, SigmaMax: 200},
		path.VE{SigmaMin: 1e-3, SigmaMax: 200}} {
		for _, class := range []string{"EulerDiscrete", "DPMSolverMultistep", "DDIM", "FlowMatchHeunDiscrete"} {
			p, err := parse(t, `{"_class_name":"`+class+`Scheduler","clip_sample":false,"beta_end":0.015}`).Plan(12,
				interop.CallOptions{})
			if err != nil {
				t.Fatal(err)
			}
			f, err := field.NewGaussian(on, g)
			if err != nil {
				t.Fatal(err)
			}
			model, err := p.FieldOf(f, on)
			if err != nil {
				t.Errorf("%s on %s: %v", class, on.Name(), err)
				continue
			}
			exact, err := field.NewGaussian(p.Path, g)
			if err != nil {
				t.Fatal(err)
			}
			lo, hi := on.Span()
			var α, σ, αhi, σhi [1]float64
			on.(ito.Diagonal).Schedule(lo, α[:], σ[:], nil, nil)
			on.(ito.Diagonal).Schedule(hi, αhi[:], σhi[:], nil, nil)
			compared := 0
			for k, at := range p.Grid[:len(p.Grid)-1] {
				if l := p.Path.Level(k); l.Sigma/l.Alpha < σ[0]/α[0] || l.Sigma/l.Alpha > σhi[0]/αhi[0] {
					continue // where it is asked at an end
				}
				x := ito.States{N: 1, D: 2, X: []float64{.7, -1.1}, ID: []uint64{0}}
				got, want := ito.NewStates(1, 2, 0), ito.NewStates(1, 2, 0)
				if err := model.Predict(t.Context(), got, x, ito.Times{at}, ito.Cond{}); err != nil {
					t.Fatal(err)
				}
				of, err := exact.As(ito.PredX0)
				if err != nil {
					t.Fatal(err)
				}
				if err := of.Predict(t.Context(), want, x, ito.Times{at}, ito.Cond{}); err != nil {
					t.Fatal(err)
				}
				for j, v := range want.X {
					near(t, class+" on "+on.Name(), got.X[j], v, 2e-4)
				}
				compared++
			}
			if compared < 8 {
				t.Errorf("%s on %s: %d calls compared", class, on.Name(), compared)
			}
			x := ito.NewStates(400, 2, 0)
			if err := p.Path.Prior(x, ito.Cond{}, ito.Seed(1)); err != nil {
				t.Fatal(err)
			}
			if _, err := solve.Run(context.Background(), p.Path, model, x, p.Grid, p.Solver,
				solve.RunOptions{}); err != nil {
				t.Errorf("%s on %s: %v", class, on.Name(), err)
			}
			// 400 rows: the standard errors of a mean are .025 and .07, and twelve steps are few
			for j, μ := range g.Mean {
				sum := 0.
				for i := range x.N {
					sum += x.Row(i)[j] / float64(x.N)
				}
				if math.Abs(sum-μ) > .25 {
					t.Errorf("%s on %s: column %d has mean %.3f, want %g", class, on.Name(), j, sum, μ)
				}
			}
		}
	}
}

// A scheduler that begins where the model was never trained is refused.
func TestFieldOfAModelThatEndsEarlier(t *testing.T) {
	on := path.VE{SigmaMin: .01, SigmaMax: 5}
	f, err := field.NewGaussian(on, ito.Gaussian{Mean: []float64{0}, Cov: []float64{1}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := parse(t, `{"_class_name":"EulerDiscreteScheduler"}`).Plan(5, interop.CallOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var u *ito.UnsupportedError
	if _, err := p.FieldOf(f, on); !errors.As(err, &u) {
		t.Errorf("up to σ = 5: %v", err)
	}
}

// Words set keys, options of the call and the class; others are refused with the nearest.
func TestSettingsInWords(t *testing.T) {
	s := parse(t, `{"_class_name":"DDIMScheduler","note":1}`)
	got, o, err := s.Settings([]string{"class=EulerDiscrete", "use_karras_sigmas=True", "s_churn=5", "s_noise=1.01",
		"beta_schedule=scaled_linear", "note=2"})
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := got.Lookup("use_karras_sigmas"); string(v) != "true" || got.Class() != "EulerDiscreteScheduler" ||
		o.Churn != 5 || *o.SNoise != 1.01 {
		t.Errorf("%s, %+v", v, o)
	}
	if _, err := got.Plan(5, o); err != nil {
		t.Error(err)
	}
	if _, o, err = s.Settings([]string{"timesteps=900/500/10"}); err != nil || len(o.Timesteps) != 3 {
		t.Errorf("%v, %v", o.Timesteps, err)
	}
	if v, _ := s.Lookup("note"); string(v) != "1" {
		t.Error("the scheduler itself has changed")
	}
	for _, w := range []string{"solver_ordr=3", "eta", "eta=x", "eta=1/2", "class=Nothing"} {
		if _, _, err := s.Settings([]string{w}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", w, err)
		}
	}
}
