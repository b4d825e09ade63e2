package solve_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// Heun on PFGM++ from quantiles of its prior arrives at the eight points of the data, an eighth at each, in 35
// evaluations: 17 steps of Karras' grid and the Euler step to 0. E‖x_T‖²/(2σ²) of the start is that of the
// quantiles, near the law's D/(D−2).
func TestPFGMSamples(t *testing.T) {
	const φ, n = 1.324717957244746, 1024
	y := ito.NewStates(8, 2, 0)
	for k := range 8 {
		y.Row(k)[0], y.Row(k)[1] = .7*math.Cos(math.Pi/4*float64(k)), .7*math.Sin(math.Pi/4*float64(k))
	}
	for D, size := range map[float64]float64{8: 1.3521, 128: 1.0222} {
		p := path.PFGM{Aug: D}
		x, s2 := ito.NewStates(n, 2, 0), 0.0
		for i := range n {
			_, u := math.Modf(.5 + float64(i+1)/φ)
			_, v := math.Modf(.5 + float64(i+1)/(φ*φ))
			r := 80 * math.Sqrt(D*(math.Pow(1-u, -2/D)-1))
			x.Row(i)[0], x.Row(i)[1] = r*math.Cos(2*math.Pi*v), r*math.Sin(2*math.Pi*v)
			s2 += r * r / n / (2 * 6400)
		}
		if math.Abs(s2-size) > 5e-5 {
			t.Errorf("D=%g: the start has E‖x‖²/2σ² = %.5g, want %g", D, s2, size)
		}
		f := must(field.NewPFGM(p, y))
		info, err := solve.Run(context.Background(), p, f, x, must(solve.Karras(p, 80, .002, 17)), solve.Heun{},
			solve.RunOptions{})
		if err != nil {
			t.Fatal(err)
		}
		last, err := solve.Run(context.Background(), p, f, x, ito.Grid{.002, 0}, solve.Euler{}, solve.RunOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if e := info.Evals[0] + last.Evals[0]; e != 35 {
			t.Errorf("%d evaluations", e)
		}
		var count [8]float64
		far := 0.0
		for i := range n {
			near, at := math.Inf(1), 0
			for k := range 8 {
				if d := math.Hypot(x.Row(i)[0]-y.Row(k)[0], x.Row(i)[1]-y.Row(k)[1]); d < near {
					near, at = d, k
				}
			}
			far += near / n
			count[at] += 1. / n
		}
		for k, c := range count {
			if math.Abs(c-.125) > .0021 {
				t.Errorf("D=%g: point %d has %g of the samples", D, k, c)
			}
		}
		if far > 1e-15 {
			t.Errorf("D=%g: the mean distance to the data is %g", D, far)
		}
	}
}

// Noise of another law may not be put back: every stochastic solver is refused with a deterministic
// one named, and every deterministic one serves.
func TestPFGMTakesNoNoise(t *testing.T) {
	p := path.PFGM{}
	for _, s := range solve.All() {
		err := solve.Check(p, s)
		var u *ito.UnsupportedError
		if s.Info().Stochastic != (err != nil) || err != nil && (!errors.As(err, &u) || u.Nearest == "") {
			t.Errorf("%s: %v", s.Info().Name, err)
		}
	}
}

// With nothing left of the data at the end of the path, a predicted ε or score cannot be sampled from;
// x0 and velocity arrive.
func TestZeroSNRPredictions(t *testing.T) {
	p := must(path.NewDiscrete(path.DiscreteConfig{Schedule: path.ScaledLinear, ZeroSNR: true}))
	e := must(field.NewGaussian(p, ito.Gaussian{Mean: []float64{3}, Cov: []float64{.25}}))
	lo, hi := p.Span()
	grid := must(solve.Uniform(p, hi, lo, 250))
	for _, k := range []ito.Prediction{ito.PredX0, ito.PredEps, ito.PredScore, ito.PredVelocity} {
		f := must(e.As(k))
		x := ito.NewStates(3, 1, 0)
		copy(x.X, []float64{-1, 0, 1})
		_, err := solve.Run(context.Background(), p, f, x, grid, solve.DDIM{}, solve.RunOptions{})
		if forbidden := k == ito.PredEps || k == ito.PredScore; forbidden {
			if !errors.Is(err, ito.ErrInput) {
				t.Errorf("%s: %v", k, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", k, err)
		}
		for i, z := range []float64{-1, 0, 1} { // the flow of Gaussian data is affine
			if want := 3 + .5*z; math.Abs(x.X[i]-want) > .02 {
				t.Errorf("%s: %g, want %g", k, x.X[i], want)
			}
		}
	}
	if _, err := field.NewConverter(p, ito.PredEps, ito.PredX0, 1); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a conversion: %v", err)
	}
}
