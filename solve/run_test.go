package solve_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// plain is a field of the given kind without any cost: c·x.
type plain struct {
	kind ito.Prediction
	c    float64
}

func (p plain) Kind() ito.Prediction { return p.kind }
func (plain) OutDim(d int) int       { return d }
func (p plain) Predict(_ context.Context, dst, x ito.States, _ ito.Times, _ ito.Cond) error {
	for i, v := range x.X {
		dst.X[i] = p.c * v
	}
	return nil
}

// recorder is a hook that writes down when it is called, and may change a prediction.
type recorder struct {
	log  []string
	zero bool
}

func (r *recorder) Before(_ context.Context, s *ito.Step) error {
	r.log = append(r.log, "before")
	return nil
}
func (r *recorder) After(_ context.Context, s *ito.Step) error {
	r.log = append(r.log, "after")
	s.Reset()
	return nil
}
func (r *recorder) Predicted(_ context.Context, s *ito.Step, e ito.Evaluation) error {
	r.log = append(r.log, "predicted")
	if r.zero {
		clear(e.Pred.X)
	}
	return nil
}

func TestHooksAndReports(t *testing.T) {
	x, h := ito.NewStates(2, 1, 0), &recorder{zero: true}
	copy(x.X, []float64{1, 2})
	var at []float64
	var events []solve.StepEvent
	opts := solve.RunOptions{Hooks: []ito.Hook{h}, Progress: func(e solve.StepEvent) { events = append(events, e) },
		Trajectory: func(step int, t float64, x ito.States) error {
			if step != len(at) {
				return errors.New("steps out of order")
			}
			at = append(at, t)
			return nil
		}}
	g := ito.Grid{1, .6, .1}
	info, err := solve.Run(ctx, path.Flow{}, plain{ito.PredVelocity, 1}, x, g, solve.Heun{}, opts)
	if err != nil {
		t.Fatal(err)
	}
	if want := "before predicted predicted after before predicted predicted after"; strings.Join(h.log, " ") != want {
		t.Errorf("hooks: %v", h.log)
	}
	if x.X[0] != 1 || x.X[1] != 2 {
		t.Errorf("a velocity that a hook sets to zero moves x to %v", x.X)
	}
	if len(at) != 3 || at[0] != 1 || at[2] != .1 || info.Steps != 2 || info.Rows != 2 || info.Evals[1] != 4 {
		t.Errorf("trajectory at %v, %+v", at, info)
	}
	if len(events) != 2 || events[1] != (solve.StepEvent{Step: 2, Steps: 2, T: .1, Rows: 2, Evals: 4}) {
		t.Errorf("events %+v", events)
	}
}

func TestNotFinite(t *testing.T) {
	x := ito.NewStates(3, 1, 40)
	copy(x.X, []float64{0, 1e300, 0})
	_, err := solve.Run(ctx, path.Flow{}, plain{ito.PredVelocity, -1e9}, x, ito.Grid{.9, .8, .7}, solve.Euler{},
		solve.RunOptions{})
	var nf *ito.NonFiniteError
	if !errors.As(err, &nf) || nf.Sample != 41 || nf.Step != 0 || nf.T != .8 {
		t.Errorf("an overflow: %v", err)
	}
	copy(x.X, []float64{0, math.NaN(), 0})
	if _, err := solve.Run(ctx, path.Flow{}, plain{}, x, ito.Grid{.9, .8}, solve.DDIM{},
		solve.RunOptions{Unchecked: true}); err != nil {
		t.Errorf("unchecked: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	x := ito.NewStates(2, 2, 0)
	cld := must(path.NewCLD(path.CLDConfig{D: 1}))
	f := plain{ito.PredScore, 1}
	down := ito.Grid{1, .5}
	for name, c := range map[string]struct {
		p    ito.Path
		f    ito.Field
		x    ito.States
		g    ito.Grid
		s    ito.Solver
		cond ito.Cond
	}{
		"ddim on a momentum path":       {cld, f, x, down, solve.DDIM{}, ito.Cond{}},
		"x0 on a momentum path":         {cld, plain{ito.PredX0, 1}, x, down, solve.Heun{}, ito.Cond{}},
		"em by velocity on such a path": {cld, plain{ito.PredVelocity, 1}, x, down, solve.EM{}, ito.Cond{}},
		"em towards noise":              {path.VP{}, f, x, ito.Grid{.5, 1}, solve.EM{}, ito.Cond{}},
		"an empty grid":                 {path.VP{}, f, x, ito.Grid{}, solve.Euler{}, ito.Cond{}},
		"a grid that turns":             {path.VP{}, f, x, ito.Grid{1, .5, .6}, solve.Euler{}, ito.Cond{}},
		"another dimension":             {cld, f, ito.NewStates(2, 3, 0), down, solve.Heun{}, ito.Cond{}},
		"states without rows' values":   {path.VP{}, f, ito.States{N: 2, D: 2}, down, solve.Heun{}, ito.Cond{}},
		"a condition of other rows":     {path.VP{}, f, x, down, solve.Heun{}, ito.Cond{C: 1, X: []float64{1}}},
		"a negative tolerance":          {path.VP{}, f, x, down, solve.Dopri5{Tol: -1}, ito.Cond{}},
		"velocity at infinite speed": {path.VP{}, plain{ito.PredX0, 1}, x, ito.Grid{1, math.Inf(-1)}, solve.Euler{},
			ito.Cond{}},
	} {
		if _, err := solve.Run(ctx, c.p, c.f, c.x, c.g, c.s, solve.RunOptions{Cond: c.cond}); !errors.Is(err,
			ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var u *ito.UnsupportedError
	if err := solve.Check(cld, solve.DDIM{}); !errors.As(err, &u) || u.Nearest != "heun" {
		t.Errorf("the nearest to ddim on a momentum path: %v", err)
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := solve.Run(done, path.VP{}, f, x, down, solve.Euler{}, solve.RunOptions{}); !errors.Is(err,
		context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestNames(t *testing.T) {
	for _, s := range solve.All() {
		got, err := solve.ByName(s.Info().Name)
		if err != nil || got.Info().Name != s.Info().Name || s.Info().Source == "" {
			t.Errorf("%s: %v", s.Info().Name, err)
		}
	}
	if _, err := solve.ByName("huen"); err == nil || !strings.Contains(err.Error(), `"heun"`) {
		t.Errorf("huen: %v", err)
	}
	if _, err := solve.GridByName("kerras"); err == nil || !strings.Contains(err.Error(), `"karras"`) {
		t.Errorf("kerras: %v", err)
	}
}

func TestStepsFor(t *testing.T) {
	for _, c := range []struct {
		s         ito.Solver
		nfe, cost int
		want      int
	}{{solve.Euler{}, 20, 1, 20}, {solve.Heun{}, 51, 1, 25}, {solve.Heun{}, 51, 2, 12}, {solve.DDIM{}, 5, 2, 2},
		{solve.Heun{}, 1, 1, 0}, {solve.Dopri5{}, 50, 1, 0}} {
		k, err := solve.StepsFor(c.s, c.nfe, c.cost)
		if k != c.want || (err != nil) != (c.want == 0) {
			t.Errorf("%s with %d calls of cost %d: %d steps, %v", c.s.Info().Name, c.nfe, c.cost, k, err)
		}
	}
}

// A step allocates nothing once the first has made the buffers.
func TestStepsDoNotAllocate(t *testing.T) {
	paths := map[string]ito.Path{"vp": path.VP{}, "vsdm": problems()[5].p, "piecewise": problems()[8].p}
	for name, p := range paths {
		for _, s := range solve.All() {
			if s.Info().Adaptive || !serves(p, s) {
				continue
			}
			x := ito.NewStates(64, 2, 0)
			st := must(s.Plan(p, ito.Grid{1, .9}, ito.PredScore))
			step := &ito.Step{T: 1, Next: .9, X: x, Noise: quiet{}, Path: p, Field: plain{ito.PredScore, -1}}
			if n := testing.AllocsPerRun(10, func() { _ = st.Step(ctx, step) }); n > 0 {
				t.Errorf("%s on %s: %g allocations a step", s.Info().Name, name, n)
			}
		}
	}
}

// What a step costs beyond the field: nanoseconds per state, coordinate and step. The field writes nothing.
func BenchmarkStep(b *testing.B) {
	const n, d, k = 100000, 2, 8
	for _, pr := range []problem{problems()[0], problems()[6], problems()[5]} {
		p := pr.p
		for _, s := range solve.All() {
			if s.Info().Adaptive || s.Info().Stochastic {
				continue
			}
			b.Run(pr.name+"/"+s.Info().Name, func(b *testing.B) {
				x := ito.NewStates(n, d, 0)
				g := must(solve.Uniform(p, 1, .5, k))
				st := must(s.Plan(p, g, ito.PredScore))
				step := &ito.Step{X: x, Noise: quiet{}, Path: p, Field: silent{}}
				_ = st.Step(ctx, step)
				took := quickest{}
				for b.Loop() {
					for i := range k {
						step.Index, step.T, step.Next = i, g[i], g[i+1]
						start := time.Now()
						_ = st.Step(ctx, step)
						took.add(i, time.Since(start))
					}
				}
				b.ReportMetric(took.sum()/n/d/k, "ns/value/step")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// What a step that draws costs beyond the field, and how many times that is what its normals cost alone.
func BenchmarkStochasticStep(b *testing.B) {
	const n, d, k = 100000, 2, 8
	for _, s := range solve.All() {
		var p ito.Path = path.VP{}
		if !s.Info().Stochastic || s.Info().Adaptive {
			continue
		}
		if !serves(p, s) {
			p = must(path.NewCLD(path.CLDConfig{D: d / 2}))
		}
		b.Run(s.Info().Name, func(b *testing.B) {
			x := ito.NewStates(n, d, 0)
			g := must(solve.Uniform(p, 1, .5, k))
			st := must(s.Plan(p, g, ito.PredScore))
			draws := &drawn{}
			step := &ito.Step{X: x, Noise: draws, Path: p, Field: silent{}}
			_ = st.Step(ctx, step)
			took, spent := quickest{}, quickest{}
			for b.Loop() {
				for i := range k {
					step.Index, step.T, step.Next = i, g[i], g[i+1]
					draws.spent = 0
					start := time.Now()
					_ = st.Step(ctx, step)
					if all := time.Since(start); draws.spent > 0 {
						took.add(i, all)
						spent.add(i, draws.spent)
					}
				}
			}
			b.ReportMetric(took.sum()/n/d/float64(len(took)), "ns/value/step")
			b.ReportMetric(took.sum()/spent.sum(), "×normals")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// quickest holds the least time of every step: a busy machine only adds.
type quickest map[int]time.Duration

func (q quickest) add(i int, d time.Duration) {
	if least, ok := q[i]; !ok || d < least {
		q[i] = d
	}
}

func (q quickest) sum() (ns float64) {
	for _, d := range q {
		ns += float64(d.Nanoseconds())
	}
	return ns
}

// drawn is a seed's noise that knows how long it took.
type drawn struct{ spent time.Duration }

func (n *drawn) Normal(dst ito.States, p rng.Purpose, step, sub uint32) {
	start := time.Now()
	ito.Seed(1).Normal(dst, p, step, sub)
	n.spent += time.Since(start)
}

type silent struct{}

func (silent) Kind() ito.Prediction { return ito.PredScore }
func (silent) OutDim(d int) int     { return d }
func (silent) Predict(context.Context, ito.States, ito.States, ito.Times, ito.Cond) error {
	return nil
}

// quiet is a noise of zeros.
type quiet struct{}

func (quiet) Normal(dst ito.States, _ rng.Purpose, _, _ uint32) { clear(dst.X) }

// Uniform implements ito.Noise.
func (*drawn) Uniform(ito.States, rng.Purpose, uint32, uint32) { panic("no uniforms here") }

// Uniform implements ito.Noise.
func (quiet) Uniform(ito.States, rng.Purpose, uint32, uint32) { panic("no uniforms here") }
