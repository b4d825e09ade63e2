package methods

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/anneal"
	"github.com/seed9a7962a8/ito/infer/approx"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/infer/mcmc"
	"github.com/seed9a7962a8/ito/infer/pathspace"
)

// every is one small setting of every sampler, for what must hold for all of them.
var every = []infer.Kernel{
	approx.Mode{},
	approx.Laplace{Outcome: approx.Outcome{Draws: 30}},
	approx.Pathfinder{Ascent: approx.Ascent{Paths: 3}, Outcome: approx.Outcome{Draws: 30, Plain: true}},
	mcmc.ULA{StepSize: .1},
	mcmc.MALA{Warmup: 30},
	mcmc.HMC{Warmup: 30, Leapfrogs: 4, Jitter: .2, Metric: mcmc.Dense},
	mcmc.NUTS{Warmup: 40, MaxDepth: 6},
	anneal.Annealed{Steps: 30, Finish: 20},
	anneal.Annealed{Path: anneal.Convolutional{Draws: 4}, Rule: anneal.Fixed{H: .05}, Steps: 20, Finish: -1},
	anneal.SMC{Particles: 40, Reference: infer.Reference{SD: []float64{30}}, Leapfrogs: 2},
	anneal.AIS{Particles: 20, Steps: 25, Leapfrogs: 2},
	mcmc.Tempering{Count: 4, Least: .1, Warmup: 20},
	mcmc.Tempering{Betas: []float64{1, .5, 0}, Reference: &infer.Reference{SD: []float64{3}}},
	mcmc.PCN{Prior: infer.Reference{SD: []float64{3}}},
	mcmc.EllipticalSlice{Prior: infer.Reference{SD: []float64{3}}, Likelihood: true},
	mcmc.Stretch{Walkers: 8},
	pathspace.PDDS{Particles: 30, Steps: 20, Sigma: 3},
	pathspace.Controlled{Process: pathspace.DIS{K: 20}, Control: pathspace.ControlFunc(func(k int, u,
		x []float64) {
		u[0] = -x[0]
	}), Particles: 20},
	mcmc.DMCMC{Density: infer.NormalMixture{Weights: []float64{.3, .7}, Means: [][]float64{{-2, 0}, {2, 1}},
		Vars: [][]float64{{.64, .64}, {.64, .64}}}, Skip: 2},
}

func init() {
	l, err := pathspace.NewLearned(pathspace.PIS{K: 25}, 2, pathspace.NetworkShape{Width: 8, Depth: 1}, 1)
	if err != nil {
		panic(err)
	}
	for i := range l.Params { // a control that does something
		l.Params[i] += float32(i%7-3) / 20
	}
	every = append(every, pathspace.Controlled{Process: l.Process, Control: l, Particles: 9})
}

var twoModes = infertest.Mixture([]float64{.3, .7}, [][]float64{{-2, 0}, {2, 1}}, .8)

// begin makes a state of k for a target, scattered where the chain does not draw its own start.
func begun(t *testing.T, k infer.Kernel, target ito.Target, groups int, first uint64) *infer.State {
	t.Helper()
	s := infer.NewState(k, groups, target.Dim(), first)
	if err := s.Scatter(t.Context(), target, 11, 2); err != nil {
		t.Fatal(err)
	}
	return s
}

func bytesOf(t *testing.T, s *infer.State) []byte {
	t.Helper()
	b, err := s.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A group's bytes do not depend on the workers or on the groups beside it, for every sampler.
func TestBytesDoNotDependOnGrouping(t *testing.T) {
	for _, k := range every {
		t.Run(fmt.Sprintf("%s %T", k.Name(), k), func(t *testing.T) {
			o := infer.RunOptions{Seed: 3, Draws: 25}
			whole := begun(t, k, twoModes, 5, 0)
			if _, err := infer.Run(t.Context(), twoModes, k, whole, o); err != nil {
				t.Fatal(err)
			}
			o.Workers = 3
			shared := begun(t, k, twoModes, 5, 0)
			if _, err := infer.Run(t.Context(), twoModes, k, shared, o); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(bytesOf(t, whole), bytesOf(t, shared)) {
				t.Error("three workers give other bytes than one")
			}
			o.Workers = 0
			for _, cut := range [][2]int{{0, 2}, {2, 5}} {
				alone := begun(t, k, twoModes, cut[1]-cut[0], uint64(cut[0]))
				if _, err := infer.Run(t.Context(), twoModes, k, alone, o); err != nil {
					t.Fatal(err)
				}
				want := whole.Slice(cut[0], cut[1])
				want.Step = alone.Step // a sampler that ends by itself ends with its last group
				if !bytes.Equal(bytesOf(t, want), bytesOf(t, alone)) {
					t.Errorf("groups %v alone give other bytes", cut)
				}
			}
		})
	}
}

// climbs are kernels of few steps.
func climbs(k infer.Kernel) bool {
	switch k.(type) {
	case approx.Mode, approx.Laplace, approx.Pathfinder:
		return true
	}
	return false
}

// A run that is interrupted after any step, written, read and continued gives the bytes and the draws of one that
// was not.
func TestResume(t *testing.T) {
	for _, k := range every {
		t.Run(fmt.Sprintf("%s %T", k.Name(), k), func(t *testing.T) {
			run := func(ctx context.Context, s *infer.State, o infer.RunOptions) ([]float64, infer.Report, error) {
				var draws []float64
				o.Seed, o.Draws, o.Thin = 8, 12, 2
				o.Sink = func(d infer.Draw) error { draws = append(draws, d.State.X...); return nil }
				r, err := infer.Run(ctx, twoModes, k, s, o)
				return draws, r, err
			}
			whole := begun(t, k, twoModes, 3, 0)
			want, wantReport, err := run(t.Context(), whole, infer.RunOptions{})
			if err != nil {
				t.Fatal(err)
			}
			s := begun(t, k, twoModes, 3, 0)
			var got []float64
			var r infer.Report
			for stops := 0; ; stops++ {
				ctx, cancel := context.WithCancel(t.Context())
				steps := 0
				var saved []byte
				var draws []float64
				draws, r, err = run(ctx, s, infer.RunOptions{
					Progress: func(infer.RunEvent) {
						steps++
						if steps == 17 || steps == 2 && climbs(k) {
							cancel()
						}
					},
					Checkpoint: func(s *infer.State) error { saved = bytesOf(t, s); return nil },
				})
				cancel()
				got = append(got, draws...)
				if err == nil {
					if stops == 0 {
						t.Error("the run was never interrupted")
					}
					break
				}
				if !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				s = new(infer.State)
				if err := s.UnmarshalBinary(saved); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(bytesOf(t, s), bytesOf(t, whole)) {
				t.Error("the last state differs")
			}
			if len(got) != len(want) {
				t.Fatalf("%d numbers drawn, want %d", len(got), len(want))
			}
			for i := range got {
				if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
					t.Fatalf("number %d of the draws differs", i)
				}
			}
			if r.Gradients != wantReport.Gradients || r.Steps != wantReport.Steps || r.Draws != wantReport.Draws {
				t.Errorf("report %+v, want %+v", r, wantReport)
			}
		})
	}
}

// Bytes of a state that are damaged or cut short are an error, never a panic, and leave the state alone.
func TestDamagedState(t *testing.T) {
	k := mcmc.NUTS{Warmup: 3, Metric: mcmc.Dense}
	s := begun(t, k, twoModes, 2, 0)
	if _, err := infer.Run(t.Context(), twoModes, k, s, infer.RunOptions{Draws: 2}); err != nil {
		t.Fatal(err)
	}
	b := bytesOf(t, s)
	for n := range len(b) {
		var r infer.State
		if err := r.UnmarshalBinary(b[:n]); !errors.Is(err, ito.ErrInput) || r.Kernel != "" {
			t.Fatalf("%d of %d bytes: %v", n, len(b), err)
		}
	}
	for i := len("ito-infer-state-1\n"); i < len(b); i++ {
		c := bytes.Clone(b)
		c[i] ^= 0x80
		_ = new(infer.State).UnmarshalBinary(c)
	}
	if err := new(infer.State).UnmarshalBinary(append(b, 0)); err == nil {
		t.Error("a byte too many was read")
	}
}

func FuzzState(f *testing.F) {
	s := infer.NewState(mcmc.ULA{StepSize: 1}, 2, 1, 0)
	s.AddVar("grad", 1)
	b, _ := s.MarshalBinary()
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		var s infer.State
		if s.UnmarshalBinary(b) == nil {
			c, _ := s.MarshalBinary()
			if !bytes.Equal(b, c) {
				t.Error("read and written again, the bytes differ")
			}
		}
	})
}

// What cannot be run is refused with a reason before anything is computed; a bad start is typed.
func TestRefusals(t *testing.T) {
	ctx := t.Context()
	unit := infertest.Normal(0, []float64{0}, []float64{1})
	for what, f := range map[string]func() error{
		"no chains": func() error {
			_, err := infer.Run(ctx, unit, mcmc.NUTS{}, infer.NewState(mcmc.NUTS{}, 0, 1, 0),
				infer.RunOptions{})
			return err
		},
		"wrong dimension": func() error {
			_, err := infer.Run(ctx, unit, mcmc.NUTS{}, infer.NewState(mcmc.NUTS{}, 1, 2, 0),
				infer.RunOptions{})
			return err
		},
		"negative draws": func() error {
			_, err := infer.Run(ctx, unit, mcmc.NUTS{}, infer.NewState(mcmc.NUTS{}, 1, 1, 0),
				infer.RunOptions{Draws: -1})
			return err
		},
		"no step size": func() error {
			_, err := infer.Run(ctx, unit, mcmc.ULA{}, infer.NewState(mcmc.ULA{}, 1, 1, 0),
				infer.RunOptions{})
			return err
		},
		"acceptance 2": func() error {
			_, err := infer.Run(ctx, unit, mcmc.HMC{Accept: 2}, infer.NewState(mcmc.HMC{}, 1, 1, 0), infer.RunOptions{})
			return err
		},
		"another's state": func() error {
			s := infer.NewState(mcmc.ULA{}, 1, 1, 0)
			s.Kernel = "ula"
			_, err := infer.Run(ctx, unit, mcmc.MALA{}, s, infer.RunOptions{})
			return err
		},
		"density −∞": func() error {
			half := infertest.NewDensity(1, func(x, g []float64) float64 { return math.Inf(-1) })
			return infer.NewState(mcmc.NUTS{}, 2, 1, 0).Scatter(ctx, half, 0, 2)
		},
		"NaN at the start": func() error {
			nan := infertest.NewDensity(1, func(x, g []float64) float64 { return math.NaN() })
			_, err := infer.Run(ctx, nan, mcmc.NUTS{}, infer.NewState(mcmc.NUTS{}, 2, 1, 0), infer.RunOptions{})
			return err
		},
		"improper": func() error {
			flat := infertest.NewDensity(1, func(x, g []float64) float64 {
				if g != nil {
					g[0] = 0
				}
				return 0
			})
			_, err := infer.Run(ctx, flat, mcmc.NUTS{}, infer.NewState(mcmc.NUTS{}, 2, 1, 0), infer.RunOptions{})
			return err
		},
		"a wrong gradient": func() error {
			wrong := infertest.NewDensity(1, func(x, g []float64) float64 {
				if g != nil {
					g[0] = 1e300
				}
				return -x[0] * x[0]
			})
			_, err := infer.Run(ctx, wrong, mcmc.NUTS{}, infer.NewState(mcmc.NUTS{}, 2, 1, 0), infer.RunOptions{})
			return err
		},
	} {
		err := f()
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		} else {
			t.Logf("%s: %v", what, err)
		}
	}
	var start *infer.StartError
	s := infer.NewState(mcmc.MALA{}, 3, 1, 7)
	s.X[1] = -1
	positive := infertest.NewDensity(1, func(x, g []float64) float64 {
		if g != nil {
			g[0] = -1
		}
		if x[0] < 0 {
			return math.Inf(-1)
		}
		return -x[0]
	})
	if _, err := infer.Run(ctx, positive, mcmc.MALA{}, s, infer.RunOptions{Draws: 1}); !errors.As(err, &start) ||
		start.Group != 8 ||
		!math.IsInf(start.LogP, -1) {
		t.Errorf("a chain that starts at density zero: %v", err)
	}
	var broken error = errors.New("the model file is gone")
	_, err := infer.Run(ctx, failing{broken}, mcmc.ULA{StepSize: 1}, infer.NewState(mcmc.ULA{}, 1, 1, 0),
		infer.RunOptions{Draws: 1})
	if !errors.Is(err, broken) {
		t.Errorf("a target's own error: %v", err)
	}
}

type failing struct{ err error }

func (failing) Dim() int                                                            { return 1 }
func (f failing) LogDensity(context.Context, []float64, ito.States) error           { return f.err }
func (f failing) Gradient(context.Context, []float64, ito.States, ito.States) error { return f.err }

// A density that becomes NaN on the way keeps the chain where it was: counted, and warned of.
func TestNonFiniteOnTheWay(t *testing.T) {
	cliff := infertest.NewDensity(1, func(x, g []float64) float64 {
		if g != nil {
			g[0] = -x[0]
		}
		if x[0] > 1 {
			return math.NaN()
		}
		return -x[0] * x[0] / 2
	})
	s := infer.NewState(mcmc.ULA{}, 10, 1, 0)
	r, err := infer.Run(t.Context(), cliff, mcmc.ULA{StepSize: .2}, s, infer.RunOptions{Draws: 100})
	if err != nil || r.Dropped == 0 || r.Undefined.Count != r.Dropped || !(r.Undefined.At[0] > 1) ||
		len(r.Warnings) != 2 {
		t.Errorf("ula: %+v, %v", r, err)
	}
	for _, k := range []infer.Kernel{mcmc.MALA{Warmup: 100}, mcmc.HMC{Warmup: 100}, mcmc.NUTS{Warmup: 100}} {
		s := infer.NewState(k, 10, 1, 0)
		r, err := infer.Run(t.Context(), cliff, k, s, infer.RunOptions{Draws: 100})
		for _, x := range s.X {
			if !(x <= 1) {
				t.Errorf("%s: a chain stands at %v", k.Name(), x)
			}
		}
		if err != nil {
			t.Errorf("%s: %+v, %v", k.Name(), r, err)
		}
	}
}

// A sink's error ends the run; draws are thinned and numbered.
func TestSink(t *testing.T) {
	full := errors.New("the disk is full")
	unit := infertest.Normal(0, []float64{0}, []float64{1})
	var seen []int
	s := infer.NewState(mcmc.ULA{}, 1, 1, 0)
	r, err := infer.Run(t.Context(), unit, mcmc.ULA{StepSize: .1}, s, infer.RunOptions{Draws: 10, Thin: 3,
		Sink: func(d infer.Draw) error {
			seen = append(seen, d.Index, int(d.State.Step))
			if d.Index == 2 {
				return full
			}
			return nil
		}})
	if !errors.Is(err, full) || r.Draws != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	if want := []int{0, 3, 1, 6, 2, 9}; len(seen) != 6 || seen[1] != want[1] || seen[4] != want[4] ||
		seen[5] != want[5] {
		t.Errorf("draws %v", seen)
	}
}
