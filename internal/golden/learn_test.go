package golden_test

import (
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/solve"
)

// learned are trainings that no flag of "ito train" reaches: the other paths, the other features of time, the other
// activations.
func learned() []group {
	networks := map[string]nn.MLP{
		"sinusoidal time": {}, "8 features of time": {TimeDim: 8}, "fourier time": {Time: nn.TimeFourier},
		"fourier time of scale 4": {Time: nn.TimeFourier, TimeScale: 4, TimeDim: 6},
		"raw time":                {Time: nn.TimeRaw}, "no time": {Time: nn.TimeNone}, "tanh": {Activation: "tanh"},
		"relu": {Activation: "relu"}, "gelu": {Activation: "gelu"},
		"residual, fourier time": {Residual: true, Time: nn.TimeFourier}, "residual, raw time, tanh": {Residual: true,
			Time: nn.TimeRaw, Activation: "tanh"},
	}
	objectives := []learn.Objective{learn.ScoreMatching{}, learn.FlowMatching{}, learn.Denoising{}}
	return []group{
		{"learn networks", func(_ *testing.T, workers int) cases {
			out := cases{}
			for name, n := range networks {
				for _, p := range problems() {
					if p.name == "vp" {
						p.learn(out, name, n, learn.ScoreMatching{}, workers)
					}
				}
			}
			return out
		}},
		{"learn paths", func(_ *testing.T, workers int) cases {
			out := cases{}
			for _, p := range problems() {
				if ito.Has(p.path, ito.CapTwoEnded) && !ito.Has(p.path, ito.CapDiagonal) || p.cond != nil {
					continue
				}
				for _, o := range objectives {
					p.learn(out, p.name+" by "+o.Name(), nn.MLP{}, o, workers)
				}
			}
			return out
		}},
	}
}

// learn trains a network for 50 steps on two moons and samples 16 rows.
func (p problem) learn(out cases, name string, n nn.MLP, o learn.Objective, workers int) {
	pool := ad.NewPool(workers)
	defer pool.Close()
	d := 2
	if ito.Has(p.path, ito.CapLinear) && !ito.Has(p.path, ito.CapDiagonal) && p.path.Name() != "piecewise" {
		d = 1 // with a velocity
	}
	rows := table(d, 200).States()
	n.Width, n.Depth = 16, 2
	fit := func() (*learn.Trainer, error) {
		w, err := nn.New(n, nn.Flat(2, d, 0), 3)
		if err != nil {
			return nil, err
		}
		c := learn.DefaultConfig()
		c.Objective, c.Steps, c.Batch, c.Schedule.WarmUp, c.EMA.Decay = o, 50, 32, 5, .9
		t, err := learn.NewTrainer(c, w, learn.Data{X: rows}, learn.Drawn{})
		if err != nil {
			return nil, err
		}
		if err := t.Bind(p.path); err != nil {
			return nil, err
		}
		return t, t.Run(ctx, 50, learn.LoopOptions{Pool: pool})
	}
	t, err := fit()
	if err != nil {
		out.set(name, "", err)
		return
	}
	var f *field.Net
	if f, err = t.Field(); err != nil {
		out.set(name, "", err)
		return
	}
	out.set(name+": weights", newSum().singles(f.Weights.Params).text(), nil)
	x := ito.NewStates(16, 2, 0)
	must(0, p.path.Prior(x, ito.Cond{}, ito.Seed(7)))
	_, err = solve.Run(ctx, p.path, f, x, must(solve.Uniform(p.path, p.from, p.to, 5)), solve.Heun{},
		solve.RunOptions{})
	out.set(name+": rows", digest(x.X...), err)
}
