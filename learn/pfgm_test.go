package learn

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// On PFGM++ a network learns the exact denoiser of the heavy-tailed kernel: that of its own D, not that of Gaussian
// noise.
func TestLearnsTheExactPFGMField(t *testing.T) {
	if testing.Short() {
		t.Skip("a training")
	}
	y := ito.NewStates(3, 2, 0)
	copy(y.X, []float64{-1.4, 0, .7, 1.2, .7, -1.2})
	p := must(path.PFGM{Aug: 4, SigmaMin: .05, SigmaMax: 20}.Resolve())
	c := short(3000)
	c.Objective, c.Batch, c.EMA.Decay, c.LR = Denoising{}, 128, .99, 2e-3
	tr := must(NewTrainer(c, must(nn.New(nn.MLP{Width: 64}, nn.Flat(2, 2, 0), 3)), Data{X: y}, Drawn{}))
	if err := errors.Join(tr.Bind(p), tr.Run(context.Background(), c.Steps, LoopOptions{})); err != nil {
		t.Fatal(err)
	}
	const n = 3000
	x0, times := ito.NewStates(n, 2, 0), make(ito.Times, n)
	for i := range n {
		copy(x0.Row(i), y.Row(i%3))
	}
	tr.bound.(*regression).clock.draw(times, x0.ID, 5, 0)
	x := x0.Like(2)
	got, want, gauss := x.Like(2), x.Like(2), x.Like(2)
	exact := must(field.As(must(field.NewPFGM(p, y)), p, ito.PredEps))
	edm := path.EDM{SigmaMin: .05, SigmaMax: 20}
	other := must(must(field.NewMixture(edm, field.Points(y))).As(ito.PredEps))
	if err := errors.Join(p.Perturb(x, x0, times, ito.Cond{}, ito.Seed(9)),
		must(field.As(must(tr.Field()), p, ito.PredEps)).Predict(context.Background(), got, x, times, ito.Cond{}),
		exact.Predict(context.Background(), want, x, times, ito.Cond{}),
		other.Predict(context.Background(), gauss, x, times, ito.Cond{})); err != nil {
		t.Fatal(err)
	}
	// Errors of ε in units of the loss: 1/s weighs what is far out as the network sees it.
	mse := func(a, b ito.States) (sum float64) {
		for i := range n {
			r := 0.0
			for _, v := range x.Row(i) {
				r += v * v
			}
			for k, v := range a.Row(i) {
				sum += math.Pow(v-b.Row(i)[k], 2) / (1 + r/(1+times[i]*times[i])) / (2 * n)
			}
		}
		return sum
	}
	e, far := mse(got, want), mse(gauss, want)
	t.Logf("error %.4f; the Gaussian kernel's field is off by %.4f", e, far)
	if !(e < .005) || !(e < far/3) {
		t.Errorf("mean square error of ε %.4f, want below .005 and a third of %.4f", e, far)
	}
}

// With D without bound the training is EDM's: the losses of twenty steps agree to 1e-4.
func TestPFGMTendsToEDM(t *testing.T) {
	d := moons(300)
	d.Cond = ito.Cond{}
	var curves [2][]LossPoint
	for i, p := range []ito.Diagonal{path.EDM{}, path.PFGM{Aug: 1e12}} {
		tr := trainer(t, short(20), d, p)
		if err := tr.Run(context.Background(), 20, LoopOptions{}); err != nil {
			t.Fatal(err)
		}
		curves[i] = tr.Losses()
	}
	for k, a := range curves[0] {
		if b := curves[1][k]; math.Abs(a.Loss-b.Loss) > 1e-4*a.Loss {
			t.Errorf("step %d: loss %g on edm, %g on pfgm", a.Step, a.Loss, b.Loss)
		}
	}
}

func TestPFGMRefusals(t *testing.T) {
	d := moons(20)
	d.Cond = ito.Cond{}
	tr := trainer(t, short(1), d, path.PFGM{Aug: 128})
	_, score := field.As(must(tr.Field()), path.PFGM{Aug: 128}, ito.PredScore)
	fp := short(1)
	fp.Objective = FokkerPlanck{}
	penalised := must(NewTrainer(fp, must(nn.New(nn.MLP{Width: 8, Depth: 1}, nn.Flat(2, 1, 0), 1)), d, Drawn{})).Bind(
		path.PFGM{})
	for name, err := range map[string]error{"score": score, "Fokker–Planck": penalised} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
