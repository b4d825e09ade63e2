package methods

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/infer/mcmc"
)

// short are settings under which every method takes a fraction of a second in two dimensions.
func short(name string) infer.Settings {
	s := infer.DefaultSettings()
	s.Seed, s.Draws, s.Chains, s.Warmup = 5, 400, 2, 200
	switch name {
	case "ula":
		s.StepSize = .05
	case "ess", "pcn":
		s.Scale, s.Beta = 1.5, .6
	case "stretch":
		s.Draws, s.Walkers = 60, 16
	case "advi":
		s.Iterations = 300
	case "pis", "dds", "dis", "bridge":
		s.Draws, s.Iterations, s.Batch, s.Width, s.Steps = 600, 30, 32, 16, 20
	case "dilation", "geometric", "convolutional":
		s.Draws, s.Steps, s.Finish = 300, 60, 60
	}
	return s
}

// Every method of the list, made from settings alone, has the moments of a normal: means within .25, standard
// deviations within a quarter, log Z within .3, weights counted. (Seeds are fixed; the tolerances are some four
// standard errors of the least efficient of them.)
func TestMethods(t *testing.T) {
	target := infer.NormalMixture{Weights: []float64{math.E}, Means: [][]float64{{.4, -.3}}, Vars: [][]float64{{1, .7}}}
	for _, m := range infer.Methods() {
		t.Run(m.Name, func(t *testing.T) {
			if testing.Short() && (m.Trained || m.Name == "convolutional") {
				t.Skip("trains")
			}
			p, err := m.Plan(target, short(m.Name))
			if err != nil {
				t.Fatal(err)
			}
			if m.Kind == infer.Point {
				r, s, err := p.Run(t.Context(), target, infer.RunOptions{})
				if err != nil || r.Draws != 1 || math.Abs(s.X[0]-.4) > 1e-9 || math.Abs(s.X[1]+.3) > 1e-9 {
					t.Errorf("%v at %v, %v", r, s.X, err)
				}
				return
			}
			sum, sq, total := make([]float64, 2), make([]float64, 2), 0.
			take := func(d infer.Draw) error {
				logw := d.State.Var("logw")
				for g := range d.State.Groups {
					for i := g * d.State.Slots; i < g*d.State.Slots+d.Drawn; i++ {
						w := 1.
						if logw != nil {
							w = math.Exp(logw[i])
						}
						total += w
						for j, v := range d.State.X[i*2 : i*2+2] {
							sum[j] += w * v
							sq[j] += w * v * v
						}
					}
				}
				return nil
			}
			r, _, err := p.Run(t.Context(), target, infer.RunOptions{Sink: take})
			if err != nil {
				t.Fatal(err)
			}
			for j, want := range []float64{.4, -.3} {
				mean := sum[j] / total
				sd := math.Sqrt(sq[j]/total - mean*mean)
				if ratio := sd / math.Sqrt(target.Vars[0][j]); math.Abs(mean-want) > .25 || math.Abs(ratio-1) > .25 {
					t.Errorf("coordinate %d: mean %.3f, want %v; sd %.3f times the true one", j, mean, want, ratio)
				}
			}
			if e := r.Evidence(); m.Evidence != (e.Runs > 0) || m.Evidence && math.Abs(e.LogZ-1) > .3 {
				t.Errorf("log Z %v from %d runs, want 1", e.LogZ, e.Runs)
			}
			if m.Kind == infer.Chains && r.Draws != p.Draws {
				t.Errorf("%d draws, want %d", r.Draws, p.Draws)
			}
		})
	}
}

// Names and targets that do not go together are refused with the nearest that does.
func TestMethodsRefuse(t *testing.T) {
	if _, err := infer.FindMethod("nust"); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(),
		`did you mean "nuts"?`) {
		t.Errorf("nust: %v", err)
	}
	target := infertest.Normal(0, []float64{0}, []float64{1})
	for name, word := range map[string]string{"ess": "scale", "pcn": "scale", "dmcmc": "nearest that works is pt"} {
		m, err := infer.FindMethod(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Plan(target, infer.DefaultSettings()); !errors.Is(err, ito.ErrInput) ||
			!strings.Contains(err.Error(),
				word) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i, s := range []infer.Settings{{Draws: -1}, {Warmup: -2}, {StepSize: math.NaN()}, {Accept: 1.5}, {MaxDepth: 21},
		{Draws: 1 << 40}, {Chains: 1 << 30}, {Thin: 1 << 40}, {Warmup: 1 << 60}, {Temperatures: 1 << 13},
		{Leapfrogs: 1 << 60}, {Width: 1 << 20}, {Steps: 1 << 30}, {Finish: 1 << 40}, {Batch: 1 << 30}} {
		if _, err := infer.Methods()[0].Plan(target, s); !errors.Is(err, ito.ErrInput) {
			t.Errorf("case %d: %v", i, err)
		}
	}
}

// PDDS takes a potential that is trained first where the settings say so.
func TestLearnedPotentialByName(t *testing.T) {
	m, _ := infer.FindMethod("pdds")
	s := short("pdds")
	s.Potential, s.Iterations, s.Batch, s.Width, s.Moves = "learned", 20, 32, 16, 1
	target := infer.NormalMixture{Weights: []float64{math.E}, Means: [][]float64{{.4, -.3}}, Vars: [][]float64{{1, .7}}}
	p, err := m.Plan(target, s)
	if err != nil || p.Train == nil {
		t.Fatal(p, err)
	}
	r, _, err := p.Run(t.Context(), target, infer.RunOptions{})
	if done, of := p.Train.Progress(); err != nil || done != 40 || of != 40 || math.Abs(r.Evidence().LogZ-1) > .3 {
		t.Errorf("log Z %v after %d of %d iterations, %v", r.Evidence().LogZ, done, of, err)
	}
}

// A trainer continued from its state learns the weights of one that was not interrupted.
func TestTrainerState(t *testing.T) {
	target := infertest.Normal(0, []float64{1}, []float64{.5})
	made := func() infer.MethodPlan {
		m, _ := infer.FindMethod("dds")
		s := infer.DefaultSettings()
		s.Steps, s.Batch, s.Width, s.Iterations = 5, 16, 8, 6
		p, err := m.Plan(target, s)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	steps := func(tr infer.Trainer, n int) infer.Trainer {
		for range n {
			if _, err := tr.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		return tr
	}
	whole, second := made().Train, made().Train
	if err := second.Restore(infertest.StateOf(t, steps(made().Train, 3))); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(infertest.StateBytes(t, steps(whole, 6)), infertest.StateBytes(t, steps(second, 3))) {
		t.Error("the continued training has other weights")
	}
	if done, of := second.Progress(); done != 6 || of != 6 || second.Gradients() != 6*16*(5+1) {
		t.Errorf("%d of %d, %v gradients", done, of, second.Gradients())
	}
	infertest.RefusesStates(t, second)
}

// dmcmc adjusts its moves where it can, by default, and is refused where it is asked to and cannot; the settings reach
// the kernel.
func TestAdjustOfDMCMC(t *testing.T) {
	two := infer.NormalMixture{Weights: []float64{.1, .9}, Means: [][]float64{{-5}, {5}}, Vars: [][]float64{{1}, {1}}}
	m, err := infer.FindMethod("dmcmc")
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]bool{"auto": true, "yes": true, "no": false, "": true} {
		s := infer.DefaultSettings()
		s.Adjust, s.Skip, s.Heun, s.Smallest, s.Argmax = word, 7, 9, true, true
		p, err := m.Build(two, s)
		if err != nil {
			t.Fatal(err)
		}
		k := p.Kernel.(mcmc.DMCMC)
		if k.Adjust != want || k.Skip != 7 || p.Thin != 7 || k.Heun != 9 || !k.Smallest || !k.Argmax {
			t.Errorf("adjust %q: %+v, thinned by %d", word, k, p.Thin)
		}
	}
}
