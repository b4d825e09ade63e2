package pathspace_test

import (
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/infer/pathspace"
)

// secondMoment is a loss of somebody else: E R² over held paths, zero at the optimum of a density of integral 1.
type secondMoment struct{}

func (secondMoment) Name() string          { return "second-moment" }
func (secondMoment) Fits(ito.Target) error { return nil }
func (secondMoment) Held() bool            { return true }
func (secondMoment) Value(l infer.TrainingReport, d int) float64 {
	return l.Variance + l.ELBO*l.ELBO/float64(d)
}

func (secondMoment) Trace(cost, fine, kept ad.Value) (sum, over ad.Value) {
	return ad.BatchSum(ad.Square(ad.Select(fine, cost, ad.Zeros(cost)))), kept
}

// slower is a process of somebody else, made of another.
type slower struct{ pathspace.DDS }

func (slower) Name() string { return "slower" }

// A loss and a process from outside train a control: the loss falls to a tenth.
func TestLossFromOutside(t *testing.T) {
	target := infertest.Normal(0, []float64{.8}, []float64{.7})
	process := slower{pathspace.DDS{K: 10}}
	control, err := pathspace.NewLearned(process, 1, pathspace.NetworkShape{Width: 16, Depth: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	c := &pathspace.Training{Target: target, Control: control, PathLoss: secondMoment{}, Batch: 128, Iterations: 150,
		LearningRate: .01}
	var first, last float64
	if err := c.Run(t.Context(), func(r infer.TrainingReport) error {
		if last = r.Value; r.Iteration == 0 {
			first = last
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if !(last < first/10) || c.Dropped > 0 {
		t.Errorf("the loss went from %v to %v", first, last)
	}
}

// renamed is a bridge of somebody else's type: its methods are all that makes it one.
type renamed struct{ pathspace.BothWays }

func (renamed) Name() string        { return "renamed" }
func (renamed) FirstScale() float64 { return 1 }

// A process with a learned backward control that is not the house's is trained and sampled as the house's is, to the
// bit, in both forms.
func TestBothWaysFromOutside(t *testing.T) {
	target := infertest.Normal(0, []float64{.8}, []float64{.7})
	shape := pathspace.NetworkShape{Width: 8, Depth: 1}
	run := func(euler, wrapped bool) (logZ float64, params []float32) {
		b, err := pathspace.NewBridge(pathspace.DIS{K: 6, Euler: euler}, false, 1, shape, 3)
		if err != nil {
			t.Fatal(err)
		}
		var process pathspace.Process = b
		if wrapped {
			process = renamed{b}
		}
		control, err := pathspace.NewLearned(process, 1, shape, 1)
		if err != nil {
			t.Fatal(err)
		}
		c := &pathspace.Training{Target: target, Control: control, Batch: 32, Iterations: 5, LearningRate: .01}
		if err := c.Run(t.Context(), func(infer.TrainingReport) error { return nil }); err != nil {
			t.Fatal(err)
		}
		e, _, _ := infertest.Evidence(t, target, pathspace.Controlled{Process: process, Control: control,
			Particles: 50}, 2)
		return e.LogZ, slices.Concat(control.Params, b.BackwardControl().Params)
	}
	for _, euler := range []bool{false, true} {
		want, params := run(euler, false)
		got, others := run(euler, true)
		if got != want || !slices.Equal(params, others) {
			t.Errorf("Euler %v: log Z %v, of the house's %v; equal weights: %v", euler, got, want,
				slices.Equal(params, others))
		}
		if alone, _ := run(!euler, true); alone == want {
			t.Error("both forms are one")
		}
	}
}
