package learn

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

// The noise levels have the paper's law, moved to the scale of the data: mean and deviation of log(ρ/σ_d) over
// 20000 draws, within what their cut to the span leaves, and quantiles of the normal law.
func TestNoiseLevels(t *testing.T) {
	const n = 20000
	data := ito.Gaussian{Mean: []float64{0, 0}, Cov: []float64{1, 0, 0, 17}} // σ_d = 3
	for _, p := range []ito.Diagonal{path.EDM{}, path.VP{}, path.Flow{}, path.PFGM{Aug: 8}} {
		l := must(newLevels(Denoising{}, p, data))
		clock := newClock(p, 100)
		clock.levels = l
		times := make(ito.Times, n)
		clock.draw(times, ito.NewStates(n, 1, 0).ID, 1, 0)
		logs := make([]float64, n)
		for i, s := range times {
			logs[i] = -path.LogSNR(p, s) - math.Log(3)
		}
		slices.Sort(logs)
		for _, q := range []struct{ u, z float64 }{{.1587, -1}, {.5, 0}, {.8413, 1}} {
			if got, want := logs[int(q.u*n)], levelMean+levelSD*q.z; math.Abs(got-want) > .02 {
				t.Errorf("%s: the %g quantile of log(ρ/σ_d) is %.3f, want %.3f", p.Name(), q.u, got, want)
			}
		}
	}
}

// The loss is λ(ρ)‖x̂_0−x_0‖²: of a network that says 0 it is that of the best linear estimate.
func TestDenoisingWeights(t *testing.T) {
	x := ito.NewStates(500, 2, 0)
	if err := field.Gaussian(ito.Gaussian{Mean: []float64{1, 2}, Cov: []float64{4, 1, 1, 2}}).Draw(x,
		ito.Seed(1)); err != nil {
		t.Fatal(err)
	}
	d := Data{X: x}
	m := must(momentsOf(d))
	for _, p := range []ito.Diagonal{path.EDM{}, path.VP{}} {
		r := must(bindRows(Denoising{}, p, Setup{Source: d, Moments: m, Batch: 64, Seed: 3}))
		if err := r.Draw(t.Context(), 0, nil); err != nil {
			t.Fatal(err)
		}
		l, b, at := r.clock.levels, r.in, r.t
		linear := must(must(field.NewGaussian(p, m)).As(ito.PredX0)) // the best linear estimate is a Gaussian's
		rows, eps := r.drawn()
		xt, x0 := rows.Like(2), rows.Like(2)
		if err := errors.Join(p.Perturb(xt, rows, at, ito.Cond{}, replay{eps}), linear.Predict(t.Context(), x0,
			xt, at, ito.Cond{})); err != nil {
			t.Fatal(err)
		}
		for i := range b.N {
			ρ := math.Exp(-path.LogSNR(p, at[i]))
			λ := (ρ*ρ + l.sd*l.sd) / (ρ * ρ * l.sd * l.sd)
			got, want := 0.0, 0.0
			for k := range 2 {
				got += float64(b.Weight[2*i+k]) * math.Pow(float64(b.Target[2*i+k]), 2)
				want += λ * math.Pow(x0.Row(i)[k]-rows.Row(i)[k], 2)
			}
			if math.Abs(got-want) > 1e-4*(want+1e-6) {
				t.Errorf("%s at ρ=%g: loss %g, want %g", p.Name(), ρ, got, want)
			}
		}
	}
}

func TestDenoisingRefusals(t *testing.T) {
	d := moons(20)
	d.Cond = ito.Cond{}
	c := short(1)
	c.Objective = Denoising{}
	for _, p := range []ito.Path{must(path.NewVSDM(path.VSDMConfig{D: 2})), path.EDM{SigmaMin: 1e90, SigmaMax: 1e95}} {
		if err := must(NewTrainer(c, small(t, 2, 0), d, Drawn{})).Bind(p); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", p.Name(), err)
		}
	}
}

// replay is noise that is given.
type replay struct{ eps ito.States }

func (r replay) Normal(dst ito.States, _ rng.Purpose, _, _ uint32) { copy(dst.X, r.eps.X) }

// Uniform implements ito.Noise.
func (replay) Uniform(ito.States, rng.Purpose, uint32, uint32) { panic("no uniforms here") }
